package workspace

import (
	"context"
	"regexp"
	"strings"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
)

// nonceShape is 1 to 64 printable ASCII characters.
var nonceShape = regexp.MustCompile(`^[ -~]{1,64}$`)

// NewKey asks for a key.
type NewKey struct {
	// OwnerID is the user who owns the key; empty: the actor. Only the operator
	// may name any member, and others may name service accounts.
	OwnerID  string
	Name     string
	Expires  string   // see ParseExpiry
	Access   string   // "full", "restricted" or, where only Scopes say, empty
	Scopes   []string // see ParseScopes
	Networks []string // see ParseNetworks
	Rate     string   // see ParseRate; empty: no limit
	Nonce    string   // of the form; empty on the command line
}

// AddKey adds a key and returns it with its secret, which is stored nowhere and
// returned only here. A key with full access needs a fresh proof. When the
// actor's nonce has added a key before, the error is of kind Conflict and the
// key is that one.
func (s *Service) AddKey(ctx context.Context, actor Actor, n NewKey) (Key, secret.Secret, error) {
	now := s.clock()
	wrong := invalid{}
	name, message := cleanName(n.Name)
	wrong.add("name", message)
	expires, message := ParseExpiry(n.Expires, now)
	wrong.add("expires", message)
	limits := parseLimits(n, wrong)
	if !nonceShape.MatchString(n.Nonce) && actor.Kind == ActorPerson {
		wrong.add("nonce", "This form is incomplete. Reload the page and send it again.")
	}
	if err := wrong.err(); err != nil {
		return Key{}, secret.Secret{}, err
	}

	owner := n.OwnerID
	if owner == "" {
		owner = actor.UserID
	}
	newSecret := secret.New(s.keyPrefix)
	key := KeyOf(newSecret, now)
	key.WorkspaceID, key.OwnerID, key.CreatedBy = actor.WorkspaceID, owner, actor.UserID
	key.Name, key.Limits, key.Nonce = name, limits, n.Nonce
	err := s.actOnKeys(ctx, actor, PermitAddKeys, func(tx ChangeTx, a *act) error {
		key.setExpiry(expires, s.clock())
		if err := a.who.checkMayAddFor(ctx, tx, owner); err != nil {
			return err
		}
		if err := s.obeyPolicy(ctx, tx, a.who, &key); err != nil {
			return err
		}
		if limits.Scopes == nil {
			if err := s.RequireFreshProof(actor); err != nil {
				return err
			}
		}
		a.record(ActionKeyAdded, key.ID, keyDetails(key))
		return tx.InsertKey(ctx, key)
	})
	if KindOf(err) == Conflict {
		made, findErr := s.store.Key(ctx,
			KeyLookup{WorkspaceID: actor.WorkspaceID, CreatedBy: actor.UserID, Nonce: n.Nonce})
		if findErr != nil {
			return Key{}, secret.Secret{}, findErr
		}
		return made.Key, secret.Secret{}, err
	}
	if err != nil {
		return Key{}, secret.Secret{}, err
	}
	return key, newSecret, nil
}

// obeyPolicy applies the key policy and the scope catalog to a new key.
func (s *Service) obeyPolicy(ctx context.Context, r Reader, who authority, k *Key) error {
	if who.Kind == ActorOperator {
		return nil
	}
	w, err := r.Workspace(ctx, WorkspaceLookup{ID: k.WorkspaceID})
	if err != nil {
		return err
	}
	owned, err := r.KeyCounts(ctx, KeyQuery{WorkspaceID: k.WorkspaceID, OwnerID: k.OwnerID, Now: k.CreatedAt})
	if err != nil {
		return err
	}
	if err := w.Keys.check(k, who, owned[KeyActive]+owned[KeyExpired]); err != nil {
		return err
	}
	return s.checkScopes(ctx, r, who, *k, nil)
}

// checkMayAddFor returns nil if the actor may add a key that a member owns: the
// actor or, for actors who may manage members, a service account.
func (a authority) checkMayAddFor(ctx context.Context, r Reader, ownerID string) error {
	if a.Kind == ActorOperator || ownerID == a.UserID {
		return nil
	}
	if !a.may(PermitManageMembers) {
		return &Error{Kind: Forbidden, Message: "Your role does not let you add keys of others."}
	}
	_, err := activeServiceAccount(ctx, r, a.WorkspaceID, ownerID, "owner")
	return err
}

// parseLimits reads the limits of a key, and adds to wrong what is not valid.
func parseLimits(n NewKey, wrong invalid) (l Limits) {
	var message string
	n.checkAccess(wrong)
	l.Scopes, message = ParseScopes(n.Scopes)
	wrong.add("scope", message)
	l.Networks, message = ParseNetworks(n.Networks)
	wrong.add("allow_from", message)
	if n.Rate != "" {
		l.Rate, message = ratelimit.Parse(n.Rate)
		wrong.add("rate_limit", message)
	}
	return l
}

// checkAccess adds to wrong an access that the scopes contradict: it is not
// clear which of them was meant.
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

// AddKeyFor adds a key for the member with an email, or the service account
// with an id, for the operator.
func (s *Service) AddKeyFor(ctx context.Context, actor Actor, ownerName string, n NewKey) (Key, secret.Secret, error) {
	id := ownerName
	if !strings.HasPrefix(id, serviceIDPrefix) {
		user, err := s.store.User(ctx, UserLookup{Email: FoldEmail(ownerName)})
		if err != nil {
			return Key{}, secret.Secret{}, err
		}
		id = user.ID
	}
	owner, err := s.store.Member(ctx, actor.WorkspaceID, id)
	if err != nil {
		return Key{}, secret.Secret{}, err
	}
	n.OwnerID = owner.UserID
	return s.AddKey(ctx, actor, n)
}
