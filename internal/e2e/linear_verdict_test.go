package e2e

import (
	"testing"

	"github.com/anishathalye/porcupine"
)

// TestModelOfChecks has the model judge short histories with known verdicts.
// The owner begins as an active developer. The times are those at which
// operations begin and end.
func TestModelOfChecks(t *testing.T) {
	t.Parallel()
	const never = forever
	type moment struct {
		call, end int64
		in        operation
		out       outcome
	}
	check, yes, no := operation{action: checks}, outcome{yes: true, role: "developer"}, outcome{}
	add, lost := operation{action: issues}, outcome{lost: true}
	added := moment{0, 1, add, no}
	role := func(r string) operation { return operation{action: changesRole, role: r} }
	do := func(a action) operation { return operation{action: a} }
	for name, c := range map[string]struct {
		right   bool
		moments []moment
	}{
		"yes after the key was added": {true, []moment{
			added, {2, 3, check, yes},
		}},
		"no after the key was added": {false, []moment{
			added, {2, 3, check, no},
		}},
		"yes before any key was added": {false, []moment{
			{0, 1, check, yes}, {2, 3, add, no},
		}},
		"yes for another key than was added": {false, []moment{
			added, {2, 3, operation{action: checks, key: 1}, yes},
		}},
		"no after the revocation": {true, []moment{
			added, {2, 3, do(revokes), no}, {4, 5, check, no},
		}},
		"yes after the revocation": {false, []moment{
			added, {2, 3, do(revokes), no}, {4, 5, check, yes},
		}},
		"yes during the revocation": {true, []moment{
			added, {2, 5, do(revokes), no}, {3, 4, check, yes},
		}},
		"no during the revocation": {true, []moment{
			added, {2, 5, do(revokes), no}, {3, 4, check, no},
		}},
		"yes, late, of a check from before": {true, []moment{
			added, {2, 9, check, yes}, {3, 4, do(revokes), no},
		}},
		"no and then yes during the revocation": {false, []moment{
			added, {2, 9, do(revokes), no}, {3, 4, check, no}, {5, 6, check, yes},
		}},
		"yes after a lost revocation": {true, []moment{
			added, {2, never, do(revokes), lost}, {4, 5, check, yes},
		}},
		"no after a lost revocation": {true, []moment{
			added, {2, never, do(revokes), lost}, {4, 5, check, no},
		}},
		"yes and later no after a lost revocation": {true, []moment{
			added, {2, never, do(revokes), lost}, {4, 5, check, yes}, {6, 7, check, no},
		}},
		"no and then yes after a lost revocation": {false, []moment{
			added, {2, never, do(revokes), lost}, {4, 5, check, no}, {6, 7, check, yes},
		}},
		"no before a lost revocation began": {false, []moment{
			added, {2, 3, check, no}, {4, never, do(revokes), lost},
		}},
		"the new role": {true, []moment{
			added, {2, 3, role("auditor"), no}, {4, 5, check, outcome{yes: true, role: "auditor"}},
		}},
		"the role of before": {false, []moment{
			added, {2, 3, role("auditor"), no}, {4, 5, check, yes},
		}},
		"the role of before, during the change": {true, []moment{
			added, {2, 5, role("auditor"), no}, {3, 4, check, yes},
		}},
		"the role of before after a lost change": {true, []moment{
			added, {2, never, role("auditor"), lost}, {4, 5, check, yes},
		}},
		"yes while the owner is deactivated": {false, []moment{
			added, {2, 3, do(deactivates), no}, {4, 5, check, yes},
		}},
		"yes once the owner is active again": {true, []moment{
			added, {2, 3, do(deactivates), no}, {4, 5, do(activates), no}, {6, 7, check, yes},
		}},
		"no once the owner is active again": {false, []moment{
			added, {2, 3, do(deactivates), no}, {4, 5, do(activates), no}, {6, 7, check, no},
		}},
		"yes while the key is disabled": {false, []moment{
			added, {2, 3, do(disables), no}, {4, 5, check, yes},
		}},
		"yes once the key is enabled again": {true, []moment{
			added, {2, 3, do(disables), no}, {4, 5, do(enables), no}, {6, 7, check, yes},
		}},
		"yes for a revoked key that is enabled": {false, []moment{
			added, {2, 3, do(revokes), no}, {4, 5, do(enables), no}, {6, 7, check, yes},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHistory("developer")
			for client, m := range c.moments {
				h.operations[0] = append(h.operations[0], porcupine.Operation{
					ClientId: client, Input: m.in, Call: m.call, Output: m.out, Return: m.end,
				})
			}
			want := porcupine.Illegal
			if c.right {
				want = porcupine.Ok
			}
			if got, _ := h.judge(); got != want {
				t.Errorf("%s instead of %s", got, want)
			}
		})
	}
}
