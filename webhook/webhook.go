// Package webhook sends messages to the programs of others, as Standard Webhooks 1.0 has it (https://www.standardwebhooks.com).
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/publicnet"
	"github.com/keylodge/keylodge/outbox"
	"github.com/keylodge/keylodge/workspace"
)

const (
	maxAtOnce = 8
	sendLimit = 15 * time.Second // for one try
	maxAnswer = 4 << 10          // bytes that are read of an answer, so that the connection can be used again
)

// New returns what sends messages. Unless private, it connects to no address of this machine or of a private network, whatever a name resolves to.
// Redirects are not followed. 2xx is success, 410 ends all trying, and everything else is tried again for an hour and a quarter.
func New(private bool) *outbox.Outbox[workspace.Hook] {
	client := &http.Client{
		Timeout:       sendLimit,
		Transport:     &http.Transport{DialContext: publicnet.Dialer(sendLimit, private).DialContext, TLSHandshakeTimeout: sendLimit, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	o := outbox.New[workspace.Hook](maxAtOnce)
	o.Send = func(ctx context.Context, h workspace.Hook) error { return send(ctx, client, h, time.Now()) }
	o.Final = func(err error) bool { return errors.Is(err, errGone) || errors.Is(err, publicnet.ErrRefused) }
	o.About = about
	o.Waits = []time.Duration{5 * time.Second, time.Minute, 10 * time.Minute, time.Hour}
	return o
}

// errGone is the answer of who wants no more.
var errGone = errors.New("it answered 410 Gone")

func send(ctx context.Context, client *http.Client, h workspace.Hook, now time.Time) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(h.Body))
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	signature, err := sign(h.Secret, h.ID, stamp, h.Body)
	if err != nil {
		return err
	}
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"Keylodge"},
		"Webhook-Id": {h.ID}, "Webhook-Timestamp": {stamp}, "Webhook-Signature": {signature},
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	io.CopyN(io.Discard, answer.Body, maxAnswer) // what it says is of no use
	switch {
	case answer.StatusCode == http.StatusGone:
		return errGone
	case answer.StatusCode/100 != 2:
		return fmt.Errorf("it answered %d", answer.StatusCode)
	}
	return nil
}

// sign returns "v1," and the HMAC-SHA256 of id.timestamp.body in base64, with the secret's bytes.
func sign(secret, id, timestamp string, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, workspace.HookSecretPrefix))
	if err != nil {
		return "", errors.New("the secret is not base64")
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// about is what may be logged: the path of an address may be a secret.
func about(h workspace.Hook, err error) []any {
	host := ""
	if u, parseErr := url.Parse(h.URL); parseErr == nil {
		host = u.Host
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok { // which repeats the address
		err = wrapped.Err
	}
	return []any{"webhook", h.ID, "host", host, "error", err}
}
