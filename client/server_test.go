package client_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/web"
)

// keylodge is a real Keylodge in this process.
type keylodge struct {
	*workspace.Service
	url         string
	server      *httptest.Server
	db          *store.Store
	folder      string
	operator    workspace.Actor
	connections atomic.Int32 // that were opened to it
}

const ownerEmail = "dana@acme.example"

// startKeylodge starts one with the workspace acme, whose owner is Dana.
func startKeylodge(ctx context.Context) (k *keylodge, err error) {
	k = &keylodge{}
	if k.folder, err = os.MkdirTemp("", "keylodge-client-"); err != nil {
		return nil, err
	}
	if k.db, err = store.Open(ctx, filepath.Join(k.folder, "keylodge.db")); err != nil {
		return nil, err
	}
	if _, err = k.db.Migrate(ctx); err != nil {
		return nil, err
	}
	k.Service = workspace.NewService(k.db, workspace.Config{})
	w, _, err := k.CreateWorkspace(ctx, workspace.NewWorkspace{Name: "Acme", Slug: "acme", OwnerEmail: ownerEmail})
	if err != nil {
		return nil, err
	}
	k.operator = workspace.Operator
	k.operator.WorkspaceID = w.ID
	index, err := keyindex.Open(ctx, k.db, keyindex.Options{})
	if err != nil {
		return nil, err
	}
	k.server = httptest.NewUnstartedServer(web.New(web.Config{
		Service: k.Service, Index: index, BaseURL: &url.URL{Scheme: "http", Host: "localhost"},
		Log:            slog.New(slog.DiscardHandler),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}))
	k.server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			k.connections.Add(1)
		}
	}
	k.server.Start()
	k.url = k.server.URL
	return k, nil
}

func (k *keylodge) stop() {
	k.server.Close()
	k.db.Close()
	os.RemoveAll(k.folder)
}

// add adds a key of Dana's.
func (k *keylodge) add(ctx context.Context, n workspace.NewKey) (workspace.Key, string, error) {
	key, secret, err := k.AddKeyFor(ctx, k.operator, ownerEmail, n)
	return key, secret.Reveal(), err
}
