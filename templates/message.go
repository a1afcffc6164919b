package templates

// MessageView says one thing and, unless LinkURL is empty, where to go on.
type MessageView struct {
	Layout
	Heading  string
	Message  string
	LinkURL  string
	LinkText string
}
