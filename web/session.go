package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
)

// The names of a session's cookie and values.
const (
	sessionName   = "session"
	sessionMember = "member" // workspace.Member: the member who is signed in
	sessionRow    = "row"    // workspace.Session: the row
	sessionStart  = "start"  // workspace.SignedInSession: the session to start
)

// sessionStore is a [sessions.Store] whose sessions are rows of the database.
// The browser keeps a random token in a cookie; the row has its digest, and no
// value ever leaves the server.
type sessionStore struct {
	service *workspace.Service
	secure  bool
}

type sessionWorkspaceKey struct{}

// setSessionWorkspace sets the workspace whose sessions count for a request.
func setSessionWorkspace(c echo.Context, id string) {
	r := c.Request()
	c.SetRequest(r.WithContext(context.WithValue(r.Context(), sessionWorkspaceKey{}, id)))
}

// Get returns the request's session, looked up once.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New looks the session up. A cookie without a live session of this workspace
// gives a new, empty session and no error. Errors are those of the database.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	session.IsNew = true
	session.Options = &sessions.Options{Path: "/", Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	cookie, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return session, nil
	}
	workspaceID, _ := r.Context().Value(sessionWorkspaceKey{}).(string)
	signedIn, m, err := s.service.Authenticate(r.Context(), workspaceID, cookie.Value)
	if workspace.KindOf(err) == workspace.Unauthenticated {
		return session, nil
	}
	if err != nil {
		return session, err
	}
	session.ID, session.IsNew = cookie.Value, false
	session.Values[sessionMember] = m
	session.Values[sessionRow] = signedIn
	return session, nil
}

// Save starts the session under sessionStart in place of the one that the
// browser has, or ends the session when its MaxAge is negative.
func (s *sessionStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	value := ""
	if start, ok := session.Values[sessionStart].(workspace.SignedInSession); ok {
		value = start.Token
		if err := s.endPrevious(r, session.Name()); err != nil {
			return err
		}
	} else if session.Options.MaxAge >= 0 {
		return errors.New("web: a session can be saved only when it begins or ends")
	}
	http.SetCookie(w, sessions.NewCookie(s.cookieName(session.Name()), value, session.Options))
	return nil
}

// endPrevious ends the session whose token the browser sent, so that signing in
// leaves no older session alive.
func (s *sessionStore) endPrevious(r *http.Request, name string) error {
	cookie, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return nil
	}
	return s.service.EndSession(r.Context(), cookie.Value)
}

// cookieName adds the prefix that binds a cookie to this host (RFC 6265bis
// section 4.1.3.2), which browsers accept over https only.
func (s *sessionStore) cookieName(name string) string { return cookieName(s.secure, name) }

func cookieName(secure bool, name string) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// beginSession sets the cookies of a new session and of the known device.
func (s *Server) beginSession(c echo.Context, in workspace.SignedInSession) error {
	session := sessions.NewSession(s.sessions, sessionName)
	session.Options = &sessions.Options{Path: "/", Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode}
	session.Values[sessionStart] = in
	if err := s.sessions.Save(c.Request(), c.Response(), session); err != nil {
		return err
	}
	s.setCookie(c, deviceCookie, in.DeviceToken, int(workspace.KnownDeviceLifetime.Seconds()))
	return nil
}

// deviceCookie holds a token that proves that a user has signed in from this
// browser before.
const deviceCookie = "device"

func (s *Server) setCookie(c echo.Context, name, value string, maxAge int) {
	c.SetCookie(&http.Cookie{
		Name: cookieName(s.secure(), name), Value: value, Path: "/", MaxAge: maxAge,
		Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s *Server) cookie(c echo.Context, name string) string {
	cookie, err := c.Cookie(cookieName(s.secure(), name))
	if err != nil {
		return ""
	}
	return cookie.Value
}
