package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/keylodge/keylodge/client"
	"github.com/keylodge/keylodge/internal/workspace"
)

func ExampleClient_Require() {
	k, err := startKeylodge(context.Background()) // yours runs elsewhere
	if err != nil {
		panic(err)
	}
	defer k.stop()
	_, key, err := k.add(context.Background(), workspace.NewKey{Name: "CI", Scopes: []string{"invoices:read"}})
	if err != nil {
		panic(err)
	}

	keylodge, err := client.New(client.Config{URL: k.url})
	if err != nil {
		panic(err)
	}
	invoices := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _ := client.FromContext(r.Context())
		fmt.Fprintf(w, "Invoices of %s, for its key %q.", who.Workspace, who.KeyName)
	})
	mux := http.NewServeMux()
	mux.Handle("GET /invoices", keylodge.Require("invoices:read")(invoices))
	mux.Handle("DELETE /invoices", keylodge.Require("invoices:write")(invoices))
	service := httptest.NewServer(mux)
	defer service.Close()

	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		r, _ := http.NewRequest(method, service.URL+"/invoices", nil)
		r.Header.Set("Authorization", "Bearer "+key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			panic(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			fmt.Println(string(body))
		} else {
			fmt.Println(answer.Status)
		}
	}
	// Output:
	// Invoices of acme, for its key "CI".
	// 403 Forbidden
}
