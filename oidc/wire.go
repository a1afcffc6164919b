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
)

// maxAnswer is how many bytes a provider may answer with.
const maxAnswer = 1 << 20

// wire is how questions reach a provider. Each answer is read whole before anybody sees it, so whatever goes wrong on the
// way is an error of [http.Client.Do]. A redirect is one: what a provider publishes is at the address it gave.
type wire struct{ base http.RoundTripper }

func newHTTPClient(limit time.Duration) *http.Client {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxResponseHeaderBytes = 64 << 10
	return &http.Client{Transport: wire{base}, Timeout: limit}
}

// RoundTrip asks, and returns an answer that is a success, or a refusal of a POST, which says why in its body.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.base.RoundTrip(r)
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

// statusError is an answer with a status that is no success.
type statusError int

// Error returns the status in words for the log.
func (e statusError) Error() string {
	return fmt.Sprintf("answered with status %d %s", int(e), http.StatusText(int(e)))
}

var (
	errTooLong  = fmt.Errorf("answered with more than %d bytes", maxAnswer)
	errTooLate  = errors.New("did not answer in time")
	errNonsense = errors.New("answered what makes no sense")
)

// isUnreachable says whether err means that there was no answer, or one that asks to come back later. Anything else is an
// answer that is wrong.
func isUnreachable(err error) bool {
	if status, ok := errors.AsType[statusError](err); ok {
		return status >= 500 || status == http.StatusTooManyRequests
	}
	if errors.Is(err, errTooLong) {
		return false
	}
	_, asked := errors.AsType[*url.Error](err)
	return asked || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// reason is what the log may hold of an error: nothing that a provider wrote, since that can be what we sent to it.
func reason(err error) error {
	if failure, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && failure.Timeout() {
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
	for _, plain := range []error{errTooLong, context.Canceled} {
		if errors.Is(err, plain) {
			return plain
		}
	}
	return errNonsense
}
