package workspace

import (
	"context"
	"net/netip"
)

// MailResetLink sends a link that sets their password to the user with an
// email, if there is one. Whether there is takes no time that could be
// measured, and changes nothing in the answer: a message is written for any
// email, and who it is for is looked up when it is sent.
func (s *Service) MailResetLink(ctx context.Context, actor Actor, email string) error {
	clean, message := cleanEmail(email)
	if message != "" {
		return invalid{"email": message}.err()
	}
	if !s.SendsMail() {
		return &Error{Kind: Forbidden, Message: "Keylodge sends no e-mail here. Ask whoever runs it for a link to set your password."}
	}
	address, _ := netip.ParseAddr(actor.Address)
	from := throttleSubject{name: "reset-from:" + AddressHolder(address), freeTries: freeTriesAddress}
	if err := s.countMail(ctx, mailsTo("reset", clean), from); err != nil {
		return err
	}
	return s.sweep(ctx, func(tx Tx) error {
		m := Message{Kind: MessageReset, To: clean, Deadline: s.clock().Add(ResetLinkLifetime)}
		return s.mailLink(ctx, tx, actor, m, linkPayload{})
	})
}
