package workspace

import "testing"

// TestOneWatchEndsAndTheOtherGoesOn has two requests wait for one job. The
// first gives up, and the second still learns that the job has ended.
func TestOneWatchEndsAndTheOtherGoesOn(t *testing.T) {
	g := newJobSignals()
	_, stop := g.watch("job_1")
	ended, stopLast := g.watch("job_1")
	stop()
	g.end("job_1")
	select {
	case <-ended:
	default:
		t.Error("the second request never learns that the job has ended")
	}
	stopLast()
	if len(g.ended) > 0 {
		t.Errorf("%d jobs are still watched", len(g.ended))
	}
}
