package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

type userCommand struct {
	Create         userCreateCommand         `cmd:"" help:"Make a user a member of a workspace."`
	ResetLink      userResetLinkCommand      `cmd:"" help:"Print a one-time link that sets a user's password."`
	Role           userRoleCommand           `cmd:"" help:"Change a member's role. Their keys follow at once."`
	Deactivate     userDeactivateCommand     `cmd:"" help:"${help_user_deactivate}"`
	Activate       userActivateCommand       `cmd:"" help:"Activate a deactivated member. Their keys work again."`
	RemoveTOTP     userRemoveTOTPCommand     `cmd:"" name:"remove-totp" help:"Remove a user's authenticator app."`
	RemovePasskeys userRemovePasskeysCommand `cmd:"" name:"remove-passkeys" help:"Remove all of a user's passkeys."`
	SetEmail       userSetEmailCommand       `cmd:"" help:"Change the email that a user signs in with."`
}

// oneUser is the flags of a command that changes one user.
type oneUser struct {
	database
	Email string `required:"" help:"The user's email."`
}

// outcome completes a sentence about the user: what is now true, or what
// NotFound means.
type outcome struct{ done, notFound string }

// change calls do and prints the outcome.
func (u oneUser) change(ctx context.Context, std streams, o outcome, do func(*workspace.Service) error) error {
	return u.with(ctx, workspace.Config{}, func(s *workspace.Service) error {
		err := do(s)
		if workspace.KindOf(err) == workspace.NotFound {
			return fmt.Errorf("%s %s", u.Email, o.notFound)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(std.out, "%s %s.\n", u.Email, o.done)
		return err
	})
}
