// Package templates turns what a handler has gathered into HTML. Its views are
// plain data; it asks nobody anything and decides nothing about who may do
// what.
package templates

import (
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Layout is what every page has around it.
type Layout struct {
	Title     string              // of the page; the layout adds the workspace
	Workspace workspace.Workspace // zero: no workspace (set-up, the finder)
	Viewer    workspace.Member    // zero: nobody is signed in
	Method    workspace.Method    // how the viewer signed in
	Others    []Other
	Now       time.Time
}

// Other is a workspace that the viewer may go to.
type Other struct{ Name, URL string }

// ActionSignedIn says whether somebody is.
func (l Layout) SignedIn() bool { return l.Viewer.UserID != "" }
