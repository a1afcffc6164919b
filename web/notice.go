package web

import (
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// noticeParam is the query parameter by which a redirect names the notice of
// the page that it leads to.
const noticeParam = "done"

// notices is the table of what pages say has just happened, by the path of the
// page and the value of noticeParam. {workspace}, {member} and {role} stand for
// names.
var notices = map[string]map[string]string{
	paths.SignIn: {
		"signed-out":   "You are signed out.",
		"slug-changed": "{workspace} is at this address from now on. Sign in here.",
		"password-set": "Your password is set. Sign in with it.",
		"password-set-alone": "Your password is set, and your other sign-in methods were removed. Sign in, then add " +
			"them again.",
	},
	paths.FindWorkspace: {
		"password-set": "Your password is set. Sign in with it in your workspace.",
		"password-set-alone": "Your password is set, and your other sign-in methods were removed. Sign in to your " +
			"workspace, then add them again.",
	},
	paths.Key(paths.ID): {
		"edited":   "Saved. Requests with the key are held to it from now on.",
		"disabled": "The key is disabled: requests with it fail until it is enabled.",
		"enabled":  "The key is enabled: requests with it work again.",
		"restored": "The revocation is undone: the key is what it was before.",
		"retired":  "The old secret has ended: requests with it fail.",
		"extended": "The old secret goes on for that long from now.",
		"revoked":  "Nothing was done: the key is revoked, and stays so.",
	},
	paths.Scopes: {
		"scope-saved":      "The scope is saved.",
		"scope-removed":    "The scope is removed. Keys that have it keep it.",
		"template-saved":   "The template is saved.",
		"template-removed": "The template is removed. Keys that were made from it stay as they are.",
	},
	paths.General: {
		"saved":             "Saved.",
		"message-retried":   "The message will be sent again.",
		"message-dismissed": "The message is dismissed.",
	},
	paths.Providers: {
		"saved":   "Saved. Try it: sign out, and sign in with it.",
		"removed": "Removed. Nobody signs in with it any more.",
	},
	paths.Members: {
		"invitation-withdrawn": "The invitation is withdrawn. Its link is dead.",
		"removed":              "The member is removed, and so is all that they could do here.",
		"signed-out":           "{member} is signed out everywhere in this workspace.",
		// memberNotice shows one of these two for ?done=changed.
		"active":      "{member} is active as {role}.",
		"deactivated": "{member} is deactivated: no sign-in, and their keys are refused.",
	},
	paths.ServiceAccounts: {
		"removed":     "The member is removed, and so is all that they could do here.",
		"active":      "{member} is active as {role}.",
		"deactivated": "{member} is deactivated: its keys are refused.",
	},
	paths.Security: {
		"password-changed": "Your password is changed. You are signed out everywhere else.",
		"email-asked":      "A link is on its way to the new address. It becomes yours when you open it.",
		"email-changed":    "Your address is changed. Sign in with it from now on.",
		"email-changed-alone": "Your address is changed, and your other sign-in methods were removed. Add them again " +
			"here.",
		"totp-removed":      "The authenticator app is removed. Your password alone signs you in.",
		"passkey-added":     "The passkey is added. It signs you in by itself.",
		"passkey-removed":   "The passkey is removed. It no longer signs you in.",
		"provider-linked":   "The provider is linked. It signs you in from now on.",
		"provider-unlinked": "The provider is unlinked. It no longer signs you in.",
	},
	paths.Sessions: {
		"ended": "That session has ended. Its browser has to sign in again.",
	},
}

// withNotice returns the URL of a page that says what has just happened.
func withNotice(path, name string) string { return path + "?" + noticeParam + "=" + name }

// notice returns what the page says has just happened, or "".
func (p *pageContext) notice() string { return noticeAt(p, p.Path()) }

// noticeAt returns the notice that the page at a path has for a request.
func noticeAt(c echo.Context, path string) string {
	text := notices[path][c.QueryParam(noticeParam)]
	if p, ok := c.(*pageContext); ok {
		text = strings.ReplaceAll(text, "{workspace}", p.Workspace.Name)
	}
	return text
}

// noticeMember is the query parameter that names the member of a notice.
const noticeMember = "member"

// withMemberNotice returns the URL of the list that a member is in, with a
// notice about them.
func withMemberNotice(m workspace.Member, name string) string {
	list := paths.Members
	if m.Service {
		list = paths.ServiceAccounts
	}
	return withNotice(list, name) + "&" + noticeMember + "=" + url.QueryEscape(m.UserID)
}

// memberNotice returns the notice of a list of members. It says only what is
// true now.
func (s *Server) memberNotice(p *pageContext) string {
	name := p.QueryParam(noticeParam)
	if name == "invitation-withdrawn" {
		return p.notice()
	}
	m, err := s.service.Member(p.ctx(), p.Actor, p.QueryParam(noticeMember))
	switch {
	case name == "removed" && workspace.KindOf(err) == workspace.NotFound:
		return p.notice()
	case err != nil:
		return ""
	case name == "changed" && m.Active:
		name = "active"
	case name == "changed":
		name = "deactivated"
	case name != "signed-out":
		return ""
	}
	names := strings.NewReplacer("{member}", m.DisplayName(), "{role}", string(m.Role))
	return names.Replace(notices[p.Path()][name])
}
