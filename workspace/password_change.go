package workspace

import "context"

// ChangePassword sets the actor's password, for who knows the present one or, when there is none, has a fresh proof; ends all their sessions in every workspace and
// begins a new one here. Links that would set a password are dead.
func (s *Service) ChangePassword(ctx context.Context, actor Actor, current, password, deviceToken string) (SignedInSession, error) {
	user, err := s.store.User(ctx, actor.UserID)
	if err != nil {
		return SignedInSession{}, err
	}
	wrong := invalid{}
	wrong.add("password", checkPassword(password, user.Name, user.Email))
	if password == current && password != "" {
		wrong.add("password", "This is your present password. Choose another one.")
	}
	if err := wrong.err(); err != nil {
		return SignedInSession{}, err
	}
	subjects, err := s.provePresent(ctx, actor, user, current, deviceToken)
	if err != nil {
		return SignedInSession{}, err
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return SignedInSession{}, err
	}
	err = s.update(ctx, actor, PasswordSet, func(tx Tx, e *Event) error {
		e.TargetID = user.ID
		if err := tx.SetPassword(ctx, user.ID, hash); err != nil {
			return err
		}
		if err := tx.DeleteOneTimeTokens(ctx, PurposePasswordReset, user.ID); err != nil {
			return err
		}
		return tx.DeleteSessionsOf(ctx, user.ID)
	})
	if err != nil {
		return SignedInSession{}, err
	}
	member, err := s.store.Member(ctx, actor.WorkspaceID, user.ID)
	if err != nil {
		return SignedInSession{}, err
	}
	return s.startSession(ctx, actor, member, subjects, deviceToken)
}

func (s *Service) provePresent(ctx context.Context, actor Actor, user User, current, deviceToken string) ([]throttleSubject, error) {
	if user.PasswordHash == "" {
		return nil, s.OwnProof(ctx, actor)
	}
	right, subjects, err := s.tryPassword(ctx, actor, user.Email, user, current, deviceToken)
	if err == nil && !right {
		err = s.refusePassword(ctx, actor)
	}
	return subjects, err
}

func (s *Service) refusePassword(ctx context.Context, actor Actor) error {
	if err := s.note(ctx, actor, PasswordRefused, actor.UserID); err != nil {
		return err
	}
	return invalid{"current_password": "This is not your password."}.err()
}
