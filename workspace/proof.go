package workspace

import (
	"context"
	"time"
)

// proofLifetime is how long a proof of who somebody is counts for acts that want a fresh one.
const proofLifetime = 10 * time.Minute

// FreshProof returns an [Error] of kind Unproven when the actor is a person who has not recently proved who they are.
func (s *Service) FreshProof(actor Actor) error {
	if actor.Kind != ByPerson || s.clock().Before(actor.ProvenAt.Add(proofLifetime)) {
		return nil
	}
	return &Error{Kind: Unproven, Message: "It is a while since you signed in. Confirm that it is you, then do this again."}
}

// ErrFactorWanted wants a step-up by a second factor that the account has.
var ErrFactorWanted = &Error{Kind: Unproven, Message: "Confirm with a passkey or a code of your authenticator app, then do this again."}

// OwnProof is FreshProof for what changes how an account signs in. Once the account has a second factor, only that is proof enough: a
// password can be phished. Where it has a password, a provider's word is not enough: whoever runs the provider of one workspace must
// not get into the person's others.
func (s *Service) OwnProof(ctx context.Context, actor Actor) error {
	return s.ownProof(ctx, s.store, actor)
}

func (s *Service) ownProof(ctx context.Context, r Reader, actor Actor) error {
	if err := s.FreshProof(actor); err != nil || actor.Kind != ByPerson {
		return err
	}
	ways, err := waysIn(ctx, r, actor.UserID)
	if err != nil {
		return err
	}
	return ways.accepts(actor.Proof)
}

// accepts returns nil when a proof by a method may change how the person signs
// in.
func (w WaysIn) accepts(proof Method) error {
	switch {
	case proof == ByCode && w.HasTOTP(), proof == ByPasskey && len(w.Passkeys) > 0:
		return nil
	case w.HasFactor():
		return ErrFactorWanted
	case proof == ByProvider && w.Password:
		return &Error{Kind: Unproven, Message: "Your provider’s word is not enough for this. Confirm with your password."}
	}
	return nil
}
