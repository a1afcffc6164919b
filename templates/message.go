package templates

// MessageView shows a message and, unless LinkURL is empty, a link to go on.
type MessageView struct {
	Layout
	Heading  string
	Message  string
	LinkURL  string
	LinkText string
}
