package workspace

import "context"

// WaysIn is what a person has to prove who they are.
type WaysIn struct {
	Password   bool
	Factor     SecondFactor
	Passkeys   []Passkey // the oldest first
	Identities []Identity
}

// Own says whether the person has a way in that no provider has a hand in.
func (w WaysIn) Own() bool { return w.Password || len(w.Passkeys) > 0 }

// issuers counts the providers that sign the person in.
func (w WaysIn) issuers() int {
	all := map[string]bool{}
	for _, i := range w.Identities {
		all[i.Issuer] = true
	}
	return len(all)
}

// HasTOTP says whether the person has an authenticator app.
func (w WaysIn) HasTOTP() bool { return !w.Factor.Since.IsZero() }

// HasFactor says whether the person has a second factor: an authenticator app
// or a passkey.
func (w WaysIn) HasFactor() bool { return w.HasTOTP() || len(w.Passkeys) > 0 }

// Meets says whether the person can meet a requirement in the workspace with
// what they have.
func (w WaysIn) Meets(r Requirement) bool {
	return w.HasTOTP() && r.MeetsBy(ByCode) || len(w.Passkeys) > 0 && r.MeetsBy(ByPasskey)
}

// WaysIn returns what the actor has to prove who they are.
func (s *Service) WaysIn(ctx context.Context, actor Actor) (WaysIn, error) {
	return waysIn(ctx, s.store, actor.UserID)
}

func waysIn(ctx context.Context, r Reader, userID string) (w WaysIn, err error) {
	user, err := r.User(ctx, userID)
	if err != nil {
		return w, err
	}
	w.Password = user.PasswordHash != ""
	if w.Factor, err = secondFactor(ctx, r, userID); err != nil {
		return w, err
	}
	if w.Passkeys, err = r.Passkeys(ctx, userID); err != nil {
		return w, err
	}
	w.Identities, err = r.Identities(ctx, userID)
	return w, err
}
