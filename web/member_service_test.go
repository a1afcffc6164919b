package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestKeysOfServiceAccounts tries to add keys for other owners.
func TestKeysOfServiceAccounts(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	s.addBeta(t)
	dana, sam := s.signInAt(t, "acme", testOwner), s.signInAt(t, "acme", samEmail)
	ben := s.signInAt(t, "beta", benEmail)
	own, foreign := dana.addServiceAccount("Robot", "admin"), ben.addServiceAccount("Other robot", "admin")
	retired := dana.addServiceAccount("Retired", "admin")
	dana.post(retired, fields("role", "admin", "active", "false")).want(http.StatusSeeOther)
	nonce := 0
	add := func(c *client, path string) *page {
		nonce++
		form := addKeyForm("k", strings.Repeat("n", nonce))
		form.Set("owner", strings.TrimPrefix(path, "/settings/members/"))
		return c.post("/settings/api-keys", form)
	}
	add(sam, own).want(http.StatusForbidden, "Your role does not let you add keys of others.")
	add(sam, dana.memberPath("Dana Okafor")).want(http.StatusForbidden)
	for _, path := range []string{foreign, retired, dana.memberPath("Sam"), "svc_06h0e91v5kuis4idthv0", "x"} {
		add(dana, path).want(http.StatusUnprocessableEntity, "Choose an active service account of this workspace.")
	}
	key := dana.keyIn(add(dana, own).want(http.StatusCreated))
	if role := s.verify(t, key).header.Get("X-Keylodge-Role"); role != "admin" {
		t.Errorf("the key is %q’s", role)
	}
	dana.post("/settings/service-accounts", fields("name", "King", "role", "owner")).
		want(http.StatusUnprocessableEntity, "can’t be an owner")
	dana.post(own, fields("role", "owner", "active", "true")).want(http.StatusUnprocessableEntity, "can’t be an owner")
	for _, id := range []string{strings.TrimPrefix(own, "/settings/members/")} { // nobody signs in as one
		if _, err := s.Service.NewResetLink(t.Context(), id); workspace.KindOf(err) != workspace.NotFound {
			t.Errorf("a reset link for a service account: %v", err)
		}
		s.newClient(t).
			at("acme").
			post("/sign-in", fields("email", id, "password", testPassword)).
			want(http.StatusUnprocessableEntity)
	}
	_, made, err := s.Service.AddKeyFor(t.Context(), s.operator(t, "acme"),
		strings.TrimPrefix(own, "/settings/members/"), workspace.NewKey{Name: "CLI"})
	if err != nil {
		t.Fatal(err)
	}
	if s.verify(t, made.Reveal()).status != http.StatusNoContent {
		t.Error("a service account's key of the command line is refused")
	}
}

// TestServiceAccounts adds a service account, gives it a key, removes a member
// and hands over their key.
func TestServiceAccounts(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.runJobs(t)
	s.newOwner(t)
	s.addSam(t, "admin")
	sam := s.signIn(t, samEmail)
	kept := sam.addKey("Nightly build")
	s.verify(t, kept)
	p := s.openTabSignedIn(t)
	p.click("Service accounts")
	p.see("No service accounts yet")
	p.click("Add service account")
	p.click("Add service account")
	p.see("Give the service account a name.")
	p.fill("Name", "Deploys")
	p.click("Add service account")
	p.see("Deploys is active as developer.")
	p.click("API keys")
	p.click("Add API key")
	p.fill("Name", "Rollout")
	p.choose("Owner", "Deploys")
	p.click("Add API key")
	p.see("Rollout is ready")
	deploys := keyShape.FindString(p.text())
	s.secret(deploys)
	p.click("I have saved it")
	p.rowIs("Rollout", map[string]string{"Owner": "service account"})
	if a := s.verify(t, deploys); a.status != http.StatusNoContent ||
		a.header.Get("X-Keylodge-Role") != "developer" {
		t.Errorf("the service account's key gets %d as %q", a.status, a.header.Get("X-Keylodge-Role"))
	}
	p.click("Members")
	p.click("Change Sam")
	p.click("Remove…")
	p.see("Remove Sam?")
	p.see("Still in use.")
	p.click("Hand them over")
	p.click("Remove Sam")
	p.see("The member is removed")
	p.gone(samEmail)
	if a := s.verify(t, kept); a.status != http.StatusNoContent ||
		a.header.Get("X-Keylodge-Role") != "developer" {
		t.Errorf("the key that was handed over gets %d as %q", a.status, a.header.Get("X-Keylodge-Role"))
	}
	p.click("Service accounts")
	p.rowIs("Deploys", map[string]string{"Keys": "2"})
	p.click("Change Deploys")
	p.fill("Name", "Delivery")
	p.click("Deactivated")
	p.click("Save")
	p.see("Delivery is deactivated: its keys are refused.")
	for _, key := range []string{kept, deploys} {
		if a := s.verify(t, key); a.status != http.StatusUnauthorized {
			t.Errorf("a key of a deactivated service account gets %d", a.status)
		}
	}
}
