package swiss

import "unsafe"

// Kind is what an allocation of a map is for.
type Kind uint8

const (
	Header    Kind = iota // the header, one for each map
	Directory             // the places of tables
	Table                 // a table's header
	Groups                // the groups of a table, or the only group
	Key                   // an indirect key
	Elem                  // an indirect element
)

var kindNames = [...]string{"header", "directory", "table", "groups", "key", "elem"}

// String is the name of a kind: header, directory, table, groups, key, elem.
func (k Kind) String() string { return kindNames[k] }

// HeaderBytes is the size of the header to which a map value points.
const HeaderBytes = unsafe.Sizeof(header{})

// Allocation is one request that a map made to the allocator.
type Allocation struct {
	Kind Kind
	Base unsafe.Pointer // where the value lies, behind the allocator's header if there is one
	Size uintptr        // bytes that were asked for: package block knows what was given
	// Pointers tells that the memory may hold pointers, on which depends what the allocator gives.
	Pointers bool
}

// Blocks calls f with every allocation of the map to which m points, each once, until f returns
// false; nil has none. What keys and elements point to is not the map's own. It visits all slots
// only if keys or elements are indirect.
func (l *Type) Blocks(m unsafe.Pointer, f func(Allocation) bool) error {
	h := (*header)(m)
	switch {
	case h == nil:
		return nil
	case h.writing != 0:
		return ErrWriting
	case !h.sound():
		return ErrTorn
	case !f(Allocation{Header, m, unsafe.Sizeof(*h), true}):
		return nil
	}
	if more, err := l.tables(h, f); !more || err != nil {
		return err
	}
	if h.writing != 0 {
		return ErrWriting
	}
	return l.indirect(m, f)
}

// SingleGroup returns the only allocation, besides the header, of a map that has no more than one
// group: where it lies and how many bytes were asked for. It is false for any other map, for one
// that is being written, and for one with keys or elements outside the group.
func (l *Type) SingleGroup(m unsafe.Pointer) (base unsafe.Pointer, size uintptr, ok bool) {
	h := (*header)(m)
	ok = h.tables == 0 && h.directory != nil && h.writing == 0 && !l.indirectKey && !l.indirectElem
	return h.directory, l.group, ok
}

// GroupBytes returns the size of a group, and whether its slots hold keys and elements: not pointers
// to them.
func (l *Type) GroupBytes() (size uintptr, direct bool) {
	return l.group, !l.indirectKey && !l.indirectElem
}

// GroupAt returns the entries of the group at a place, which must be one of a map of this type.
func (l *Type) GroupAt(base unsafe.Pointer) Group { return Group{l, base, full(base)} }

// tables calls f with the directory, the tables, and their groups. It tells whether to go on.
func (l *Type) tables(h *header, f func(Allocation) bool) (more bool, err error) {
	if h.tables == 0 {
		return h.directory == nil || f(Allocation{Groups, h.directory, l.group, l.groupPointers}), nil
	}
	if !f(Allocation{Directory, h.directory, uintptr(h.tables) * wordSize, true}) {
		return false, nil
	}
	var last *table
	for i := range h.tables {
		t := h.tableAt(i)
		if t == last {
			continue
		}
		if t == nil || !t.sound() {
			return false, ErrTorn
		}
		last = t
		size := uintptr(t.lengthMask+1) * l.group
		if !f(Allocation{Table, unsafe.Pointer(t), unsafe.Sizeof(*t), true}) ||
			!f(Allocation{Groups, t.groups, size, l.groupPointers}) {
			return false, nil
		}
	}
	return true, nil
}

// indirect calls f with the keys and elements that lie outside the slots.
func (l *Type) indirect(m unsafe.Pointer, f func(Allocation) bool) error {
	if !l.indirectKey && !l.indirectElem {
		return nil
	}
	keySize, elemSize := l.typ.Key().Size(), l.typ.Elem().Size()
	return l.Each(m, func(key, elem unsafe.Pointer) bool {
		return (!l.indirectKey || f(Allocation{Key, key, keySize, l.keyPointers})) &&
			(!l.indirectElem || f(Allocation{Elem, elem, elemSize, l.elemPointers}))
	})
}
