package main

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// fillDemo creates a workspace that looks as if used for more than a year. It
// goes through the service that people use, on its own clock. It returns the
// password of the first person.
func fillDemo(ctx context.Context, db *store.Store, now time.Time) (string, error) {
	clock := now.AddDate(0, 0, -430)
	s := workspace.NewService(db, workspace.Config{Now: func() time.Time { return clock }})
	password := secret.NewToken()[:16]
	w, owner, err := s.CreateWorkspace(ctx, workspace.NewWorkspace{
		Name: "Acme", Slug: "acme",
		OwnerName: demoPeople[0].name, OwnerEmail: demoPeople[0].email, OwnerPassword: password,
	})
	if err != nil {
		return "", err
	}
	d := demo{service: s, clock: &clock, owners: []workspace.Actor{personIn(w, owner.UserID)}}
	for _, p := range demoPeople[1:] {
		m, err := s.AddMember(ctx, operatorIn(w), p.name, p.email, "", p.role)
		if err != nil {
			return "", err
		}
		d.owners = append(d.owners, personIn(w, m.UserID))
	}
	usage := workspace.UsageBatch{ID: workspace.NewBatchID(now), At: now}
	for i := range demoKeys {
		clock = now.Add(-demoAge(i))
		key, err := d.addKey(ctx, i, now)
		if err != nil {
			return "", err
		}
		end, err := d.endKey(ctx, i, key, now)
		if err != nil {
			return "", err
		}
		if i%6 != 5 {
			usage.Uses = append(usage.Uses, demoUse(i, key, end))
		}
	}
	clock = now
	if err := fillDemoScopes(ctx, s, d.owners[0]); err != nil {
		return "", err
	}
	return password, db.RecordUsage(ctx, usage)
}

func fillDemoScopes(ctx context.Context, s *workspace.Service, admin workspace.Actor) error {
	for _, scope := range demoScopes {
		if err := s.SaveScope(ctx, admin, scope); err != nil {
			return err
		}
	}
	for _, template := range demoTemplates {
		if err := s.SaveScopeTemplate(ctx, admin, template); err != nil {
			return err
		}
	}
	return nil
}

func personIn(w workspace.Workspace, userID string) workspace.Actor {
	return workspace.Actor{Kind: workspace.ActorPerson, WorkspaceID: w.ID, UserID: userID, ProvenAt: time.Now()}
}

// demo adds the keys of the sample workspace.
type demo struct {
	service *workspace.Service
	clock   *time.Time // the service's
	owners  []workspace.Actor
}

// addKey adds the ith key at the time on the clock.
func (d demo) addKey(ctx context.Context, i int, now time.Time) (workspace.Key, error) {
	wanted := workspace.NewKey{}
	if i%4 == 0 {
		wanted = demoLimits[i/4%len(demoLimits)]
	}
	wanted.Name, wanted.Nonce = demoNames[i%len(demoNames)], secret.NewToken()
	wanted.Expires = demoExpiry(i, now.Sub(*d.clock))
	key, _, err := d.service.AddKey(ctx, d.owners[scatter(i, 1, len(d.owners))], wanted)
	return key, err
}

// endKey revokes or disables some keys, and returns the time until which the
// ith key was used.
func (d demo) endKey(ctx context.Context, i int, key workspace.Key, now time.Time) (end time.Time, err error) {
	end = now
	if at := key.ExpiresAt; !at.IsZero() && at.Before(end) {
		end = at
	}
	if i%5 == 2 {
		end = key.CreatedAt.Add(end.Sub(key.CreatedAt) * 2 / 3)
		*d.clock = end
		_, err = d.service.RevokeKey(ctx, d.owners[scatter(i, 3, 2)], key.ID, workspace.ReasonNone)
	}
	if err == nil && i == demoDisabled {
		end = now.Add(-26 * time.Hour)
		*d.clock = end
		_, err = d.service.DisableKey(ctx, d.owners[0], key.ID)
	}
	return end, err
}

// demoUse returns the last use of the ith key.
func demoUse(i int, key workspace.Key, end time.Time) workspace.KeyUse {
	last := end.Add(-end.Sub(key.CreatedAt) / demoIdle[scatter(i, 2, len(demoIdle))])
	agent := demoAgents[i%len(demoAgents)]
	return workspace.KeyUse{KeyID: key.ID, Use: workspace.Use{At: last, IP: demoIP(i), Agent: agent}}
}
