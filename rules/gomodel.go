package rules

import "reflect"

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
		return buffer(w.allocator, c.Elem, c.Len, c.capacity())
	case formString:
		return buffer(w.allocator, plain(1, 1).Shape, c.Len, c.Len)
	case formUniquePtr:
		return block(w.allocator, usedOf(c.Elem, min(c.Len, 1)))
	case formUnorderedMap, formUnorderedSet:
		return goMap(w, c)
	}
	return Parts{}
}

func (goHeap) increment(*builtin, Container) (uint64, bool) { return 0, false }

// node: what a block of a Go heap takes depends on the pointers in it, which a Container does not
// show.
func (goHeap) node(*builtin, Container) (Parts, bool) { return Parts{}, false }

// goChan is runtime.hchan and its buffer: 96 bytes on 64 bits (runtime/chan.go), in one block
// where the elements hold no pointers; charged so for all.
func goChan(w *world, c Container) Parts {
	asked := usedOf(c.Elem, c.Len)
	asked.Spare = mul(c.Elem.Size, c.capacity()-c.Len)
	asked.Structure = 12 * w.pointer
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
	header := Parts{Structure: 16 + 4*w.pointer}
	if c.Len == 0 {
		return block(w.allocator, header)
	}
	slots, tables := goSlots(c.Len)
	slot, group := goGroup(w, c)
	entries := usedOf(slot, c.Len)
	groups := mul(slots/groupSlots, group)
	entries.Structure = slots // control words, one byte a slot
	entries.Spare = sub(groups, entries.Total())
	perTable := groups / max(tables, 1)
	rounded := mul(sub(w.allocator.Usage(perTable), perTable), max(tables, 1))
	entries.Slop = add(entries.Slop, rounded)
	total := block(w.allocator, header).Plus(entries).Plus(goOutside(w, c))
	if tables == 0 {
		return total
	}
	table := Parts{Structure: 8 + 3*w.pointer}
	if w.pointer == 4 {
		table.Structure = 24
	}
	directory := Parts{Structure: mul(tables, w.pointer)}
	return total.Plus(block(w.allocator, table).Times(tables)).Plus(block(w.allocator, directory))
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

// goGroup is a slot's shape, and a group's size: 8 control bytes and 8 slots. A key or value of
// more than 128 bytes lies outside.
func goGroup(w *world, c Container) (slot Shape, group uint64) {
	inside := func(s Shape) layout {
		if s.Size > maxSlotBytes {
			return plain(w.pointer, w.pointer)
		}
		return layout{Shape: s}
	}
	pair := goRecord([]layout{inside(c.Key), inside(c.Elem)})
	slots := array(pair, groupSlots)
	return pair.Shape, closed(inOrder([]layout{plain(8, w.wide), slots})).Size
}

// goOutside is the blocks of keys and values that do not lie in their slots.
func goOutside(w *world, c Container) Parts {
	var p Parts
	for _, s := range [2]Shape{c.Key, c.Elem} {
		if s.Size > maxSlotBytes {
			p = p.Plus(block(w.allocator, usedOf(s, 1)).Times(c.Len))
		}
	}
	return p
}
