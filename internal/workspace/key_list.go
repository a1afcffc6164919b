package workspace

import (
	"context"
	"time"
)

// KeysPerPage is how many keys one page of the list has.
const KeysPerPage = 50

// KeyQuery asks for one page of a workspace's keys in one state and order.
type KeyQuery struct {
	WorkspaceID string
	OwnerID     string // only this member's keys; empty: everybody's
	State       KeyState
	Order       KeyOrder
	Now         time.Time // tells active from expired
	From        KeyCursor // the page after or before this place; zero: the first page
	Limit       int

	// The rest narrows the page, see KeyFilter. Zero fields do not.
	Text          string   // in lower case, in what KeySearch returns
	OwnersLike    []string // or a key of one of these
	Owner         string
	FullAccess    bool
	Restricted    bool
	NeverUsed     bool
	UnusedSince   time.Time
	NeverExpires  bool
	ExpiresBefore time.Time
	WeakOwner     bool
}

// KeyPage is one page of keys, and where its neighbors begin. The zero cursor
// means that there is no page on that side.
type KeyPage struct {
	Keys       []ListedKey
	Next, Prev KeyCursor
}

// KeyCounts is how many keys there are in each state.
type KeyCounts map[KeyState]int

// KeyList is one page of keys as an actor may see it.
type KeyList struct {
	Page      KeyPage
	Counts    KeyCounts
	OnlyOwn   bool // the actor sees their own keys only
	MayEnable bool // see FilteredKeys: the page has a disabled key that the actor may enable
}

// Keys returns a page of the keys that the actor may see, in one state.
func (s *Service) Keys(ctx context.Context, actor Actor, state KeyState, from KeyCursor) (KeyList, error) {
	return s.keys(ctx, actor, state, KeyFilter{}, from)
}

func (s *Service) keys(ctx context.Context, actor Actor, state KeyState, f KeyFilter, from KeyCursor) (KeyList, error) {
	return s.listKeys(ctx, actor, state, f, from, KeysPerPage)
}

func (s *Service) listKeys(ctx context.Context, actor Actor, state KeyState, f KeyFilter, from KeyCursor,
	limit int) (KeyList, error) {
	who, err := authorize(ctx, s.store, actor, PermitSeeOwnKeys)
	if err != nil {
		return KeyList{}, err
	}
	q := KeyQuery{WorkspaceID: actor.WorkspaceID, State: state, Now: s.clock(), From: from, Limit: limit}
	list := KeyList{OnlyOwn: !who.may(PermitSeeAllKeys)}
	if list.OnlyOwn {
		q.OwnerID = actor.UserID
	}
	if list.Counts, err = s.store.KeyCounts(ctx, q); err != nil {
		return list, err
	}
	if err := f.narrow(ctx, s.store, &q); err != nil {
		return list, err
	}
	list.Page, err = s.store.Keys(ctx, q)
	return list, err
}

// mayEnableSome reports whether the actor may enable at least one of some keys.
func (s *Service) mayEnableSome(ctx context.Context, actor Actor, keys []ListedKey) (bool, error) {
	for _, k := range keys {
		if k.DisabledAt.IsZero() {
			continue
		}
		if may, err := s.MayReactivate(ctx, actor, k.Key); may || err != nil {
			return may, err
		}
	}
	return false, nil
}

// EachKey calls each with every key in a state that the actor may see, in the
// order of the pages.
func (s *Service) EachKey(ctx context.Context, actor Actor, state KeyState, each func(ListedKey)) error {
	for from := (KeyCursor{}); ; {
		list, err := s.Keys(ctx, actor, state, from)
		if err != nil {
			return err
		}
		for _, k := range list.Page.Keys {
			each(k)
		}
		if from = list.Page.Next; from.IsZero() {
			return nil
		}
	}
}

// FilteredKeys returns a page of the keys that the actor may see, in one state
// and narrowed by a filter, and whether the page has one to enable.
func (s *Service) FilteredKeys(ctx context.Context, actor Actor, state KeyState, f KeyFilter, from KeyCursor) (KeyList,
	error) {
	list, err := s.keys(ctx, actor, state, f.clean(), from)
	if err == nil {
		list.MayEnable, err = s.mayEnableSome(ctx, actor, list.Page.Keys)
	}
	return list, err
}
