package keyindex

import (
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

// names holds the names of the keys of one chunk, one after another, so that
// there are few pointers however many keys there are, and a name is read
// without a copy. Names that no key has any longer are dropped once they are a
// sixteenth of the text.
type names struct {
	text *strings.Builder
	used int // bytes of names that keys have
}

// name says where a name is: at which byte, and in the last bits how long it
// is.
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

// put adds a name to a text that has room for it.
func put(text *strings.Builder, s string) name {
	at := name(text.Len()<<nameLengthBits | len(s))
	text.WriteString(s)
	return at
}

// setName sets the name of the key whose record has a place in the chunk.
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
	r.name = put(n.text, s)
}

// makeRoom gives names a text with room for one more, which is in used already.
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
				r.name = put(n.text, kept.at(r.name))
			}
		}
	}
}
