package workspace

import (
	"strconv"
	"strings"
	"time"
)

// KeyCursor is a place between two rows of a list of keys: beside the row with this time and id.
type KeyCursor struct {
	At     time.Time // of the column that the list is sorted by, exact to the microsecond
	ID     string
	Before bool // the page that ends here, not the one that begins here
}

// IsZero says whether the cursor is no place at all.
func (c KeyCursor) IsZero() bool { return c.ID == "" }

// String returns the cursor as a URL parameter; [ParseKeyCursor] reads it back.
func (c KeyCursor) String() string {
	if c.IsZero() {
		return ""
	}
	return strconv.FormatInt(c.At.UnixMicro(), 36) + "." + c.ID
}

// ParseKeyCursor reads what [KeyCursor.String] wrote; anything else is the zero cursor. A cursor carries no
// rights: a query filters by workspace whatever its cursor says.
func ParseKeyCursor(text string, before bool) KeyCursor {
	at, id, _ := strings.Cut(text, ".")
	micros, err := strconv.ParseInt(at, 36, 64)
	if _, ok := ParseKeyID(id); err != nil || !ok {
		return KeyCursor{}
	}
	return KeyCursor{At: time.UnixMicro(micros).UTC(), ID: id, Before: before}
}
