package keyindex

import (
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

// names holds the names of the keys of one chunk, one after another, so that
// there are few pointers however many keys there are, and reading a name copies
// nothing. Names that no key has any longer are dropped once they are a
// sixteenth of the text.
type names struct {
	text *strings.Builder
	used int // bytes of names that keys have
}

// name is where a name is in the text: its first byte and, in the low bits, its
// length.
type name uint32

const (
	nameLengthBits = 10
	maxName        = 4 * workspace.MaxName // bytes
	spareNames     = 4096                  // bytes
)

func (n name) length() int { return int(n & (1<<nameLengthBits - 1)) }

func (n *names) at(at name) string {
	length := at.length()
	if length == 0 {
		return ""
	}
	from := int(at >> nameLengthBits)
	return n.text.String()[from : from+length]
}

// putName appends a name to a text that has room for it.
func putName(text *strings.Builder, s string) name {
	at := name(text.Len()<<nameLengthBits | len(s))
	text.WriteString(s)
	return at
}

// setName sets the name of the key whose record is at a place in the chunk.
func (c *chunk) setName(place uint32, s string) {
	s = s[:min(len(s), maxName)]
	r, n := &c.records[place], &c.names
	before := n.at(r.name)
	if before == s {
		return
	}
	r.name = 0
	n.used += len(s) - len(before)
	if n.text == nil || n.text.Cap()-n.text.Len() < len(s) {
		c.makeRoom(len(s))
	}
	r.name = putName(n.text, s)
}

// makeRoom gives names a text with room for one more name, whose length n.used
// already includes.
func (c *chunk) makeRoom(length int) {
	n, before := &c.names, c.names.text
	n.text = new(strings.Builder)
	switch {
	case before == nil:
		n.text.Grow(length + spareNames)
	case before.Len()+length-n.used <= n.used/16:
		n.text.Grow(before.Len() + length + before.Len()/16 + spareNames)
		n.text.WriteString(before.String())
	default:
		n.text.Grow(n.used + n.used/16 + spareNames)
		kept := names{text: before}
		for i := range c.records {
			if r := &c.records[i]; !r.flags.old() && r.name != 0 {
				r.name = putName(n.text, kept.at(r.name))
			}
		}
	}
}
