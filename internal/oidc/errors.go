package oidc

import (
	"errors"
	"fmt"

	coreos "github.com/coreos/go-oidc/v3/oidc"

	"github.com/keylodge/keylodge/internal/publicnet"
	"github.com/keylodge/keylodge/internal/workspace"
)

// untrusted is the error for whatever a provider said wrong. The cause is for
// the log, and always words of ours.
func untrusted(cause string) error {
	return forbidden("The identity provider’s answer can’t be trusted, so nobody was signed in. "+
		"Try again; if it happens again, tell whoever runs your workspace.", errors.New(cause))
}

// Refusal is an error that a provider answered with. It is the cause of a
// [workspace.Error].
type Refusal struct {
	At   string // "callback" or "token endpoint"
	Code string // at most 40 bytes of lower-case letters, digits and underscores, or words of ours
}

// Error returns what the log has of it.
func (r Refusal) Error() string { return r.At + ": " + r.Code }

// refused is the error for a provider that would not sign somebody in.
func refused(r Refusal) error {
	return forbidden(fmt.Sprintf("The identity provider refused to sign you in: %s. "+
		"Try again, or tell an admin of your workspace.", r.Code), r)
}

// refusedUs is the error for a provider that would not answer Keylodge.
func refusedUs(r Refusal) error {
	return forbidden(fmt.Sprintf("The identity provider refused Keylodge’s request: %s. "+
		"Try again; if it happens again, tell an admin of your workspace.", r.Code), r)
}

// elsewhere is the error for a browser that brings back what we never gave to
// it.
func elsewhere(cause string) error {
	return forbidden("This sign-in was begun in another browser, or too long ago. Start again from the sign-in page.", errors.New(cause))
}

func forbidden(message string, cause error) error {
	return &workspace.Error{Kind: workspace.Forbidden, Message: message, Cause: cause}
}

// askingError is the error for a question that was not answered, or not well.
// It keeps of err what [reason] allows.
func askingError(question string, err error) error {
	cause := fmt.Errorf("%s: the provider %w", question, reason(err))
	if isUnreachable(err) {
		return unavailable(cause)
	}
	return untrusted(cause.Error())
}

func unavailable(cause error) error {
	return &workspace.Error{
		Kind: workspace.Unavailable, Message: "The identity provider can’t be reached right now. Try again in a moment.", Cause: cause,
	}
}

// setupError is why a provider can't be used.
type setupError struct {
	says        string // a whole sentence for who sets the provider up
	unreachable bool
	cause       error
}

// Error returns the sentence.
func (e *setupError) Error() string { return e.says }

// discoveryError says why a provider's metadata could not be had.
func discoveryError(err error) *setupError {
	cause := fmt.Errorf("discovery: the provider %w", reason(err))
	if _, ok := errors.AsType[*coreos.IssuerMismatchError](err); ok {
		return &setupError{cause: errors.New("discovery: the provider names another issuer"),
			says: "The provider gives itself another name. Type its issuer exactly as its metadata has it, with or without the slash at the end."}
	}
	if errors.Is(err, publicnet.ErrRefused) {
		return &setupError{unreachable: true, cause: cause, says: "The provider is on this machine or on a private " +
			"network. Start Keylodge with --local-issuers to allow that."}
	}
	if isUnreachable(err) {
		return &setupError{unreachable: true, cause: cause, says: "The provider can’t be reached. Check the issuer, and whether this server may reach it."}
	}
	return &setupError{cause: cause, says: "There is no OpenID Connect provider at this address. Check the issuer."}
}

// formError is what a failed setup is for who sets it up.
func formError(err error) error {
	if e, ok := errors.AsType[*setupError](err); ok {
		return wrongField("issuer", e.says, e.cause)
	}
	return err
}

func wrongField(name, says string, cause error) error {
	return &workspace.Error{
		Kind: workspace.Invalid, Message: "Some of this needs another look.", Fields: workspace.Fields{name: says}, Cause: cause,
	}
}

// personError is what a failed setup is for who signs in.
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
