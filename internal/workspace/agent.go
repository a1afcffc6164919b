package workspace

import "strings"

// browsers are the tokens that tell browsers apart, in the order in which they
// must be looked for: each claims to be those after it too.
var browsers = []struct{ token, family string }{
	{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
}

// maxAgent is the longest family of a program, in bytes: shorter than a key.
// What is longer is OtherAgent, and so is what is one too many to be told
// apart.
const (
	maxAgent   = 32
	OtherAgent = "other"
)

// AgentFamily returns which sort of program a User-Agent names: a browser's
// name, or else the first product without its version (RFC 9110 section
// 10.1.5), such as "curl". It is part of userAgent or a constant.
func AgentFamily(userAgent string) string {
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
		case i == maxAgent: // no product has such a name, but a key has
			return OtherAgent
		}
	}
	return userAgent
}

// platforms are the tokens that tell systems apart, in the order in which they
// must be looked for.
var platforms = []struct{ token, name string }{
	{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
	{"Mac OS X", "macOS"}, {"Linux", "Linux"},
}

// AgentPlatform returns the system that a browser's User-Agent says it runs on,
// or "".
func AgentPlatform(userAgent string) string {
	for _, p := range platforms {
		if strings.Contains(userAgent, p.token) {
			return p.name
		}
	}
	return ""
}
