package workspace

import (
	"context"
	"time"
)

// proofLifetime is how long a proof of identity counts as fresh.
const proofLifetime = 10 * time.Minute

// RequireFreshProof returns an [Error] of kind Unproven when the actor is a
// person who has not recently proved who they are. When their session began
// doesn't matter: a provider may have begun it without asking them.
func (s *Service) RequireFreshProof(actor Actor) error {
	if actor.Kind != ActorPerson || s.isFresh(actor.ProvenAt) {
		return nil
	}
	return &Error{Kind: Unproven,
		Message: "It is a while since you signed in. Confirm that it is you, then do this again."}
}

func (s *Service) isFresh(at time.Time) bool { return s.clock().Before(at.Add(proofLifetime)) }

// ErrFactorWanted wants a step-up by a second factor that the account has.
var ErrFactorWanted = &Error{Kind: Unproven, Message: "Confirm with a passkey or a code of your authenticator app, " +
	"then do this again."}

// RequireOwnProof is RequireFreshProof for what changes how an account signs
// in. Once the account has a second factor, only that is proof enough: a
// password can be phished. Where it has a password, a provider's word is not
// enough: whoever runs the provider of one workspace must not get into the
// person's others.
func (s *Service) RequireOwnProof(ctx context.Context, actor Actor) error {
	return s.requireOwnProof(ctx, s.store, actor)
}

func (s *Service) requireOwnProof(ctx context.Context, r Reader, actor Actor) error {
	if actor.Kind != ActorPerson {
		return nil
	}
	ways, err := signInMethods(ctx, r, actor.UserID)
	if err != nil {
		return err
	}
	if err := s.RequireFreshProof(actor); err != nil && !s.maySetUpFirst(actor, ways) {
		return err
	}
	return ways.accepts(actor.Proof)
}

// maySetUpFirst reports whether an actor may set up the first sign-in method of
// their own without a fresh proof: their provider doesn't say when they proved
// who they are, so that nothing could ever prove it. They must have come from
// the provider just now.
func (s *Service) maySetUpFirst(actor Actor, ways SignInMethods) bool {
	return actor.Proof == MethodProvider && actor.ProvenAt.IsZero() && s.isFresh(actor.SignedInAt) && !ways.Own() &&
		!ways.HasFactor()
}

// errWhichProvider keeps whoever runs one of a person's providers out of the
// workspaces that they reach by another.
var errWhichProvider = &Error{Kind: Forbidden,
	Message: "Several providers sign you in, so the word of one is not enough for this. " +
		"Set a password by the link that “Forgot password?” on the sign-in page sends."}

// accepts returns nil when a proof by a method may change how the person signs
// in.
func (w SignInMethods) accepts(proof Method) error {
	switch {
	case proof == MethodCode && w.HasTOTP(), proof == MethodPasskey && len(w.Passkeys) > 0:
		return nil
	case w.HasFactor():
		return ErrFactorWanted
	case proof == MethodProvider && w.Password:
		return &Error{Kind: Unproven, Message: "Your provider’s word is not enough for this. Confirm with your " +
			"password."}
	case proof == MethodProvider && w.issuers() > 1:
		return errWhichProvider
	}
	return nil
}
