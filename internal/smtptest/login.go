package smtptest

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
)

// NewRefusingLogin starts a server that refuses every login (535), and returns
// its URL with a user and a password. It ends with the test.
func NewRefusingLogin(t testing.TB) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			refuseLogin(connection)
		}
	})
	t.Cleanup(func() { listener.Close(); serving.Wait() })
	return "smtp://keys:hunter2@" + listener.Addr().String() + "?tls=none&from=keys%40acme.example"
}

// refuseLogin serves one client.
func refuseLogin(connection net.Conn) {
	defer connection.Close()
	fmt.Fprint(connection, "220 mail.acme.example\r\n")
	challenged := false
	for lines := bufio.NewScanner(connection); lines.Scan(); {
		command, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
		switch {
		case challenged:
			challenged = false
			fmt.Fprint(connection, "535 5.7.8 wrong: hunter2\r\n")
		case command == "EHLO":
			fmt.Fprint(connection, "250-mail.acme.example\r\n250 AUTH CRAM-MD5\r\n")
		case command == "AUTH":
			challenged = true
			fmt.Fprint(connection, "334 PDE+\r\n")
		case command == "QUIT":
			fmt.Fprint(connection, "221 bye\r\n")
			return
		default:
			fmt.Fprint(connection, "530 5.7.0 sign in first\r\n")
		}
	}
}
