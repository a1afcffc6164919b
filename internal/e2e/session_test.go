package e2e

import (
	"net/http"
	"net/url"
)

// setCookies returns the cookies of an answer by name.
func setCookies(a answer) map[string]*http.Cookie {
	all := map[string]*http.Cookie{}
	for _, line := range a.header["Set-Cookie"] {
		if cookie, err := http.ParseSetCookie(line); err == nil {
			all[cookie.Name] = cookie
		}
	}
	return all
}

func signInForm(email, password string) url.Values {
	return fields("email", email, "password", password)
}
