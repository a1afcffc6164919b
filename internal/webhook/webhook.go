// Package webhook sends messages to other programs by Standard Webhooks 1.0
// (https://www.standardwebhooks.com).
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/publicnet"
	"github.com/keylodge/keylodge/internal/workspace"
)

// maxAnswer is how many bytes of a response are read, so that the connection
// can be reused.
const maxAnswer = 4 << 10

// Client implements [outbox.Transport].
type Client struct{ http *http.Client }

// New returns a client that connects to public IPs only or, with private, to
// this machine and private networks too, whatever a name resolves to. It
// follows no redirects. 2xx is success.
func New(private bool) *Client {
	return &Client{&http.Client{
		Timeout: workspace.SendLimit,
		Transport: &http.Transport{
			DialContext:         publicnet.Dialer(workspace.SendLimit, private).DialContext,
			TLSHandshakeTimeout: workspace.SendLimit, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
			MaxIdleConns: 100, MaxIdleConnsPerHost: 2, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send posts one message. Its error is a [workspace.SendError].
func (c *Client) Send(ctx context.Context, out workspace.Outgoing) error {
	now := time.Now()
	r, err := request(ctx, out.Hook, now)
	if err != nil {
		return &workspace.SendError{Text: "The webhook can’t be used.", Final: true}
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return unanswered(err)
	}
	defer answer.Body.Close()
	io.CopyN(io.Discard, answer.Body, maxAnswer) // only the status matters
	return answerError(answer, now)
}

func request(ctx context.Context, h workspace.Hook, now time.Time) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(h.Body))
	if err != nil {
		return nil, err
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	signature, err := sign(h.Secret, h.ID, stamp, h.Body)
	if err != nil {
		return nil, err
	}
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"Keylodge"},
		"Webhook-Id": {h.ID}, "Webhook-Timestamp": {stamp}, "Webhook-Signature": {signature},
	}
	return r, nil
}

// answerError returns nil for a response that accepts the message, and how to
// retry for any other.
func answerError(answer *http.Response, now time.Time) error {
	status := answer.StatusCode
	if status/100 == 2 {
		return nil
	}
	e := &workspace.SendError{Text: fmt.Sprintf("The webhook answered %d.", status), Code: status,
		Gone: status == http.StatusGone}
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		e.RetryAfter = retryAfter(answer.Header.Get("Retry-After"), now)
	case http.StatusRequestTimeout, http.StatusTooEarly:
	default:
		e.OnlyThis = status/100 == 4
	}
	return e
}

// retryAfter reads the header: seconds or a date (RFC 9110 section 10.2.3). It
// returns 0 for anything else and for the past.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}

// unanswered says why there was no response. The texts reveal nothing about a
// network that only Keylodge sees.
func unanswered(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok { // it repeats the URL, whose path may be a secret
		err = wrapped.Err
	}
	e := &workspace.SendError{Text: "The webhook can’t be reached.", Cause: err}
	var timeout net.Error
	var noName *net.DNSError
	var badCertificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, publicnet.ErrRefused):
		e.Text, e.Final, e.Cause = "The webhook’s host has no public IP.", true, nil
	case errors.As(err, &noName):
		e.Text = "The webhook’s host is not found."
	case errors.As(err, &badCertificate):
		e.Text = "The webhook’s certificate is not valid."
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Text = "The webhook did not answer in time."
	}
	return e
}

// sign returns "v1," and the HMAC-SHA256 of id.timestamp.body in base64, with
// the secret's bytes.
func sign(secret, id, timestamp string, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, workspace.HookSecretPrefix))
	if err != nil {
		return "", errors.New("the secret is not base64")
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}
