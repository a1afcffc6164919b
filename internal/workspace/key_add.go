package workspace

import (
	"context"
	"fmt"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"regexp"
	"strings"
	"time"
)

// KeysPerPage is how many keys one page of the list has.
const KeysPerPage = 50

// nonceShape is 1 to 64 printable ASCII characters.
var nonceShape = regexp.MustCompile(`^[ -~]{1,64}$`)

// NewKey is what somebody asks for when they add a key.
type NewKey struct {
	OwnerID   string // for the operator any member; for a person empty, for one of their own, or a service account
	Name      string
	Expires   string   // see ParseExpiry
	Access    string   // "full", "restricted" or, where only Scopes say, empty
	Scopes    []string // see ParseScopes
	Addresses []string // see ParseAddresses
	Rate      string   // see ParseRate; empty: no limit
	Nonce     string   // of the form; empty on the command line
}

// AddKey makes a key and returns it with its secret, which is stored nowhere
// and can't be had again. One with full access wants a person who has lately
// proved who they are. When the same person's nonce has made a key before, the
// error is of kind Conflict and the key is that one.
func (s *Service) AddKey(ctx context.Context, actor Actor, n NewKey) (Key, Secret, error) {
	now := s.clock()
	wrong := invalid{}
	name, message := cleanName(n.Name)
	wrong.add("name", message)
	expires, message := ParseExpiry(n.Expires, now)
	wrong.add("expires", message)
	limits := parseLimits(n, wrong)
	if !nonceShape.MatchString(n.Nonce) && actor.Kind == ByPerson {
		wrong.add("nonce", "This form is incomplete. Reload the page and send it again.")
	}
	if err := wrong.err(); err != nil {
		return Key{}, Secret{}, err
	}

	owner := n.OwnerID
	if owner == "" {
		owner = actor.UserID
	}
	secret := NewSecret(s.keyPrefix)
	key := secret.Key(now)
	key.WorkspaceID, key.OwnerID, key.CreatedBy = actor.WorkspaceID, owner, actor.UserID
	key.Name, key.Limits, key.Nonce = name, limits, n.Nonce
	err := s.actOnKeys(ctx, actor, AddKeys, func(tx ChangeTx, a *act) error {
		key.setExpiry(expires, s.clock())
		if err := a.who.mayOwnBy(ctx, tx, owner); err != nil {
			return err
		}
		if err := s.obeyPolicy(ctx, tx, a.who, &key); err != nil {
			return err
		}
		if limits.Scopes == nil {
			if err := s.FreshProof(actor); err != nil {
				return err
			}
		}
		a.record(KeyAdded, key.ID, keyDetails(key))
		return tx.InsertKey(ctx, key)
	})
	if KindOf(err) == Conflict {
		made, findErr := s.store.KeyByNonce(ctx, actor.WorkspaceID, actor.UserID, n.Nonce)
		if findErr != nil {
			return Key{}, Secret{}, findErr
		}
		return made.Key, Secret{}, err
	}
	if err != nil {
		return Key{}, Secret{}, err
	}
	return key, secret, nil
}

// obeyPolicy makes a new key of a person's what its workspace lets it be.
func (s *Service) obeyPolicy(ctx context.Context, r Reader, who authority, k *Key) error {
	if who.Kind == ByOperator {
		return nil
	}
	w, err := r.Workspace(ctx, k.WorkspaceID)
	if err != nil {
		return err
	}
	owned, err := r.KeyCounts(ctx, KeyQuery{WorkspaceID: k.WorkspaceID, OwnerID: k.OwnerID, Now: k.CreatedAt})
	if err != nil {
		return err
	}
	if err := w.Keys.check(k, who, owned[Active]+owned[Expired]); err != nil {
		return err
	}
	return s.checkScopes(ctx, r, who, *k, nil)
}

// mayOwnBy says whether the actor may make a key that is owned by a member: by
// themselves or, who manages members, by a service account.
func (a authority) mayOwnBy(ctx context.Context, r Reader, ownerID string) error {
	if a.Kind == ByOperator || ownerID == a.UserID {
		return nil
	}
	if !a.may(ManageMembers) {
		return &Error{Kind: Forbidden, Message: "Your role does not let you add keys of others."}
	}
	_, err := activeServiceAccount(ctx, r, a.WorkspaceID, ownerID, "owner")
	return err
}

// parseLimits reads what a new key is held to, and notes in wrong what can't
// be.
func parseLimits(n NewKey, wrong invalid) (l Limits) {
	var message string
	n.checkAccess(wrong)
	l.Scopes, message = ParseScopes(n.Scopes)
	wrong.add("scope", message)
	l.Addresses, message = ParseAddresses(n.Addresses)
	wrong.add("allow_from", message)
	if n.Rate != "" {
		l.Rate, message = ratelimit.Parse(n.Rate)
		wrong.add("rate_limit", message)
	}
	return l
}

// checkAccess notes in wrong an access that the scopes contradict: neither is
// taken for what was meant.
func (n NewKey) checkAccess(wrong invalid) {
	switch {
	case n.Access != "" && n.Access != "full" && n.Access != "restricted":
		wrong.add("access", "Choose one of these.")
	case n.Access == "restricted" && len(n.Scopes) == 0:
		wrong.add("scope", "Name the scopes that it is restricted to.")
	case n.Access == "full" && len(n.Scopes) > 0:
		wrong.add("scope", "Full access goes beyond these scopes. Choose to restrict it to them, or remove them.")
	}
}

// alterKey changes a key in a way that whoever may revoke it may change it, and
// returns the key as it then is.
func (s *Service) alterKey(ctx context.Context, actor Actor, keyID string, alter keyChange) (ListedKey, error) {
	err := s.actOnKeys(ctx, actor, RevokeOwnKeys, func(tx ChangeTx, a *act) error {
		return a.alterKey(ctx, tx, keyID, alter)
	})
	if err != nil {
		return ListedKey{}, err
	}
	return s.store.Key(ctx, actor.WorkspaceID, keyID)
}

// AddKeyFor makes a key for the member with an address, or the service account
// with an id, for the operator.
func (s *Service) AddKeyFor(ctx context.Context, actor Actor, ownerName string, n NewKey) (Key, Secret, error) {
	id := ownerName
	if !strings.HasPrefix(id, serviceIDPrefix) {
		user, err := s.store.UserByEmail(ctx, FoldEmail(ownerName))
		if err != nil {
			return Key{}, Secret{}, err
		}
		id = user.ID
	}
	owner, err := s.store.Member(ctx, actor.WorkspaceID, id)
	if err != nil {
		return Key{}, Secret{}, err
	}
	n.OwnerID = owner.UserID
	return s.AddKey(ctx, actor, n)
}

// OperatorAt returns the operator, acting in whichever workspace has a key.
func (s *Service) OperatorAt(ctx context.Context, keyID string) (Actor, error) {
	key, err := s.store.KeyByID(ctx, keyID)
	actor := Operator
	actor.WorkspaceID = key.WorkspaceID
	return actor, err
}

// KeyList is one page of keys as an actor may see it.
type KeyList struct {
	Page    KeyPage
	Counts  KeyCounts
	OnlyOwn bool // the actor sees their own keys only
}

// Keys returns a page of the keys that the actor may see, in one state.
func (s *Service) Keys(ctx context.Context, actor Actor, state KeyState, from KeyCursor) (KeyList, error) {
	return s.keys(ctx, actor, state, KeyFilter{}, from)
}

func (s *Service) keys(ctx context.Context, actor Actor, state KeyState, f KeyFilter, from KeyCursor) (KeyList, error) {
	return s.listKeys(ctx, actor, state, f, from, KeysPerPage)
}

func (s *Service) listKeys(ctx context.Context, actor Actor, state KeyState, f KeyFilter, from KeyCursor, limit int) (KeyList, error) {
	who, err := authorize(ctx, s.store, actor, SeeOwnKeys)
	if err != nil {
		return KeyList{}, err
	}
	q := KeyQuery{WorkspaceID: actor.WorkspaceID, State: state, Now: s.clock(), From: from, Limit: limit}
	list := KeyList{OnlyOwn: !who.may(SeeAllKeys)}
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

// Key returns one key that the actor may see.
func (s *Service) Key(ctx context.Context, actor Actor, keyID string) (ListedKey, error) {
	who, err := authorize(ctx, s.store, actor, SeeOwnKeys)
	if err != nil {
		return ListedKey{}, err
	}
	key, err := s.store.Key(ctx, actor.WorkspaceID, keyID)
	if err == nil && !who.mayActOn(key.OwnerID, SeeAllKeys) {
		return ListedKey{}, ErrNotFound
	}
	return key, err
}

// MayRevoke says whether a member may revoke a key.
func MayRevoke(m Member, k Key) bool {
	return authority{Actor: Actor{Kind: ByPerson, UserID: m.UserID}, member: m}.mayActOn(k.OwnerID, RevokeAllKeys) &&
		m.Role.May(RevokeOwnKeys)
}

// KeyUsage returns how often a key that the actor may see was checked, from an
// hour on, in the order of hours.
func (s *Service) KeyUsage(ctx context.Context, actor Actor, keyID string, from time.Time) ([]HourCount, error) {
	if _, err := s.Key(ctx, actor, keyID); err != nil {
		return nil, err
	}
	return s.store.KeyUsage(ctx, keyID, from)
}

// KeyIdentity is who a key is, for the program that holds it.
type KeyIdentity struct {
	Workspace Workspace
	Owner     Member
	Key       Key
}

// KeyIdentity returns who a key is, once a check has accepted it.
func (s *Service) KeyIdentity(ctx context.Context, slug, keyID string) (id KeyIdentity, err error) {
	if id.Workspace, err = s.store.WorkspaceBySlug(ctx, slug); err != nil {
		return id, err
	}
	key, err := s.store.Key(ctx, id.Workspace.ID, keyID)
	if err != nil {
		return id, err
	}
	id.Key = key.Key
	id.Owner, err = s.store.Member(ctx, id.Workspace.ID, key.OwnerID)
	if KindOf(err) == NotFound { // removed a moment ago
		id.Owner, err = s.store.KeysGoTo(ctx, id.Workspace.ID, key.OwnerID)
	}
	return id, err
}

func keyDetails(k Key) map[string]string {
	d := map[string]string{"name": k.Name, "hint": k.Hint, "owner": k.OwnerID}
	if !k.ExpiresAt.IsZero() {
		d["expires_at"] = k.ExpiresAt.Format(time.RFC3339)
	}
	if k.Limits.Scopes != nil {
		d["scopes"] = strings.Join(k.Limits.Scopes, " ")
	}
	if k.Limits.Addresses != nil {
		d["allow_from"] = fmt.Sprint(k.Limits.Addresses)
	}
	if k.Limits.Rate != (ratelimit.Rate{}) {
		d["rate_limit"] = k.Limits.Rate.String()
	}
	return d
}
