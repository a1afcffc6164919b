package useragent_test

import (
	"testing"

	"github.com/keylodge/keylodge/internal/useragent"
)

func TestFamily(t *testing.T) {
	for userAgent, want := range map[string]string{
		"":                                       "",
		"curl/8.1.2":                             "curl",
		"Go-http-client/1.1":                     "Go-http-client",
		"python-requests/2.31.0":                 "python-requests",
		"kube-probe":                             "kube-probe",
		"my tool 1.0":                            "my",
		"okhttp(x)":                              "okhttp",
		"ключ/1":                                 "",
		"a-name-of-more-than-thirty-two-bytes/1": "other",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36": "Chrome",
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Edg/126.0":       "Edge",
		"Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":     "Safari",
		"Mozilla/5.0 (X11; rv:127.0) Gecko/20100101 Firefox/127.0":                                          "Firefox",
		"Mozilla/4.0 (something else)":              "Mozilla",
		"kl_0123456789ABCDEFGHIJKLMNOPQRSTUV0dYxzJ": "other", // a secret, sent in the wrong header
	} {
		if got := useragent.Family(userAgent); got != want {
			t.Errorf("%q → %q, want %q", userAgent, got, want)
		}
	}
}
