package oidc

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/keylodge/keylodge/internal/publicnet"
)

// maxAnswer is the longest response of a provider, in bytes.
const maxAnswer = 1 << 20

// wire sends requests to providers. It reads each response whole, so that every
// failure is an error of [http.Client.Do]. A redirect is a failure: a provider
// publishes its metadata at its issuer. It uses no proxy, which would choose
// where to connect.
type wire struct {
	secure http.RoundTripper // for https
	plain  http.RoundTripper // for http; nil: refused
}

// newHTTPClient returns a client that speaks https to public IPs. With local it
// reaches private networks and this machine too, and speaks http to this
// machine.
func newHTTPClient(limit time.Duration, local bool) *http.Client {
	w := wire{secure: transport(publicnet.Dialer(limit, local))}
	if local {
		w.plain = transport(publicnet.Loopback(limit))
	}
	return &http.Client{Transport: w, Timeout: limit}
}

func transport(d *net.Dialer) *http.Transport {
	return &http.Transport{
		DialContext: d.DialContext, ForceAttemptHTTP2: true, MaxIdleConns: 100, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: d.Timeout, MaxResponseHeaderBytes: 64 << 10,
	}
}

// RoundTrip returns a response with a success status, or with a refusal of a
// POST, whose body has the reason.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	base := w.secure
	if r.URL.Scheme != "https" {
		base = w.plain
	}
	if base == nil {
		return nil, errPlain
	}
	answer, err := base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if !isWanted(r.Method, answer.StatusCode) {
		return nil, statusError(answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxAnswer {
		return nil, errTooLong
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

func isWanted(method string, status int) bool {
	success := status >= 200 && status < 300
	refusal := status >= 400 && status < 500 && status != http.StatusTooManyRequests
	return success || refusal && method == http.MethodPost
}

// statusError is a response with another status than success.
type statusError int

// Error returns the status for the log.
func (e statusError) Error() string {
	return fmt.Sprintf("answered with status %d %s", int(e), http.StatusText(int(e)))
}

var (
	errTooLong  = fmt.Errorf("answered with more than %d bytes", maxAnswer)
	errPlain    = errors.New("has a URL without TLS")
	errTooLate  = errors.New("did not answer in time")
	errNonsense = errors.New("sent an invalid response")
)

// isUnreachable reports whether err means that there was no response, or one
// that asks to try again later. Any other error means a wrong response.
func isUnreachable(err error) bool {
	if status, ok := errors.AsType[statusError](err); ok {
		return status >= 500 || status == http.StatusTooManyRequests
	}
	if errors.Is(err, errTooLong) || errors.Is(err, errPlain) {
		return false
	}
	_, asked := errors.AsType[*url.Error](err)
	return asked || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// reason returns the part of an error that may be logged: nothing that a
// provider wrote, since it may repeat what we sent.
func reason(err error) error {
	if failure, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok &&
		failure.Timeout() {
		return errTooLate
	}
	if status, ok := errors.AsType[statusError](err); ok {
		return status
	}
	if failure, ok := errors.AsType[*net.OpError](err); ok {
		return failure
	}
	if failure, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return failure
	}
	for _, plain := range []error{errTooLong, errPlain, context.Canceled} {
		if errors.Is(err, plain) {
			return plain
		}
	}
	return errNonsense
}
