package publicnet

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

func TestWhichIPsMayBeCalled(t *testing.T) {
	for address, want := range map[string]string{
		"8.8.8.8": "public", "2606:4700::1111": "public", "::ffff:8.8.8.8": "public",
		"127.0.0.1": "private", "::1": "private", "10.0.0.1": "private", "172.16.0.1": "private",
		"192.168.1.1": "private", "100.64.0.1": "private",
		"fd00::1": "private", "::ffff:10.0.0.1": "private", "64:ff9b::a00:1": "private", "2002:a00:1::": "private",
		"198.18.0.1": "private", "192.0.0.8": "private",
		"169.254.169.254": "never", "fe80::1": "never", "fe80::1%eth0": "never", "::ffff:169.254.169.254": "never",
		"0.0.0.0": "never", "::": "never", "224.0.0.1": "never", "ff02::1": "never",
	} {
		a := netip.MustParseAddr(address)
		if mayCall(a, false) != (want == "public") || mayCall(a, true) != (want != "never") {
			t.Errorf("%s: %v, private %v", address, mayCall(a, false), mayCall(a, true))
		}
	}
}

func TestDialersConnectOnlyWhereTheyMay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for name, test := range map[string]struct {
		dialer *net.Dialer
		refuse bool
	}{
		"public":   {Dialer(time.Second, false), true},
		"private":  {Dialer(time.Second, true), false},
		"loopback": {Loopback(time.Second), false},
	} {
		for _, host := range []string{"127.0.0.1", "localhost"} {
			c, err := test.dialer.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
			if errors.Is(err, ErrRefused) != test.refuse || (err == nil) == test.refuse {
				t.Errorf("%s, %s: %v", name, host, err)
			}
			if err == nil {
				c.Close()
			}
		}
	}
	if _, err := Loopback(time.Second).DialContext(t.Context(), "tcp", "8.8.8.8:443"); !errors.Is(err, ErrRefused) {
		t.Errorf("the loopback dialer calls a public IP: %v", err)
	}
}
