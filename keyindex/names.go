package keyindex

import "strings"

// names holds the names of all keys, one after another in chunks, so that there are few pointers however many keys
// there are, and a name is read without a copy. Names are never taken out.
type names []*strings.Builder

const (
	nameChunkBits = 20
	nameChunk     = 1 << nameChunkBits // bytes; no name is as long
)

// add returns where the name is.
func (n *names) add(name string) uint32 {
	last := len(*n) - 1
	if last < 0 || (*n)[last].Len()+len(name) > nameChunk {
		chunk := new(strings.Builder)
		chunk.Grow(nameChunk)
		*n = append(*n, chunk)
		last++
	}
	at := uint32(last<<nameChunkBits + (*n)[last].Len())
	(*n)[last].WriteString(name)
	return at
}

func (n names) at(at uint32, length uint16) string {
	if length == 0 {
		return ""
	}
	from := int(at % nameChunk)
	return n[at>>nameChunkBits].String()[from : from+int(length)]
}
