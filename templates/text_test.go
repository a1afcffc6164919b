package templates

import (
	"regexp"
	"strings"
	"testing"
)

// TestPagesReadAsText looks for what a text browser would not show or send:
// links and buttons without a text, words that run into each other where only
// styles keep them apart, and forms without a field, which such browsers send
// as a GET.
func TestPagesReadAsText(t *testing.T) {
	var (
		svg  = regexp.MustCompile(`(?s)<svg.*?</svg>`)
		tags = regexp.MustCompile(`<[^>]*>`)
		link = regexp.MustCompile(`(?s)<(?:a|button)\b[^>]*>(.*?)</(?:a|button)>`)
		run  = regexp.MustCompile(`[^\s<>]*(?:</(?:a|b|span|code|time|button|label)>)` +
			`<(?:a|b|span|code|time|button|label|select)\b[^>]*>[^<]*`)
		count  = regexp.MustCompile(`\pL<b\b[^>]*>[0-9]`)
		form   = regexp.MustCompile(`(?s)<form\b.*?</form>`)
		submit = `type="submit"`
	)
	for name, c := range everything {
		page := svg.ReplaceAllString(render(t, c), "")
		for _, m := range link.FindAllStringSubmatch(page, -1) {
			if strings.TrimSpace(tags.ReplaceAllString(m[1], "")) == "" {
				t.Errorf("%s: no text: %s", name, m[0])
			}
		}
		for _, m := range append(run.FindAllString(page, -1), count.FindAllString(page, -1)...) {
			t.Errorf("%s: these run into each other: %s", name, m)
		}
		for _, m := range form.FindAllString(page, -1) {
			if strings.Contains(m, submit) && !strings.Contains(m, ` name="`) {
				t.Errorf("%s: a form without fields: %s", name, m)
			}
		}
	}
}
