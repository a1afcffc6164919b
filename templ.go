// Package keylodge is the root of the module: the program is cmd/keylodge, and
// the packages beside it are its parts.
package keylodge

//go:generate go tool templ generate
