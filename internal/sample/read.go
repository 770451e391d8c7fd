package sample

import (
	"math"
	"reflect"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/swiss"
)

// This file reads memory by compiled types. Invariant: at is where a live value of an op's type lies,
// kept alive by the value that is estimated, which is not written meanwhile. It reads words and headers
// only where that type has them.

const wordSize = unsafe.Sizeof(uintptr(0))

type sliceHeader struct {
	data         unsafe.Pointer
	length, room int
}

type stringHeader struct {
	data   unsafe.Pointer
	length int
}

// region is elements that are still to be read. For a map, at is its header.
type region struct {
	elem *shape
	key  *shape // of a map
	swis *swiss.Type
	typ  reflect.Type // of a map
	at   unsafe.Pointer
	n    uint64

	partly bool // the frontier has some of a map's entries
}

// found is one container: what it costs itself, by what it is known, and what is in it.
type found struct {
	cost  float64
	id    uintptr // of its memory, as exactly as Low needs it; 0 for what shares nothing
	exact uintptr // of its memory by address
	below region  // n is 0 where nothing is to be read
	dark  string  // why there may be more that a sample cannot see
	room  uintptr // bytes from the memory's beginning to the end of its block, as far as known

	large  *swiss.Type    // of a map of so many tables that its cost is a guess
	header unsafe.Pointer // of that
}

// reader reads values under one model.
type reader struct {
	shapes  *Shapes
	heap    bool // the costs are those of this process's blocks
	full    bool // slices are followed to their capacity
	lengths bool // capacities are taken to be lengths
	asked   unsafe.Pointer
}

// read finds what is behind an op of the value at p.
func (r *reader) read(o *op, p unsafe.Pointer) found {
	p = unsafe.Add(p, o.offset)
	switch o.kind {
	case kindPointer:
		return r.pointer(o.pricer.Total, o.elem, *(*unsafe.Pointer)(p), o.zero)
	case kindSlice:
		return r.slice(o, (*sliceHeader)(p))
	case kindString:
		h := (*stringHeader)(p)
		if h.length == 0 && !r.heap || h.data == nil {
			return found{cost: float64(o.zero)}
		}
		n := uint64(h.length)
		return r.memory(h.data, uintptr(n), false, func() uint64 { return o.pricer.Total(n, n) })
	case kindMap:
		return r.mapping(o, *(*unsafe.Pointer)(p))
	case kindInterface:
		return r.dynamic(o, p)
	case kindArray:
		return found{below: region{elem: o.elem, at: p, n: uint64(o.typ.Len())}}
	}
	return r.other(o, p)
}

// memory is size bytes at p as a container's: under the heap's model its block.
func (r *reader) memory(p unsafe.Pointer, size uintptr, pointers bool, price func() uint64) found {
	b, ok := block.Of(p)
	if !r.heap {
		f := found{cost: float64(price()), exact: uintptr(p), id: uintptr(p), room: roomOf(b, p)}
		if offset := uintptr(p) - uintptr(b.Base); ok && offset > 0 && b.Size > 16 {
			f.id = uintptr(b.Base) // a part of something: what is shared shows by its block alone
		}
		return f
	}
	if !ok { // static memory is not followed, nor charged, unless it was asked about
		if p == r.asked {
			return found{exact: uintptr(p), room: math.MaxInt}
		}
		return found{exact: 1, room: math.MaxInt}
	}
	f := found{cost: float64(b.Size), id: uintptr(b.Base), exact: uintptr(b.Base), room: roomOf(b, p)}
	if b.Pointers && (!pointers || uintptr(p)-uintptr(b.Base) > 8 || block.Round(size, true) < b.Size) {
		f.dark = "a part of a larger block, whose other parts it keeps alive"
	}
	return f
}

// roomOf is how many bytes may be read from p on. No type is believed beyond its block.
func roomOf(b block.Block, p unsafe.Pointer) uintptr {
	if b.Size == 0 {
		return math.MaxInt
	}
	return b.Size - (uintptr(p) - uintptr(b.Base))
}

// beyond is why what does not fit its block is not read.
const beyond = "a value that goes on beyond its block, as an unsafe cast makes it"

func (r *reader) pointer(price func(n, c uint64) uint64, elem *shape, p unsafe.Pointer, zero uint64) found {
	if p == nil {
		return found{cost: float64(zero)}
	}
	if elem.size == 0 && !r.heap {
		return found{cost: float64(price(1, 1))}
	}
	f := r.memory(p, elem.size, elem.pointers, func() uint64 { return price(1, 1) })
	switch {
	case elem.size > f.room:
		f.dark = beyond
	case f.exact != 1 && !elem.leaf():
		f.below = region{elem: elem, at: p, n: 1}
	}
	return f
}

func (r *reader) slice(o *op, h *sliceHeader) found {
	n, room := uint64(h.length), uint64(max(h.room, h.length))
	if r.lengths {
		room = n
	}
	if h.data == nil || room == 0 && !r.heap {
		return found{cost: float64(o.zero)}
	}
	price := func() uint64 { return o.pricer.Total(n, room) }
	var f found
	inline := room
	if o.follow.ByLen {
		inline = n
	}
	if o.follow.Inline > 0 && inline <= o.follow.Inline && !r.heap || o.elem.size == 0 {
		f = found{cost: float64(price())}
	} else {
		f = r.memory(h.data, uintptr(room)*o.elem.size, o.elem.pointers, price)
	}
	if r.full {
		n = room
	}
	if o.elem.leaf() || o.elem.size == 0 || f.exact == 1 {
		return f
	}
	if fits := uint64(f.room / o.elem.size); f.room > 0 && n > fits {
		n, f.dark = fits, beyond
	}
	f.below = region{elem: o.elem, at: h.data, n: n}
	return f
}

func (r *reader) mapping(o *op, m unsafe.Pointer) found {
	if m == nil {
		return found{cost: float64(o.zero)}
	}
	n := entries(o, m)
	f := found{cost: float64(o.pricer.Total(n, n)), id: uintptr(m), exact: uintptr(m)}
	if r.heap {
		if b, ok := block.Of(m); ok {
			f.id, f.exact = uintptr(b.Base), uintptr(b.Base)
		}
		if o.layout != nil && swiss.Tables(m) <= fewTables {
			f.cost = ownBytes(o.layout, m)
		} else {
			f.dark, f.large, f.header = "the tables of a large map", o.layout, m
		}
	}
	if !o.elem.leaf() || !o.key.leaf() {
		f.below = region{elem: o.elem, key: o.key, swis: o.layout, typ: o.typ, at: m, n: n}
	}
	return f
}

// entries is how many entries a map has.
func entries(o *op, m unsafe.Pointer) uint64 {
	if o.layout != nil {
		return swiss.Len(m)
	}
	word := m // which is moved to the heap
	return uint64(reflect.NewAt(o.typ, unsafe.Pointer(&word)).Elem().Len())
}

// fewTables is how many tables of a map are looked at one by one for their bytes.
const fewTables = 64

// ownBytes is what a map takes for itself on the heap.
func ownBytes(l *swiss.Type, m unsafe.Pointer) (bytes float64) {
	_ = l.Blocks(m, func(a swiss.Allocation) bool {
		if b, ok := block.Of(a.Base); ok {
			bytes += float64(b.Size)
		}
		return true
	})
	return bytes
}

// interfaceHeader is an interface of any kind.
type interfaceHeader struct{ word, data unsafe.Pointer }

func (r *reader) dynamic(o *op, p unsafe.Pointer) found {
	h := (*interfaceHeader)(p)
	if h.word == nil {
		return found{cost: float64(o.zero)}
	}
	t := reflect.NewAt(o.typ, p).Elem().Elem().Type()
	b := r.shapes.box(o.place, t)
	switch {
	case b.elem == nil:
		return found{}
	case b.direct:
		f := found{cost: float64(b.pricer.Total(1, 1))}
		if !b.elem.leaf() {
			f.below = region{elem: b.elem, at: unsafe.Pointer(&h.data), n: 1}
		}
		return f
	}
	return r.pointer(b.pricer.Total, b.elem, h.data, 0)
}

// other is what a sample does not follow.
func (r *reader) other(o *op, p unsafe.Pointer) found {
	v := reflect.NewAt(o.typ, p).Elem()
	switch {
	case o.typ == listType:
		n := uint64((*listHeader)(p).length)
		if n == 0 {
			return found{cost: float64(o.zero)}
		}
		return found{cost: float64(o.pricer.Total(n, n)), dark: "the elements of a container/list"}
	case v.Kind() == reflect.UnsafePointer && v.UnsafePointer() == nil, // nil is nothing
		v.Kind() != reflect.UnsafePointer && v.IsNil():
		return found{cost: float64(o.zero)}
	case o.queue && !r.heap:
		f := found{cost: float64(o.pricer.Total(uint64(v.Len()), uint64(v.Cap())))}
		if block.HasPointers(o.typ.Elem()) && v.Len() > 0 {
			f.dark = "what waits in a channel"
		}
		return f
	case r.heap:
		return found{dark: "what a " + v.Kind().String() + " holds"}
	}
	return found{}
}

// listHeader is a container/list.List.
type listHeader struct {
	next, prev, list unsafe.Pointer
	value            any
	length           int
}

// each calls f with each element of a region, and its shape, until that returns false.
func (g *region) each(f func(s *shape, p unsafe.Pointer) bool) {
	if g.typ == nil {
		for i := range g.n {
			if !f(g.elem, unsafe.Add(g.at, uintptr(i)*g.elem.size)) {
				return
			}
		}
		return
	}
	visit := func(key, elem unsafe.Pointer) bool {
		return (g.key.leaf() || f(g.key, key)) && (g.elem.leaf() || f(g.elem, elem))
	}
	if g.swis != nil {
		_ = g.swis.Each(g.at, visit)
		return
	}
	m := reflect.NewAt(g.typ, unsafe.Pointer(&g.at)).Elem()
	for it := m.MapRange(); it.Next(); { // copies, kept alive by what is made of them
		key, elem := reflect.New(g.typ.Key()), reflect.New(g.typ.Elem())
		key.Elem().SetIterKey(it)
		elem.Elem().SetIterValue(it)
		if !visit(key.UnsafePointer(), elem.UnsafePointer()) {
			return
		}
	}
}
