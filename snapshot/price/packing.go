package price

import (
	"math"
	"reflect"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// The Go allocator packs blocks below 16 bytes without pointers into blocks of 16. How many fit
// depends on what is allocated in between, also on what is dropped again: the allocations that
// encoding/gob makes are repeated in the order that the census has of them.

const (
	warmUp  = 32 // tiny blocks after a gap that only show how the allocator may stand
	longRow = 64 // equal tiny blocks in a row, beyond which they fill blocks of 16 by themselves
)

// packing is how many bytes tiny blocks take under one model.
type packing struct {
	is32    bool
	live    [gort.TinyBlock]uint64 // tiny blocks that stay, by size
	perByte float64                // bytes of blocks for each byte that stays; 0 while counting
	owed    float64                // bytes that rounding has left out, or added where it is negative
}

// tiny is a tiny block.
type tiny struct {
	size int
	live bool   // it stays when decoding is done
	row  uint64 // how many of these come in a row
}

// settle works out what the blocks take, from the share of a block of 16 that those of each size
// have in the sample. The sizes that are not in it are taken to come together.
func (k *packing) settle(p *pricing, model int, c *snapshot.Census) {
	opened, met := k.pack(p, model, c)
	var taken, live float64
	for size, n := range k.live {
		if n == 0 {
			continue
		}
		share := k.alone(size)
		if met[size] > 0 {
			share = opened[size] / met[size]
		}
		taken += gort.TinyBlock * share * float64(n)
		live += float64(size) * float64(n)
	}
	if live > 0 {
		k.perByte = max(1, taken/live)
	}
}

// pack makes the tiny blocks of the sample: how many of each size it met, and how many of these
// made a block of 16 one that stays.
func (k *packing) pack(p *pricing, model int, c *snapshot.Census) (opened, met [gort.TinyBlock]float64) {
	a := allocator{is32: k.is32, full: gort.TinyBlock}
	known := make(map[snapshot.Value][]tiny)
	skip := 0
	for v := range c.Order() {
		if v.Gap {
			skip = warmUp
		}
		weight := v.Weight
		v.Weight, v.Gap = 0, false
		blocks, ok := known[v]
		if !ok {
			blocks = p.tinyBlocks(model, v.Site, v.Len)
			known[v] = blocks
		}
		for _, b := range blocks {
			for range min(b.row, longRow) {
				stays := a.alloc(b)
				if skip--; skip >= 0 || !b.live {
					continue
				}
				met[b.size] += weight
				if stays {
					opened[b.size] += weight
				}
			}
			if b.row > longRow {
				rest := weight * float64(b.row-longRow)
				met[b.size] += rest
				opened[b.size] += rest * k.alone(b.size)
			}
		}
	}
	return opened, met
}

// allocator is the runtime's allocator of tiny blocks (runtime/malloc.go, mallocgcTiny).
type allocator struct {
	is32 bool
	full int  // bytes of the current block of 16 that are taken
	live bool // something in it stays
}

// alloc makes a tiny block. It tells whether a block of 16 stays because of it.
func (a *allocator) alloc(b tiny) (stays bool) {
	k := packing{is32: a.is32}
	if at := k.aligned(a.full, b.size); at+b.size <= gort.TinyBlock {
		a.full = at + b.size
		stays = b.live && !a.live
		a.live = a.live || b.live
		return stays
	}
	if b.size < a.full { // the new block has more room than the current one
		a.full, a.live = b.size, b.live
	}
	return b.live
}

// aligned is where a block of a size may begin, from an offset on.
func (k *packing) aligned(offset, size int) int {
	align := 1
	switch {
	case size%8 == 0, k.is32 && size == 12:
		align = 8
	case size%4 == 0:
		align = 4
	case size%2 == 0:
		align = 2
	}
	return (offset + align - 1) / align * align
}

// alone is the share of a block of 16 that a tiny block has among others of its size.
func (k *packing) alone(size int) float64 { return 1 / float64(gort.TinyBlock/k.aligned(size, size)) }

// tinyBlocks is the tiny blocks that decoding a value of n elements at s makes, in this order: those
// of the box or the pointers before it, its own, and what a map needs while it is filled.
func (p *pricing) tinyBlocks(model int, s *snapshot.Site, n uint64) (list []tiny) {
	m := p.models[model]
	add := func(b rules.Binding, n uint64, dropped bool, row uint64) {
		if _, size := m.NewPricer(b).Decoded(n); size > 0 {
			if dropped {
				list = append(list, tiny{int(size), false, 1})
			}
			list = append(list, tiny{int(size), true, row})
		}
	}
	var chain []*snapshot.Site // of pointers, the innermost first
	first := s
	for first.Role == snapshot.Pointee {
		first = first.Parent
		chain = append(chain, first)
	}
	if p.dropped[s][model] {
		return nil
	}
	if first.Role == snapshot.Dynamic && first == s { // boxed from a value that is dropped
		add(m.Box(p.bound[s.Parent][model], p.typeOf(s)), 1, true, 1)
	}
	for i := len(chain) - 1; i >= 0; i-- {
		add(p.bound[chain[i]][model], 1, false, 1)
	}
	b := p.bound[s][model]
	add(b, n, false, 1)
	key, elem := m.NewPricer(b).Scratch()
	for _, size := range []uint64{key, elem} {
		if size > 0 {
			list = append(list, tiny{int(size), false, 1})
		}
	}
	if isRun(s) {
		// Numbers in a row are not in the sample.
		for e := child(s, snapshot.Elem); e.Type.Kind() == reflect.Pointer; e = pointee(e) {
			add(p.bound[e][model], 1, false, n)
		}
	}
	return list
}

// isRun tells whether values at s are slices or arrays of numbers, perhaps behind pointers.
func isRun(s *snapshot.Site) bool {
	if k := s.Type.Kind(); k != reflect.Slice && k != reflect.Array {
		return false
	}
	e := child(s, snapshot.Elem)
	for e != nil && e.Type.Kind() == reflect.Pointer {
		e = pointee(e) // nil in the end, if by its type it points to itself
	}
	return e != nil && e.Type.Kind() <= reflect.Float64
}

// charge adds count containers of a length under model i.
func (p *pricing) charge(i int, total *account.Sum, pricer *rules.Pricer, length, count uint64) {
	parts, size := pricer.Decoded(length)
	pack := p.packs[i]
	switch {
	case size == 0 || pack == nil:
		total.Add(parts, count)
	case pack.perByte == 0:
		pack.live[size] += count
		total.Add(parts, count)
	default:
		exact := float64(size)*(pack.perByte-1)*float64(count) + pack.owed
		all := uint64(math.Round(max(exact, 0)))
		pack.owed = exact - float64(all)
		low, rest := all/max(count, 1), all%max(count, 1)
		parts.Rounding = low
		total.Add(parts, count-rest)
		parts.Rounding = low + 1
		total.Add(parts, rest)
	}
}

// sum prices the histogram of a site under model i. What is absent costs nothing in Go: a nil map
// has no header.
func (p *pricing) sum(i int, pricer *rules.Pricer, s *snapshot.Site) account.Sum {
	var total account.Sum
	if pricer.Rule() == nil {
		return total
	}
	if absent := pricer.Usage(0, 0); s.Absent > 0 && absent.Total() > 0 && p.packs[i] == nil {
		total.Add(absent, s.Absent)
	}
	for _, l := range s.Lengths {
		p.charge(i, &total, pricer, l.Len, l.Count)
	}
	return total
}

// newPacks has a packing for each model of a Go heap, nil for the others.
func newPacks(models []*rules.Model) []*packing {
	packs := make([]*packing, len(models))
	for i, m := range models {
		if m.IsGoHeap() {
			packs[i] = &packing{is32: m.PointerSize() == 4}
		}
	}
	return packs
}
