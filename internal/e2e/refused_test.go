package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
)

// TestRefusalReachesWhoHasStoppedSending verifies an invalid key and closes its
// half of the connection, as some clients do. The response must not turn into
// an empty 200.
func TestRefusalReachesWhoHasStoppedSending(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	s.setUp(t)
	for range 20 {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nX-API-Key: wrong\r\n\r\n")
		conn.(*net.TCPConn).CloseWrite()
		a, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil && a.StatusCode < 400 {
			t.Fatalf("a wrong key gets %s", a.Status)
		}
	}
}
