package workspace

import "slices"

// KeyOrder is by what a list of keys is sorted. Its text is the ?sort=
// parameter; with "-" before it, it goes the other way round.
type KeyOrder string

// The orders. ByState is the usual one: the newest first, by creation, expiry
// or revocation as the list's state says.
const (
	ByState    KeyOrder = ""
	ByName     KeyOrder = "name"
	ByOwner    KeyOrder = "owner"
	ByCreation KeyOrder = "created"
	ByUse      KeyOrder = "used"
	ByExpiry   KeyOrder = "expires"
)

// KeyOrders lists those that people choose from.
var KeyOrders = []KeyOrder{ByName, ByOwner, ByCreation, ByUse, ByExpiry}

// Reversed says whether the order goes the other way round, and which one it
// is.
func (o KeyOrder) Reversed() (KeyOrder, bool) {
	if o != "" && o[0] == '-' {
		return o[1:], true
	}
	return o, false
}

// clean returns the order, or ByState for what is none.
func (o KeyOrder) clean() KeyOrder {
	if plain, _ := o.Reversed(); !slices.Contains(KeyOrders, plain) {
		return ByState
	}
	return o
}

// usual is the order of a list that somebody has narrowed and not sorted: the
// one along which what they look for lies together.
func (f KeyFilter) usual() KeyOrder {
	switch {
	case f.Text != "":
		return ByName
	case f.Unused != "":
		return ByUse
	case f.Expiring != "":
		return ByExpiry
	}
	return ByState
}
