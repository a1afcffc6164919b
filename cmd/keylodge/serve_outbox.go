package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/keylodge/keylodge/internal/mail"
	"github.com/keylodge/keylodge/internal/outbox"
	"github.com/keylodge/keylodge/internal/workspace"
)

// sendersAtOnce is how many messages of a channel are sent at the same time.
// Mail goes to one server, which accepts few connections.
var sendersAtOnce = map[workspace.Channel]int{workspace.ChannelMail: 8, workspace.ChannelWebhook: 32}

func sender(channel workspace.Channel, service *workspace.Service, transport outbox.Transport,
	log *slog.Logger) *outbox.Sender {
	return &outbox.Sender{Channel: channel, Queue: service, Transport: transport, AtOnce: sendersAtOnce[channel],
		Log: log}
}

// mailJobs returns the jobs that deliver emails and try the login at the start.
// Without a mail server there are none.
func mailJobs(server *mail.Server, service *workspace.Service, log *slog.Logger) []func(context.Context) {
	if server == nil {
		return nil
	}
	return []func(context.Context){
		sender(workspace.ChannelMail, service, server, log).Run,
		func(ctx context.Context) { checkMail(ctx, server, log) },
	}
}

// mailCheckLimit is how long the first login may take.
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
	log.Error("mail server login failed; emails wait", attributes...)
}

// giveUpMessages gives up the messages that are past their deadline, and logs
// them.
func giveUpMessages(ctx context.Context, service *workspace.Service, log *slog.Logger) error {
	all, err := service.GiveUpMessages(ctx)
	for _, m := range all {
		log.Error("message given up", "channel", m.Channel, "message", m.ID, "kind", m.Kind, "host", m.Host, "error",
			m.LastError)
	}
	return err
}
