package walker

import (
	"reflect"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/saturate"
)

// A Brief measures values that own little, without a session: it needs the goroutine's stack and no
// other memory. It knows a few levels of the types below its own and keeps a few extents; where a
// value has more, or its extents overlap, it says so and a session must walk. It is immutable and
// safe for concurrent use.
//
// A Brief walks as a session does, and adds up what Price says of its findings; or, with
// Options.Blocks, the blocks that it meets.
type Brief struct {
	size   uintptr
	steps  []briefStep
	blocks bool
}

// Price is what one container costs, in bytes, by its length and capacity.
type Price func(length, capacity uint64) uint64

// briefStep is an operation of a plan, with what the containers there cost and what lies below.
type briefStep struct {
	offset   uintptr
	kind     opKind
	beyond   bool // what is met here is for a session
	byLen    bool
	nilCosts bool
	size     uintptr // of an element
	most     uintptr // elements that memory can have
	inline   uint64  // elements that lie inside the container
	price    Price
	below    []briefStep // of an element
}

const (
	briefExtents = 12  // that a brief walk can keep
	briefDepth   = 4   // containers one below another
	briefSteps   = 64  // of all levels together
	briefBlock   = 512 // bytes of a block with pointers: larger ones begin with a header
	briefLength  = 64  // of slices whose elements lead somewhere
)

// Brief compiles a type for walks with no Options, or with Blocks and ToCapacity. price gives the
// Price of the containers at a place. It is nil for types that are not brief.
func (w *Walker) Brief(t reflect.Type, blocks bool, price func(Place) Price) *Brief {
	c := briefCompiler{w, price, briefSteps}
	p := w.plan(t, w.policy.Root(t))
	b := &Brief{t.Size(), c.steps(p, briefDepth), blocks}
	if c.left < 0 {
		return nil
	}
	return b
}

type briefCompiler struct {
	walker *Walker
	price  func(Place) Price
	left   int
}

func (c *briefCompiler) steps(p *plan, depth int) []briefStep {
	if c.left -= len(p.ops); c.left < 0 {
		return nil
	}
	steps := make([]briefStep, len(p.ops))
	for i := range p.ops {
		steps[i] = c.step(&p.ops[i], depth)
	}
	return steps
}

func (c *briefCompiler) step(o *op, depth int) briefStep {
	step := briefStep{offset: o.offset, kind: o.kind, byLen: o.follow.ByLen,
		nilCosts: o.follow.NilCosts, inline: o.follow.Inline}
	elem := emptyPlan
	switch policy := c.walker.policy; o.kind {
	case opPointer:
		pointee, _, ok := atomicPointer(o.typ)
		if !ok {
			pointee = o.typ.Elem()
		}
		elem = c.walker.plan(pointee, policy.Elem(o.place))
		step.beyond = elem.size == 0 || o.follow.Inline > 0 || elem.size > maxUnknown
	case opSlice:
		elem = c.walker.plan(o.typ.Elem(), policy.Elem(o.place))
		step.beyond = elem.size == 0
	case opMap:
		key := c.walker.plan(o.typ.Key(), policy.Key(o.place))
		elem = c.walker.plan(o.typ.Elem(), policy.Elem(o.place))
		step.beyond = !elem.leaf() || o.follow.Keys && !key.leaf()
		elem = emptyPlan
	case opString:
	default: // brief if nil
		return step
	}
	step.size, step.price = elem.size, c.price(o.place)
	if elem.size > 0 {
		step.most = maxMemory / elem.size
	}
	switch {
	case elem.leaf():
	case depth == 0:
		step.beyond = true
	default:
		step.below = c.steps(elem, depth-1)
	}
	return step
}

// maxMemory is more bytes than a value can have.
const maxMemory = ^uintptr(0) >> 1

// briefWalk is one walk of a Brief.
type briefWalk struct {
	total   uint64
	blocks  bool
	asked   unsafe.Pointer // as in heapWalk
	owned   uintptr        // an address in the block of an owned root
	n       int
	extents [briefExtents]struct{ lo, hi uintptr }
}

// Total is what the value at r owns, in bytes; false where a session must walk.
func (b *Brief) Total(r Root) (total uint64, ok bool) { return b.at(r.At, r.Owned, r.boxed) }

// Own is Total for the value at p, which is memory of the caller's: see Root.Owned.
func (b *Brief) Own(p unsafe.Pointer) (total uint64, ok bool) { return b.at(p, true, false) }

func (b *Brief) at(p unsafe.Pointer, owned, boxed bool) (total uint64, ok bool) {
	w := briefWalk{blocks: b.blocks}
	switch {
	case b.size == 0:
	case b.blocks:
		if b.size == wordSize {
			w.asked = pointerAt(p)
		}
		if owned {
			w.owned = uintptr(p)
		}
	case owned || boxed:
		w.keep(uintptr(p), b.size)
	}
	ok = w.value(b.steps, p)
	return w.total, ok
}

func (w *briefWalk) value(steps []briefStep, at unsafe.Pointer) bool {
	for i := range steps {
		if step := &steps[i]; !w.step(step, unsafe.Add(at, step.offset)) {
			return false
		}
	}
	return true
}

// step takes the container at a slot; false where it is not brief.
func (w *briefWalk) step(step *briefStep, at unsafe.Pointer) bool {
	switch step.kind {
	case opString:
		h := (*stringHeader)(at)
		length := uint64(h.length)
		if length <= step.inline {
			return w.nothing(step, h.data, length, length)
		}
		return w.add(step, h.data, uintptr(length), length, length)
	case opSlice:
		return w.slice(step, (*sliceHeader)(at))
	case opPointer:
		p := pointerAt(at)
		if p == nil {
			return w.nothing(step, nil, 0, 0)
		}
		return !step.beyond && w.add(step, p, step.size, 1, 1) && w.value(step.below, p)
	case opMap:
		return w.mapping(step, at)
	case opUnaccounted:
		return !w.blocks || pointerAt(at) == nil // costs nothing
	case opArray, opList:
		return false
	}
	return pointerAt(at) == nil && !step.nilCosts
}

func (w *briefWalk) slice(step *briefStep, h *sliceHeader) bool {
	length, capacity := uintptr(h.length), uintptr(h.capacity)
	held := capacity
	if step.byLen {
		held = length
	}
	switch {
	case capacity == 0:
		return w.nothing(step, h.data, 0, 0)
	case step.beyond || length > capacity || capacity > step.most:
		return false
	case uint64(held) <= step.inline:
		return len(step.below) == 0 && w.nothing(step, nil, uint64(length), uint64(capacity))
	case !w.add(step, h.data, capacity*step.size, uint64(length), uint64(capacity)):
		return false
	case len(step.below) == 0:
		return true
	case w.blocks:
		length = capacity
	}
	for i := uintptr(0); i < length && i < briefLength; i++ {
		if !w.value(step.below, unsafe.Add(h.data, i*step.size)) {
			return false
		}
	}
	return length <= briefLength
}

func (w *briefWalk) mapping(step *briefStep, at unsafe.Pointer) bool {
	p := pointerAt(at)
	if p == nil {
		return w.nothing(step, nil, 0, 0)
	}
	length := uint64(len(*(*map[int]int)(at)))
	return !w.blocks && (length == 0 || !step.beyond) && w.add(step, p, granuleBytes, length, length)
}

// nothing takes a container without memory of its own: one that holds something inside itself, or
// an empty one that may cost nevertheless. On the heap even an empty slice may hold a block.
func (w *briefWalk) nothing(step *briefStep, data unsafe.Pointer, length, capacity uint64) bool {
	if w.blocks {
		_, ok := block.Of(data)
		return !ok
	}
	if capacity > 0 || step.nilCosts {
		w.total = saturate.Add(w.total, step.price(length, capacity))
	}
	return true
}

// add takes a container with size bytes at p.
func (w *briefWalk) add(step *briefStep, p unsafe.Pointer, size uintptr, length, capacity uint64) bool {
	if w.blocks {
		return w.addBlock(step, p, size)
	}
	w.total = saturate.Add(w.total, step.price(length, capacity))
	switch held, ok := block.Of(p); {
	case ok && size > held.Size-(uintptr(p)-uintptr(held.Base)):
		return false // torn
	case !ok && !block.IsAddress(p):
		return false // an integer
	}
	return w.keep(uintptr(p), size)
}

// addBlock takes the block behind the size bytes at p. Of one with pointers that must be all.
func (w *briefWalk) addBlock(step *briefStep, p unsafe.Pointer, size uintptr) bool {
	held, ok := block.Of(p)
	switch {
	case !ok && p == w.asked: // what is not on the heap is not counted, and only followed here
		return w.keep(uintptr(p), size)
	case !ok:
		return len(step.below) == 0
	case w.owned-uintptr(held.Base) < held.Size: // the root's own block
		return !held.Pointers
	case size > held.Size-(uintptr(p)-uintptr(held.Base)):
		return false // torn
	case !held.Pointers:
		if w.kept(uintptr(held.Base)) {
			return true
		}
	case p != held.Base || size > held.Size || held.Size > briefBlock:
		return false
	case size < held.Size && !zero(p, alignUp(size), held.Size):
		return false
	}
	w.total += uint64(held.Size)
	return w.keep(uintptr(held.Base), held.Size)
}

func (w *briefWalk) kept(lo uintptr) bool {
	for _, e := range w.extents[:w.n] {
		if e.lo == lo {
			return true
		}
	}
	return false
}

// keep notes an extent; false where it overlaps another, or there is no room for it.
func (w *briefWalk) keep(lo, size uintptr) bool {
	hi := lo + size
	if w.n == len(w.extents) || hi < lo {
		return false
	}
	for _, e := range w.extents[:w.n] {
		if lo < e.hi && e.lo < hi {
			return false
		}
	}
	w.extents[w.n] = struct{ lo, hi uintptr }{lo, hi}
	w.n++
	return true
}
