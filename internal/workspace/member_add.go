package workspace

import (
	"context"

	"github.com/keylodge/keylodge/internal/password"
)

// person is a user who is about to get an account: checked, and with the
// password hashed.
type person struct {
	name, email, password, passwordHash string
	confirmed                           bool // the email is known to be theirs
}

// personForm is the form for a new user, as it was typed.
type personForm struct {
	name, email, password string
	passwordOptional      bool
	words                 []string // that the password must not consist of, besides name and email
}

// check returns the person, and adds to wrong what is invalid.
func (f personForm) check(wrong invalid) person {
	p := person{password: f.password}
	var message string
	p.name, message = cleanName(f.name)
	wrong.add("name", message)
	p.email, message = cleanEmail(f.email)
	wrong.add("email", message)
	if f.password != "" || !f.passwordOptional {
		wrong.add("password", password.Check(f.password, append(f.words, p.name, p.email)...))
	}
	return p
}

func (p *person) hash(ctx context.Context, s *Service) (err error) {
	if p.password != "" {
		p.passwordHash, err = s.hashPassword(ctx, p.password)
	}
	return err
}

// insertMember makes a person a member, with a new account unless the email
// has one. An account that exists keeps its name and password.
func (s *Service) insertMember(ctx context.Context, tx ChangeTx, workspaceID string, p person, role Role) (Member,
	error) {
	now := s.clock()
	user, err := tx.User(ctx, UserLookup{Email: p.email})
	if KindOf(err) == NotFound {
		user = User{ID: newID(userIDPrefix, now), Email: p.email, Name: p.name, PasswordHash: p.passwordHash,
			CreatedAt: now}
		if p.confirmed {
			user.ConfirmedAt = now
		}
		err = tx.InsertUser(ctx, user)
	}
	if err != nil {
		return Member{}, err
	}
	m := Member{WorkspaceID: workspaceID, UserID: user.ID, Role: role, Active: true, CreatedAt: now, Name: user.Name,
		Email: user.Email}
	if err := tx.InsertMember(ctx, m); err != nil {
		return Member{}, conflictAt(err, "email", "This person is a member already.")
	}
	return m, nil
}

// addedDetails are the details of the event that a member was added.
func addedDetails(m Member) map[string]string {
	return map[string]string{"email": m.Email, "role": string(m.Role)}
}

// AddMember makes a person a member of the actor's workspace.
func (s *Service) AddMember(ctx context.Context, actor Actor, name, email, password string, role Role) (Member, error) {
	wrong := invalid{}
	wrong.add("role", checkRole(role))
	p := personForm{name: name, email: email, password: password, passwordOptional: true}.check(wrong)
	p.confirmed = true // by the operator
	if err := wrong.err(); err != nil {
		return Member{}, err
	}
	if err := p.hash(ctx, s); err != nil {
		return Member{}, err
	}
	var m Member
	err := s.actOnKeys(ctx, actor, PermitManageMembers, func(tx ChangeTx, a *act) (err error) {
		if err := a.who.checkMayGive(role); err != nil {
			return err
		}
		m, err = s.insertMember(ctx, tx, actor.WorkspaceID, p, role)
		a.record(ActionMemberAdded, m.UserID, addedDetails(m))
		return err
	})
	return m, err
}
