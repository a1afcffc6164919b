package web

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showInvite asks whom to invite.
func (s *Server) showInvite(c echo.Context, v *visit) error {
	role := workspace.Role(c.QueryParam("role"))
	if !role.Valid() {
		role = workspace.Developer
	}
	return s.renderInvite(c, http.StatusOK, v, templates.InviteForm{Emails: c.QueryParam("email"), Role: role})
}

// invite makes a link for each person, and shows them in this answer only.
func (s *Server) invite(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.InviteForm{Emails: f.Get("emails"), Role: workspace.Role(f.Get("role"))}
	all, err := s.Service.Invite(c.Request().Context(), v.Actor, splitAddresses(form.Emails), form.Role)
	if wrong := wrongFields(err); wrong != nil {
		form.Errors = wrong
		forgetKeys(&form.Emails)
		return s.renderInvite(c, http.StatusUnprocessableEntity, v, form)
	}
	if err != nil {
		return err
	}
	if len(all) == 1 && all[0].Failed != "" {
		form.Errors = workspace.Fields{"emails": all[0].Failed}
		forgetKeys(&form.Emails)
		return s.renderInvite(c, http.StatusUnprocessableEntity, v, form)
	}
	link := func(token string) string { return s.hosts.tokenLink(v.Actor.Slug, workspace.PurposeInvitation, token) }
	view := templates.InvitedView{Frame: s.frame(v, "Invitations"), Role: form.Role, Invited: all, Mailed: s.Service.SendsMail(), Link: link}
	return s.renderShownOnce(c, http.StatusOK, templates.InvitedPage(view))
}

var inBrackets = regexp.MustCompile(`<([^<>]*)>`)

// splitAddresses reads addresses as they are typed, or pasted from a mail
// program: with names before them and semicolons between.
func splitAddresses(text string) (all []string) {
	if !strings.Contains(text, "<") {
		return splitList(strings.ReplaceAll(text, ";", " "))
	}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if address := inBrackets.FindStringSubmatch(part); address != nil {
			all = append(all, strings.TrimSpace(address[1]))
		} else if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

func (s *Server) renderInvite(c echo.Context, status int, v *visit, form templates.InviteForm) error {
	roles := workspace.RolesToGive(v.Member)
	if len(roles) == 0 {
		return errNotYours
	}
	if err := s.Service.FreshProof(v.Actor); err != nil {
		return err
	}
	return s.render(c, status, templates.InvitePage(s.frame(v, "Invite people"), roles, form))
}

// withdrawInvitation makes an invitation's link dead.
func (s *Server) withdrawInvitation(c echo.Context, v *visit) error {
	return doThen(c, paths.Members+"?withdrawn=1", func(ctx context.Context) error {
		return s.Service.WithdrawInvitation(ctx, v.Actor, c.Param("id"))
	})
}

// showInvitation is where an invitation's link leads.
func (s *Server) showInvitation(c echo.Context, v *visit) error {
	token := c.QueryParam("token")
	i, err := s.Service.InvitationOf(c.Request().Context(), v.Workspace.ID, token)
	if err != nil {
		return err
	}
	return s.renderInvitation(c, http.StatusOK, v, templates.InvitationForm{Token: token, Email: i.Email, Role: i.Role})
}

// acceptInvitation makes who has the link a member, and signs them in.
func (s *Server) acceptInvitation(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, form := c.Request().Context(), templates.InvitationForm{Token: f.Get("token"), Name: f.Get("name")}
	i, err := s.Service.InvitationOf(ctx, v.Workspace.ID, form.Token)
	if err != nil {
		return err
	}
	form.Email, form.Role = i.Email, i.Role
	in, err := s.Service.AcceptInvitation(ctx, v.asStranger(), form.Token, form.Name, f.Get("password"), s.cookie(c, deviceCookie))
	if err == nil {
		return s.signedIn(c, v, in, paths.Keys)
	}
	status, wrong := s.wrongProof(c, err, "password", "")
	if wrong == nil {
		return err
	}
	form.Errors = wrong
	forgetKeys(&form.Name)
	return s.renderInvitation(c, status, v, form)
}

func (s *Server) renderInvitation(c echo.Context, status int, v *visit, form templates.InvitationForm) error {
	return s.render(c, status, templates.InvitationPage(s.strangerFrame(v, "Join "+v.Workspace.Name), form))
}
