package malloc

// classTable finds the size class of a request in two loads. Classes are multiples of
// classGranule, the least alignment of a block.
type classTable struct {
	sizes []uint64 // the classes in bytes, ascending
	index []uint8  // by request in granules, rounded up: which class serves it
}

const classGranule = 8

// newClassTable makes the table of ascending classes. A request for 0 bytes gets the first class.
func newClassTable(sizes []uint64) *classTable {
	t := &classTable{sizes: sizes}
	for class, size := range sizes {
		for uint64(len(t.index))*classGranule <= size {
			t.index = append(t.index, uint8(class))
		}
	}
	return t
}

// class returns the size of the smallest class that holds n bytes; n must not exceed the last.
func (t *classTable) class(n uint64) uint64 {
	return t.sizes[t.index[(n+classGranule-1)/classGranule]]
}
