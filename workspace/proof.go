package workspace

import (
	"context"
	"time"
)

// proofLifetime is how long a proof of who somebody is counts for acts that want a fresh one.
const proofLifetime = 10 * time.Minute

// FreshProof returns an [Error] of kind Unproven when the actor is a person who has not lately proved who they are.
func (s *Service) FreshProof(actor Actor) error {
	if actor.Kind != ByPerson || s.clock().Before(actor.ProvenAt.Add(proofLifetime)) {
		return nil
	}
	return &Error{Kind: Unproven, Message: "It is a while since you signed in. Confirm that it is you, then do this again."}
}

// OwnProof is FreshProof for what alters an account's ways in. Where an account has one of its own, a provider's word is not
// enough: whoever runs the provider of one workspace must not get into the person's others.
func (s *Service) OwnProof(ctx context.Context, actor Actor) error {
	if err := s.FreshProof(actor); err != nil || actor.Proof != ByProvider {
		return err
	}
	ways, err := s.WaysIn(ctx, actor)
	if err == nil && ways.Own() {
		err = &Error{Kind: Unproven, Message: "Your provider’s word is not enough for this. Confirm with your password or a passkey."}
	}
	return err
}
