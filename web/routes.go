package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/static"
	"github.com/keylodge/keylodge/web/api"
)

// Access says who may use a route.
type Access string

// The kinds of access.
const (
	AccessPublic    Access = "public"    // anyone, at any host
	AccessProgram   Access = "program"   // programs, which present a key
	AccessWorkspace Access = "workspace" // anyone, at the host of a workspace
	AccessUser      Access = "user"      // users who are signed in, by any sign-in method
	AccessMember    Access = "member"    // members who are signed in as the workspace requires
)

// Route is one method of one path.
type Route struct {
	Method string
	Path   string // ":id" stands for an id, and "*" for any rest
	Access Access
}

// Routes returns every route of an installation except those that verify keys.
func Routes() []Route {
	var all []Route
	for _, r := range api.Routes() {
		all = append(all, Route{r.Method, r.Path, AccessProgram})
	}
	for _, r := range routes {
		all = append(all, Route{r.method, r.path, r.access})
	}
	return all
}

// route is one line of the route table.
type route struct {
	method, path string
	endpoint
}

// endpoint is the handler of a route, which enforces the access to it.
type endpoint struct {
	access  Access
	handler func(*Server) echo.HandlerFunc
}

var routes = []route{
	{http.MethodGet, paths.Setup, public((*Server).showSetup)},
	{http.MethodPost, paths.Setup, public((*Server).setUp)},
	{http.MethodGet, paths.ResetPassword, public((*Server).showResetPassword)},
	{http.MethodPost, paths.ResetPassword, public((*Server).resetPassword)},
	{http.MethodPost, paths.FindWorkspace, public((*Server).findWorkspace)},

	{http.MethodGet, paths.ForgottenPassword, inWorkspace((*Server).showForgottenPassword)},
	{http.MethodPost, paths.ForgottenPassword, inWorkspace((*Server).sendResetLink)},
	{http.MethodGet, paths.ConfirmEmail, user((*Server).showConfirmEmail)},
	{http.MethodPost, paths.ConfirmEmail, user((*Server).confirmEmail)},
	{http.MethodGet, paths.CancelEmailChange, inWorkspace((*Server).showCancelEmail)},
	{http.MethodPost, paths.CancelEmailChange, inWorkspace((*Server).cancelEmail)},
	{http.MethodGet, paths.SignIn, inWorkspace((*Server).showSignIn)},
	{http.MethodPost, paths.SignIn, inWorkspace((*Server).signIn)},
	{http.MethodPost, paths.SignInCode, inWorkspace((*Server).signInByCode)},
	{http.MethodPost, paths.PasskeyOptions, inWorkspace((*Server).passkeyOptions)},
	{http.MethodPost, paths.SignInPasskey, inWorkspace((*Server).signInByPasskey)},
	{http.MethodPost, paths.SignInWithProvider(paths.ID), inWorkspace((*Server).signInWithProvider)},
	{http.MethodGet, paths.Callback, inWorkspace((*Server).finishProviderRoundTrip)},
	{http.MethodPost, paths.SignOut, inWorkspace((*Server).signOut)},

	{http.MethodGet, paths.Overview, member((*Server).showOverview)},
	{http.MethodGet, paths.Settings, member((*Server).redirectToSettings)},
	{http.MethodGet, paths.General, member((*Server).showWorkspaceSettings)},
	{http.MethodPost, paths.General, member((*Server).renameWorkspace)},
	{http.MethodPost, paths.WorkspaceSlug, member((*Server).changeSlug)},
	{http.MethodPost, paths.KeyPolicy, member((*Server).setKeyPolicy)},
	{http.MethodPost, paths.RetryMessage(paths.ID), member((*Server).retryMessage)},
	{http.MethodPost, paths.DismissMessage(paths.ID), member((*Server).dismissMessage)},
	{http.MethodPost, paths.Webhook, member((*Server).setWebhook)},
	{http.MethodPost, paths.AuditRetention, member((*Server).setAuditRetention)},
	{http.MethodPost, paths.SignInPolicy, member((*Server).setSignInPolicy)},
	{http.MethodGet, paths.Delete, member((*Server).showDeleteWorkspace)},
	{http.MethodPost, paths.Delete, member((*Server).deleteWorkspace)},
	{http.MethodGet, paths.Keys, member((*Server).listKeys)},
	{http.MethodPost, paths.SearchKeys, member((*Server).searchKeys)},
	{http.MethodGet, paths.KeysCSV, member((*Server).exportKeysCSV)},
	{http.MethodGet, paths.KeysJSON, member((*Server).exportKeysJSON)},
	{http.MethodPost, paths.SelectedKeys, member((*Server).bulkChangeKeys)},
	{http.MethodGet, paths.Job(paths.ID), member((*Server).showJob)},
	{http.MethodGet, paths.NewKey, member((*Server).showAddKey)},
	{http.MethodPost, paths.Keys, member((*Server).addKey)},
	{http.MethodGet, paths.Key(paths.ID), member((*Server).showKey)},
	{http.MethodGet, paths.EditKey(paths.ID), member((*Server).showEditKey)},
	{http.MethodPost, paths.EditKey(paths.ID), member((*Server).editKey)},
	{http.MethodPost, paths.DisableKey(paths.ID), member((*Server).disableKey)},
	{http.MethodPost, paths.EnableKey(paths.ID), member((*Server).enableKey)},
	{http.MethodGet, paths.RotateKey(paths.ID), member((*Server).showRotateKey)},
	{http.MethodPost, paths.RotateKey(paths.ID), member((*Server).rotateKey)},
	{http.MethodPost, paths.KeyOverlap(paths.ID), member((*Server).setKeyOverlap)},
	{http.MethodPost, paths.RestoreKey(paths.ID), member((*Server).restoreKey)},
	{http.MethodGet, paths.RevokeKey(paths.ID), member((*Server).showRevokeKey)},
	{http.MethodPost, paths.RevokeKey(paths.ID), member((*Server).revokeKey)},

	{http.MethodGet, paths.Scopes, member((*Server).showScopes)},
	{http.MethodPost, paths.Scopes, member((*Server).saveScope)},
	{http.MethodPost, paths.RemoveScope, member((*Server).removeScope)},
	{http.MethodPost, paths.ScopeTemplates, member((*Server).saveScopeTemplate)},
	{http.MethodPost, paths.RemoveScopeTemplate, member((*Server).removeScopeTemplate)},

	{http.MethodGet, paths.Members, member((*Server).listMembers)},
	{http.MethodGet, paths.Invite, member((*Server).showInvite)},
	{http.MethodPost, paths.Invite, member((*Server).inviteMembers)},
	{http.MethodPost, paths.WithdrawInvitation(paths.ID), member((*Server).withdrawInvitation)},
	{http.MethodGet, paths.AuditLog, member((*Server).showAuditLog)},
	{http.MethodGet, paths.AuditLogCSV, member((*Server).exportAuditCSV)},
	{http.MethodGet, paths.AuditLogJSON, member((*Server).exportAuditJSON)},
	{http.MethodGet, paths.Providers, member((*Server).listProviders)},
	{http.MethodGet, paths.NewProvider, member((*Server).showProvider)},
	{http.MethodPost, paths.Providers, member((*Server).putProvider)},
	{http.MethodGet, paths.Provider(paths.ID), member((*Server).showProvider)},
	{http.MethodPost, paths.Provider(paths.ID), member((*Server).putProvider)},
	{http.MethodPost, paths.RemoveProvider(paths.ID), member((*Server).removeProvider)},
	{http.MethodGet, paths.Invitation, inWorkspace((*Server).showInvitation)},
	{http.MethodPost, paths.Invitation, inWorkspace((*Server).acceptInvitation)},
	{http.MethodGet, paths.Member(paths.ID), member((*Server).showMember)},
	{http.MethodPost, paths.Member(paths.ID), member((*Server).changeMember)},
	{http.MethodPost, paths.EndMemberSessions(paths.ID), member((*Server).endMemberSessions)},
	{http.MethodGet, paths.RemoveMember(paths.ID), member((*Server).showRemoveMember)},
	{http.MethodPost, paths.RemoveMember(paths.ID), member((*Server).removeMember)},
	{http.MethodGet, paths.ServiceAccounts, member((*Server).listServiceAccounts)},
	{http.MethodGet, paths.NewServiceAccount, member((*Server).showAddServiceAccount)},
	{http.MethodPost, paths.ServiceAccounts, member((*Server).addServiceAccount)},

	{http.MethodGet, paths.StepUp, user((*Server).showStepUp)},
	{http.MethodPost, paths.StepUp, user((*Server).stepUp)},
	{http.MethodPost, paths.StepUpPasskey, user((*Server).stepUpByPasskey)},
	{http.MethodPost, paths.StepUpWithProvider(paths.ID), user((*Server).stepUpWithProvider)},
	{http.MethodPost, paths.LinkProvider(paths.ID), user((*Server).linkProvider)},
	{http.MethodPost, paths.UnlinkProvider(paths.ID), user((*Server).unlinkProvider)},
	{http.MethodGet, paths.Account, user((*Server).redirectToSecurity)},
	{http.MethodGet, paths.Security, user((*Server).showSecurity)},
	{http.MethodPost, paths.Password, user((*Server).changePassword)},
	{http.MethodPost, paths.Email, user((*Server).askToChangeEmail)},
	{http.MethodGet, paths.TOTP, user((*Server).showTOTP)},
	{http.MethodPost, paths.TOTP, user((*Server).addTOTP)},
	{http.MethodPost, paths.RemoveTOTP, user((*Server).removeTOTP)},
	{http.MethodPost, paths.RecoveryCodes, user((*Server).newRecoveryCodes)},
	{http.MethodPost, paths.NewPasskey, user((*Server).newPasskeyOptions)},
	{http.MethodPost, paths.Passkeys, user((*Server).addPasskey)},
	{http.MethodPost, paths.RemovePasskey(paths.ID), user((*Server).removePasskey)},
	{http.MethodGet, paths.Sessions, user((*Server).listSessions)},
	{http.MethodPost, paths.EndAllSessions, user((*Server).endOtherSessions)},
	{http.MethodPost, paths.EndSession(paths.ID), user((*Server).endSession)},

	{http.MethodGet, "/static/*", public(serveStatic)},
	{http.MethodGet, "/favicon.ico", public(redirectFavicon)},
}

// public is the endpoint of a route that needs no workspace and no session.
func public(h func(*Server, echo.Context) error) endpoint {
	return endpoint{AccessPublic, func(s *Server) echo.HandlerFunc {
		return func(c echo.Context) error { return h(s, c) }
	}}
}

// A pageHandler answers a request for a page of a workspace.
type pageHandler func(*Server, *pageContext) error

// inWorkspace is the endpoint of a route at the host of a workspace, for people
// who may or may not be signed in.
func inWorkspace(h pageHandler) endpoint {
	return endpoint{AccessWorkspace, func(s *Server) echo.HandlerFunc {
		return func(c echo.Context) error {
			p, err := s.pageContext(c)
			if err != nil {
				return s.renderNoWorkspace(c, err)
			}
			return h(s, p)
		}
	}}
}

// user is the endpoint of a route for users who are signed in by any method. It
// is for pages where they set up the method that a workspace requires. Others
// are redirected to sign in and come back.
func user(h pageHandler) endpoint {
	e := inWorkspace(func(s *Server, p *pageContext) error {
		if !p.SignedIn() {
			return s.askToSignIn(p)
		}
		return h(s, p)
	})
	e.access = AccessUser
	return e
}

// member is the endpoint of a route for members who are signed in as the
// workspace requires. Others are redirected to set up what is missing.
func member(h pageHandler) endpoint {
	e := user(func(s *Server, p *pageContext) error {
		if p.LacksRequiredMethod() {
			return s.askForRequiredMethod(p)
		}
		return h(s, p)
	})
	e.access = AccessMember
	return e
}

func serveStatic(_ *Server, c echo.Context) error {
	static.Handler().ServeHTTP(c.Response(), c.Request())
	return nil
}

func redirectFavicon(_ *Server, c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, static.URL("favicon.svg"))
}
