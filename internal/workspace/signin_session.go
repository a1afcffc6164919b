package workspace

import (
	"github.com/keylodge/keylodge/internal/secret"
	"time"
)

// Session is one signed-in browser in one workspace. The browser holds a random
// token; the row its digest.
type Session struct {
	Digest      secret.Digest // SHA-256 of the token
	WorkspaceID string
	UserID      string
	CreatedAt   time.Time // the absolute limit counts from here
	SeenAt      time.Time // the idle limit counts from here; exact to a minute
	ProvenAt    time.Time // when the person last proved who they are; zero: a provider did not say
	Proof       Method    // how they did
	Method      Method
	Address     string
	UserAgent   string

	// CredentialVersion is the person's when the session was read. It is not
	// kept.
	CredentialVersion int64
}

// ID names a session among a person's own. It is made of the token's digest and
// signs nobody in.
func (s Session) ID() string { return sessionIDPrefix + idEncoding.EncodeToString(s.Digest[:15]) }

// withCode returns how the session counts once its person has entered a code
// of an authenticator app in it.
func (s Session) withCode() (method, proof Method) {
	method, proof = s.Method, s.Proof
	if method == MethodPassword {
		method = MethodCode
	}
	if proof == MethodPassword || proof == MethodProvider {
		proof = MethodCode
	}
	return method, proof
}

// SessionPolicy is how long a session lasts.
type SessionPolicy struct {
	Idle     time.Duration // without a request
	Absolute time.Duration // whatever happens
}

// DefaultSessionPolicy is 30 minutes idle and 8 hours in all.
var DefaultSessionPolicy = SessionPolicy{Idle: 30 * time.Minute, Absolute: 8 * time.Hour}

// Live says whether the session is within both limits at now.
func (p SessionPolicy) Live(s Session, now time.Time) bool {
	return now.Before(s.SeenAt.Add(p.Idle)) && now.Before(s.CreatedAt.Add(p.Absolute))
}
