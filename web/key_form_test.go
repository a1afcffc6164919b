package web

import (
	"net/url"
	"testing"
)

// TestADateThatIsMissingIsRefusedAtItsField chooses to expire at a date but
// gives none.
func TestADateThatIsMissingIsRefusedAtItsField(t *testing.T) {
	for _, tt := range []struct{ expires, at, want, wrong string }{
		{"date", "", "", "expires_at"},
		{"date", "2027-01-31T18:00", "2027-01-31T18:00", ""},
		{"90d", "", "90d", ""},
		{"never", "2027-01-31T18:00", "never", ""},
	} {
		form := readKeyForm(url.Values{"expires": {tt.expires}, "expires_at": {tt.at}})
		if got := form.expires(); got != tt.want || (form.Errors[tt.wrong] != "") != (tt.wrong != "") ||
			len(form.Errors) > 1 {
			t.Errorf("%q %q: %q, %v", tt.expires, tt.at, got, form.Errors)
		}
	}
}
