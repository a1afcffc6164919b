package main

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"github.com/keylodge/keylodge/internal/mail"
	"github.com/keylodge/keylodge/internal/outbox"
	"github.com/keylodge/keylodge/internal/workspace"
)

// sendersAtOnce is how many messages of a channel are sent at once: mail goes
// to one server, which does not take many connections.
var sendersAtOnce = map[workspace.Channel]int{workspace.ChannelMail: 8, workspace.ChannelWebhook: 32}

func sender(channel workspace.Channel, service *workspace.Service, transport outbox.Transport,
	log *slog.Logger) *outbox.Sender {
	return &outbox.Sender{Channel: channel, Queue: service, Transport: transport, AtOnce: sendersAtOnce[channel],
		Log: log}
}

// mailJobs are what delivers emails until ctx ends, if there is a server for
// them, and what tries its login at the start.
func (c serverFlags) mailJobs(service *workspace.Service, base *url.URL, log *slog.Logger) (
	send, check func(context.Context)) {
	nothing := func(context.Context) {}
	if c.SMTPURL == "" {
		return nothing, nothing
	}
	server, err := mail.Open(c.SMTPURL, base)
	if err != nil { // checked before
		log.Error("mail not sent: --smtp-url is not valid", "error", err)
		return nothing, nothing
	}
	return sender(workspace.ChannelMail, service, server, log).Run,
		func(ctx context.Context) { checkMail(ctx, server, log) }
}

// mailCheckLimit is how long the login at the start may take.
const mailCheckLimit = 15 * time.Second

func checkMail(ctx context.Context, server *mail.Server, log *slog.Logger) {
	check, cancel := context.WithTimeout(ctx, mailCheckLimit)
	defer cancel()
	err := server.Check(check)
	if err == nil || ctx.Err() != nil {
		return
	}
	attributes := []any{"error", err}
	if failed, ok := errors.AsType[*workspace.SendError](err); ok && failed.Code != 0 {
		attributes = append(attributes, "code", failed.Code)
	}
	log.Error("mail server does not let Keylodge in; emails wait", attributes...)
}

// giveUpMessages gives up messages that could not be tried for too long.
func giveUpMessages(ctx context.Context, service *workspace.Service, log *slog.Logger) error {
	all, err := service.GiveUpMessages(ctx)
	for _, m := range all {
		log.Error("message given up", "channel", m.Channel, "message", m.ID, "kind", m.Kind, "host", m.Host, "error",
			m.LastError)
	}
	return err
}
