package templates

import "github.com/keylodge/keylodge/internal/workspace"

var bulkPast = map[workspace.BulkAction]string{
	workspace.BulkRevoke: "revoked", workspace.BulkDisable: "disabled", workspace.BulkEnable: "enabled",
	workspace.BulkExpire: "changed",
}

// JobView shows the progress of a bulk job.
type JobView struct {
	Layout
	Job workspace.Job
}

func (v JobView) heading() string {
	switch v.Job.State(v.Now) {
	case workspace.JobRunning:
		return "Working"
	case workspace.JobWaiting:
		return "Waiting"
	}
	if v.Job.Outcome == workspace.JobDone {
		return "Done"
	}
	return "Stopped"
}

// progress says how far the job is: "512 of 10,000 keys looked at: 500 revoked,
// 12 unchanged."
func (v JobView) progress() string {
	past := bulkPast[v.Job.Bulk]
	if v.Job.Kind == workspace.JobSettleKeys {
		past = "revoked or handed over"
	}
	text := thousands(v.Job.Done) + " of " + plural(v.Job.Total, "key") + " looked at: " +
		thousands(v.Job.Changed) + " " + past
	if same := v.Job.Done - v.Job.Changed - v.Job.Failed; same > 0 {
		text += ", " + thousands(same) + " unchanged"
	}
	if v.Job.Failed > 0 {
		text += ", " + thousands(v.Job.Failed) + " not changed, because they don’t exist, aren’t yours to change, " +
			"or the key policy doesn’t allow it"
	}
	return text + "."
}

// note says what else there is to know about the job, or "".
func (v JobView) note() string {
	switch {
	case v.Job.Outcome == workspace.JobNotAllowed:
		return "You are no longer allowed to do this. The other keys stay as they are."
	case v.Job.Outcome == workspace.JobFailed:
		return "Something went wrong. Select the other keys and try again."
	case v.Job.Attempts > 0:
		return "The last step failed. It will be retried automatically."
	case v.Job.State(v.Now) == workspace.JobWaiting && v.Job.Done > 0:
		return "The job was interrupted. It will resume automatically."
	case v.Job.State(v.Now) == workspace.JobWaiting:
		return "The job starts when those before it are done."
	case v.Job.EndedAt.IsZero() && !v.Job.ResumedAt.IsZero():
		return "The job was interrupted and has resumed."
	}
	return ""
}
