package rules

import (
	"math"
	"reflect"

	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/malloc"
)

// What encoding/gob makes on a Go heap differs from what a program makes by appending and
// inserting: slices and maps are made with the length that the stream says.

// Decoded is what a container of this length owns once encoding/gob has decoded it. Under all
// models but the Go heap's that is Usage, with the length for the capacity.
//
// On a Go heap, strings of one byte are the runtime's own and cost nothing; a slice of more than
// 10 MiB is grown (internal/saferio.SliceCap, runtime.growslice); a map is made for its length, and
// those of its tables that more keys fall into than they hold are split, of which the expected
// number is charged (internal/runtime/maps, NewMap).
//
// tiny is the size in bytes, below 16, of a block without pointers: the allocator packs several
// into 16 bytes (runtime/malloc.go, mallocgcTiny), so that Rounding depends on what else was
// allocated: it is left out of the parts. 0 for all other blocks.
func (p *Pricer) Decoded(length uint64) (parts Parts, tiny uint64) {
	r, ok := p.rule.(*builtin)
	if !ok || !p.isGoHeap() {
		return p.Usage(length, length), 0
	}
	c := p.of.filled(length)
	switch r.form {
	case formString:
		if length == 1 {
			return Parts{}, 0
		}
		return packed(p.rule.Usage(c), true)
	case formVector:
		if c.place.kind == reflect.Chan {
			break
		}
		c.Cap = c.grown()
		return packed(p.rule.Usage(c), !c.elem().pointers)
	case formUniquePtr:
		return packed(p.rule.Usage(c), !c.elem().pointers)
	case formUnorderedMap, formUnorderedSet:
		return goMapOf(c.home(), c, presized(length, 0)), 0
	}
	return p.rule.Usage(c), 0
}

// DecodedRange is the least and the most, in bytes, that a container of this length owns once
// encoding/gob has decoded it. The two differ on a Go heap alone: a tiny block shares its 16 bytes
// with others or with nothing, a slice of more than 10 MiB may have grown to any capacity up to
// the next step, and the tables of a map that split are at most six standard deviations from the
// number expected, and six more.
func (p *Pricer) DecodedRange(length uint64) (least, most uint64) {
	r, ok := p.rule.(*builtin)
	if !ok || !p.isGoHeap() {
		total := p.Total(length, length)
		return total, total
	}
	c := p.of.filled(length)
	isMap := r.form == formUnorderedMap || r.form == formUnorderedSet
	switch asked := mul(c.Elem.Size, length); {
	case isMap:
		return goMapOf(c.home(), c, presized(length, -1)).Total(),
			goMapOf(c.home(), c, presized(length, 1)).Total()
	case r.form == formVector && c.place.kind != reflect.Chan && asked > gort.ReadChunk:
		c.Cap = add(add(length, length/4), gort.GrowThreshold) // a step, at most, beyond the length
		const rounding = 16 << 10                              // to whole pages, and elements
		return p.rule.Usage(p.of.filled(length)).Total(), add(p.rule.Usage(c).Total(), rounding)
	}
	parts, tiny := p.Decoded(length)
	if tiny > 0 {
		return tiny, gort.TinyBlock
	}
	return parts.Total(), parts.Total()
}

// filled is a container of n elements, without room for more.
func (c Container) filled(n uint64) Container {
	c.Len, c.Cap = n, n
	return c
}

// Scratch is the sizes in bytes of the blocks that decoding a map makes for one key and one value,
// and drops when it is done (encoding/gob, decodeMap), as far as they are tiny ones as Decoded has
// them; 0 for others. They matter for what else fits into blocks of 16 bytes.
func (p *Pricer) Scratch() (key, elem uint64) {
	r, ok := p.rule.(*builtin)
	if !ok || !p.isGoHeap() || r.form != formUnorderedMap && r.form != formUnorderedSet {
		return 0, 0
	}
	k, e := p.of.pair()
	_, key = packed(usedOf(k.Shape, 1), !k.pointers)
	_, elem = packed(usedOf(e.Shape, 1), !e.pointers)
	return key, elem
}

// isGoHeap tells whether the pricer's model is of a Go heap; false where nothing is priced.
func (p *Pricer) isGoHeap() bool { return p.of.place != nil && p.of.home().isGoHeap() }

// packed is the block p, without its rounding and with its size where the allocator packs it.
func packed(p Parts, pointerFree bool) (parts Parts, tiny uint64) {
	asked := p
	asked.Rounding = 0
	if n := asked.Total(); pointerFree && n > 0 && n < gort.TinyBlock {
		return asked, n
	}
	return p, 0
}

// grown is the capacity of a slice of c.Len elements as encoding/gob makes it: at most 10 MiB at
// once (internal/saferio), then grown by a quarter, more where it is short (nextslicecap), to
// what the block has room for.
func (c Container) grown() uint64 {
	size := c.Elem.Size
	if size == 0 || c.Len <= gort.ReadChunk/size {
		return c.Len
	}
	w := c.home()
	capacity := max(gort.ReadChunk/size, 1)
	for capacity < c.Len {
		capacity = gort.Grow(add(capacity, 1), capacity)
		bytes := mul(capacity, size)
		if c.elem().pointers {
			bytes = malloc.GoPointerUsage(bytes, w.pointer)
		} else {
			bytes = w.allocator.Usage(bytes)
		}
		if bytes == math.MaxUint64 { // saturated: the capacity cannot grow any more
			return c.Len
		}
		capacity = bytes / size
	}
	return capacity
}

// presized is the tables of a map made for n entries that has got n (internal/runtime/maps,
// NewMap and table.rehash): keys fall into the tables at random, so that the load of a table is
// binomial; one with more than 7/8 of its slots grows to twice the slots, or splits in two. luck is
// 0 for the number of these that is expected, -1 for the fewest that there may be, 1 for the most.
func presized(n uint64, luck float64) goTables {
	if n <= gort.GroupSlots {
		return goTables{slots: gort.GroupSlots}
	}
	target := n/7*8 + n%7*8/7
	directory := powerOf2((target + gort.MaxTableSlots - 1) / gort.MaxTableSlots)
	slots := powerOf2(max(target/directory, gort.GroupSlots))
	if directory == 1 {
		return goTables{slots: slots, tables: 1, directory: 1}
	}
	expected := float64(overfull(n, directory, gort.FullSlots(slots)))
	expected += luck * (6*math.Sqrt(expected) + 6)
	grown := min(uint64(math.Round(max(expected, 0))), directory)
	if slots < gort.MaxTableSlots {
		return goTables{slots: slots, tables: directory - grown, grown: grown, directory: directory}
	}
	return splitTables(directory, grown)
}

// powerOf2 is the least power of two that is not below n.
func powerOf2(n uint64) uint64 {
	p := uint64(1)
	for p < n && p < 1<<62 {
		p *= 2
	}
	return p
}
