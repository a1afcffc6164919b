package e2e

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

// choose picks an option of the list with a label, as a keyboard does.
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

// TestServiceAccounts adds a service account, gives it a key, removes a member
// and hands over their key.
func TestServiceAccounts(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.setUp(t)
	s.addSam(t, "admin")
	sam := s.signIn(t, samEmail, samPassword)
	kept := sam.addKey("Nightly build")
	s.verify(t, kept)
	p := s.openSignedIn(t, desktop)
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
	p.step(5, "remove a member")
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
	p.step(6, "service account")
	p.click("Save")
	p.see("Delivery is deactivated: its keys are refused.")
	for _, key := range []string{kept, deploys} {
		if a := s.verify(t, key); a.status != http.StatusUnauthorized {
			t.Errorf("a key of a deactivated service account gets %d", a.status)
		}
	}
}
