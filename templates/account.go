package templates

import "github.com/keylodge/keylodge/workspace"

// device names a browser as far as it says what it is: "Firefox on Linux".
func device(userAgent string) string {
	browser, platform := workspace.AgentFamily(userAgent), workspace.AgentPlatform(userAgent)
	switch {
	case browser == "":
		return "A browser that does not say what it is"
	case platform == "":
		return browser
	}
	return browser + " on " + platform
}
