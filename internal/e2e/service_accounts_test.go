package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// choose picks an option of the list that has this label, as a keyboard does.
func (p *page) choose(label, option string) {
	p.t.Helper()
	p.until("to find the list "+quoted(label), `(() => {
		const l = [...`+top+`.querySelectorAll("label")].find(l => l.textContent.trim().startsWith(`+quoted(label)+`));
		if (!l || !l.control) return false;
		l.control.focus();
		return document.activeElement === l.control;
	})()`)
	p.do(chromedp.KeyEvent(option))
}

// addServiceAccount makes one and returns its path.
func (c *client) addServiceAccount(name, role string) string {
	c.t.Helper()
	a := c.want(c.post("/settings/service-accounts", fields("name", name, "role", role)), http.StatusSeeOther)
	_, id, _ := strings.Cut(a.location(), "changed=")
	return "/settings/members/" + id
}

// TestServiceAccounts makes one, gives it a key, removes a person and hands
// over their key.
func TestServiceAccounts(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			s.setUp(t)
			s.addSam(t, "admin")
			sam := s.signIn(t, samEmail, samPassword)
			kept := sam.addKey("Nightly build")
			s.verify(t, kept)
			p := s.openSignedIn(t, l)
			p.click("Service accounts")
			p.see("No service accounts yet")
			p.step(1, "no service accounts")
			p.click("Add service account")
			p.click("Add service account")
			p.see("Give the service account a name.")
			p.fill("Name", "Deploys")
			p.step(2, "add service account")
			p.click("Add service account")
			p.see("Deploys is active as developer.")
			p.step(3, "service accounts")
			p.click("API keys")
			p.click("Add API key")
			p.fill("Name", "Rollout")
			p.choose("Owner", "Deploys")
			p.step(4, "key of a service account")
			p.click("Add API key")
			p.see("Rollout is ready")
			deploys := keyShape.FindString(p.text())
			s.secret(deploys)
			p.click("I have saved it")
			p.rowIs("Rollout", map[string]string{"Owner": "service account"})
			if a := s.verify(t, deploys); a.status != http.StatusNoContent || a.header.Get("X-Keylodge-Role") != "developer" {
				t.Errorf("the service account's key gets %d as %q", a.status, a.header.Get("X-Keylodge-Role"))
			}
			p.click("Members")
			p.click("Change Sam")
			p.click("Remove…")
			p.see("Remove Sam?")
			p.see("Still in use.")
			p.click("Hand them over")
			p.step(5, "remove a member")
			p.click("Remove Sam")
			p.see("The member is removed")
			p.gone(samEmail)
			if a := s.verify(t, kept); a.status != http.StatusNoContent || a.header.Get("X-Keylodge-Role") != "developer" {
				t.Errorf("the key that was handed over gets %d as %q", a.status, a.header.Get("X-Keylodge-Role"))
			}
			p.click("Service accounts")
			p.rowIs("Deploys", map[string]string{"Keys": "2"})
			p.click("Change Deploys")
			p.fill("Name", "Delivery")
			p.click("Deactivated")
			p.step(6, "service account")
			p.click("Save")
			p.see("Delivery is deactivated: its keys are refused.")
			for _, key := range []string{kept, deploys} {
				if a := s.verify(t, key); a.status != http.StatusUnauthorized {
					t.Errorf("a key of a deactivated service account gets %d", a.status)
				}
			}
		})
	}
}

// TestRemovingMembers looks at what is left of who was removed.
func TestRemovingMembers(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addSam(t, "developer")
		s.addBeta(t)
		dana := s.signInAt(t, "acme", danaEmail, danaPassword)
		sam, ben := s.signInAt(t, "acme", samEmail, samPassword), s.signInAt(t, "beta", benEmail, benPassword)
		path, foreign := dana.memberPath("Sam"), ben.addServiceAccount("Other robot", "admin")
		id := func(path string) string { return strings.TrimPrefix(path, "/settings/members/") }
		key := sam.addKey("Sam’s")
		for name, form := range map[string][]string{
			"another workspace's service account": {"keys", "hand-over", "heir", id(foreign)},
			"a person":                            {"keys", "hand-over", "heir", id(dana.memberPath("Dana Okafor"))},
			"themselves":                          {"keys", "hand-over", "heir", id(path)},
			"nobody":                              {"keys", "hand-over", "heir", ""},
			"something else":                      {"keys", "sell"},
		} {
			t.Run(name, func(t *testing.T) {
				dana := dana.in(t)
				dana.want(dana.post(path+"/remove", fields(form...)), http.StatusUnprocessableEntity)
			})
		}
		dana.want(dana.post(dana.memberPath("Dana Okafor")+"/remove", fields("keys", "revoke")), http.StatusConflict, "always has an owner")
		sam.want(sam.post(path+"/remove", fields("keys", "revoke")), http.StatusForbidden)
		if s.verify(t, key).status != http.StatusNoContent {
			t.Error("what was refused has stopped the key")
		}
		dana.want(dana.post(path+"/remove", fields("keys", "revoke")), http.StatusSeeOther)
		if s.verify(t, key).status != http.StatusUnauthorized {
			t.Error("the key outlives its owner")
		}
		sam.want(sam.get("/settings/api-keys"), http.StatusSeeOther)
		dana.want(dana.get(path), http.StatusNotFound)
		dana.want(dana.post(path, fields("role", "admin", "active", "true")), http.StatusNotFound)
		dana.want(dana.post(path+"/remove", fields("keys", "revoke")), http.StatusNotFound)
		sam.want(sam.post("/sign-in", fields("email", samEmail, "password", samPassword)), http.StatusUnprocessableEntity)
		dana.want(dana.get("/settings/api-keys?state=revoked"), http.StatusOK, "Sam’s", "removed")

		// Invited again they come back, and nothing of theirs with them.
		again := s.newClient(t).at("acme")
		again.want(again.join(dana.invite(samEmail, "admin"), "", samPassword), http.StatusSeeOther)
		again.want(again.get("/settings/members"), http.StatusOK, samEmail)
		if s.verify(t, key).status != http.StatusUnauthorized {
			t.Error("the key came back with its owner")
		}
		sam.want(sam.get("/settings/api-keys"), http.StatusSeeOther)
	})
}

// TestKeysOfServiceAccounts tries to make keys that are not one's own.
func TestKeysOfServiceAccounts(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addSam(t, "developer")
		s.addBeta(t)
		dana, sam := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "acme", samEmail, samPassword)
		ben := s.signInAt(t, "beta", benEmail, benPassword)
		own, foreign := dana.addServiceAccount("Robot", "admin"), ben.addServiceAccount("Other robot", "admin")
		retired := dana.addServiceAccount("Retired", "admin")
		dana.want(dana.post(retired, fields("role", "admin", "active", "false")), http.StatusSeeOther)
		nonce := 0
		add := func(c *client, path string) answer {
			nonce++
			form := keyForm("k", strings.Repeat("n", nonce))
			form.Set("owner", strings.TrimPrefix(path, "/settings/members/"))
			return c.post("/settings/api-keys", form)
		}
		sam.want(add(sam, own), http.StatusForbidden, "Your role does not let you add keys of others.")
		sam.want(add(sam, dana.memberPath("Dana Okafor")), http.StatusForbidden)
		for _, path := range []string{foreign, retired, dana.memberPath("Sam"), "svc_06h0e91v5kuis4idthv0", "x"} {
			dana.want(add(dana, path), http.StatusUnprocessableEntity, "Choose an active service account of this workspace.")
		}
		key := dana.keyIn(dana.want(add(dana, own), http.StatusCreated))
		if role := s.verify(t, key).header.Get("X-Keylodge-Role"); role != "admin" {
			t.Errorf("the key is %q’s", role)
		}
		dana.want(dana.post("/settings/service-accounts", fields("name", "King", "role", "owner")), http.StatusUnprocessableEntity, "can’t be an owner")
		dana.want(dana.post(own, fields("role", "owner", "active", "true")), http.StatusUnprocessableEntity, "can’t be an owner")
		for _, id := range []string{strings.TrimPrefix(own, "/settings/members/")} { // nobody signs in as one
			s.fails(t, "", "nobody has the address", "user", "reset-link", "--email", id)
			dana.want(s.newClient(t).at("acme").post("/sign-in", fields("email", id, "password", danaPassword)), http.StatusUnprocessableEntity)
		}
		made := s.keylodge(t, "key", "create", "--workspace", "acme", "--owner", strings.TrimPrefix(own, "/settings/members/"), "--name", "CLI")
		if s.verify(t, strings.TrimSpace(made)).status != http.StatusNoContent {
			t.Error("a service account's key of the command line is refused")
		}
	})
}
