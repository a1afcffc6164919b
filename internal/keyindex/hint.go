package keyindex

// Hint makes the index look for changes at once, without anybody waiting for
// it. Whoever has heard that there are some calls it: a check that comes after
// has less to do, and under MaxStaleness does not rely on what was known
// before.
func (x *Index) Hint() {
	x.barrier.proof.Store(nil)
	x.barrier.join()
}
