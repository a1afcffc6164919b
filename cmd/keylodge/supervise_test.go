package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
)

// A job that panics is told of in the log, and begins again.
func TestSupervise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		runs := 0
		supervise(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), func(context.Context) {
			if runs++; runs < 3 {
				panic("a fault of ours")
			}
		})
		if lines := strings.Count(log.String(), "level=ERROR"); runs != 3 || lines != 2 {
			t.Errorf("%d runs, %d lines", runs, lines)
		}
		ctx, stop := context.WithCancel(t.Context())
		supervise(ctx, slog.New(slog.DiscardHandler), func(context.Context) {
			stop()
			panic("at the end")
		})
	})
}
