package workspace

import (
	"context"
	"net/netip"

	"github.com/keylodge/keylodge/internal/password"
	"github.com/keylodge/keylodge/internal/secret"
)

// NewResetLink returns the token of a link that sets a person's password once,
// for the operator. Links made before it are dead.
func (s *Service) NewResetLink(ctx context.Context, email string) (string, error) {
	user, err := s.store.User(ctx, UserLookup{Email: FoldEmail(email)})
	if err != nil {
		return "", err
	}
	var token string
	err = s.act(ctx, Operator, noPermission, func(tx Tx, a *act) error {
		a.record(ActionResetLinkMade, user.ID, nil)
		if err := tx.HoldCredentials(ctx, user.ID, user.CredentialVersion); err != nil {
			return err // the address may be another one by now
		}
		token, err = s.putToken(ctx, tx, OneTimeToken{Purpose: PurposePasswordReset, UserID: user.ID},
			ResetLinkLifetime)
		return err
	})
	return token, err
}

var errResetLink = &Error{Kind: Gone,
	Message: "This link has been used, has been replaced, or is more than a day old. " +
		"Ask whoever runs Keylodge for a new one."}

// ResetLink returns what a link that sets a password would do. A dead link is
// an [Error] of kind Gone.
func (s *Service) ResetLink(ctx context.Context, token string) (EmailLink, error) {
	user, err := s.resetLinkUser(ctx, token)
	if err != nil {
		return EmailLink{}, err
	}
	return s.emailLink(ctx, user, user.Email)
}

func (s *Service) resetLinkUser(ctx context.Context, token string) (User, error) {
	t, err := s.liveToken(ctx, PurposePasswordReset, token, errResetLink)
	if err != nil {
		return User{}, err
	}
	return s.store.User(ctx, UserLookup{ID: t.UserID})
}

// ResetPassword uses the link up, sets the password, ends all of the person's
// sessions and deletes their one-time tokens. The link has proven the email:
// see [Service.confirmEmail]. A password that is refused leaves the link as
// it was.
func (s *Service) ResetPassword(ctx context.Context, actor Actor, token, newPassword string) error {
	user, err := s.resetLinkUser(ctx, token)
	if err != nil {
		return err
	}
	wrong := invalid{}
	wrong.add("password", password.Check(newPassword, user.Name, user.Email))
	if err := wrong.err(); err != nil {
		return err
	}
	hash, err := s.hashPassword(ctx, newPassword)
	if err != nil {
		return err
	}
	return s.alterCredentials(ctx, actor, user.ID, func(tx Tx, a *act) error {
		if _, err := tx.UseOneTimeToken(ctx, PurposePasswordReset, secret.DigestOf(token)); err != nil {
			return whenNotFound(err, errResetLink)
		}
		details, err := s.confirmEmail(ctx, tx, user, secret.Digest{})
		if err != nil {
			return err
		}
		a.record(ActionPasswordSet, user.ID, details)
		if err := tx.UpdateUser(ctx, user.ID, UserUpdate{PasswordHash: hash}); err != nil {
			return err
		}
		return tx.DeleteSessions(ctx, SessionFilter{UserID: user.ID})
	})
}

// MailResetLink sends a link that sets their password to the user with an
// email, if there is one. Whether there is takes no time that could be
// measured, and changes nothing in the answer: a message is written for any
// email, and who it is for is looked up when it is sent.
func (s *Service) MailResetLink(ctx context.Context, actor Actor, email string) error {
	clean, message := cleanEmail(email)
	if message != "" {
		return invalid{"email": message}.err()
	}
	if !s.SendsMail() {
		return &Error{Kind: Forbidden,
			Message: "Keylodge sends no e-mail here. Ask whoever runs it for a link to set your password."}
	}
	ip, _ := netip.ParseAddr(actor.IP)
	from := throttleSubject{name: "reset-from:" + ClientNetwork(ip), freeTries: freeTriesClient}
	if err := s.countMail(ctx, mailsTo("reset", clean), from); err != nil {
		return err
	}
	return s.sweep(ctx, func(tx Tx) error {
		m := Message{Kind: MessageReset, To: clean, Deadline: s.clock().Add(ResetLinkLifetime)}
		return s.mailLink(ctx, tx, actor, m, linkPayload{})
	})
}
