package workspace_test

import (
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// TestChainHash holds the encoding to what another program has computed by its
// description: whoever keeps a head elsewhere must be able to come back to it.
func TestChainHash(t *testing.T) {
	for name, c := range map[string]struct {
		event  workspace.Event
		before secret.Digest
		want   string
	}{
		"an event": {workspace.Event{
			ID: "evt_1", WorkspaceID: "ws_1", At: time.UnixMicro(1709209800123456),
			ActorKind: workspace.ActorPerson, ActorID: "usr_1",
			Action: workspace.ActionKeyAdded, TargetID: "key_1", IP: "2001:db8::1", RequestID: "req", Number: 17,
			Details: map[string]string{"name": "日本語 👩", "hint": "kl_3f9a…x7Qk", "empty": ""},
		}, secret.DigestOf("before"), "236b67d53b72030be7e09400587566164b2274a693ae416c3884471f1869352a"},
		"the least there is": {workspace.Event{At: time.UnixMicro(-1), Number: 1}, secret.Digest{},
			"c293cd139f029b2a57d359ae1c3013cfd290cde4d715f522b3166cd7f8b4fd43"},
	} {
		c.event.Hash = c.event.ChainHash(c.before)
		if got := c.event.HashText(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestChainHashTellsFieldsApart moves text from one field to its neighbour.
func TestChainHashTellsFieldsApart(t *testing.T) {
	hashes := map[secret.Digest]workspace.Event{}
	for _, e := range []workspace.Event{
		{}, {Number: 1}, {At: time.UnixMicro(1)},
		{ID: "ab"}, {ID: "a", WorkspaceID: "b"}, {WorkspaceID: "ab"}, {ActorKind: "ab"}, {ActorID: "ab"},
		{Action: "ab"}, {TargetID: "ab"}, {IP: "ab"}, {RequestID: "ab"}, {Details: map[string]string{"a": "b"}},
		{Details: map[string]string{"ab": ""}}, {Details: map[string]string{"": "ab"}},
		{Details: map[string]string{"a": "", "b": ""}},
	} {
		h := e.ChainHash(secret.Digest{})
		if other, taken := hashes[h]; taken {
			t.Errorf("%+v and %+v have the same hash", e, other)
		}
		hashes[h] = e
	}
}
