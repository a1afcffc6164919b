package web

import (
	"net/http"
	"time"

	"github.com/keylodge/keylodge/templates"
)

// jobWait is how long a response waits for a bulk job, so that a short one has
// ended when its page is shown.
const jobWait = time.Second

// showJob shows the progress of a bulk job. The browser reloads the page until
// the job has ended.
func (s *Server) showJob(p *pageContext) error {
	job, err := s.service.Job(p.ctx(), p.Actor, p.Param("id"))
	if err != nil {
		return err
	}
	view := templates.JobView{Layout: s.layout(p, "Changing API keys"), Job: job}
	if job.EndedAt.IsZero() {
		p.Response().Header().Set("Refresh", "1")
	}
	return s.render(p, http.StatusOK, templates.JobPage(view))
}

// isRunning reports whether a job has not ended. An empty id is no job.
func (s *Server) isRunning(p *pageContext, id string) bool {
	if id == "" {
		return false
	}
	job, err := s.service.Job(p.ctx(), p.Actor, id)
	return err == nil && job.EndedAt.IsZero()
}
