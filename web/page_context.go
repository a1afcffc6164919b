package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// pageContext is a request for a page of a workspace: the workspace, and the
// user who is signed in there.
type pageContext struct {
	echo.Context
	Workspace workspace.Workspace
	Member    workspace.Member      // zero: nobody is signed in
	Session   workspace.Session     // of the member
	Others    []workspace.Workspace // other workspaces of the member, for the menu
	Actor     workspace.Actor       // the member or, when nobody is signed in, Stranger
	Stranger  workspace.Actor       // the actor without the session, for sign-ins and one-time links
	Now       time.Time
}

// pageContextKey is where a request keeps its pageContext for an error page.
const pageContextKey = "page"

// SignedIn reports whether a member is signed in.
func (p *pageContext) SignedIn() bool { return p.Member.UserID != "" }

// LacksRequiredMethod reports whether the workspace requires another sign-in
// method than the member has used.
func (p *pageContext) LacksRequiredMethod() bool {
	return p.Workspace.SignIn.Refuses(p.Session.Method, p.Now)
}

// ctx returns the context of the request.
func (p *pageContext) ctx() context.Context { return p.Request().Context() }

// pageContext finds the workspace by the request's host, and the member by the
// session. Its errors are those of workspaceAt and of the database.
func (s *Server) pageContext(c echo.Context) (*pageContext, error) {
	s.dropShownPage(c)
	w, err := s.workspaceAt(c)
	if err != nil {
		return nil, err
	}
	stranger := s.stranger(c)
	stranger.WorkspaceID = w.ID
	p := &pageContext{Context: c, Workspace: w, Actor: stranger, Stranger: stranger, Now: s.service.Now()}
	c.Set(pageContextKey, p)
	setSessionWorkspace(c, w.ID)
	session, err := s.sessions.Get(c.Request(), sessionName)
	if err != nil {
		return nil, err
	}
	member, ok := session.Values[sessionMember].(workspace.Member)
	if !ok {
		return p, nil
	}
	row, _ := session.Values[sessionRow].(workspace.Session)
	p.signIn(member, row)
	if c.Request().Method == http.MethodGet && !isHTMX(c) {
		p.Others, err = s.service.OtherWorkspaces(p.ctx(), member)
	}
	return p, err
}

// signIn makes the member of a session the actor.
func (p *pageContext) signIn(m workspace.Member, session workspace.Session) {
	p.Member, p.Session = m, session
	a := &p.Actor
	a.Kind, a.UserID, a.ProvenAt = workspace.ActorPerson, m.UserID, session.ProvenAt
	a.Method, a.Proof, a.SessionID = session.Method, session.Proof, session.ID()
	a.CredentialVersion, a.SignedInAt = session.CredentialVersion, session.CreatedAt
}

// signedInMember returns the member whose session a request has, and the
// workspace, for the API. The error has kind Unauthenticated when no member is
// signed in as the workspace requires.
func (s *Server) signedInMember(w http.ResponseWriter, r *http.Request) (
	workspace.Workspace, workspace.Member, error) {
	p, err := s.pageContext(s.pages.NewContext(r, w))
	if err == errNotSetUp || err == errWhichWorkspace || errors.As(err, new(movedError)) ||
		err == nil && (!p.SignedIn() || p.LacksRequiredMethod()) {
		err = &workspace.Error{Kind: workspace.Unauthenticated}
	}
	if err != nil {
		return workspace.Workspace{}, workspace.Member{}, err
	}
	return p.Workspace, p.Member, nil
}

// stranger returns the actor of a request before its session is known.
func (s *Server) stranger(c echo.Context) workspace.Actor {
	return s.api.Stranger(c.Response().Header(), c.Request())
}

func (s *Server) layout(p *pageContext, title string) templates.Layout {
	f := templates.Layout{Title: title, Now: s.service.Now()}
	if p != nil {
		f.Workspace, f.Viewer, f.Method = p.Workspace, p.Member, p.Session.Method
		for _, w := range p.Others {
			f.Others = append(f.Others, templates.Other{Name: w.Name, URL: s.hosts.Origin(w.Slug) + "/"})
		}
	}
	return f
}

// strangerLayout is the layout of a page that asks for proof of identity, and
// so shows no viewer.
func (s *Server) strangerLayout(p *pageContext, title string) templates.Layout {
	f := s.layout(p, title)
	f.Viewer = workspace.Member{}
	return f
}

// askToSignIn redirects to the sign-in page, and from there back, unless the
// request sent a form.
func (s *Server) askToSignIn(c echo.Context) error {
	r := c.Request()
	if isHTMX(c) {
		c.Response().Header().Set("HX-Redirect", signInURL(pageOfHTMX(c)))
		return c.NoContent(http.StatusUnauthorized)
	}
	back := ""
	if r.Method == http.MethodGet {
		back = r.URL.RequestURI()
	}
	return c.Redirect(http.StatusSeeOther, signInURL(back))
}

// askForRequiredMethod redirects a user who is signed in, but not as the
// workspace requires: to the step-up if they have the required method,
// otherwise to where they set it up.
func (s *Server) askForRequiredMethod(p *pageContext) error {
	methods, err := s.service.SignInMethods(p.ctx(), p.Actor)
	if err != nil {
		return err
	}
	to := paths.Security
	if methods.Meets(p.Workspace.SignIn.Require) {
		next := paths.Keys
		if p.Request().Method == http.MethodGet && !isHTMX(p) {
			next = p.Request().URL.RequestURI()
		}
		to = paths.StepUp + "?" + url.Values{"next": {next}}.Encode()
	}
	if isHTMX(p) {
		p.Response().Header().Set("HX-Redirect", to)
		return p.NoContent(http.StatusForbidden)
	}
	return p.Redirect(http.StatusSeeOther, to)
}

func signInURL(back string) string {
	if back = safeNext(back, ""); back == "" || back == "/" {
		return paths.SignIn
	}
	return paths.SignIn + "?" + url.Values{"next": {back}}.Encode()
}
