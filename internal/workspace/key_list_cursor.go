package workspace

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// KeyCursor is a place between two rows of a list of keys: beside the row with
// this time and id.
type KeyCursor struct {
	At     time.Time // of the column that the list is sorted by, exact to the microsecond
	Text   string    // of the column that the list is sorted by, where that is a text
	ID     string
	Before bool // the page that ends here, not the one that begins here
}

// IsZero reports whether the cursor is unset.
func (c KeyCursor) IsZero() bool { return c.ID == "" }

// String returns the cursor as a URL parameter; [ParseKeyCursor] reads it back.
func (c KeyCursor) String() string {
	if c.IsZero() {
		return ""
	}
	if c.Text != "" {
		return "~" + base64.RawURLEncoding.EncodeToString([]byte(c.Text)) + "." + c.ID
	}
	return strconv.FormatInt(c.At.UnixMicro(), 36) + "." + c.ID
}

// ParseKeyCursor reads what [KeyCursor.String] wrote; anything else is the zero
// cursor. A cursor carries no rights: a query filters by workspace whatever its
// cursor says.
func ParseKeyCursor(text string, before bool) KeyCursor {
	at, id, _ := strings.Cut(text, ".")
	if _, ok := ParseKeyID(id); !ok {
		return KeyCursor{}
	}
	if encoded, isText := strings.CutPrefix(at, "~"); isText {
		value, err := base64.RawURLEncoding.DecodeString(encoded)
		if err != nil || len(value) == 0 || !utf8.Valid(value) {
			return KeyCursor{}
		}
		return KeyCursor{Text: string(value), ID: id, Before: before}
	}
	micros, err := strconv.ParseInt(at, 36, 64)
	if err != nil {
		return KeyCursor{}
	}
	return KeyCursor{At: time.UnixMicro(micros).UTC(), ID: id, Before: before}
}
