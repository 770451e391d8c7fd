package swiss

import "unsafe"

// Len is the number of entries of the map to which m points, as its header says; nil has none.
func Len(m unsafe.Pointer) uint64 {
	if m == nil {
		return 0
	}
	return (*header)(m).used
}

// maxTries bounds how often Draw looks for an entry: in a map of which nearly all entries were
// deleted there may be very few.
const maxTries = 1 << 12

// Draw returns one entry of the map to which m points, each with the same chance. random(n) is any
// number below n, each with the same chance. It is false where the map is empty, is being written, or
// hardly has entries in its slots. A slot is taken from a random table, and another one instead if
// nothing is in it: so it reads few places, however large the map is.
func (l *Type) Draw(m unsafe.Pointer, random func(n uint64) uint64) (key, elem unsafe.Pointer, ok bool) {
	h := (*header)(m)
	if h == nil || h.used == 0 || h.directory == nil || h.writing != 0 || !h.sound() {
		return nil, nil, false
	}
	for range maxTries {
		group := h.directory
		if h.tables > 0 {
			if group, ok = l.drawGroup(h, random); !ok {
				continue
			}
		}
		slot := random(slots)
		if full(group)>>(8*slot)&0x80 != 0 {
			return l.key(group, uintptr(slot)), l.elem(group, uintptr(slot)), true
		}
	}
	return nil, nil, false
}

// maxGroups is how many groups a table has at most (maps.maxTableCapacity slots).
const maxGroups = 1024 / slots

// drawGroup returns a random group; false as often as makes up for tables that have fewer groups than
// others, or more places in the directory.
func (l *Type) drawGroup(h *header, random func(n uint64) uint64) (unsafe.Pointer, bool) {
	t := h.tableAt(int(random(uint64(h.tables))))
	if t == nil || !t.sound() || t.localDepth > h.globalDepth {
		return nil, false
	}
	groups, most := t.lengthMask+1, uint64(maxGroups)
	if h.tables == 1 {
		most = groups
	}
	places := uint64(1) << (h.globalDepth - t.localDepth)
	g := random(max(most, groups) * places)
	if g >= groups {
		return nil, false
	}
	return unsafe.Add(t.groups, uintptr(g)*l.group), true
}

// Tables is how many places the directory of the map to which m points has; 0 for a map of one group.
// A table has one place or several.
func Tables(m unsafe.Pointer) int {
	if m == nil {
		return 0
	}
	return (*header)(m).tables
}

// Table returns the bytes that the table at a place of the directory asks for: its own and those of
// its groups, and the number of places that it has. It is false for a map that is being written.
func (l *Type) Table(m unsafe.Pointer, place int) (own, groups uintptr, places uint64, ok bool) {
	h := (*header)(m)
	if !h.sound() || place >= h.tables {
		return 0, 0, 0, false
	}
	t := h.tableAt(place)
	if t == nil || !t.sound() || t.localDepth > h.globalDepth {
		return 0, 0, 0, false
	}
	size := uintptr(t.lengthMask+1) * l.group
	return unsafe.Sizeof(*t), size, uint64(1) << (h.globalDepth - t.localDepth), true
}

// MaxGroups is the bytes of the groups of the largest table, and whether they hold pointers.
func (l *Type) MaxGroups() (bytes uintptr, pointers bool) {
	return maxGroups * l.group, l.groupPointers
}

// Outside is the bytes that each key and each element takes in a block of its own, and whether they
// hold pointers; 0 for what lies in the slots.
func (l *Type) Outside() (key uintptr, keyPointers bool, elem uintptr, elemPointers bool) {
	if l.indirectKey {
		key = l.typ.Key().Size()
	}
	if l.indirectElem {
		elem = l.typ.Elem().Size()
	}
	return key, l.keyPointers, elem, l.elemPointers
}
