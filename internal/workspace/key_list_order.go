package workspace

import "slices"

// KeyOrder is the order of a list of keys. Its text is the ?sort= parameter; a
// leading "-" reverses it.
type KeyOrder string

// The orders. SortByState is the default: newest first, by creation, expiry or
// revocation, depending on the state of the list.
const (
	SortByState    KeyOrder = ""
	SortByName     KeyOrder = "name"
	SortByOwner    KeyOrder = "owner"
	SortByCreation KeyOrder = "created"
	SortByUse      KeyOrder = "used"
	SortByExpiry   KeyOrder = "expires"
)

// KeyOrders lists the orders that people choose from.
var KeyOrders = []KeyOrder{SortByName, SortByOwner, SortByCreation, SortByUse, SortByExpiry}

// Reversed returns the order without a leading "-", and whether it had one.
func (o KeyOrder) Reversed() (KeyOrder, bool) {
	if o != "" && o[0] == '-' {
		return o[1:], true
	}
	return o, false
}

// clean returns the order, or SortByState when it is not valid.
func (o KeyOrder) clean() KeyOrder {
	if plain, _ := o.Reversed(); !slices.Contains(KeyOrders, plain) {
		return SortByState
	}
	return o
}

// defaultOrder is the order of a list that was filtered but not sorted: it
// keeps together what the filter is about.
func (f KeyFilter) defaultOrder() KeyOrder {
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
