// Package templates renders pages. Its views are plain data: templates fetch
// nothing, and decide only what to show, not who may do what.
package templates

import (
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Layout is what surrounds the content of every page.
type Layout struct {
	Title     string              // of the page; the layout adds the workspace
	Workspace workspace.Workspace // zero: no workspace (set-up, the finder)
	Viewer    workspace.Member    // zero: nobody is signed in
	Method    workspace.Method    // how the viewer signed in
	Others    []Other
	Now       time.Time
}

// Other is another workspace of the viewer.
type Other struct{ Name, URL string }

// SignedIn reports whether a member is signed in.
func (l Layout) SignedIn() bool { return l.Viewer.UserID != "" }
