package block

// Limit returns how many bytes of b may be pointed into: all of it, but for large blocks only what
// was asked for. Behind that the runtime ends the program when it finds a pointer, though the block
// goes on to the end of its last page (runtime.mheap.initSpan and runtime.findObject).
func (b Block) Limit() uintptr {
	l := runtimeLayout()
	if !b.Pointers || !l.pointersExact {
		return b.Size
	}
	class, s := l.classOf(b)
	if class != 0 {
		return b.Size
	}
	return wordAt(s, l.limit) - uintptr(b.Base)
}
