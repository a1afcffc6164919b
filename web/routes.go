package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/static"
)

const (
	generalPath         = "/settings/general"
	deletePath          = "/settings/general/delete"
	policyPath          = "/settings/general/sign-in"
	keysPath            = "/settings/api-keys"
	membersPath         = "/settings/members"
	invitePath          = "/settings/members/invite"
	invitationsPath     = "/settings/members/invitations"
	serviceAccountsPath = "/settings/service-accounts"
	scopesPath          = "/settings/scopes"
	auditPath           = "/settings/audit-log"
	providersPath       = "/settings/sign-on"
	callbackPath        = "/sign-in/callback"
	invitationPath      = "/invitation"
	securityPath        = "/account/security"
	passkeysPath        = "/account/security/passkeys"
	totpPath            = "/account/security/totp"
	sessionsPath        = "/account/sessions"
	signInPath          = "/sign-in"
	forgottenPath       = "/forgotten-password"
	confirmEmailPath    = "/confirm-email"
	cancelEmailPath     = "/cancel-email-change"
	resetPath           = "/reset-password"
	confirmPath         = "/confirm"
	verifyPath          = "/verify"
	envoyPath           = "/verify/envoy"
	verifyJSONPath      = "/api/v1/verify"
	introspectPath      = "/api/v1/introspect"
	leaksPath           = "/api/v1/leaks"
	apiPrefix           = "/api/"
)

// checkPaths are the ways to check keys.
var checkPaths = []string{verifyPath, verifyJSONPath, introspectPath}

// route is one line of the table of everything that can be asked for, but for
// the ways to verify keys.
type route struct {
	method, path string
	handler      func(*Server) echo.HandlerFunc
}

var routes = []route{
	{http.MethodGet, "/api/v1/me", plain((*Server).me)},
	{http.MethodDelete, "/api/v1/me/key", plain((*Server).revokeHeldKey)},
	{http.MethodPost, leaksPath, plain((*Server).reportLeaks)},

	{http.MethodGet, "/setup", plain((*Server).showSetup)},
	{http.MethodPost, "/setup", plain((*Server).setUp)},
	{http.MethodGet, resetPath, plain((*Server).showReset)},
	{http.MethodPost, resetPath, plain((*Server).resetPassword)},
	{http.MethodPost, "/find-workspace", plain((*Server).findWorkspace)},

	{http.MethodGet, forgottenPath, anyone((*Server).showForgotten)},
	{http.MethodPost, forgottenPath, anyone((*Server).forgotten)},
	{http.MethodGet, confirmEmailPath, enrolling((*Server).showConfirmEmail)},
	{http.MethodPost, confirmEmailPath, enrolling((*Server).confirmEmail)},
	{http.MethodGet, cancelEmailPath, anyone((*Server).showCancelEmail)},
	{http.MethodPost, cancelEmailPath, anyone((*Server).cancelEmail)},
	{http.MethodGet, signInPath, anyone((*Server).showSignIn)},
	{http.MethodPost, signInPath, anyone((*Server).signIn)},
	{http.MethodPost, "/sign-in/code", anyone((*Server).finishSignIn)},
	{http.MethodPost, "/sign-in/passkey/options", anyone((*Server).passkeyOptions)},
	{http.MethodPost, "/sign-in/passkey", anyone((*Server).signInByPasskey)},
	{http.MethodPost, "/sign-in/with/:id", anyone((*Server).startSignOn)},
	{http.MethodGet, callbackPath, anyone((*Server).backFromProvider)},
	{http.MethodPost, "/sign-out", anyone((*Server).signOut)},

	{http.MethodGet, "/", member((*Server).showOverview)},
	{http.MethodGet, "/settings", member((*Server).toGeneral)},
	{http.MethodGet, generalPath, member((*Server).showGeneral)},
	{http.MethodPost, generalPath, member((*Server).renameWorkspace)},
	{http.MethodPost, "/settings/general/address", member((*Server).moveWorkspace)},
	{http.MethodPost, "/settings/general/keys", member((*Server).setKeyPolicy)},
	{http.MethodPost, generalPath + "/messages/:id/retry", member((*Server).retryMessage)},
	{http.MethodPost, generalPath + "/messages/:id/dismiss", member((*Server).dismissMessage)},
	{http.MethodPost, "/settings/general/webhook", member((*Server).setWebhook)},
	{http.MethodPost, "/settings/general/audit-log", member((*Server).setAuditRetention)},
	{http.MethodPost, policyPath, member((*Server).setSignInPolicy)},
	{http.MethodGet, deletePath, member((*Server).showDeleteWorkspace)},
	{http.MethodPost, deletePath, member((*Server).deleteWorkspace)},
	{http.MethodGet, keysPath, member((*Server).listKeys)},
	{http.MethodPost, keysPath + "/search", member((*Server).searchKeys)},
	{http.MethodGet, keysPath + ".csv", member((*Server).exportKeysCSV)},
	{http.MethodGet, keysPath + ".jsonl", member((*Server).exportKeysJSON)},
	{http.MethodPost, keysPath + "/selected", member((*Server).changeKeys)},
	{http.MethodGet, keysPath + "/jobs/:id", member((*Server).showJob)},
	{http.MethodGet, keysPath + "/new", member((*Server).showAddKey)},
	{http.MethodPost, keysPath, member((*Server).addKey)},
	{http.MethodGet, keysPath + "/:id", member((*Server).showKey)},
	{http.MethodGet, keysPath + "/:id/edit", member((*Server).showEditKey)},
	{http.MethodPost, keysPath + "/:id/edit", member((*Server).editKey)},
	{http.MethodPost, keysPath + "/:id/disable", member((*Server).disableKey)},
	{http.MethodPost, keysPath + "/:id/enable", member((*Server).enableKey)},
	{http.MethodGet, keysPath + "/:id/rotate", member((*Server).showRotateKey)},
	{http.MethodPost, keysPath + "/:id/rotate", member((*Server).rotateKey)},
	{http.MethodPost, keysPath + "/:id/overlap", member((*Server).setOverlap)},
	{http.MethodPost, keysPath + "/:id/restore", member((*Server).restoreKey)},
	{http.MethodGet, keysPath + "/:id/revoke", member((*Server).showRevokeKey)},
	{http.MethodPost, keysPath + "/:id/revoke", member((*Server).revokeKey)},

	{http.MethodGet, scopesPath, member((*Server).showScopes)},
	{http.MethodPost, scopesPath, member((*Server).saveScope)},
	{http.MethodPost, scopesPath + "/remove", member((*Server).removeScope)},
	{http.MethodPost, scopesPath + "/templates", member((*Server).saveScopeTemplate)},
	{http.MethodPost, scopesPath + "/templates/remove", member((*Server).removeScopeTemplate)},

	{http.MethodGet, membersPath, member((*Server).listMembers)},
	{http.MethodGet, invitePath, member((*Server).showInvite)},
	{http.MethodPost, invitePath, member((*Server).invite)},
	{http.MethodPost, invitationsPath + "/:id/withdraw", member((*Server).withdrawInvitation)},
	{http.MethodGet, auditPath, member((*Server).showAuditLog)},
	{http.MethodGet, auditPath + ".csv", member((*Server).exportAuditCSV)},
	{http.MethodGet, auditPath + ".jsonl", member((*Server).exportAuditJSON)},
	{http.MethodGet, providersPath, member((*Server).listProviders)},
	{http.MethodGet, providersPath + "/new", member((*Server).showProvider)},
	{http.MethodPost, providersPath, member((*Server).putProvider)},
	{http.MethodGet, providersPath + "/:id", member((*Server).showProvider)},
	{http.MethodPost, providersPath + "/:id", member((*Server).putProvider)},
	{http.MethodPost, providersPath + "/:id/remove", member((*Server).removeProvider)},
	{http.MethodGet, invitationPath, anyone((*Server).showInvitation)},
	{http.MethodPost, invitationPath, anyone((*Server).acceptInvitation)},
	{http.MethodGet, membersPath + "/:id", member((*Server).showMember)},
	{http.MethodPost, membersPath + "/:id", member((*Server).changeMember)},
	{http.MethodPost, membersPath + "/:id/end-sessions", member((*Server).endSessionsOf)},
	{http.MethodGet, membersPath + "/:id/remove", member((*Server).showRemoveMember)},
	{http.MethodPost, membersPath + "/:id/remove", member((*Server).removeMember)},
	{http.MethodGet, serviceAccountsPath, member((*Server).listServiceAccounts)},
	{http.MethodGet, serviceAccountsPath + "/new", member((*Server).showAddServiceAccount)},
	{http.MethodPost, serviceAccountsPath, member((*Server).addServiceAccount)},

	{http.MethodGet, confirmPath, enrolling((*Server).showConfirm)},
	{http.MethodPost, confirmPath, enrolling((*Server).confirm)},
	{http.MethodPost, confirmPath + "/passkey", enrolling((*Server).confirmByPasskey)},
	{http.MethodPost, confirmPath + "/with/:id", enrolling((*Server).startConfirm)},
	{http.MethodPost, securityPath + "/providers/:id", enrolling((*Server).startLink)},
	{http.MethodPost, securityPath + "/providers/:id/unlink", enrolling((*Server).unlink)},
	{http.MethodGet, "/account", enrolling((*Server).toSecurity)},
	{http.MethodGet, securityPath, enrolling((*Server).showSecurity)},
	{http.MethodPost, securityPath + "/password", enrolling((*Server).changePassword)},
	{http.MethodPost, securityPath + "/email", enrolling((*Server).askToChangeEmail)},
	{http.MethodGet, totpPath, enrolling((*Server).showTOTP)},
	{http.MethodPost, totpPath, enrolling((*Server).addTOTP)},
	{http.MethodPost, totpPath + "/remove", enrolling((*Server).removeTOTP)},
	{http.MethodPost, securityPath + "/recovery-codes", enrolling((*Server).newRecoveryCodes)},
	{http.MethodPost, passkeysPath + "/options", enrolling((*Server).newPasskeyOptions)},
	{http.MethodPost, passkeysPath, enrolling((*Server).addPasskey)},
	{http.MethodPost, passkeysPath + "/:id/remove", enrolling((*Server).removePasskey)},
	{http.MethodGet, sessionsPath, enrolling((*Server).listSessions)},
	{http.MethodPost, sessionsPath + "/end-others", enrolling((*Server).endOtherSessions)},
	{http.MethodPost, sessionsPath + "/:id/end", enrolling((*Server).endSession)},

	{http.MethodGet, "/static/*", files},
	{http.MethodGet, "/favicon.ico", favicon},
}

// plain is a route that asks for no workspace and no session.
func plain(h func(*Server, echo.Context) error) func(*Server) echo.HandlerFunc {
	return func(s *Server) echo.HandlerFunc {
		return func(c echo.Context) error { return h(s, c) }
	}
}

// anyone is a route of a workspace for people who may or may not be signed in.
func anyone(h func(*Server, echo.Context, *visit) error) func(*Server) echo.HandlerFunc {
	return func(s *Server) echo.HandlerFunc {
		return func(c echo.Context) error {
			v, err := s.visit(c)
			if err != nil {
				return s.renderNoWorkspace(c, err)
			}
			return h(s, c, v)
		}
	}
}

// member is a route for who is signed in as the workspace requires. Others are
// sent to sign in and come back, or to get what is required.
func member(h func(*Server, echo.Context, *visit) error) func(*Server) echo.HandlerFunc {
	return enrolling(func(s *Server, c echo.Context, v *visit) error {
		if v.Held() {
			return s.askToEnroll(c, v)
		}
		return h(s, c, v)
	})
}

// enrolling is a route for who is signed in, in whichever way: it is where
// people get what a workspace requires.
func enrolling(h func(*Server, echo.Context, *visit) error) func(*Server) echo.HandlerFunc {
	return anyone(func(s *Server, c echo.Context, v *visit) error {
		if !v.SignedIn() {
			return s.askToSignIn(c)
		}
		return h(s, c, v)
	})
}

func files(*Server) echo.HandlerFunc { return echo.WrapHandler(static.Handler()) }

func favicon(*Server) echo.HandlerFunc {
	return func(c echo.Context) error { return c.Redirect(http.StatusSeeOther, static.URL("favicon.svg")) }
}
