package keyindex

// Hint tells the index that there are changes, and returns at once. The index
// refreshes, so that the next verification has less to do; with MaxStaleness,
// it no longer relies on what it knew before.
func (x *Index) Hint() {
	x.barrier.last.Store(nil)
	x.barrier.join()
}
