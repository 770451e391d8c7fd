package rules

import (
	"math"
	"reflect"

	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/malloc"
)

// goHeap is this process's own containers by formula, from lengths and capacities alone: slices,
// strings, boxes and channels as the runtime allocates them, maps as a swiss map of that length
// is when it was filled by insertion and nothing was deleted (internal/runtime/maps, Go 1.24 to
// 1.27). Rules of the rule language do not change what Go allocates, "-" apart.
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
	asked.Rounding = malloc.GoPointerUsage(n, w.pointer) - n
	return asked
}

func (goHeap) increment(*builtin, Container) (uint64, bool) { return 0, false }

// node: what a block of a Go heap takes depends on the pointers in it, which a Container does not
// show.
func (goHeap) node(*builtin, Container) (Parts, bool) { return Parts{}, false }

// goChan is runtime.hchan and its buffer (runtime/chan.go, makechan): one block where the elements
// hold no pointers, else one for each.
func goChan(w *world, c Container) Parts {
	header := Parts{Overhead: gort.ChannelBytes(w.pointer)}
	asked := usedOf(c.Elem, c.Len)
	asked.Spare = mul(c.Elem.Size, c.capacity()-c.Len)
	if c.elem().pointers && asked.Total() > 0 {
		return goBlock(w, header, true).Plus(goBlock(w, asked, true))
	}
	asked.Overhead = alignUp(header.Overhead, gort.ChannelAlign)
	return block(w.allocator, asked)
}

// goMap is a swiss map of c.Len entries that was filled by insertion alone: the header and one
// group up to 8 entries; else tables, and their directory.
func goMap(w *world, c Container) Parts { return goMapOf(w, c, inserted(c.Len)) }

// goTables says how large the tables of a map are; none up to 8 entries, which have one group.
type goTables struct {
	slots, tables uint64 // tables of so many slots
	grown         uint64 // tables of twice as many
	directory     uint64 // places in the directory: a table may have several
}

// goMapOf is a map of c.Len entries in these tables.
func goMapOf(w *world, c Container, t goTables) Parts {
	header := goBlock(w, Parts{Overhead: 16 + 4*w.pointer}, true)
	if c.Len == 0 {
		return header
	}
	slot, group := goGroup(w, c)
	entries := usedOf(slot.Shape, c.Len)
	perTable := mul(t.slots/gort.GroupSlots, group)
	count := max(t.tables, 1)
	if t.tables == 0 && t.grown > 0 {
		count = 0
	}
	groups := add(mul(perTable, count), mul(mul(perTable, 2), t.grown))
	entries.Overhead = groups / group * gort.GroupSlots // control words, one byte a slot
	entries.Spare = sub(groups, entries.Total())
	taken := goBlock(w, Parts{Used: perTable}, slot.pointers).Rounding
	takenGrown := goBlock(w, Parts{Used: mul(perTable, 2)}, slot.pointers).Rounding
	entries.Rounding = add(entries.Rounding, add(mul(taken, count), mul(takenGrown, t.grown)))
	total := header.Plus(entries).Plus(goOutside(w, c))
	if t.directory == 0 {
		return total
	}
	table := Parts{Overhead: 8 + 3*w.pointer}
	if w.pointer == 4 {
		table.Overhead = 24
	}
	directory := Parts{Overhead: mul(t.directory, w.pointer)}
	return total.Plus(goBlock(w, table, true).Times(t.tables + t.grown)).
		Plus(goBlock(w, directory, true))
}

// inserted is the tables of a map that n entries were inserted into, one after the other
// (internal/runtime/maps, table.rehash): a table with more than 7/8 of its slots in use grows to
// twice as many, or at 1024 slots splits in two. How keys fall is random, and the expected number
// of splits is charged.
func inserted(n uint64) goTables {
	full := gort.FullSlots(gort.MaxTableSlots)
	if n <= gort.GroupSlots {
		return goTables{slots: gort.GroupSlots}
	}
	if n <= full {
		slots := uint64(2 * gort.GroupSlots)
		for gort.FullSlots(slots) < n {
			slots *= 2
		}
		return goTables{slots: slots, tables: 1, directory: 1}
	}
	directory := uint64(1)
	for n/directory > full/2*3 { // all of these have been split
		directory *= 2
	}
	return splitTables(directory, overfull(n, directory, full))
}

// splitTables is full tables, of which some have been split.
func splitTables(directory, split uint64) goTables {
	t := goTables{slots: gort.MaxTableSlots, tables: directory + split, directory: directory}
	if split > 0 {
		t.directory *= 2
	}
	return t
}

// overfull is how many of so many tables are expected to get more than limit entries, when n fall
// into them at random: the load of a table is binomial, and near to normal.
func overfull(n, tables, limit uint64) uint64 {
	mean := float64(n) / float64(tables)
	deviation := math.Sqrt(mean * (1 - 1/float64(tables)))
	above := float64(limit) + 0.5 - mean
	if deviation == 0 { // one table
		if above < 0 {
			return 1
		}
		return 0
	}
	return uint64(math.Round(float64(tables) * math.Erfc(above/(deviation*math.Sqrt2)) / 2))
}

// goGroup is a slot's layout, and a group's size: 8 control bytes and 8 slots. A key or value of
// more than 128 bytes lies outside.
func goGroup(w *world, c Container) (slot layout, group uint64) {
	inside := func(l layout) layout {
		if l.Size > gort.MaxSlotBytes {
			return w.goHeader(reflect.Pointer)
		}
		return l
	}
	key, elem := c.pair()
	slot = goRecord.of([]layout{inside(key), inside(elem)})
	return slot, closed(inOrder([]layout{plain(8, w.wide), array(slot, gort.GroupSlots)})).Size
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
		if l.Size > gort.MaxSlotBytes {
			p = p.Plus(goBlock(w, usedOf(l.Shape, 1), l.pointers).Times(c.Len))
		}
	}
	return p
}
