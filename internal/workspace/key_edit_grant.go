package workspace

import (
	"context"
	"net/netip"
	"slices"
	"time"
)

// authorizeEdit returns nil if the actor may change what a key may do from
// before to after. It notes in after that the actor limited another user's key.
func (s *Service) authorizeEdit(ctx context.Context, r Reader, who authority, before Key, after *Key) error {
	if fields := granted(before, *after); len(fields) > 0 {
		if err := s.authorizeGrant(ctx, r, who, before, fields); err != nil {
			return err
		}
		if after.Limits.Scopes == nil && before.State(s.clock()) == KeyExpired {
			if err := s.RequireFreshProof(who.Actor); err != nil {
				return err
			}
		}
	}
	if len(granted(*after, before)) == 0 {
		return nil
	}
	return noteLimited(ctx, r, who, after)
}

// authorizeGrant returns nil if the actor may let a key do more, and else an
// [Error] of kind Invalid at the fields that grant it: only an owner of the
// workspace grants more to an owner's key, and the key's owner does not take
// back what others have limited.
func (s *Service) authorizeGrant(ctx context.Context, r Reader, who authority, key Key, fields []string) error {
	if who.Kind == ActorOperator {
		return nil
	}
	owner, err := currentOwner(ctx, r, key)
	if err != nil {
		return err
	}
	message := ""
	switch {
	case owner.UserID != who.UserID:
		if who.checkMayGive(owner.Role) != nil {
			message = "Only an owner can give more to an owner’s key."
		}
	case key.NarrowedBy != "":
		made, err := key.limiting(ctx, r)
		if err != nil {
			return err
		}
		if !who.mayUndo(made, owner) {
			message = "Someone else has limited this key. Ask them or another admin to give it more."
		}
	}
	wrong := invalid{}
	for _, field := range fields {
		wrong.add(field, message)
	}
	return wrong.err()
}

// noteLimited notes in a key that the actor limited it, unless they own it or
// an earlier actor's restriction stays in place.
func noteLimited(ctx context.Context, r Reader, who authority, key *Key) error {
	made := who.restriction(ReasonNone)
	if made.by == key.OwnerID {
		return nil
	}
	if key.NarrowedBy != "" {
		earlier, err := key.limiting(ctx, r)
		if err != nil {
			return err
		}
		if replace, err := mustReplace(ctx, r, *key, made, earlier); err != nil || !replace {
			return err
		}
	}
	key.NarrowedBy = made.by
	return nil
}

// granted lists the fields of a form that let a key do more after than before.
func granted(before, after Key) (fields []string) {
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
	if was.Networks != nil && (is.Networks == nil ||
		slices.ContainsFunc(is.Networks, func(p netip.Prefix) bool { return !within(p, was.Networks) })) {
		fields = append(fields, "allow_from")
	}
	if is.Rate.AllowsMoreThan(was.Rate) {
		fields = append(fields, "rate_limit")
	}
	return fields
}

// later reports whether a key that ends at a ends after one that ends at b. The
// zero time is never.
func later(a, b time.Time) bool {
	return !b.IsZero() && (a.IsZero() || a.After(b))
}

// within reports whether a network lies in one of others.
func within(network netip.Prefix, others []netip.Prefix) bool {
	return slices.ContainsFunc(others, func(o netip.Prefix) bool {
		return o.Bits() <= network.Bits() && o.Contains(network.Addr())
	})
}
