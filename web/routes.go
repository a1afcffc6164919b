package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/static"
)

const (
	verifyPath     = paths.Verify
	envoyPath      = paths.Envoy
	verifyJSONPath = paths.VerifyJSON
	introspectPath = paths.Introspect
	leaksPath      = paths.Leaks
	apiPrefix      = paths.API
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
	{http.MethodGet, paths.Me, plain((*Server).me)},
	{http.MethodDelete, paths.HeldKey, plain((*Server).revokeHeldKey)},
	{http.MethodPost, leaksPath, plain((*Server).reportLeaks)},

	{http.MethodGet, paths.Setup, plain((*Server).showSetup)},
	{http.MethodPost, paths.Setup, plain((*Server).setUp)},
	{http.MethodGet, paths.ResetPassword, plain((*Server).showReset)},
	{http.MethodPost, paths.ResetPassword, plain((*Server).resetPassword)},
	{http.MethodPost, paths.FindWorkspace, plain((*Server).findWorkspace)},

	{http.MethodGet, paths.ForgottenPassword, anyone((*Server).showForgotten)},
	{http.MethodPost, paths.ForgottenPassword, anyone((*Server).forgotten)},
	{http.MethodGet, paths.ConfirmEmail, enrolling((*Server).showConfirmEmail)},
	{http.MethodPost, paths.ConfirmEmail, enrolling((*Server).confirmEmail)},
	{http.MethodGet, paths.CancelEmailChange, anyone((*Server).showCancelEmail)},
	{http.MethodPost, paths.CancelEmailChange, anyone((*Server).cancelEmail)},
	{http.MethodGet, paths.SignIn, anyone((*Server).showSignIn)},
	{http.MethodPost, paths.SignIn, anyone((*Server).signIn)},
	{http.MethodPost, paths.SignInCode, anyone((*Server).finishSignIn)},
	{http.MethodPost, paths.PasskeyOptions, anyone((*Server).passkeyOptions)},
	{http.MethodPost, paths.SignInPasskey, anyone((*Server).signInByPasskey)},
	{http.MethodPost, paths.SignInWithProvider(paths.ID), anyone((*Server).startSignOn)},
	{http.MethodGet, paths.Callback, anyone((*Server).backFromProvider)},
	{http.MethodPost, paths.SignOut, anyone((*Server).signOut)},

	{http.MethodGet, paths.Overview, member((*Server).showOverview)},
	{http.MethodGet, paths.Settings, member((*Server).toGeneral)},
	{http.MethodGet, paths.General, member((*Server).showGeneral)},
	{http.MethodPost, paths.General, member((*Server).renameWorkspace)},
	{http.MethodPost, paths.WorkspaceSlug, member((*Server).moveWorkspace)},
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
	{http.MethodPost, paths.SelectedKeys, member((*Server).changeKeys)},
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
	{http.MethodPost, paths.KeyOverlap(paths.ID), member((*Server).setOverlap)},
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
	{http.MethodPost, paths.Invite, member((*Server).invite)},
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
	{http.MethodGet, paths.Invitation, anyone((*Server).showInvitation)},
	{http.MethodPost, paths.Invitation, anyone((*Server).acceptInvitation)},
	{http.MethodGet, paths.Member(paths.ID), member((*Server).showMember)},
	{http.MethodPost, paths.Member(paths.ID), member((*Server).changeMember)},
	{http.MethodPost, paths.EndMemberSessions(paths.ID), member((*Server).endSessionsOf)},
	{http.MethodGet, paths.RemoveMember(paths.ID), member((*Server).showRemoveMember)},
	{http.MethodPost, paths.RemoveMember(paths.ID), member((*Server).removeMember)},
	{http.MethodGet, paths.ServiceAccounts, member((*Server).listServiceAccounts)},
	{http.MethodGet, paths.NewServiceAccount, member((*Server).showAddServiceAccount)},
	{http.MethodPost, paths.ServiceAccounts, member((*Server).addServiceAccount)},

	{http.MethodGet, paths.StepUp, enrolling((*Server).showConfirm)},
	{http.MethodPost, paths.StepUp, enrolling((*Server).confirm)},
	{http.MethodPost, paths.StepUpPasskey, enrolling((*Server).confirmByPasskey)},
	{http.MethodPost, paths.StepUpWithProvider(paths.ID), enrolling((*Server).startConfirm)},
	{http.MethodPost, paths.LinkProvider(paths.ID), enrolling((*Server).startLink)},
	{http.MethodPost, paths.UnlinkProvider(paths.ID), enrolling((*Server).unlink)},
	{http.MethodGet, paths.Account, enrolling((*Server).toSecurity)},
	{http.MethodGet, paths.Security, enrolling((*Server).showSecurity)},
	{http.MethodPost, paths.Password, enrolling((*Server).changePassword)},
	{http.MethodPost, paths.Email, enrolling((*Server).askToChangeEmail)},
	{http.MethodGet, paths.TOTP, enrolling((*Server).showTOTP)},
	{http.MethodPost, paths.TOTP, enrolling((*Server).addTOTP)},
	{http.MethodPost, paths.RemoveTOTP, enrolling((*Server).removeTOTP)},
	{http.MethodPost, paths.RecoveryCodes, enrolling((*Server).newRecoveryCodes)},
	{http.MethodPost, paths.NewPasskey, enrolling((*Server).newPasskeyOptions)},
	{http.MethodPost, paths.Passkeys, enrolling((*Server).addPasskey)},
	{http.MethodPost, paths.RemovePasskey(paths.ID), enrolling((*Server).removePasskey)},
	{http.MethodGet, paths.Sessions, enrolling((*Server).listSessions)},
	{http.MethodPost, paths.EndAllSessions, enrolling((*Server).endOtherSessions)},
	{http.MethodPost, paths.EndSession(paths.ID), enrolling((*Server).endSession)},

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
