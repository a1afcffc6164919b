package templates

import (
	"github.com/keylodge/keylodge/internal/useragent"
	"github.com/keylodge/keylodge/internal/workspace"
)

// SessionsView is where a person is signed in.
type SessionsView struct {
	Layout
	Sessions []workspace.Session
	This     string // the id of the session that looks
	Notice   string
}

// device names a browser as far as it says what it is: "Firefox on Linux".
func device(userAgent string) string {
	browser, platform := useragent.Family(userAgent), useragent.Platform(userAgent)
	switch {
	case browser == "":
		return "A browser that does not say what it is"
	case platform == "":
		return browser
	}
	return browser + " on " + platform
}
