package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

const secretBytes = "0123456789abcdef0123456789abcdef"

var secret = workspace.HookSecretPrefix + base64.StdEncoding.EncodeToString([]byte(secretBytes))

// receiver is the program that is told.
type receiver struct {
	*httptest.Server
	tries chan *http.Request
	body  string // of the last
}

func newReceiver(t *testing.T, answer func(http.ResponseWriter)) *receiver {
	r := &receiver{tries: make(chan *http.Request, 10)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.body = string(body)
		r.tries <- request
		answer(w)
	}))
	t.Cleanup(r.Close)
	return r
}

func hookTo(url string) workspace.Outgoing {
	return workspace.Outgoing{Hook: workspace.Hook{ID: "msg_1", URL: url + "/path-that-is-a-secret", Secret: secret,
		Body: []byte(`{"type":"key.leaked"}`)}}
}

func accept(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }

func TestMessagesAreSigned(t *testing.T) {
	r := newReceiver(t, accept)
	if err := New(true).Send(t.Context(), hookTo(r.URL)); err != nil {
		t.Fatal(err)
	}
	got, body := <-r.tries, r.body
	stamp, err := strconv.ParseInt(got.Header.Get("Webhook-Timestamp"), 10, 64)
	if err != nil || time.Since(time.Unix(stamp, 0)) > time.Minute || got.Header.Get("Webhook-Id") != "msg_1" ||
		got.Header.Get("Content-Type") != "application/json" || got.Method != http.MethodPost {
		t.Errorf("%v %v", got.Header, err)
	}
	mac := hmac.New(sha256.New, []byte(secretBytes))
	io.WriteString(mac, "msg_1."+got.Header.Get("Webhook-Timestamp")+"."+body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.Header.Get("Webhook-Signature") != want ||
		body != `{"type":"key.leaked"}` {
		t.Errorf("%s is signed with %s, not %s", body, got.Header.Get("Webhook-Signature"), want)
	}
}

// TestKnownSignature is the example of the specification's own libraries.
func TestKnownSignature(t *testing.T) {
	got, err := sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
		[]byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("%s %v", got, err)
	}
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		retryAfter string
		want       workspace.SendError
	}{
		"wants no more": {410, "", workspace.SendError{Text: "The webhook answered 410.", Code: 410, Gone: true,
			OnlyThis: true}},
		"fails": {500, "60", workspace.SendError{Text: "The webhook answered 500.", Code: 500}},
		"busy": {503, "120", workspace.SendError{Text: "The webhook answered 503.", Code: 503,
			RetryAfter: 2 * time.Minute}},
		"too many": {429, "3", workspace.SendError{Text: "The webhook answered 429.", Code: 429,
			RetryAfter: 3 * time.Second}},
		"never":           {429, "99999999999999", workspace.SendError{Text: "The webhook answered 429.", Code: 429}},
		"a word":          {429, "-5", workspace.SendError{Text: "The webhook answered 429.", Code: 429}},
		"refuses this":    {422, "", workspace.SendError{Text: "The webhook answered 422.", Code: 422, OnlyThis: true}},
		"leads elsewhere": {302, "", workspace.SendError{Text: "The webhook answered 302.", Code: 302}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, func(w http.ResponseWriter) {
				w.Header().Set("Location", "/elsewhere")
				w.Header().Set("Retry-After", c.retryAfter)
				w.WriteHeader(c.status)
			})
			failed, ok := errors.AsType[*workspace.SendError](New(true).Send(t.Context(), hookTo(r.URL)))
			if !ok || *failed != c.want || len(r.tries) != 1 || (<-r.tries).URL.Path != "/path-that-is-a-secret" {
				t.Errorf("%+v", failed)
			}
		})
	}
}

func TestRetryAfterMayBeADate(t *testing.T) {
	now := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"Tue, 24 Nov 2026 18:05:00 GMT": 5 * time.Minute, "Tue, 24 Nov 2026 17:05:00 GMT": 0, "0": 0, "": 0, "soon": 0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// TestPrivateIPsAreNotCalled says nothing of what is there.
func TestPrivateIPsAreNotCalled(t *testing.T) {
	r := newReceiver(t, accept)
	failed, ok := errors.AsType[*workspace.SendError](New(false).Send(t.Context(), hookTo(r.URL)))
	if !ok || !failed.Final || failed.Error() != "The webhook’s host has no public IP." || len(r.tries) > 0 {
		t.Errorf("%+v after %d tries", failed, len(r.tries))
	}
}

// TestFailuresTellNoPath looks at what the log and the page would say.
func TestFailuresTellNoPath(t *testing.T) {
	r := newReceiver(t, accept)
	r.Close()
	for _, url := range []string{r.URL, "http://keys.invalid"} {
		failed, ok := errors.AsType[*workspace.SendError](New(true).Send(t.Context(), hookTo(url)))
		if !ok || failed.Final || strings.Contains(failed.Error(), "secret") ||
			strings.Contains(failed.Text, "127.0.0.1") {
			t.Errorf("%s: %+v", url, failed)
		}
	}
}
