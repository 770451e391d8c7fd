package rules

import (
	"reflect"

	"github.com/bitcoin-mem/memsize/malloc"
)

// goHeap is this process's own containers by formula, from lengths and capacities alone: slices,
// strings, boxes and channels as the runtime allocates them, maps as a swiss map of that length
// is when it was filled by insertion and nothing was deleted (internal/runtime/maps, Go 1.24 to
// 1.26). Rules of the rule language do not change what Go allocates, "-" apart.
type goHeap struct{}

// Formulas of the go models know a container by its default rule, which names the C++ twin.
func (goHeap) inline(r *builtin, c Container) layout { return layout{Shape: c.Elem} }

func (goHeap) usage(r *builtin, c Container) Parts {
	w := c.home()
	switch r.form {
	case formVector:
		if c.place != nil && c.place.kind == reflect.Chan {
			return goChan(w, c)
		}
		asked := usedOf(c.Elem, c.Len)
		asked.Spare = mul(c.Elem.Size, c.capacity()-c.Len)
		return goBlock(w, asked, c.elem().pointers)
	case formString:
		return goBlock(w, Parts{Used: c.Len}, false)
	case formUniquePtr:
		return goBlock(w, usedOf(c.Elem, min(c.Len, 1)), c.elem().pointers)
	case formUnorderedMap, formUnorderedSet:
		return goMap(w, c)
	}
	return Parts{}
}

// elem is what the element's Shape does not show.
func (c Container) elem() layout {
	if c.place == nil {
		return layout{Shape: c.Elem}
	}
	return c.place.elem
}

// goBlock is one block that is asked for with the given parts: block, but that one with pointers
// may have a header.
func goBlock(w *world, asked Parts, pointers bool) Parts {
	n := asked.Total()
	if !pointers || n == 0 {
		return block(w.allocator, asked)
	}
	asked.Slop = malloc.GoPointerUsage(n, w.pointer) - n
	return asked
}

func (goHeap) increment(*builtin, Container) (uint64, bool) { return 0, false }

// node: what a block of a Go heap takes depends on the pointers in it, which a Container does not
// show.
func (goHeap) node(*builtin, Container) (Parts, bool) { return Parts{}, false }

// goChan is runtime.hchan and its buffer (runtime/chan.go, makechan): one block where the elements
// hold no pointers, else one for each. The header is 14 words, or 15 on 32 bits, where a closed
// flag and a lock share no word; in one block with a buffer it is rounded up to 8 bytes.
func goChan(w *world, c Container) Parts {
	const words, alignment = 14, 8
	header := Parts{Structure: words * w.pointer}
	if w.pointer == 4 {
		header.Structure += w.pointer
	}
	asked := usedOf(c.Elem, c.Len)
	asked.Spare = mul(c.Elem.Size, c.capacity()-c.Len)
	if c.elem().pointers && asked.Total() > 0 {
		return goBlock(w, header, true).Plus(goBlock(w, asked, true))
	}
	asked.Structure = alignUp(header.Structure, alignment)
	return block(w.allocator, asked)
}

const (
	groupSlots    = 8    // abi.MapGroupSlots
	maxTableSlots = 1024 // maps.maxTableCapacity
	maxSlotBytes  = 128  // abi.MapMaxKeyBytes: beyond, a slot holds a pointer
)

// goMap is a swiss map of c.Len entries: the header and one group up to 8 entries; else tables
// of at most 1024 slots, as many as a load of 7/8 needs, and their directory.
func goMap(w *world, c Container) Parts {
	slots, tables := goSlots(c.Len)
	return goMapOf(w, c, goTables{slots: slots / max(tables, 1), tables: tables, directory: tables})
}

// goTables says how large the tables of a map are; none up to 8 entries, which have one group.
type goTables struct {
	slots, tables uint64 // tables of so many slots
	grown         uint64 // tables of twice as many
	directory     uint64 // places in the directory: a table may have several
}

// goMapOf is a map of c.Len entries in these tables.
func goMapOf(w *world, c Container, t goTables) Parts {
	header := goBlock(w, Parts{Structure: 16 + 4*w.pointer}, true)
	if c.Len == 0 {
		return header
	}
	slot, group := goGroup(w, c)
	entries := usedOf(slot.Shape, c.Len)
	perTable := mul(t.slots/groupSlots, group)
	count := max(t.tables, 1)
	if t.tables == 0 && t.grown > 0 {
		count = 0
	}
	groups := add(mul(perTable, count), mul(mul(perTable, 2), t.grown))
	entries.Structure = groups / group * groupSlots // control words, one byte a slot
	entries.Spare = sub(groups, entries.Total())
	taken := goBlock(w, Parts{Used: perTable}, slot.pointers).Slop
	takenGrown := goBlock(w, Parts{Used: mul(perTable, 2)}, slot.pointers).Slop
	entries.Slop = add(entries.Slop, add(mul(taken, count), mul(takenGrown, t.grown)))
	total := header.Plus(entries).Plus(goOutside(w, c))
	if t.directory == 0 {
		return total
	}
	table := Parts{Structure: 8 + 3*w.pointer}
	if w.pointer == 4 {
		table.Structure = 24
	}
	directory := Parts{Structure: mul(t.directory, w.pointer)}
	return total.Plus(goBlock(w, table, true).Times(t.tables + t.grown)).
		Plus(goBlock(w, directory, true))
}

// goSlots is how many slots and tables a map of n entries has; 0 tables up to 8 entries.
func goSlots(n uint64) (slots, tables uint64) {
	if n <= groupSlots {
		return groupSlots, 0
	}
	slots = 2 * groupSlots
	for slots < 1<<62 && slots/8*7 < n {
		slots *= 2
	}
	return slots, max(1, slots/maxTableSlots)
}

// goGroup is a slot's layout, and a group's size: 8 control bytes and 8 slots. A key or value of
// more than 128 bytes lies outside.
func goGroup(w *world, c Container) (slot layout, group uint64) {
	inside := func(l layout) layout {
		if l.Size > maxSlotBytes {
			return w.goHeader(reflect.Pointer)
		}
		return l
	}
	key, elem := c.pair()
	slot = goRecord([]layout{inside(key), inside(elem)})
	return slot, closed(inOrder([]layout{plain(8, w.wide), array(slot, groupSlots)})).Size
}

// pair is the layouts of a map's key and value.
func (c Container) pair() (key, elem layout) {
	if c.place == nil {
		return layout{Shape: c.Key}, layout{Shape: c.Elem}
	}
	return c.place.key, c.place.elem
}

// goOutside is the blocks of keys and values that do not lie in their slots.
func goOutside(w *world, c Container) Parts {
	var p Parts
	key, elem := c.pair()
	for _, l := range [2]layout{key, elem} {
		if l.Size > maxSlotBytes {
			p = p.Plus(goBlock(w, usedOf(l.Shape, 1), l.pointers).Times(c.Len))
		}
	}
	return p
}
