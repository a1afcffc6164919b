package workspace

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// Method is how a session was begun.
type Method string

// The methods, the weakest first.
const (
	MethodPassword Method = "password"
	MethodCode     Method = "code"     // a password, and a code of an authenticator app or a recovery code
	MethodProvider Method = "provider" // an identity provider of the workspace
	MethodPasskey  Method = "passkey"  // which the person has unlocked: two factors in one
)

// Requirement is what a workspace asks of a session.
type Requirement string

// The requirements. The zero one asks for nothing but to be signed in.
const (
	NoRequirement       Requirement = ""
	RequireSecondFactor Requirement = "second_factor"
	RequireProvider     Requirement = "provider"
	RequirePasskey      Requirement = "passkey"
)

// Requirements lists every requirement and what it is called.
var Requirements = []struct {
	Requirement Requirement
	Name        string
}{
	{NoRequirement, "Any way to sign in"}, {RequireSecondFactor, "A second factor"}, {RequirePasskey, "A passkey"},
	{RequireProvider, "Single sign-on"},
}

// methods is the one table of which sessions a requirement lets in. A provider
// asks for a second factor itself, if it is told to.
var methods = map[Requirement][]Method{
	NoRequirement:       {MethodPassword, MethodCode, MethodProvider, MethodPasskey},
	RequireSecondFactor: {MethodCode, MethodProvider, MethodPasskey},
	RequireProvider:     {MethodProvider},
	RequirePasskey:      {MethodPasskey},
}

// howToMeet says to who requires something how to meet it themselves first.
var howToMeet = map[Requirement]string{
	RequireSecondFactor: "Add a passkey or an authenticator app to your account first.",
	RequirePasskey:      "Add a passkey to your account first.",
	RequireProvider:     "Add an identity provider, link it to your account, and sign in with it first.",
}

// MeetsBy reports whether a session that was begun by a method meets the
// requirement.
func (r Requirement) MeetsBy(m Method) bool { return slices.Contains(methods[r], m) }

// SignInPolicy is what a workspace asks of sessions, and since when: until then
// people have time to get ready.
type SignInPolicy struct {
	Require Requirement
	From    time.Time // zero: at once
}

// Refuses reports whether the policy refuses a session that was begun by a
// method. Such a session may only be used to meet the requirement.
func (p SignInPolicy) Refuses(m Method, now time.Time) bool {
	return !p.Require.MeetsBy(m) && !now.Before(p.From)
}

// GracePeriods are how long a workspace may wait before a new policy counts, in
// days.
var GracePeriods = []int{0, 7, 30}

// KeepGrace in place of days leaves the moment from which a policy counts as it
// was set.
const KeepGrace = -1

// ParseGraceDays reads one of GracePeriods, or "keep" for KeepGrace. The field
// of the error is days.
func ParseGraceDays(text string) (int, error) {
	if text == "keep" {
		return KeepGrace, nil
	}
	days, err := strconv.Atoi(text)
	if err != nil || !slices.Contains(GracePeriods, days) {
		return 0, invalid{"days": "Choose one of these."}.err()
	}
	return days, nil
}

// SetSignInPolicy asks the members of the actor's workspace for more, from some
// days on. The actor must meet it, so that at least one member can.
func (s *Service) SetSignInPolicy(ctx context.Context, actor Actor, require Requirement, days int) error {
	if _, err := authorize(ctx, s.store, actor, PermitManagePolicies); err != nil {
		return err
	}
	wrong := invalid{}
	if _, ok := methods[require]; !ok {
		wrong.add("require", "Choose one of these.")
	}
	if days != KeepGrace && !slices.Contains(GracePeriods, days) {
		wrong.add("days", "Choose one of these.")
	}
	if actor.Kind == ActorPerson && len(wrong) == 0 && !require.MeetsBy(actor.Method) {
		wrong.add("require", "You don’t meet this yourself. "+howToMeet[require])
	}
	if err := wrong.err(); err != nil {
		return err
	}
	policy := SignInPolicy{Require: require}
	if days > 0 && require != NoRequirement {
		policy.From = s.clock().AddDate(0, 0, days)
	}
	return s.act(ctx, actor, PermitManagePolicies, func(tx Tx, a *act) error {
		if days == KeepGrace {
			before, err := tx.Workspace(ctx, WorkspaceLookup{ID: actor.WorkspaceID})
			if err != nil {
				return err
			}
			policy.From = before.SignIn.From
		}
		if require == RequireProvider {
			providers, err := tx.Providers(ctx, actor.WorkspaceID)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(providers, signsInOwners) {
				return invalid{"require": "An owner has to save a provider first, or owners could not sign in."}.err()
			}
		}
		details := map[string]string{"require": string(require)}
		if !policy.From.IsZero() {
			details["from"] = policy.From.Format(time.RFC3339)
		}
		a.record(ActionSignInPolicySet, actor.WorkspaceID, details)
		return tx.UpdateWorkspace(ctx, actor.WorkspaceID, WorkspaceUpdate{SignInPolicy: &policy})
	})
}
