package workspace

import "context"

// SignInMethods are what a person can prove their identity with.
type SignInMethods struct {
	Password   bool
	Factor     SecondFactor
	Passkeys   []Passkey // the oldest first
	Identities []Identity
}

// Own reports whether the person has a method of their own, that is no
// provider's.
func (w SignInMethods) Own() bool { return w.Password || len(w.Passkeys) > 0 }

// issuers counts the providers that sign the person in.
func (w SignInMethods) issuers() int {
	all := map[string]bool{}
	for _, i := range w.Identities {
		all[i.Issuer] = true
	}
	return len(all)
}

// HasTOTP reports whether the person has an authenticator app.
func (w SignInMethods) HasTOTP() bool { return !w.Factor.Since.IsZero() }

// HasFactor reports whether the person has a second factor: an authenticator
// app or a passkey.
func (w SignInMethods) HasFactor() bool { return w.HasTOTP() || len(w.Passkeys) > 0 }

// Meets reports whether the person can meet a requirement in the workspace with
// what they have.
func (w SignInMethods) Meets(r Requirement) bool {
	return w.HasTOTP() && r.MeetsBy(MethodCode) || len(w.Passkeys) > 0 && r.MeetsBy(MethodPasskey)
}

// SignInMethods returns what the actor has to prove who they are.
func (s *Service) SignInMethods(ctx context.Context, actor Actor) (SignInMethods, error) {
	return signInMethods(ctx, s.store, actor.UserID)
}

func signInMethods(ctx context.Context, r Reader, userID string) (w SignInMethods, err error) {
	user, err := r.User(ctx, UserLookup{ID: userID})
	if err != nil {
		return w, err
	}
	w.Password = user.PasswordHash != ""
	if w.Factor, err = secondFactor(ctx, r, userID); err != nil {
		return w, err
	}
	if w.Passkeys, err = r.Passkeys(ctx, PasskeyFilter{UserID: userID}); err != nil {
		return w, err
	}
	w.Identities, err = r.Identities(ctx, IdentityFilter{UserID: userID})
	return w, err
}

// maxPolicies is how many of a person's workspaces are asked what they require
// before a sign-in method is removed.
const maxPolicies = 1000

// keepsSignInMethods returns an [Error] of kind Conflict when a person who has
// just removed a method, in the same transaction, could no longer sign in, or
// no longer meet what one of their workspaces requires.
func keepsSignInMethods(ctx context.Context, tx Tx, userID string, removed Method) error {
	left, err := signInMethods(ctx, tx, userID)
	if err != nil {
		return err
	}
	if !left.Password && len(left.Passkeys)+len(left.Identities) == 0 {
		return &Error{Kind: Conflict,
			Message: "Nothing else signs you in. Set a password or add another passkey first."}
	}
	all, err := tx.Workspaces(ctx, WorkspaceFilter{MemberID: userID, Limit: maxPolicies})
	if err != nil {
		return err
	}
	for _, w := range all {
		if require := w.SignIn.Require; require.metByOwn(removed) && !left.Meets(require) {
			return &Error{Kind: Conflict, Message: w.Name + " requires " + ownFactors[require]}
		}
	}
	return nil
}

// ownFactors says, for each requirement that people meet by a sign-in method of
// their own, what is required and what to do first.
var ownFactors = map[Requirement]string{
	RequireSecondFactor: "a second factor, and you have no other. Add another passkey or an authenticator app first.",
	RequirePasskey:      "a passkey, and you have no other. Add another one first.",
}

// metByOwn reports whether the requirement is met by a method that is no
// provider's.
func (r Requirement) metByOwn(m Method) bool {
	return ownFactors[r] != "" && m != MethodProvider && r.MeetsBy(m)
}
