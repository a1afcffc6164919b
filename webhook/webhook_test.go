package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/outbox"
	"github.com/keylodge/keylodge/workspace"
)

const secretBytes = "0123456789abcdef0123456789abcdef"

var secret = workspace.HookSecretPrefix + base64.StdEncoding.EncodeToString([]byte(secretBytes))

// receiver is the program that is told.
type receiver struct {
	*httptest.Server
	answers []int // to each try; 204 after them
	tries   chan *http.Request
	bodies  chan string
}

func newReceiver(t *testing.T, answers ...int) *receiver {
	r := &receiver{answers: answers, tries: make(chan *http.Request, 10), bodies: make(chan string, 10)}
	n := 0
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.bodies <- string(body)
		status := http.StatusNoContent
		if n < len(r.answers) {
			status = r.answers[n]
		}
		n++
		if status/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		r.tries <- request
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) hook() workspace.Hook {
	return workspace.Hook{ID: "msg_1", URL: r.URL + "/path-that-is-a-secret", Secret: secret, Body: []byte(`{"type":"key.leaked"}`)}
}

// run runs a sender and returns its log, and what ends it and waits until it has.
func run(t *testing.T, box *outbox.Outbox[workspace.Hook]) (log *bytes.Buffer, end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	log = &bytes.Buffer{}
	var running sync.WaitGroup
	running.Go(func() { box.Run(ctx, slog.New(slog.NewTextHandler(log, nil))) })
	end = func() { cancel(); running.Wait() }
	t.Cleanup(end)
	return log, end
}

func TestMessagesAreSigned(t *testing.T) {
	r := newReceiver(t)
	box := New(true)
	log, end := run(t, box)
	box.Queue(r.hook())
	got, body := <-r.tries, <-r.bodies
	stamp, err := strconv.ParseInt(got.Header.Get("Webhook-Timestamp"), 10, 64)
	if err != nil || time.Since(time.Unix(stamp, 0)) > time.Minute || got.Header.Get("Webhook-Id") != "msg_1" || got.Header.Get("Content-Type") != "application/json" || got.Method != http.MethodPost {
		t.Errorf("%v %v", got.Header, err)
	}
	mac := hmac.New(sha256.New, []byte(secretBytes))
	io.WriteString(mac, "msg_1."+got.Header.Get("Webhook-Timestamp")+"."+body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.Header.Get("Webhook-Signature") != want || body != `{"type":"key.leaked"}` {
		t.Errorf("%s is signed with %s, not %s", body, got.Header.Get("Webhook-Signature"), want)
	}
	end()
	if log.Len() > 0 {
		t.Errorf("the log says %s", log)
	}
}

// TestKnownSignature is the example of the specification's own libraries.
func TestKnownSignature(t *testing.T) {
	got, err := sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("%s %v", got, err)
	}
}

func TestTriesAgain(t *testing.T) {
	for name, c := range map[string]struct {
		answers []int
		tries   int
		givenUp bool
	}{
		"it works later":   {[]int{500, 429, 404}, 4, false},
		"it never works":   {[]int{500, 500, 500, 500, 500, 500}, 5, true},
		"it wants no more": {[]int{410}, 1, true},
		"a redirect":       {[]int{302}, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, c.answers...)
			box := New(true)
			box.Waits = []time.Duration{1, 1, 1, 1}
			log, end := run(t, box)
			box.Queue(r.hook())
			for range c.tries {
				if got := <-r.tries; got.URL.Path != "/path-that-is-a-secret" || got.Header.Get("Webhook-Id") != "msg_1" {
					t.Errorf("it was tried at %s with %v", got.URL, got.Header)
				}
			}
			end()
			if text := log.String(); len(r.tries) > 0 || strings.Contains(text, "given up") != c.givenUp || strings.Contains(text, "that-is-a-secret") || strings.Contains(text, secret) {
				t.Errorf("%d tries more; the log says %s", len(r.tries), text)
			}
		})
	}
}

func TestPrivateAddressesAreNotCalled(t *testing.T) {
	r := newReceiver(t)
	box := New(false)
	log, end := run(t, box)
	box.Queue(r.hook())
	end()
	if text := log.String(); len(r.tries) > 0 || strings.Count(text, "given up") != 1 || strings.Contains(text, "that-is-a-secret") {
		t.Errorf("it was told %d times; the log says %s", len(r.tries), text)
	}
}
