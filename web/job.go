package web

import (
	"net/http"
	"time"

	"github.com/keylodge/keylodge/templates"
)

// quick is how long an answer waits for a job, so that a short one has ended
// when its page is shown.
const quick = time.Second

// showJob tells how far a job has got. Until it has ended browsers ask again by
// themselves.
func (s *Server) showJob(p *pageContext) error {
	job, err := s.Service.Job(p.ctx(), p.Actor, p.Param("id"))
	if err != nil {
		return err
	}
	view := templates.JobView{Layout: s.layout(p, "Changing API keys"), Job: job}
	if job.EndedAt.IsZero() {
		p.Response().Header().Set("Refresh", "1")
	}
	return s.render(p, http.StatusOK, templates.JobPage(view))
}

// isRunning says whether a job has yet to end. An empty id is no job.
func (s *Server) isRunning(p *pageContext, id string) bool {
	if id == "" {
		return false
	}
	job, err := s.Service.Job(p.ctx(), p.Actor, id)
	return err == nil && job.EndedAt.IsZero()
}
