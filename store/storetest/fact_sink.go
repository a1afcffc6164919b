package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// facts is a FactSink that writes down what it is given, in order.
type facts struct {
	order   []string
	keys    map[string]workspace.KeyFact
	secrets []workspace.OldSecretFact
}

func (s *facts) Workspace(w workspace.WorkspaceFact) {
	fact := "workspace " + w.ID + " " + w.Slug
	if w.OldSlug != "" {
		fact += " was " + w.OldSlug + " until " + w.OldUntil.Format(time.RFC3339)
	}
	if w.Disabled {
		fact += " disabled"
	}
	s.order = append(s.order, fact)
}

func (s *facts) Member(m workspace.MemberFact) {
	fact := fmt.Sprintf("member %s %s %s %v", m.WorkspaceID, m.UserID, m.Role, m.Active)
	if m.ActsAs != m.UserID {
		fact += " as " + m.ActsAs
	}
	s.order = append(s.order, fact)
}

func (s *facts) OldSecret(o workspace.OldSecretFact) {
	s.order = append(s.order, fmt.Sprintf("secret %d of %s", o.SecretNumber, workspace.AppendKeyID(nil, o.KeyID)))
	s.secrets = append(s.secrets, o)
}

func (s *facts) Key(k workspace.KeyFact) {
	id := string(workspace.AppendKeyID(nil, k.ID))
	s.order = append(s.order, "key "+id)
	if s.keys == nil {
		s.keys = map[string]workspace.KeyFact{}
	}
	s.keys[id] = k
}

// sorted returns the facts without their order within a kind, which no engine
// promises.
func (s *facts) sorted() []string { return slices.Sorted(slices.Values(s.order)) }
