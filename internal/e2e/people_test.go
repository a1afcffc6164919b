package e2e

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// A second member of acme, and the owner of a second workspace.
const (
	samEmail    = "sam@acme.example"
	samPassword = "copper kettle sings in march"
	benEmail    = "ben@beta.example"
	benPassword = "quiet harbour paints the moon"
	unknownKey  = "key_06h0e91v9430fsvmg3v0"
)

// addSam adds Sam to the workspace acme.
func (s *server) addSam(t testing.TB, role string) {
	t.Helper()
	s.operator(t, func(ctx context.Context, service *workspace.Service, actor workspace.Actor) error {
		_, err := service.AddMember(ctx, actor, "Sam", samEmail, samPassword, workspace.Role(role))
		return err
	})
	s.secret(samPassword)
}

// addBeta adds the workspace beta, which Ben owns.
func (s *server) addBeta(t testing.TB) {
	t.Helper()
	s.operator(t, func(ctx context.Context, service *workspace.Service, _ workspace.Actor) error {
		_, _, err := service.CreateWorkspace(ctx, workspace.NewWorkspace{
			Slug: "beta", Name: "Beta", OwnerName: "Ben", OwnerEmail: benEmail, OwnerPassword: benPassword})
		return err
	})
	s.secret(benPassword)
}

// at returns the same client at the host of a workspace.
func (c *client) at(slug string) *client {
	d := *c
	d.base = strings.Replace(c.s.url, "://", "://"+slug+".", 1)
	return &d
}

// in returns the same client for a subtest.
func (c *client) in(t testing.TB) *client {
	d := *c
	d.t = t
	return &d
}

// signInAt signs a user in at the host of a workspace.
func (s *server) signInAt(t testing.TB, slug, email, password string) *client {
	t.Helper()
	c := s.newClient(t).at(slug)
	c.want(c.post("/sign-in", fields("email", email, "password", password)), http.StatusSeeOther)
	return c
}

func keyForm(name, nonce string) url.Values {
	return fields("name", name, "expires", "never", "nonce", nonce)
}

// together calls do n times at once.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	ready := make(chan struct{})
	for i := range n {
		all.Go(func() { <-ready; do(i) })
	}
	close(ready)
	all.Wait()
}
