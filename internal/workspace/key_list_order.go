package workspace

import "slices"

// KeyOrder is by what a list of keys is sorted. Its text is the ?sort=
// parameter; with "-" before it, it goes the other way round.
type KeyOrder string

// The orders. SortByState is the usual one: the newest first, by creation, expiry
// or revocation as the list's state says.
const (
	SortByState    KeyOrder = ""
	SortByName     KeyOrder = "name"
	SortByOwner    KeyOrder = "owner"
	SortByCreation KeyOrder = "created"
	SortByUse      KeyOrder = "used"
	SortByExpiry   KeyOrder = "expires"
)

// KeyOrders lists those that people choose from.
var KeyOrders = []KeyOrder{SortByName, SortByOwner, SortByCreation, SortByUse, SortByExpiry}

// Reversed says whether the order goes the other way round, and which one it
// is.
func (o KeyOrder) Reversed() (KeyOrder, bool) {
	if o != "" && o[0] == '-' {
		return o[1:], true
	}
	return o, false
}

// clean returns the order, or SortByState for what is none.
func (o KeyOrder) clean() KeyOrder {
	if plain, _ := o.Reversed(); !slices.Contains(KeyOrders, plain) {
		return SortByState
	}
	return o
}

// usual is the order of a list that somebody has narrowed and not sorted: the
// one along which what they look for lies together.
func (f KeyFilter) usual() KeyOrder {
	switch {
	case f.Text != "":
		return SortByName
	case f.Unused != "":
		return SortByUse
	case f.Expiring != "":
		return SortByExpiry
	}
	return SortByState
}
