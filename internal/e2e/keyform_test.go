package e2e

import (
	"net/http"
	"testing"
)

func TestFormSentManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		answers := make([]answer, 8)
		together(
			len(answers),
			func(i int) { answers[i] = dana.post("/settings/api-keys", keyForm("sent often", "the same nonce")) },
		)
		created := 0
		for _, a := range answers {
			switch a.status {
			case http.StatusCreated:
				created++
				if s.verify(t, dana.keyIn(a)).status != http.StatusNoContent {
					t.Error("the key does not work")
				}
			case http.StatusConflict:
				dana.want(a, http.StatusConflict, "added already", "sent often")
				if keyShape.MatchString(a.body) {
					t.Error("an answer that made no key shows one")
				}
			default:
				t.Errorf("status %d\n%s", a.status, a.text())
			}
		}
		for _, query := range []string{`SELECT COUNT(*) FROM keys`,
			`SELECT COUNT(*) FROM events WHERE action = 'key.added'`} {
			if n := count(t, database, query); n != 1 || created != 1 {
				t.Errorf("%d answers show a key; %s: %d", created, query, n)
			}
		}
	})
}
