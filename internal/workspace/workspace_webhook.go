package workspace

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Webhook is the URL to which events about a workspace's keys are sent.
type Webhook struct {
	URL       string
	Secret    string // whsec_ and 32 bytes in base64, which messages are signed with
	CreatedAt time.Time

	Failures    int       // in a row
	PausedUntil time.Time // after failures; zero: not paused
	OffAt       time.Time // when it answered 410 Gone; zero: it is on
}

// Hook is a webhook message according to Standard Webhooks 1.0
// (https://www.standardwebhooks.com).
type Hook struct {
	ID, URL, Secret string
	Body            []byte // a JSON object with type, timestamp and data
}

// HookSecretPrefix is the prefix of the secrets that messages are signed with.
const HookSecretPrefix = "whsec_"

// The types of message.
const (
	HookExpiring = "key.expiring"
	HookLeaked   = "key.leaked"
)

const maxWebhookURL = 500

// Webhook returns the webhook of the actor's workspace without its secret, or
// the zero Webhook when there is none.
func (s *Service) Webhook(ctx context.Context, actor Actor) (Webhook, error) {
	if _, err := authorize(ctx, s.store, actor, PermitManagePolicies); err != nil {
		return Webhook{}, err
	}
	w, err := s.webhook(ctx, actor.WorkspaceID)
	w.Secret = ""
	return w, err
}

func (s *Service) webhook(ctx context.Context, workspaceID string) (Webhook, error) {
	w, err := s.store.Webhook(ctx, workspaceID)
	if KindOf(err) == NotFound {
		err = nil
	}
	return w, err
}

// SetWebhook sets the URL of the actor's workspace's webhook, and returns the
// secret that messages are signed with, which is returned only here. An empty
// URL removes the webhook. The field of the error is webhook.
func (s *Service) SetWebhook(ctx context.Context, actor Actor, hookURL string) (signingSecret string, err error) {
	hookURL = strings.TrimSpace(hookURL)
	err = s.act(ctx, actor, PermitManagePolicies, func(tx Tx, a *act) error {
		if hookURL == "" {
			a.record(ActionWebhookRemoved, actor.WorkspaceID, nil)
			return errUnlessChanged(tx.DeleteWebhook(ctx, actor.WorkspaceID))
		}
		if !IsHTTPS(hookURL, s.privateHooks) || len(hookURL) > maxWebhookURL || len(secret.Find(hookURL)) > 0 {
			return invalid{"webhook": "Give an address that begins with https://."}.err()
		}
		details := map[string]string{"host": URLHost(hookURL)} // the rest of the URL may be a secret
		a.record(ActionWebhookSet, actor.WorkspaceID, details)
		var random [32]byte
		rand.Read(random[:])
		signingSecret = HookSecretPrefix + base64.StdEncoding.EncodeToString(random[:])
		return tx.PutWebhook(ctx, actor.WorkspaceID, Webhook{URL: hookURL, Secret: signingSecret, CreatedAt: s.clock()})
	})
	return signingSecret, err
}

// URLHost returns the host of a URL, with its port if it has one.
func URLHost(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Host
}

// hookKey is a key in a message: a part of [KeyJSON], and the URL of its page.
type hookKey struct {
	KeySummary
	Hint      string     `json:"hint"`
	RevokedAt *time.Time `json:"revoked_at"`
	URL       string     `json:"url"`
}

func (s *Service) hookKeyOf(w Workspace, k Key) hookKey {
	j := NewKeyJSON(ListedKey{Key: k}, w.Slug, s.clock())
	j.Owner = OwnerJSON{ID: k.OwnerID}
	return hookKey{KeySummary: j.KeySummary, Hint: j.Hint, RevokedAt: j.RevokedAt, URL: s.links.Key(w, k.ID)}
}

// queueHook queues a message to a workspace's webhook, if it has one that is
// on. It returns false when too many are waiting.
func (s *Service) queueHook(ctx context.Context, tx Tx, workspaceID, kind string, data any) (bool, error) {
	if s.links.Key == nil {
		return true, nil
	}
	w, err := tx.Webhook(ctx, workspaceID)
	if err != nil || !w.OffAt.IsZero() {
		return true, whenNotFound(err, nil)
	}
	body, err := json.Marshal(struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      any       `json:"data"`
	}{kind, s.clock(), data})
	if err != nil {
		return false, err
	}
	return s.enqueue(ctx, tx, Message{
		WorkspaceID: workspaceID, Channel: ChannelWebhook, Kind: MessageEvent, Host: URLHost(w.URL),
		Payload: string(body),
	}, notice)
}
