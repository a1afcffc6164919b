// Package passkey is a relying party of WebAuthn (W3C Web Authentication, level
// 3): it makes the options of a ceremony for the browser, and verifies what the
// authenticator signed. It stores nothing.
package passkey

import (
	"bytes"
	"encoding/json"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Site is the relying party.
type Site struct {
	ID     string // the relying party's id: the host that passkeys are bound to
	Origin string // of the pages that ask for them
	Name   string // for people
}

// Ceremony is the first half of a registration or sign-in.
type Ceremony struct {
	Options []byte // JSON, for the browser
	Memory  string // for the second half; the server keeps it
}

// Register begins the registration of a passkey, on an authenticator that has
// none of the known ones. The passkey is discoverable and requires user
// verification: alone it is as good as a password and a second factor.
func (s Site) Register(m workspace.Member, known []workspace.Passkey) (Ceremony, error) {
	rp, err := s.relyingParty()
	if err != nil {
		return Ceremony{}, err
	}
	owner, err := ownerOf(m, known)
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := rp.BeginRegistration(owner,
		webauthn.WithExclusions(webauthn.Credentials(owner.credentials).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, err
	}
	return ceremony(options.Response, session)
}

// Registered returns the passkey that an authenticator registered, and a
// [workspace.Error] of kind Invalid when the response can't be trusted.
func (s Site) Registered(m workspace.Member, memory, response string) (workspace.Passkey, error) {
	rp, session, err := s.second(memory)
	if err != nil {
		return workspace.Passkey{}, err
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes([]byte(response))
	if err != nil {
		return workspace.Passkey{}, refused(err)
	}
	credential, err := rp.CreateCredential(owner{member: m}, session, answer)
	if err != nil {
		return workspace.Passkey{}, refused(err)
	}
	data, err := json.Marshal(credential)
	return workspace.Passkey{UserID: m.UserID, Credential: credential.ID, Site: s.ID, Data: string(data)}, err
}

// Ask begins a sign-in with any passkey that the browser offers.
func (s Site) Ask() (Ceremony, error) {
	rp, err := s.relyingParty()
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return ceremony(options.Response, session)
}

// Answered returns the passkey that signed, with its new counter. It finds the
// passkey by its credential id with find. The error is a [workspace.Error] of
// kind Invalid when the response can't be trusted, or when the counter went
// back.
func (s Site) Answered(memory, response string, find func(credential []byte) (workspace.Passkey,
	error)) (workspace.Passkey, error) {
	rp, session, err := s.second(memory)
	if err != nil {
		return workspace.Passkey{}, err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes([]byte(response))
	if err != nil {
		return workspace.Passkey{}, refused(err)
	}
	used, err := find(answer.RawID)
	if err != nil || used.Site != s.ID {
		return workspace.Passkey{}, refused(err)
	}
	credential, err := rp.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		if !bytes.Equal(handle, []byte(used.UserID)) {
			return nil, refused(nil)
		}
		return ownerOf(workspace.Member{UserID: used.UserID}, []workspace.Passkey{used})
	}, session, answer)
	if err != nil || credential.Authenticator.CloneWarning {
		return workspace.Passkey{}, refused(err)
	}
	data, err := json.Marshal(credential)
	used.Data = string(data)
	return used, err
}

func refused(cause error) error {
	return &workspace.Error{
		Kind: workspace.Invalid, Message: "This passkey was not accepted. Try again, or sign in in another way.",
		Cause:  cause,
		Fields: workspace.Fields{"passkey": "This passkey was not accepted. Try again, or sign in another way."},
	}
}

func (s Site) relyingParty() (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{
		RPID: s.ID, RPDisplayName: s.Name, RPOrigins: []string{s.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
	})
}

func ceremony(options any, session *webauthn.SessionData) (Ceremony, error) {
	public, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	memory, err := json.Marshal(session)
	return Ceremony{Options: public, Memory: string(memory)}, err
}

func (s Site) second(memory string) (*webauthn.WebAuthn, webauthn.SessionData, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(memory), &session); err != nil {
		return nil, session, err
	}
	rp, err := s.relyingParty()
	return rp, session, err
}

// owner is a member with passkeys, as the library's user.
type owner struct {
	member      workspace.Member
	credentials []webauthn.Credential
}

func ownerOf(m workspace.Member, passkeys []workspace.Passkey) (o owner, err error) {
	o.member = m
	for _, p := range passkeys {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(p.Data), &c); err != nil {
			return o, err
		}
		o.credentials = append(o.credentials, c)
	}
	return o, nil
}

// WebAuthnID implements [webauthn.User].
func (o owner) WebAuthnID() []byte { return []byte(o.member.UserID) }

// WebAuthnName implements [webauthn.User].
func (o owner) WebAuthnName() string { return o.member.Email }

// WebAuthnDisplayName implements [webauthn.User].
func (o owner) WebAuthnDisplayName() string { return o.member.DisplayName() }

// WebAuthnCredentials implements [webauthn.User].
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }
