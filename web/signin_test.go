package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestSignInFormRefusesBadInput(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	browser := s.newClient(t)
	for _, c := range []struct{ name, email, password string }{
		{"wrong password", testOwner, "wrong password 1"},
		{"password in capitals", testOwner, strings.ToUpper(testPassword)},
		{"space after the password", testOwner, testPassword + " "},
		{"no password", testOwner, ""},
		{"nobody", "nobody@acme.example", testPassword},
		{"no e-mail", "", testPassword},
		{"NUL", "dana\x00@acme.example", "wrong\x00password"},
		{"not UTF-8", "dana\xff@acme.example", "wrong\xffpassword"},
		{"markup", `"><script>alert(1)</script>`, "wrong password 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := browser.in(t).post("/sign-in", fields("email", c.email, "password", c.password))
			a.want(http.StatusUnprocessableEntity, "The e-mail address or the password is wrong.")
			if c.password != "" && strings.Contains(a.unescaped(), c.password) {
				t.Error("the password comes back")
			}
			if returns(c.email) && c.email != "" && !strings.Contains(a.unescaped(), `value="`+c.email+`"`) {
				t.Errorf("the address that was typed is gone:\n%s", a.body)
			}
			if strings.Contains(a.body, "<script>") || a.header["Set-Cookie"] != nil {
				t.Errorf("%s\n%s", a.header["Set-Cookie"], a.body)
			}
		})
	}
}
