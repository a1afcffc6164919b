package workspace

import (
	"context"
	"strings"
	"time"
)

// oldSlugLifetime is how long a workspace's old slug leads to its new one.
const oldSlugLifetime = 30 * 24 * time.Hour

var lookAlikes = strings.NewReplacer("-", "", "1", "l", "i", "l", "0", "o", "5", "s", "rn", "m", "vv", "w")

// SlugLook returns what a slug looks like at a glance: slugs that are easily
// confused look the same.
func SlugLook(slug string) string { return lookAlikes.Replace(slug) }

// checkSlugIsFree returns an error when another workspace has the slug, or one
// that looks like it. id is the workspace that wants it; empty: a new one.
func checkSlugIsFree(ctx context.Context, r Reader, id, slug string, now time.Time) error {
	others, err := r.Workspaces(ctx, WorkspaceFilter{LooksLike: slug, At: now, Deleted: true})
	for _, w := range others {
		switch {
		case w.ID == id:
		case w.Slug == slug || w.OldSlug == slug:
			return invalid{"slug": "This address is taken. Choose another."}.err()
		default:
			return invalid{
				"slug": "This address looks like another workspace’s. Choose one that can’t be taken for it.",
			}.err()
		}
	}
	return err
}

// ChangeSlug gives the actor's workspace another slug. The old slug leads to it
// for 30 days, and keys are verified at both hosts.
func (s *Service) ChangeSlug(ctx context.Context, actor Actor, slug string) (w Workspace, err error) {
	slug = strings.ToLower(slug)
	wrong := invalid{}
	wrong.add("slug", checkSlug(slug))
	err = s.actOnKeys(ctx, actor, PermitRenameWorkspaces, func(tx ChangeTx, a *act) error {
		if err := wrong.err(); err != nil {
			return err
		}
		now := s.clock()
		if w, err = tx.Workspace(ctx, WorkspaceLookup{ID: actor.WorkspaceID}); err != nil {
			return err
		}
		if w.Slug == slug {
			return ErrNothingChanged
		}
		if now.Before(w.OldSlugUntil) && slug != w.OldSlug {
			return invalid{"slug": "The address was changed already: until " + w.OldSlugUntil.Format("2 Jan 2006") +
				" you can only change it back to “" + w.OldSlug + "”."}.err()
		}
		if err := checkSlugIsFree(ctx, tx, w.ID, slug, now); err != nil {
			return err
		}
		a.record(ActionWorkspaceMoved, w.ID, map[string]string{"slug": slug, "slug_before": w.Slug})
		w.OldSlug, w.OldSlugUntil, w.Slug = w.Slug, now.Add(oldSlugLifetime), slug
		return tx.MoveWorkspace(ctx, w)
	})
	return w, err
}

// WorkspaceAt returns the workspace that has a slug, or had it within the last
// 30 days.
func (s *Service) WorkspaceAt(ctx context.Context, slug string) (Workspace, error) {
	w, err := s.store.Workspace(ctx, WorkspaceLookup{Slug: slug})
	if KindOf(err) == NotFound {
		return s.WorkspaceByOldSlug(ctx, slug)
	}
	return w, err
}

// WorkspaceByOldSlug returns the workspace that had a slug within the last 30
// days.
func (s *Service) WorkspaceByOldSlug(ctx context.Context, slug string) (Workspace, error) {
	return s.store.Workspace(ctx, WorkspaceLookup{OldSlug: slug, At: s.clock()})
}
