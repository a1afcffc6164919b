package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// InsertEvent implements [workspace.Tx]. The event waits for the end of the
// transaction: a chain's head is then the last row that any transaction locks,
// so that no two wait for each other, and it is locked only briefly.
func (t *tx) InsertEvent(_ context.Context, e workspace.Event) error {
	t.events = append(t.events, storableEvent(e))
	return nil
}

// writeEvents gives the events of a transaction their places, chain after chain
// in the order of their names.
func (t *tx) writeEvents(ctx context.Context) error {
	slices.SortStableFunc(t.events,
		func(a, b workspace.Event) int { return strings.Compare(a.WorkspaceID, b.WorkspaceID) })
	for rest := t.events; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].WorkspaceID == rest[0].WorkspaceID {
			n++
		}
		if err := t.appendToChain(ctx, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// appendToChain writes events of one chain.
func (t *tx) appendToChain(ctx context.Context, events []workspace.Event) error {
	if err := t.moveHead(ctx, events); err != nil {
		return err
	}
	for _, e := range events {
		_, err := t.exec(ctx, `
			INSERT INTO events (id, workspace_id, number, hash, at, actor_kind, actor_id, action, target_id,
				details, address, request_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			e.ID, e.WorkspaceID, e.Number, digest(e.Hash), moment(e.At), e.ActorKind, e.ActorID, e.Action, e.TargetID,
			details(e.Details), e.IP, e.RequestID)
		if err != nil {
			return err
		}
	}
	return nil
}

// moveHead gives events of one chain their numbers and hashes, and holds its
// head, which is then the last of them, to the end of the transaction. Where
// this Store was the last to write to the chain, that is one statement.
func (t *tx) moveHead(ctx context.Context, events []workspace.Event) error {
	chain := events[0].WorkspaceID
	end, known := t.heads.last(chain)
	for {
		if !known {
			var err error
			if end, err = t.takeHead(ctx, chain); err != nil {
				return err
			}
		}
		next := end.link(events)
		n, err := t.exec(ctx, `
			UPDATE audit_heads SET number = $2, hash = $3 WHERE workspace_id = $1 AND number = $4 AND hash = $5`,
			chain, next.number, digest(next.hash), end.number, digest(end.hash))
		if err == nil && n == 1 {
			t.heads.remember(chain, next)
		}
		if err != nil || n == 1 || !known {
			return found(n, err)
		}
		known = false // it is another's, or what was remembered has been undone
	}
}

// takeHead locks the head of a chain to the end of the transaction, and creates
// it when the chain has none.
func (t *tx) takeHead(ctx context.Context, chain string) (chainEnd, error) {
	return queryOne(ctx, t.reader, func(c *chainEnd) []any { return []any{&c.number, (*digest)(&c.hash)} }, `
		INSERT INTO audit_heads (workspace_id, number, hash) VALUES ($1, 0, $2)
		ON CONFLICT (workspace_id) DO UPDATE SET number = audit_heads.number
		RETURNING number, hash`, chain, digest{})
}

// chainEnd is the number and the hash of a chain's newest event.
type chainEnd struct {
	number int64
	hash   secret.Digest
}

// link makes events the next of a chain, and returns its end then.
func (c chainEnd) link(events []workspace.Event) chainEnd {
	for i := range events {
		e := &events[i]
		e.Number = c.number + 1
		e.Hash = e.ChainHash(c.hash)
		c = chainEnd{e.Number, e.Hash}
	}
	return c
}

// heads are what a Store has last written as the heads of chains. They may be
// wrong: compare them with the database before use.
type heads struct {
	mu      sync.Mutex
	byChain map[string]chainEnd
}

// rememberedHeads bounds the memory that they take.
const rememberedHeads = 10_000

func (h *heads) last(chain string) (chainEnd, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	end, known := h.byChain[chain]
	return end, known
}

func (h *heads) remember(chain string, end chainEnd) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byChain == nil || len(h.byChain) >= rememberedHeads {
		h.byChain = map[string]chainEnd{}
	}
	h.byChain[chain] = end
}

// storableEvent is an event as it comes back from the database, whose hash is
// that of what is read.
func storableEvent(e workspace.Event) workspace.Event {
	for _, s := range []*string{&e.ID, &e.WorkspaceID, &e.ActorID, &e.TargetID, &e.IP, &e.RequestID} {
		*s = mend(*s)
	}
	e.ActorKind, e.Action = workspace.ActorKind(mend(string(e.ActorKind))), workspace.Action(mend(string(e.Action)))
	mended := make(map[string]string, len(e.Details))
	for _, name := range slices.Sorted(maps.Keys(e.Details)) {
		mended[mend(name)] = mend(e.Details[name])
	}
	e.Details = mended
	return e
}
