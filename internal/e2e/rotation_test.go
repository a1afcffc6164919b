package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestRotation gives a key a new secret, watches who uses the old one, and
// retires it.
func TestRotation(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			dana := s.setUp(t)
			old := dana.addKey("CI")
			s.verify(t, old)
			p := s.openSignedIn(t, l)
			p.click("CI")
			p.click("Rotate")
			p.see("The key gets a new secret and stays the same key")
			p.step(1, "rotate")
			p.click("7 days")
			p.click("Rotate key")
			p.see("The old one goes on for 7 days.")
			fresh := keyShape.FindString(p.text())
			s.secret(fresh)
			if fresh == old || s.verify(t, fresh).status != http.StatusNoContent || s.verify(t, old).status != http.StatusNoContent {
				t.Error("both secrets should work")
			}
			p.click("I have saved it")
			p.click("CI")
			p.see("The old secret works until")
			p.until("the use to be written", `(() => { if (document.body.innerText.includes("The old secret was used")) return true; location.reload(); return false; })()`)
			p.see("Give the new one to whoever that is.")
			p.step(2, "rotation")
			p.click("Retire it now")
			p.see("The old secret has ended: requests with it fail.")
			if s.verify(t, fresh).status != http.StatusNoContent || s.verify(t, old).status != http.StatusUnauthorized {
				t.Error("only the new secret should work")
			}
		})
	}
}

// TestRevocationIsEvidence revokes a key that is in use, sees who still tries
// it, and undoes it.
func TestRevocationIsEvidence(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			dana := s.setUp(t)
			key := dana.addKey("CI")
			s.verify(t, key)
			p := s.openSignedIn(t, l)
			p.click("Revoke CI")
			p.see("Still in use.")
			p.click("Revoke key")
			p.see("Tick this if its requests may fail.")
			p.step(1, "revoke a key in use")
			if s.verify(t, key).status != http.StatusNoContent {
				t.Error("the key was revoked without the tick")
			}
			p.click("These requests may fail")
			p.click("Revoke key")
			p.see("“CI” is revoked.")
			if s.verify(t, key).status != http.StatusUnauthorized {
				t.Error("a revoked key works")
			}
			p.click("Receipt and undo")
			p.see("Last let through")
			p.until("the try to be written", `(() => { if (document.body.innerText.includes("1 request\n")) return true; location.reload(); return false; })()`)
			p.see("Who still tries it")
			p.step(2, "receipt")
			p.click("Undo the revocation")
			p.see("The revocation is undone")
			if s.verify(t, key).status != http.StatusNoContent {
				t.Error("the key does not work again")
			}
		})
	}
}

// TestRotatingAndUndoing tries what neither may do.
func TestRotatingAndUndoing(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addSam(t, "developer")
		dana, sam := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "acme", samEmail, samPassword)
		first := sam.addKey("Sam’s")
		id := sam.keyID("Sam’s")
		path := "/settings/api-keys/" + id
		dana.want(dana.post(path+"/rotate", fields("overlap", "0")), http.StatusForbidden, "only its owner can rotate it")
		sam.want(sam.post(path+"/rotate", fields("overlap", "1y")), http.StatusUnprocessableEntity, "Choose one of these.")
		sam.want(sam.post(path+"/rotate", fields("overlap", "24h", "from", "first")), http.StatusUnprocessableEntity,
			"This form is incomplete.")
		second := sam.keyIn(sam.want(sam.post(path+"/rotate", fields("overlap", "24h", "from", "0")), http.StatusCreated))
		sam.want(sam.post(path+"/rotate", fields("overlap", "24h", "from", "0")), http.StatusConflict, "was rotated meanwhile")
		sam.want(sam.post(path+"/rotate", fields("overlap", "0", "from", "1")), http.StatusConflict, "A rotation of this key is running")
		sam.want(sam.post("/settings/api-keys/search", fields("q", "found: "+first)), http.StatusSeeOther)
		dana.want(dana.get(path), http.StatusOK, "The old secret works until")
		dana.want(dana.post(path+"/overlap", fields("overlap", "0")), http.StatusSeeOther)
		dana.want(dana.post(path+"/overlap", fields("overlap", "7d")), http.StatusConflict, "has ended already")
		third := sam.keyIn(sam.want(sam.post(path+"/rotate", fields("overlap", "0", "from", "1")), http.StatusCreated))
		for key, want := range map[string]int{first: 401, second: 401, third: 204} {
			if a := s.verify(t, key); a.status != want {
				t.Errorf("a secret gets %d, want %d", a.status, want)
			}
		}
		growOld(t, database)
		if a := sam.post(path+"/rotate", fields("overlap", "0")); !strings.HasPrefix(a.location(), "/confirm") {
			t.Errorf("an old session rotates a key with full access: %d to %q", a.status, a.location())
		}
		sam.want(sam.post(path+"/revoke", nil), http.StatusSeeOther)
		if a := sam.post(path+"/restore", nil); !strings.HasPrefix(a.location(), "/confirm") {
			t.Errorf("an old session undoes a revocation: %d to %q", a.status, a.location())
		}
		sam.want(sam.post("/confirm", fields("password", samPassword, "next", "/")), http.StatusSeeOther)
		sam.want(sam.post(path+"/rotate", fields("overlap", "0")), http.StatusConflict, "is revoked")
		sam.want(sam.post(path+"/restore", nil), http.StatusSeeOther)
		sam.want(sam.post(path+"/revoke", fields("reason", "compromised")), http.StatusSeeOther)
		sam.want(sam.post(path+"/restore", nil), http.StatusConflict, "can no longer be undone")
		sam.want(sam.get(path), http.StatusOK, "may be in the wrong hands")
		dana.want(dana.get("/settings/audit-log?about="+id), http.StatusOK, "rotated a key", "undid the revocation of a key")
	})
}
