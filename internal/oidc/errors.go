package oidc

import (
	"errors"
	"fmt"

	coreos "github.com/coreos/go-oidc/v3/oidc"

	"github.com/keylodge/keylodge/internal/publicnet"
	"github.com/keylodge/keylodge/internal/workspace"
)

// untrusted returns the error for a wrong response of a provider. The cause is
// for the log, and never text of the provider.
func untrusted(cause string) error {
	return forbidden("The identity provider’s answer can’t be trusted, so nobody was signed in. "+
		"Try again; if it happens again, tell whoever runs your workspace.", errors.New(cause))
}

// Refusal is an error code of a provider. It is the cause of a
// [workspace.Error].
type Refusal struct {
	At   string // "callback" or "token endpoint"
	Code string // at most 40 lower-case letters, digits and underscores, or a text of ours
}

// Error returns the refusal for the log.
func (r Refusal) Error() string { return r.At + ": " + r.Code }

// refused returns the error for a provider that did not sign the person in.
func refused(r Refusal) error {
	return forbidden(fmt.Sprintf("The identity provider refused to sign you in: %s. "+
		"Try again, or tell an admin of your workspace.", r.Code), r)
}

// refusedUs returns the error for a provider that refused a request of ours.
func refusedUs(r Refusal) error {
	return forbidden(fmt.Sprintf("The identity provider refused Keylodge’s request: %s. "+
		"Try again; if it happens again, tell an admin of your workspace.", r.Code), r)
}

// elsewhere returns the error for a browser that did not begin the sign-in.
func elsewhere(cause string) error {
	return forbidden("This sign-in was begun in another browser, or too long ago. Start again from the sign-in page.",
		errors.New(cause))
}

func forbidden(message string, cause error) error {
	return &workspace.Error{Kind: workspace.Forbidden, Message: message, Cause: cause}
}

// askingError returns the error for a request that failed. It contains of err
// only what [reason] allows.
func askingError(endpoint string, err error) error {
	cause := fmt.Errorf("%s: the provider %w", endpoint, reason(err))
	if isUnreachable(err) {
		return unavailable(cause)
	}
	return untrusted(cause.Error())
}

func unavailable(cause error) error {
	return &workspace.Error{
		Kind: workspace.Unavailable, Cause: cause,
		Message: "The identity provider can’t be reached right now. Try again in a moment.",
	}
}

// setupError says why a provider can't be used.
type setupError struct {
	says        string // a sentence for the admin who sets the provider up
	unreachable bool
	cause       error
}

// Error returns the sentence.
func (e *setupError) Error() string { return e.says }

// discoveryError says why a provider's metadata could not be fetched.
func discoveryError(err error) *setupError {
	cause := fmt.Errorf("discovery: the provider %w", reason(err))
	if _, ok := errors.AsType[*coreos.IssuerMismatchError](err); ok {
		return &setupError{cause: errors.New("discovery: the provider names another issuer"),
			says: "The provider gives itself another name. Type its issuer exactly as its metadata has it, " +
				"with or without the slash at the end."}
	}
	if errors.Is(err, publicnet.ErrRefused) {
		return &setupError{unreachable: true, cause: cause, says: "The provider is on this machine or on a private " +
			"network. Start Keylodge with --local-issuers to allow that."}
	}
	if isUnreachable(err) {
		return &setupError{unreachable: true, cause: cause,
			says: "The provider can’t be reached. Check the issuer, " +
				"and whether this server may reach it."}
	}
	return &setupError{cause: cause, says: "There is no OpenID Connect provider at this address. Check the issuer."}
}

// formError returns a failed setup as an error of the admin's form.
func formError(err error) error {
	if e, ok := errors.AsType[*setupError](err); ok {
		return wrongField("issuer", e.says, e.cause)
	}
	return err
}

func wrongField(name, says string, cause error) error {
	return &workspace.Error{
		Kind: workspace.Invalid, Message: "Some of this needs another look.", Fields: workspace.Fields{name: says},
		Cause: cause,
	}
}

// personError returns a failed setup as an error for the person who signs in.
func personError(err error) error {
	e, ok := errors.AsType[*setupError](err)
	if ok && e.unreachable {
		return unavailable(e.cause)
	}
	if ok && e.cause == nil {
		return untrusted("discovery: " + e.says)
	}
	return untrusted(fmt.Sprintf("%v %v", e.cause, e.says))
}
