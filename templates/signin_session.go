package templates

import (
	"github.com/keylodge/keylodge/internal/useragent"
	"github.com/keylodge/keylodge/internal/workspace"
)

// SessionsView lists the sessions of a user.
type SessionsView struct {
	Layout
	Sessions []workspace.Session
	This     string // the id of the viewer's session
	Notice   string
}

// device returns the name of a browser and its platform: "Firefox on Linux".
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
