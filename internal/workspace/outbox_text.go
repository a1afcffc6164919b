package workspace

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/keylodge/keylodge/internal/secret"
)

// textPayload is an email whose text is in its row.
type textPayload struct{ Subject, Text string }

// linkPayload is what the text of an email with a link is made of, beside what
// its row says.
type linkPayload struct {
	Slug       string // of the host at which it was asked for; empty: the base host
	IP         string // of the client that asked for it
	RequestID  string
	Invitation string `json:",omitempty"` // its id
	NewEmail   string `json:",omitempty"` // that a user asked to have
}

// PrepareMessage makes a claimed message ready to be sent. A link's token is
// made here again for each attempt, so that only its digest is ever stored.
// Tokens of earlier attempts stay good as long as they would have: such an
// email may have arrived all the same. It returns [ErrNotFound] when there is
// nothing to say any more; then the message is to be deleted.
func (s *Service) PrepareMessage(ctx context.Context, m Message) (out Outgoing, err error) {
	out.Message = m
	if m.Kind == MessageEvent {
		out.Hook, err = s.prepareHook(ctx, m)
		return out, err
	}
	if m.Kind == MessageText {
		var text textPayload
		err := json.Unmarshal([]byte(m.Payload), &text)
		out.Mail = Mail{To: m.To, Subject: text.Subject, Text: text.Text}
		return out, err
	}
	var p linkPayload
	if err := json.Unmarshal([]byte(m.Payload), &p); err != nil {
		return out, err
	}
	if p.Slug != "" { // the workspace may have moved since
		w, err := s.store.Workspace(ctx, WorkspaceLookup{ID: m.WorkspaceID})
		if err != nil {
			return out, err
		}
		p.Slug = w.Slug
	}
	switch m.Kind {
	case MessageReset:
		out.Mail, err = s.prepareReset(ctx, m, p)
	case MessageEmail:
		out.Mail, err = s.prepareEmail(ctx, m, p)
	case MessageCancelEmail:
		out.Mail, err = s.prepareCancelEmail(ctx, m, p)
	case MessageInvitation:
		out.Mail, err = s.prepareInvitation(ctx, m, p)
	default:
		err = fmt.Errorf("workspace: unknown kind of message %q", m.Kind)
	}
	out.Mail.To = m.To
	return out, err
}

func (s *Service) prepareHook(ctx context.Context, m Message) (Hook, error) {
	w, err := s.store.Webhook(ctx, m.WorkspaceID)
	if err == nil && !w.OffAt.IsZero() {
		err = ErrNotFound
	}
	return Hook{ID: m.ID, URL: w.URL, Secret: w.Secret, Body: []byte(m.Payload)}, err
}

func (s *Service) prepareReset(ctx context.Context, m Message, p linkPayload) (Mail, error) {
	user, err := s.store.User(ctx, UserLookup{Email: m.To})
	if err != nil {
		return Mail{}, err
	}
	actor := Actor{Kind: ActorStranger, WorkspaceID: m.WorkspaceID, IP: p.IP, RequestID: p.RequestID}
	var token string
	err = s.act(ctx, actor, noPermission, func(tx Tx, a *act) error {
		a.record(ActionResetLinkMade, user.ID, nil)
		if err := tx.HoldCredentials(ctx, user.ID, user.CredentialVersion); err != nil {
			return err // the address may be another one by now
		}
		token, err = s.mintToken(ctx, tx, m, OneTimeToken{Purpose: PurposePasswordReset, UserID: user.ID,
			ExpiresAt: s.clock().Add(ResetLinkLifetime)})
		return err
	})
	if err != nil {
		return Mail{}, err
	}
	more, err := s.removalWarning(ctx, user, "setting a password")
	return Mail{Subject: "Set your password", Text: fmt.Sprintf(
		"Someone, probably you, asked for a link to set your password.\n\nOpen it to choose one. It works once, "+
			"within a day:\n%s\n\n%sIf it was not you, ignore this email: your password stays as it is.\n",
		s.links.Token(p.Slug, PurposePasswordReset, token), more)}, err
}

func (s *Service) prepareEmail(ctx context.Context, m Message, p linkPayload) (Mail, error) {
	token, err := s.mint(ctx, m, OneTimeToken{Purpose: PurposeEmail, UserID: m.UserID,
		ExpiresAt: m.CreatedAt.Add(emailChangeLifetime), Data: m.To})
	if err != nil {
		return Mail{}, err
	}
	user, err := s.store.User(ctx, UserLookup{ID: m.UserID})
	if err != nil {
		return Mail{}, err
	}
	more, err := s.removalWarning(ctx, user, "confirming one")
	return Mail{Subject: "Confirm your address", Text: fmt.Sprintf(
		"Open this link to sign in with this address from now on. It works once, within a day:\n%s\n\n%sIf you "+
			"did not ask for it, ignore this email.\n",
		s.links.Token(p.Slug, PurposeEmail, token), more)}, err
}

// removalWarning is the paragraph that says that a link removes sign-in
// methods of the user's, or "".
func (s *Service) removalWarning(ctx context.Context, user User, does string) (string, error) {
	removes, err := removesMethods(ctx, s.store, user)
	if err != nil || !removes {
		return "", err
	}
	return "Your email address was never confirmed, so " + does + " also removes the passkeys, authenticator app and " +
		"identity providers of your account. Add yours again afterwards.\n\n", nil
}

func (s *Service) prepareCancelEmail(ctx context.Context, m Message, p linkPayload) (Mail, error) {
	token, err := s.mint(ctx, m, OneTimeToken{Purpose: PurposeCancelEmail, UserID: m.UserID,
		ExpiresAt: m.CreatedAt.Add(emailChangeLifetime), Data: p.NewEmail})
	return Mail{Subject: "A change of your email address was requested", Text: fmt.Sprintf(
		"You asked to sign in as %s instead of with this address. The change takes effect when the link that was "+
			"sent there is opened.\n\n"+
			"If it was not you, cancel the change here, then set a new password:\n%s\n", p.NewEmail,
		s.links.Token(p.Slug, PurposeCancelEmail, token))}, err
}

func (s *Service) prepareInvitation(ctx context.Context, m Message, p linkPayload) (Mail, error) {
	i, err := s.store.Invitation(ctx, InvitationLookup{WorkspaceID: m.WorkspaceID, ID: p.Invitation})
	if err == nil && !s.clock().Before(i.ExpiresAt) {
		err = ErrNotFound
	}
	if err != nil {
		return Mail{}, err
	}
	w, err := s.store.Workspace(ctx, WorkspaceLookup{ID: m.WorkspaceID})
	if err != nil {
		return Mail{}, err
	}
	by := w.Name
	if inviter, err := s.store.Member(ctx, m.WorkspaceID, i.InvitedBy); err == nil {
		by = inviter.DisplayName()
	} else if KindOf(err) != NotFound {
		return Mail{}, err
	}
	token, err := s.mint(ctx, m, OneTimeToken{Purpose: PurposeInvitation, ExpiresAt: i.ExpiresAt, Data: i.ID})
	return Mail{Subject: "Join " + w.Name, Text: fmt.Sprintf(
		"%s invites you to %s, as %s.\n\nOpen this link to join. It works once, within a week:\n%s\n\nIf "+
			"you were not expecting this invitation, ignore this email.\n",
		by, w.Name, i.Role, s.links.Token(p.Slug, PurposeInvitation, token))}, err
}

func (s *Service) mint(ctx context.Context, m Message, t OneTimeToken) (token string, err error) {
	err = s.sweep(ctx, func(tx Tx) error {
		token, err = s.mintToken(ctx, tx, m, t)
		return err
	})
	return token, err
}

// mintToken makes a token for a message that is still claimed: whatever deletes
// a person's tokens deletes their messages first, so that none is made after
// it.
func (s *Service) mintToken(ctx context.Context, tx Tx, m Message, t OneTimeToken) (string, error) {
	held, err := tx.UpdateMessage(ctx, m)
	if err != nil {
		return "", err
	}
	if !held {
		return "", ErrNotFound
	}
	token := secret.NewToken()
	t.Digest, t.CreatedAt = secret.DigestOf(token), s.clock()
	return token, tx.InsertOneTimeToken(ctx, t)
}

// DropMessage deletes a message that has nothing to say any more.
func (s *Service) DropMessage(ctx context.Context, m Message) error {
	return s.sweep(ctx, func(tx Tx) error {
		held, err := tx.UpdateMessage(ctx, m)
		if err != nil || !held { // another node sends it by now
			return err
		}
		return tx.DeleteMessage(ctx, m.ID)
	})
}
