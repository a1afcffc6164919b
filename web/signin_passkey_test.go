package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestPasskeyAnswersThatMustNotWork replays and mixes the requests of sign-ins.
func TestPasskeyAnswersThatMustNotWork(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addBeta(t)
	c := s.newClient(t).at("acme")
	challenge := func() string {
		a := c.post("/sign-in/passkey/options", nil).want(http.StatusOK)
		_, after, _ := strings.Cut(a.body, `"token":"`)
		token, _, _ := strings.Cut(after, `"`)
		s.secret(token)
		return token
	}
	dana := s.signInAt(t, "acme", testOwner)
	for name, response := range map[string]string{"nothing": "", "no JSON": "{", "another JSON": `{"id":"x"}`,
		"long": strings.Repeat("x", 100_000)} {
		t.Run(name, func(t *testing.T) {
			c, dana := c.in(t), dana.in(t)
			token := challenge()
			c.post("/sign-in/passkey", fields("token", token, "response", response)).
				want(http.StatusUnprocessableEntity, "This passkey was not accepted.")
			c.post("/sign-in/passkey", fields("token", token, "response", response)).
				want(http.StatusUnprocessableEntity, "done already")
			c.post("/sign-in/passkey", fields("token", "made up", "response", response)).
				want(http.StatusUnprocessableEntity, "done already")
			dana.post("/account/security/passkeys", fields("token", challenge(), "response", response, "name", "x")).
				want(http.StatusGone)
		})
	}
	for range 110 {
		if c.post("/sign-in/passkey/options", nil).status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("a stranger may begin any number of sign-ins")
}
