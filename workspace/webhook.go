package workspace

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// Webhook is where a workspace has its own programs told of its keys.
type Webhook struct {
	URL       string
	Secret    string // whsec_ and 32 bytes in base64, which messages are signed with
	CreatedAt time.Time
}

// Hook is a message to a program, as Standard Webhooks 1.0 has it (https://www.standardwebhooks.com).
type Hook struct {
	ID, URL, Secret string
	Body            []byte // a JSON object with type, timestamp and data
}

// HookSecretPrefix begins the secrets that messages are signed with.
const HookSecretPrefix = "whsec_"

// The types of message.
const (
	HookExpiring = "key.expiring"
	HookLeaked   = "key.leaked"
)

const maxWebhookURL = 500

// Webhook returns that of the actor's workspace without its secret, and the zero Webhook when there is none.
func (s *Service) Webhook(ctx context.Context, actor Actor) (Webhook, error) {
	if _, err := authorize(ctx, s.store, actor, ManagePolicies); err != nil {
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

// SetWebhook has the programs of the actor's workspace told at an address, and returns the secret that messages are signed with, which can't be
// had again. An empty address ends it. The field of the error is webhook.
func (s *Service) SetWebhook(ctx context.Context, actor Actor, address string) (secret string, err error) {
	address = strings.TrimSpace(address)
	action := WebhookSet
	if address == "" {
		action = WebhookRemoved
	}
	err = s.manage(ctx, actor, ManagePolicies, action, func(tx Tx, _ authority, e *Event) error {
		e.TargetID = actor.WorkspaceID
		if address == "" {
			return changedOr(tx.DeleteWebhook(ctx, actor.WorkspaceID))
		}
		if !IsHTTPS(address, s.privateHooks) || len(address) > maxWebhookURL || len(FindSecrets(address)) > 0 {
			return invalid{"webhook": "Give an address that begins with https://."}.err()
		}
		e.Details = map[string]string{"host": hostOf(address)} // the rest may be a secret
		var random [32]byte
		rand.Read(random[:])
		secret = HookSecretPrefix + base64.StdEncoding.EncodeToString(random[:])
		return tx.PutWebhook(ctx, actor.WorkspaceID, Webhook{URL: address, Secret: secret, CreatedAt: s.clock()})
	})
	return secret, err
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// hookKey is a key in a message.
type hookKey struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Hint      string     `json:"hint"`
	OwnerID   string     `json:"owner_id"`
	ExpiresAt *time.Time `json:"expires_at"` // null: never
	RevokedAt *time.Time `json:"revoked_at"` // null: not
	URL       string     `json:"url"`        // of its page
}

func hookKeyOf(k Key, link string) hookKey {
	h := hookKey{ID: k.ID, Name: k.Name, Hint: k.Hint, OwnerID: k.OwnerID, URL: link}
	if !k.ExpiresAt.IsZero() {
		h.ExpiresAt = &k.ExpiresAt
	}
	if !k.RevokedAt.IsZero() {
		h.RevokedAt = &k.RevokedAt
	}
	return h
}

// tellPrograms sends a message to a workspace's webhook, if it has one.
func (s *Service) tellPrograms(ctx context.Context, workspaceID, kind string, data any) error {
	if s.hook == nil {
		return nil
	}
	w, err := s.webhook(ctx, workspaceID)
	if err != nil || w.URL == "" {
		return err
	}
	now := s.clock()
	body, err := json.Marshal(struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      any       `json:"data"`
	}{kind, now, data})
	if err != nil {
		return err
	}
	s.hook(Hook{ID: newID(hookIDPrefix, now), URL: w.URL, Secret: w.Secret, Body: body})
	return nil
}
