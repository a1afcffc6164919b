package workspace

import "time"

// proofLifetime is how long a proof of who somebody is counts for acts that want a fresh one.
const proofLifetime = 10 * time.Minute

// FreshProof returns an [Error] of kind Unproven when the actor is a person who has not lately proved who they are.
func (s *Service) FreshProof(actor Actor) error {
	if actor.Kind != ByPerson || s.clock().Before(actor.ProvenAt.Add(proofLifetime)) {
		return nil
	}
	return &Error{Kind: Unproven, Message: "It is a while since you signed in. Confirm that it is you, then do this again."}
}
