package workspace

import "context"

// KeySorting names the keys of an owner in a workspace that are still sorted by
// what the owner was called before.
type KeySorting struct {
	WorkspaceID string
	OwnerID     string
	Before      string // the owner's former name or email
}

// startSorting starts a job that sorts the keys of an owner by what they are
// called from now on. An owner may have too many keys for one transaction.
func (s *Service) startSorting(ctx context.Context, tx Tx, actor Actor, k KeySorting) error {
	actor.WorkspaceID = k.WorkspaceID
	j := s.newJob(actor, JobSortKeys)
	j.MemberID, j.OwnerName = k.OwnerID, k.Before
	return tx.InsertJob(ctx, j, nil)
}

// sortStep sorts some keys of a renamed owner. What was done to the owner is in
// the audit log already.
func (r jobRunner) sortStep(ctx context.Context, j Job) (after Job, err error) {
	after = j
	err = r.sweep(ctx, func(tx Tx) error {
		if after, err = r.take(ctx, tx, j.ID); err != nil {
			return err
		}
		keys := KeySorting{WorkspaceID: after.WorkspaceID, OwnerID: after.MemberID, Before: after.OwnerName}
		n, err := tx.SortKeys(ctx, keys, maxStepKeys)
		if err != nil {
			return err
		}
		after.Attempts, after.SeenAt = 0, r.clock()
		after.Total, after.Done, after.Changed = after.Total+n, after.Done+n, after.Changed+n
		if n < maxStepKeys {
			after.end(JobDone, after.SeenAt)
		}
		return tx.AdvanceJob(ctx, after, JobKeys{})
	})
	return after, err
}
