package workspace

import (
	"context"
	"fmt"
	"net/netip"
)

// MailResetLink sends a link that sets their password to the person with an address, if there is one. Whether there is takes no
// time that could be measured, and changes nothing in the answer: the work is done after it. link makes a link of a token.
func (s *Service) MailResetLink(ctx context.Context, actor Actor, email string, link func(token string) string) error {
	clean, message := cleanEmail(email)
	if message != "" {
		return invalid{"email": message}.err()
	}
	if s.send == nil {
		return &Error{Kind: Forbidden, Message: "Keylodge sends no e-mail here. Ask whoever runs it for a link to set your password."}
	}
	address, _ := netip.ParseAddr(actor.Address)
	from := throttleSubject{name: "reset-from:" + AddressHolder(address), freeTries: freeTriesAddress}
	if err := s.countMail(ctx, mailsTo("reset", clean), from); err != nil {
		return err
	}
	go s.mailResetLink(context.WithoutCancel(ctx), actor, clean, link)
	return nil
}

func (s *Service) mailResetLink(ctx context.Context, actor Actor, email string, link func(token string) string) {
	token, err := s.newResetLink(ctx, actor, email)
	if err != nil {
		return
	}
	s.mail(Mail{To: email, Subject: "Set your password", Text: fmt.Sprintf(
		"Somebody, probably you, asked for a link to set your password.\n\nOpen it to choose one. It works once, for a day:\n%s\n\nIf it was not you, do nothing: your password stays as it is.\n",
		link(token))})
}
