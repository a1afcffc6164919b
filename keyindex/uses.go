package keyindex

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

// uses remembers the last use of each key until it is flushed to the database. It is split into shards, each
// with a lock of its own, so that checks of different keys seldom wait for each other.
type uses [64]*useShard

type useShard struct {
	mu    sync.Mutex
	dirty map[keyID]use
	// flushed went to the database last, or is on the way. It is kept until the next flush: a page that read its
	// rows before the database had them looks here after.
	flushed map[keyID]use
}

type keyID = [workspace.IDBytes]byte

// use holds no pointers, unlike workspace.Use.
type use struct {
	at      int64 // microseconds since 1970
	address [16]byte
}

func newUses() (u uses) {
	for i := range u {
		u[i] = &useShard{dirty: map[keyID]use{}, flushed: map[keyID]use{}}
	}
	return u
}

// shard spreads by the last byte of the id, which is random.
func (u *uses) shard(id keyID) *useShard { return u[id[workspace.IDBytes-1]%64] }

func (u *uses) record(id keyID, at time.Time, address netip.Addr) {
	s := u.shard(id)
	entry := use{at: at.UnixMicro()}
	if address.IsValid() {
		entry.address = address.As16()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if entry.at >= s.dirty[id].at {
		s.dirty[id] = entry
	}
}

// LastUse returns the last use of a key that the database may not have, or has only just got; false when there is
// none.
func (x *Index) LastUse(id string) (workspace.Use, bool) {
	b, ok := workspace.ParseKeyID(id)
	if !ok {
		return workspace.Use{}, false
	}
	s := x.uses.shard(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, ok := s.dirty[b]
	if !ok {
		entry, ok = s.flushed[b]
	}
	return entry.use(), ok
}

func (u use) use() workspace.Use {
	w := workspace.Use{At: time.UnixMicro(u.at).UTC()}
	if u.address != [16]byte{} {
		w.Address = netip.AddrFrom16(u.address).Unmap()
	}
	return w
}

// Flush writes the uses that the database has not got. What can't be written is kept for the next time.
func (x *Index) Flush(ctx context.Context) error {
	var batch []workspace.KeyUse
	for _, s := range x.uses {
		s.mu.Lock()
		clear(s.flushed)
		s.dirty, s.flushed = s.flushed, s.dirty
		for id, entry := range s.flushed {
			batch = append(batch, workspace.KeyUse{KeyID: string(workspace.AppendKeyID(nil, id)), Use: entry.use()})
		}
		s.mu.Unlock()
	}
	if len(batch) == 0 {
		return nil
	}
	err := x.store.RecordUses(ctx, batch)
	if err != nil {
		for _, s := range x.uses {
			s.takeBack()
		}
	}
	return err
}

// takeBack keeps what could not be written for the next time, unless something newer has come.
func (s *useShard) takeBack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, entry := range s.flushed {
		if entry.at > s.dirty[id].at {
			s.dirty[id] = entry
		}
	}
}

// FlushEvery flushes at each interval until ctx ends, and once more then, with a limit of its own.
func (x *Index) FlushEvery(ctx context.Context, interval time.Duration, failed func(error)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := x.Flush(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := x.Flush(last); err != nil {
				failed(err)
			}
			return
		}
	}
}
