package web

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showInvite shows the form that invites members.
func (s *Server) showInvite(p *pageContext) error {
	role := workspace.Role(p.QueryParam("role"))
	if !role.Valid() {
		role = workspace.RoleDeveloper
	}
	return s.renderInvite(p, http.StatusOK, templates.MemberInviteForm{Emails: p.QueryParam("email"), Role: role})
}

// inviteMembers creates an invitation for each email address and shows the
// links, which no later response contains.
func (s *Server) inviteMembers(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := templates.MemberInviteForm{Emails: f.Get("emails"), Role: workspace.Role(f.Get("role"))}
	all, err := s.service.Invite(p.ctx(), p.Actor, splitEmails(form.Emails), form.Role)
	if wrong := wrongFields(err); wrong != nil {
		form.Errors = wrong
		forgetKeys(&form.Emails)
		return s.renderInvite(p, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	if len(all) == 1 && all[0].Failed != "" {
		form.Errors = workspace.Fields{"emails": all[0].Failed}
		forgetKeys(&form.Emails)
		return s.renderInvite(p, http.StatusUnprocessableEntity, form)
	}
	link := func(token string) string {
		return links{s.hosts}.tokenLink(p.Actor.Slug, workspace.PurposeInvitation, token)
	}
	view := templates.MemberInvitedView{
		Layout: s.layout(p, "Invitations"), Role: form.Role, Invited: all, Mailed: s.service.SendsMail(), Link: link,
	}
	return s.renderShownOnce(p, http.StatusOK, templates.MemberInvitedPage(view))
}

var inBrackets = regexp.MustCompile(`<([^<>]*)>`)

// splitEmails reads email addresses that were typed or pasted from a mail
// program, with names before them and semicolons between them.
func splitEmails(text string) (all []string) {
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

func (s *Server) renderInvite(p *pageContext, status int, form templates.MemberInviteForm) error {
	roles := workspace.RolesToGive(p.Member)
	if len(roles) == 0 {
		return workspace.ErrRole
	}
	if err := s.service.RequireFreshProof(p.Actor); err != nil {
		return err
	}
	return s.render(p, status, templates.MemberInvitePage(s.layout(p, "Invite people"), roles, form))
}

// withdrawInvitation withdraws an invitation. Its link no longer works.
func (s *Server) withdrawInvitation(p *pageContext) error {
	return doThen(p, withNotice(paths.Members, "invitation-withdrawn"), func(ctx context.Context) error {
		return s.service.WithdrawInvitation(ctx, p.Actor, p.Param("id"))
	})
}

// showInvitation is the page of an invitation's link.
func (s *Server) showInvitation(p *pageContext) error {
	token := p.QueryParam("token")
	i, err := s.service.InvitationOf(p.ctx(), p.Workspace.ID, token)
	if err != nil {
		return err
	}
	return s.renderInvitation(p, http.StatusOK, templates.InvitationForm{Token: token, Email: i.Email, Role: i.Role})
}

// acceptInvitation makes the user of an invitation a member and signs them in.
func (s *Server) acceptInvitation(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	ctx, form := p.ctx(), templates.InvitationForm{Token: f.Get("token"), Name: f.Get("name")}
	i, err := s.service.InvitationOf(ctx, p.Workspace.ID, form.Token)
	if err != nil {
		return err
	}
	form.Email, form.Role = i.Email, i.Role
	in, err := s.service.AcceptInvitation(ctx, s.signInRequest(p),
		workspace.Acceptance{Token: form.Token, Name: form.Name, Password: f.Get("password")})
	if err == nil {
		return s.signedIn(p, in, paths.Keys)
	}
	status, wrong := s.wrongProof(p, err, "password", "")
	if wrong == nil {
		return err
	}
	form.Errors = wrong
	forgetKeys(&form.Name)
	return s.renderInvitation(p, status, form)
}

func (s *Server) renderInvitation(p *pageContext, status int, form templates.InvitationForm) error {
	return s.render(p, status, templates.InvitationPage(s.strangerLayout(p, "Join "+p.Workspace.Name), form))
}
