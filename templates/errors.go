package templates

// ErrorView says what went wrong and what to do next.
type ErrorView struct {
	Layout
	Status    int
	Heading   string
	Message   string
	RequestID string
}
