package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// visit is who asks, and in which workspace.
type visit struct {
	Workspace workspace.Workspace
	Member    workspace.Member      // zero: nobody is signed in
	Session   workspace.Session     // how they are signed in
	Others    []workspace.Workspace // that they may go to
	Actor     workspace.Actor
	Now       time.Time
}

// visitKey is where a request's context has its visit, for the page of an
// error.
const visitKey = "visit"

// SignedIn says whether somebody is.
func (v *visit) SignedIn() bool { return v.Member.UserID != "" }

// Held says whether the workspace requires more of who is signed in before they
// may go on.
func (v *visit) Held() bool { return v.Workspace.SignIn.Holds(v.Session.Method, v.Now) }

// visit finds the workspace by the request's host and the member by its
// session.
func (s *Server) visit(c echo.Context) (*visit, error) {
	s.hideShownKey(c)
	w, err := s.workspaceAt(c)
	if err != nil {
		return nil, err
	}
	v := &visit{Workspace: w, Actor: s.stranger(c), Now: s.Service.Now()}
	v.Actor.WorkspaceID = w.ID
	c.Set(visitKey, v)
	setSessionWorkspace(c, w.ID)
	session, err := s.sessions.Get(c.Request(), sessionName)
	if err != nil {
		return nil, err
	}
	if m, ok := session.Values[sessionMember].(workspace.Member); ok {
		v.Member = m
		v.Session, _ = session.Values[sessionRow].(workspace.Session)
		v.Actor.Kind, v.Actor.UserID, v.Actor.ProvenAt = workspace.ByPerson, m.UserID, v.Session.ProvenAt
		v.Actor.Method, v.Actor.Proof, v.Actor.SessionID = v.Session.Method, v.Session.Proof, v.Session.ID()
		v.Actor.CredentialVersion, v.Actor.SignedInAt = v.Session.CredentialVersion, v.Session.CreatedAt
		if c.Request().Method == http.MethodGet && !isHTMX(c) {
			if v.Others, err = s.Service.OtherWorkspaces(c.Request().Context(), m); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// stranger is the actor of a request before anything is known of it.
func (s *Server) stranger(c echo.Context) workspace.Actor {
	return workspace.Actor{
		Kind: workspace.ByStranger, Address: s.address.of(c.Request()).String(),
		Slug:      s.hosts.slug(c.Request().Host),
		UserAgent: withoutSecrets(c.Request().UserAgent()), RequestID: requestID(c),
	}
}

// asStranger is the actor of who proves who they are, whoever was signed in
// before.
func (v *visit) asStranger() workspace.Actor {
	a := v.Actor
	a.Kind, a.UserID, a.SessionID, a.Method, a.Proof, a.CredentialVersion = workspace.ByStranger, "", "", "", "", 0
	a.ProvenAt, a.SignedInAt = time.Time{}, time.Time{}
	return a
}

func (s *Server) frame(v *visit, title string) templates.Frame {
	f := templates.Frame{Title: title, Now: s.Service.Now()}
	if v != nil {
		f.Workspace, f.Viewer, f.Method = v.Workspace, v.Member, v.Session.Method
		for _, w := range v.Others {
			f.Others = append(f.Others, templates.Other{Name: w.Name, URL: s.hosts.origin(w.Slug) + "/"})
		}
	}
	return f
}

// strangerFrame is the frame of a page that asks who somebody is.
func (s *Server) strangerFrame(v *visit, title string) templates.Frame {
	f := s.frame(v, title)
	f.Viewer = workspace.Member{}
	return f
}

// askToSignIn sends a browser to the sign-in page and, unless it was sending a
// form, back to where it was.
func (s *Server) askToSignIn(c echo.Context) error {
	r := c.Request()
	if isHTMX(c) {
		c.Response().Header().Set("HX-Redirect", signInAddress(pageOfHTMX(c)))
		return c.NoContent(http.StatusUnauthorized)
	}
	back := ""
	if r.Method == http.MethodGet {
		back = r.URL.RequestURI()
	}
	return c.Redirect(http.StatusSeeOther, signInAddress(back))
}

// askToEnroll sends a user who is signed in, but not as the workspace requires,
// to where they use the second factor that they have, or see what is missing.
func (s *Server) askToEnroll(c echo.Context, v *visit) error {
	ways, err := s.Service.WaysIn(c.Request().Context(), v.Actor)
	if err != nil {
		return err
	}
	to := paths.Security
	if ways.Meets(v.Workspace.SignIn.Require) {
		next := paths.Keys
		if c.Request().Method == http.MethodGet && !isHTMX(c) {
			next = c.Request().URL.RequestURI()
		}
		to = paths.StepUp + "?" + url.Values{"next": {next}}.Encode()
	}
	if isHTMX(c) {
		c.Response().Header().Set("HX-Redirect", to)
		return c.NoContent(http.StatusForbidden)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

func signInAddress(back string) string {
	if back = safeNext(back, ""); back == "" || back == "/" {
		return paths.SignIn
	}
	return paths.SignIn + "?" + url.Values{"next": {back}}.Encode()
}
