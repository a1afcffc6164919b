package workspace

import (
	"context"
	"net/netip"
	"slices"
	"time"
)

// settleTerms checks that the actor may change what a key may do as after says.
// It notes in after who narrowed the key of another user.
func (s *Service) settleTerms(ctx context.Context, r Reader, who authority, before Key, after *Key) error {
	if wider := widened(before, *after); len(wider) > 0 {
		if err := s.mayWiden(ctx, r, who, before, wider); err != nil {
			return err
		}
		if after.Limits.Scopes == nil && before.State(s.clock()) == KeyExpired {
			if err := s.FreshProof(who.Actor); err != nil {
				return err
			}
		}
	}
	if len(widened(*after, before)) == 0 {
		return nil
	}
	return noteNarrowed(ctx, r, who, after)
}

// mayWiden returns nil if the actor may let a key do more, and else an error at
// the fields that would be wider: an admin gives nothing to an owner's key, and
// the key's owner does not take back what others have narrowed.
func (s *Service) mayWiden(ctx context.Context, r Reader, who authority, key Key, fields []string) error {
	if who.Kind == ByOperator {
		return nil
	}
	owner, err := currentOwner(ctx, r, key)
	if err != nil {
		return err
	}
	message := ""
	if owner.UserID != who.UserID {
		if who.mayMake(owner.Role) != nil {
			message = "Only an owner can give more to an owner’s key."
		}
	} else if key.NarrowedBy != "" {
		st, err := stopBy(ctx, r, key.WorkspaceID, key.NarrowedBy, ReasonNone)
		if err != nil {
			return err
		}
		if !who.mayUndo(st, owner) {
			message = "Someone else has limited this key. Ask them or another admin to give it more."
		}
	}
	wrong := invalid{}
	for _, field := range fields {
		wrong.add(field, message)
	}
	return wrong.err()
}

// noteNarrowed notes in a key that the actor, who is not its owner, has
// narrowed it.
func noteNarrowed(ctx context.Context, r Reader, who authority, key *Key) error {
	now := who.stop(ReasonNone)
	if now.by == key.OwnerID {
		return nil
	}
	if key.NarrowedBy != "" {
		outweighs, err := takesOver(ctx, r, who, *key, key.NarrowedBy, ReasonNone, ReasonNone)
		if err != nil || !outweighs {
			return err
		}
	}
	key.NarrowedBy = now.by
	return nil
}

// widened lists the fields of a form in which a key may do more after than
// before.
func widened(before, after Key) (fields []string) {
	if later(after.ExpiresAt, before.ExpiresAt) {
		fields = append(fields, "expires")
	}
	was, is := before.Limits, after.Limits
	switch {
	case was.Scopes == nil:
	case is.Scopes == nil:
		fields = append(fields, "access")
	case slices.ContainsFunc(is.Scopes, func(scope string) bool { return !slices.Contains(was.Scopes, scope) }):
		fields = append(fields, "scope")
	}
	if was.Addresses != nil && (is.Addresses == nil ||
		slices.ContainsFunc(is.Addresses, func(p netip.Prefix) bool { return !within(p, was.Addresses) })) {
		fields = append(fields, "allow_from")
	}
	if is.Rate.AllowsMoreThan(was.Rate) {
		fields = append(fields, "rate_limit")
	}
	return fields
}

// later compares ends, of which zero is never.
func later(a, b time.Time) bool {
	return !b.IsZero() && (a.IsZero() || a.After(b))
}

// within says whether a network lies in one of others.
func within(network netip.Prefix, others []netip.Prefix) bool {
	return slices.ContainsFunc(others, func(o netip.Prefix) bool {
		return o.Bits() <= network.Bits() && o.Contains(network.Addr())
	})
}
