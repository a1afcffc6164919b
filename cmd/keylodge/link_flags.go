package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/keylodge/keylodge/internal/hosts"
	"github.com/keylodge/keylodge/internal/workspace"
)

// linkFlags are the flags of a command that prints links.
type linkFlags struct {
	BaseURL string `name:"base-url" default:"http://localhost:8080" placeholder:"URL" help:"${help_link_base_url}"`
}

// printLinkFor prints a link to set a password, for a member who has none.
func (l linkFlags) printLinkFor(ctx context.Context, std streams, s *workspace.Service, m workspace.Member) error {
	has, err := s.HasPassword(ctx, m.UserID)
	if err != nil || has {
		return err
	}
	link, err := l.resetLink(ctx, s, m.Email)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "Give %s this link to set a password. It works once, for a day:\n%s\n", m.Email, link)
	return err
}

func (l linkFlags) resetLink(ctx context.Context, s *workspace.Service, email string) (string, error) {
	base, err := parseBaseURL(l.BaseURL)
	if err != nil {
		return "", err
	}
	token, err := s.NewResetLink(ctx, email)
	if workspace.KindOf(err) == workspace.NotFound {
		return "", fmt.Errorf("no user has the email %s", email)
	}
	if err != nil {
		return "", err
	}
	return base.JoinPath("reset-password").String() + "?" + url.Values{"token": {token}}.Encode(), nil
}

// parseBaseURL reads a URL of a scheme and a host only. It returns the host in
// lower case.
func parseBaseURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		*u != (url.URL{Scheme: u.Scheme, Host: u.Host}) ||
		!hosts.Valid(u.Host) || strings.HasSuffix(u.Hostname(), ".") {
		return nil, errUsage{"--base-url must be http:// or https:// and a host, such as https://keys.example.com"}
	}
	u.Host = strings.ToLower(u.Host)
	return u, nil
}
