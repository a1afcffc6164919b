package workspace

import "time"

// User is a person's account, which may be a member of several workspaces, or a
// service account of one.
type User struct {
	ID           string
	Service      bool   // a service account: it owns keys, and nobody signs in as it
	Email        string // folded, see FoldEmail; unique; empty for a service account
	Name         string
	PasswordHash string // Argon2id in PHC string format; empty until a password is set
	CreatedAt    time.Time
	ConfirmedAt  time.Time // when the email was proven to be theirs; zero: never

	// CredentialVersion counts the changes of how the person signs in. What was
	// verified under an older version proves nothing.
	CredentialVersion int64
}

// Member is a user in a workspace. A key has the access of the member who owns
// it, looked up at each check.
type Member struct {
	WorkspaceID string
	UserID      string
	Service     bool // the user is a service account
	Role        Role
	Active      bool // false: may not sign in here, and their keys are refused
	CreatedAt   time.Time
	Name        string // the user's
	Email       string // the user's
}

// DisplayName returns the name or, without one, the email.
func (m Member) DisplayName() string {
	if m.Name == "" {
		return m.Email
	}
	return m.Name
}
