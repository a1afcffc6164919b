package oidc

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/oidctest"
	"github.com/keylodge/keylodge/internal/workspace"
)

// An admin of a workspace names an issuer that only this machine can reach.
// Nothing is connected to, and the answer says what allows it.
func TestIssuerOnThisMachineIsNotReached(t *testing.T) {
	l := newListener(t)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		for scheme, says := range map[string]string{"https": "--local-issuers", "http": "https://"} {
			issuer := scheme + "://" + net.JoinHostPort(host, l.port)
			err := NewClient(false).Check(t.Context(), Provider{Issuer: issuer, ClientID: "c"})
			if workspace.KindOf(err) != workspace.Invalid {
				t.Errorf("%s: %v", issuer, err)
			}
			wantMessage(t, err, says)
			_, _, err = NewClient(false).Begin(t.Context(), Provider{Issuer: issuer, ClientID: "c"},
				Ask{RedirectURL: redirectURL})
			if err == nil {
				t.Errorf("%s: a sign-in begins", issuer)
			}
		}
	}
	l.wantNoCalls()
}

// A provider that was allowed, by a flag of before, or whose metadata, kept for
// an hour, names an address on this machine, is asked no more than discovery
// is: all questions go by one client.
func TestNoQuestionReachesThisMachine(t *testing.T) {
	v := newVisit(t)
	v.begin(t)
	k := v.client.known[v.fake.URL()]
	asked := v.fake.Asked(oidctest.TokenPath)
	v.client.http = newHTTPClient(v.client.limit, false)
	k.keys = nil
	if _, err := v.finish(t); err == nil || v.fake.Asked(oidctest.TokenPath) != asked {
		t.Errorf("the token endpoint was asked: %v", err)
	}
	l := newListener(t)
	for _, scheme := range []string{"http://", "https://"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r, err := http.NewRequestWithContext(t.Context(), method, scheme+"127.0.0.1:"+l.port,
				strings.NewReader("a"))
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := newHTTPClient(v.client.limit, false).Do(r); err == nil {
				answer.Body.Close()
				t.Errorf("%s %s is asked", method, scheme)
			}
		}
	}
	l.wantNoCalls()
}

// With the flag http still goes to this machine only, and a redirect to
// nowhere.
func TestLocalIssuersSpeakHTTPToThisMachineOnly(t *testing.T) {
	for _, address := range []string{"http://192.0.2.1", "http://10.0.0.1", "http://example.com"} {
		err := NewClient(true).Check(t.Context(), Provider{Issuer: address, ClientID: "c"})
		wantMessage(t, err, "https://")
	}
	w := newHTTPClient(NewClient(true).limit, true).Transport.(wire)
	if _, err := w.plain.(*http.Transport).DialContext(t.Context(), "tcp", "192.0.2.1:80"); err == nil ||
		!strings.Contains(err.Error(), "the IP is not public") {
		t.Errorf("http to another machine: %v", err)
	}
}

// listener counts connections.
type listener struct {
	*testing.T
	port  string
	calls chan struct{}
}

func newListener(t *testing.T) *listener {
	l := &listener{T: t, calls: make(chan struct{}, 100)}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			l.calls <- struct{}{}
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	_, l.port, _ = net.SplitHostPort(server.Listener.Addr().String())
	return l
}

func (l *listener) wantNoCalls() {
	l.Helper()
	if n := len(l.calls); n > 0 {
		l.Errorf("%d connections were made", n)
	}
}
