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

// WaysIn returns what the actor has to prove who they are.
func (s *Service) WaysIn(ctx context.Context, actor Actor) (w WaysIn, err error) {
	user, err := s.store.User(ctx, actor.UserID)
	if err != nil {
		return w, err
	}
	w.Password = user.PasswordHash != ""
	if w.Factor, err = s.SecondFactor(ctx, actor); err != nil {
		return w, err
	}
	if w.Passkeys, err = s.Passkeys(ctx, actor); err != nil {
		return w, err
	}
	w.Identities, err = s.store.Identities(ctx, actor.UserID)
	return w, err
}
