// Package useragent reduces a User-Agent header to what the pages show: the
// program and, for browsers, the operating system.
package useragent

import "strings"

// browsers are the tokens that tell browsers apart, in the order in which to
// look for them: each browser also sends the tokens of those after it.
var browsers = []struct{ token, family string }{
	{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
}

// maxLength is the longest family, in bytes. A secret is longer.
const maxLength = 32

// Other is the family of a program whose name is longer than 32 bytes.
const Other = "other"

// Family returns the browser's name or, for other programs, the first product
// without its version (RFC 9110 section 10.1.5), such as "curl". The result is
// a substring of userAgent or a constant, at most 32 bytes of printable ASCII.
func Family(userAgent string) string {
	if strings.HasPrefix(userAgent, "Mozilla/") {
		for _, b := range browsers {
			if strings.Contains(userAgent, b.token) {
				return b.family
			}
		}
	}
	for i := range len(userAgent) {
		switch c := userAgent[i]; {
		case c <= ' ' || c > '~' || c == '/' || c == '(':
			return userAgent[:i]
		case i == maxLength: // no product has a name this long, but a secret does
			return Other
		}
	}
	return userAgent
}

// platforms are the tokens that tell systems apart, in the order in which to
// look for them.
var platforms = []struct{ token, name string }{
	{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
	{"Mac OS X", "macOS"}, {"Linux", "Linux"},
}

// Platform returns the operating system that a browser's User-Agent names, or
// "".
func Platform(userAgent string) string {
	for _, p := range platforms {
		if strings.Contains(userAgent, p.token) {
			return p.name
		}
	}
	return ""
}
