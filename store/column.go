package store

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// moment stores a time as microseconds since 1970 UTC, and the zero time as
// NULL.
type moment time.Time

// Value implements [driver.Valuer].
func (m moment) Value() (driver.Value, error) {
	if t := time.Time(m); !t.IsZero() {
		return t.UnixMicro(), nil
	}
	return nil, nil
}

// Scan implements [sql.Scanner].
func (m *moment) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*m = moment{}
	case int64:
		*m = moment(time.UnixMicro(v).UTC())
	default:
		return fmt.Errorf("store: %T is no time", src)
	}
	return nil
}

// epochMoment stores a time as moment does, and the zero time as 0.
type epochMoment time.Time

// Value implements [driver.Valuer].
func (m epochMoment) Value() (driver.Value, error) {
	if t := time.Time(m); !t.IsZero() {
		return t.UnixMicro(), nil
	}
	return int64(0), nil
}

// Scan implements [sql.Scanner].
func (m *epochMoment) Scan(src any) error {
	if src == int64(0) {
		*m = epochMoment{}
		return nil
	}
	return (*moment)(m).Scan(src)
}

// optional stores a text, and the empty text as NULL, for columns that refer to
// another table.
type optional string

// Value implements [driver.Valuer].
func (o optional) Value() (driver.Value, error) {
	if o == "" {
		return nil, nil
	}
	return string(o), nil
}

// Scan implements [sql.Scanner].
func (o *optional) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*o = ""
	case string:
		*o = optional(v)
	case []byte:
		*o = optional(v)
	default:
		return fmt.Errorf("store: %T is no text", src)
	}
	return nil
}

// digest stores a digest as its 32 bytes.
type digest secret.Digest

// Value implements [driver.Valuer].
func (d digest) Value() (driver.Value, error) { return d[:], nil }

// Scan implements [sql.Scanner].
func (d *digest) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(d) {
		return fmt.Errorf("store: %d bytes of %T are no digest", len(b), src)
	}
	copy(d[:], b)
	return nil
}

// optionalDigest reads a digest, and NULL as the zero one.
type optionalDigest secret.Digest

// Scan implements [sql.Scanner].
func (d *optionalDigest) Scan(src any) error {
	if src == nil {
		*d = optionalDigest{}
		return nil
	}
	return (*digest)(d).Scan(src)
}

// optionalNumber reads a number, and NULL as 0.
type optionalNumber int64

// Scan implements [sql.Scanner].
func (n *optionalNumber) Scan(src any) error {
	v, ok := src.(int64)
	if !ok && src != nil {
		return fmt.Errorf("store: %T is no number", src)
	}
	*n = optionalNumber(v)
	return nil
}

// address stores a network address as its text, and no address as the empty
// text.
type address netip.Addr

// Value implements [driver.Valuer].
func (a address) Value() (driver.Value, error) {
	text, err := netip.Addr(a).MarshalText()
	return string(text), err
}

// Scan implements [sql.Scanner]. NULL, from a join that found nothing, is no
// address.
func (a *address) Scan(src any) error {
	text, _ := src.(string)
	return (*netip.Addr)(a).UnmarshalText([]byte(text))
}

// details stores the details of an audit event as a JSON object.
type details map[string]string

// Value implements [driver.Valuer].
func (d details) Value() (driver.Value, error) {
	if len(d) == 0 {
		return "{}", nil
	}
	text, err := json.Marshal(map[string]string(d))
	return string(text), err
}

// Scan implements [sql.Scanner].
func (d *details) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("store: %T is no JSON", src)
	}
	return json.Unmarshal([]byte(text), (*map[string]string)(d))
}

// words stores a list of texts without spaces as one text with spaces between
// them.
type words []string

// Value implements [driver.Valuer].
func (w words) Value() (driver.Value, error) { return strings.Join(w, " "), nil }

// Scan implements [sql.Scanner]. The empty text is nil.
func (w *words) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("store: %T is no list", src)
	}
	*w = nil
	if text != "" {
		*w = strings.Split(text, " ")
	}
	return nil
}

// networks stores a list of networks as words stores texts.
type networks []netip.Prefix

// Value implements [driver.Valuer].
func (n networks) Value() (driver.Value, error) {
	var texts words
	for _, p := range n {
		texts = append(texts, p.String())
	}
	return texts.Value()
}

// Scan implements [sql.Scanner].
func (n *networks) Scan(src any) error {
	var texts words
	err := texts.Scan(src)
	*n = nil
	for _, text := range texts {
		p, parseErr := netip.ParsePrefix(text)
		*n, err = append(*n, p), errors.Join(err, parseErr)
	}
	return err
}

// span stores a duration as microseconds.
type span time.Duration

// Value implements [driver.Valuer].
func (s span) Value() (driver.Value, error) { return time.Duration(s).Microseconds(), nil }

// Scan implements [sql.Scanner].
func (s *span) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("store: %T is no duration", src)
	}
	*s = span(time.Duration(n) * time.Microsecond)
	return nil
}
