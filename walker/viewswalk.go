package walker

import (
	"cmp"
	"math"
	"slices"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// viewsWalk finds what each of several roots holds under an as-if model. It walks root after root, as a
// walk per reference does: what it meets are views of memory, each of which leads to others, whatever lies
// over it. A view is what sharing labels. Nearly all views share their memory with no other, and are
// charged as they are; the others are charged as in viewLog, for each root those that it leads to.
type viewsWalk struct {
	sharing
	session *Session
	prices  []Price // by node
	price   func(Place) Price
	views   [][]heldView // in pieces of viewPiece, from 1
	count   uint32
	classes map[objectClass]uint32
	pages   blockMarks // the last view in each block is in its counts
	labels  arena[uint32]
	outside uint32 // the last view outside the heap, or where blocks are not known
	crowded map[crowdKey]uint32
	root    uint32
	vertex  uint32 // what is being followed, where that is shared; else 0
	again   []uint32
	closed  []closedBlock
	owns    []Root // of the caller's own, where that is not closed
	current uint32 // the view that is being followed; 0 is the root itself
}

// heldView is a view that was met.
type heldView struct {
	at       uintptr // of a block that is alive, or static
	len, cap uint64
	inside   uint64 // bytes of what it holds that has no memory of its own
	node     uint32 // ID
	class    uint32
	label    uint32 // see sharing
	next     uint32 // another view in the block; 0 for none
	many     bool   // there are many in the block: crowded has them
	free     bool   // lies inside its owner: no memory of its own
}

// crowdKey is a view where there are many in a block.
type crowdKey struct {
	at    uintptr
	class uint32
	f     Finding
}

// closedBlock is the block of a root that is the caller's own: nothing is followed there.
type closedBlock struct {
	lo, hi uintptr
	vertex uint32
}

// ownView is the node of views that are the caller's own: cap is their number in owns.
const ownView = math.MaxUint32

const (
	viewPiece = 1 << 12
	viewsFew  = 16 // of a block, before they are crowded
)

// walkViews is Walk with Options.Holdings for an as-if model. The sink gets nothing.
func (s *Session) walkViews(roots []Root) error {
	h := s.options.Holdings
	w := &viewsWalk{sharing: newSharing(len(roots)), session: s, price: h.Price, count: 1,
		views: [][]heldView{make([]heldView, viewPiece)}, classes: map[objectClass]uint32{},
		crowded: map[crowdKey]uint32{}}
	s.mode, s.reference = byReference, w
	for _, n := range s.nodes {
		n.class = 0
	}
	owned := make([]uint32, len(roots)+1)
	for i, r := range roots {
		if w.root = uint32(i + 1); r.Owned && r.Type.Size() > 0 {
			owned[i+1] = w.own(r)
		}
	}
	for i, r := range roots {
		w.root = uint32(i + 1)
		next := w.count
		w.current = 0
		if err := s.walkRoot(r); err != nil {
			return err
		}
		for ; next < w.count; next++ {
			if err := w.expand(next); err != nil {
				return err
			}
		}
		for k := 0; k < len(w.again); k++ {
			w.vertex = w.view(w.again[k]).label &^ shared
			if err := w.expand(w.again[k]); err != nil {
				return err
			}
		}
		w.again, w.vertex = w.again[:0], 0
	}
	w.settle(h, owned)
	return nil
}

func (w *viewsWalk) view(id uint32) *heldView { return &w.views[id/viewPiece][id%viewPiece] }

// own takes the memory of a root that is the caller's own. The vertex is that of its block, if that is
// closed.
func (w *viewsWalk) own(r Root) (vertex uint32) {
	b, known := block.Of(r.At)
	if !known || !b.Pointers { // a view that is never charged
		w.owns = append(w.owns, r)
		last := w.last(r.At)
		*w.view(w.take()) = heldView{at: uintptr(r.At), node: ownView, cap: uint64(len(w.owns) - 1),
			label: w.root, next: *last, many: *last != 0 && w.view(*last).many}
		*last = w.count - 1
		return 0
	}
	lo := uintptr(b.Base)
	for _, c := range w.closed {
		if c.lo == lo {
			return c.vertex
		}
	}
	vertex = w.sharing.vertex(0, 0)
	w.closed = append(w.closed, closedBlock{lo, lo + b.Size, vertex})
	slices.SortFunc(w.closed, func(a, b closedBlock) int { return cmp.Compare(a.lo, b.lo) })
	return vertex
}

// closedAt is the vertex of the closed block at an address; 0 if there is none.
func (w *viewsWalk) closedAt(at uintptr) uint32 {
	i, _ := slices.BinarySearchFunc(w.closed, at+1, func(c closedBlock, at uintptr) int { return cmp.Compare(c.lo, at) })
	if i == 0 || at >= w.closed[i-1].hi {
		return 0
	}
	return w.closed[i-1].vertex
}

// leaf takes a container without memory of its own.
func (w *viewsWalk) leaf(n *Node, f Finding) {
	if w.vertex != 0 { // it was met before
		return
	}
	bytes := w.priceOf(n)(f.Len, f.Cap)
	if w.current == 0 {
		w.only[w.root] += bytes
		return
	}
	w.view(w.current).inside += bytes
}

func (w *viewsWalk) priceOf(n *Node) Price {
	for len(w.prices) <= n.ID {
		w.prices = append(w.prices, nil)
	}
	if w.prices[n.ID] == nil {
		w.prices[n.ID] = w.price(n.Place)
	}
	return w.prices[n.ID]
}

// edge takes a reference to a container at p.
func (w *viewsWalk) edge(s *Session, n *Node, p unsafe.Pointer, f Finding) bool {
	if len(w.closed) > 0 {
		if v := w.closedAt(uintptr(p)); v != 0 {
			w.lead(v)
			return false
		}
	}
	id, fresh := w.find(n, p, f)
	if fresh {
		s.found++
		return false
	}
	x := w.view(id)
	switch old := x.label; {
	case old&shared != 0:
		w.lead(old &^ shared)
	case old != w.root || w.vertex != 0:
		v := w.sharing.vertex(0, w.vertex)
		if x.label = v | shared; w.vertex == 0 {
			w.enter(old, v)
			w.enter(w.root, v)
		}
		w.again = append(w.again, id)
	}
	return false
}

// lead notes that what is being followed leads to a vertex.
func (w *viewsWalk) lead(v uint32) {
	if w.vertex == 0 {
		w.enter(w.root, v)
	} else {
		w.refer(w.vertex, v)
	}
}

// find finds the view of a container at p, or makes it.
func (w *viewsWalk) find(n *Node, p unsafe.Pointer, f Finding) (id uint32, fresh bool) {
	if n.class == 0 {
		class := objectClass{n.Place, n.kind}
		if w.classes[class] == 0 {
			w.classes[class] = uint32(len(w.classes) + 1)
		}
		n.class = w.classes[class]
	}
	at := uintptr(p)
	last, few := w.last(p), 0
	if *last != 0 && w.view(*last).many {
		id = w.crowded[crowdKey{at, n.class, f}]
	} else {
		for id = *last; id != 0; few++ {
			x := w.view(id)
			if x.at == at && x.class == n.class && x.len == f.Len && x.cap == f.Cap {
				break
			}
			id = x.next
		}
	}
	if id != 0 {
		return id, false
	}
	return w.add(n, at, f, last, few), true
}

// add makes a view in a block of which the last and the number of others, if they are few, are known.
func (w *viewsWalk) add(n *Node, at uintptr, f Finding, last *uint32, few int) uint32 {
	id := w.take()
	many := *last != 0 && w.view(*last).many
	if !many && few >= viewsFew {
		many = true
		for other := *last; other != 0; other = w.view(other).next {
			x := w.view(other)
			w.crowded[crowdKey{x.at, x.class, Finding{x.len, x.cap}}] = other
		}
	}
	free := n.kind == opSlice && n.inline(uintptr(f.Len), uintptr(f.Cap)) ||
		n.kind == opPointer && n.follow.Inline > 0
	*w.view(id) = heldView{at: at, len: f.Len, cap: f.Cap, node: uint32(n.ID), class: n.class,
		label: w.root, next: *last, many: many, free: free}
	if *last = id; many {
		w.crowded[crowdKey{at, n.class, f}] = id
	}
	return id
}

// take makes room for a view, and numbers it.
func (w *viewsWalk) take() uint32 {
	if w.count++; w.count >= shared {
		w.session.failure = ErrLimit
	}
	if w.count%viewPiece == 0 {
		w.views = append(w.views, make([]heldView, viewPiece))
	}
	return w.count - 1
}

// last is where the number of the last view is kept that lies in the block of p.
func (w *viewsWalk) last(p unsafe.Pointer) *uint32 {
	page := w.pages.of(p)
	if !page.heap() {
		return &w.outside
	}
	index := page.shape.Index(uintptr(p) - page.start)
	if index < uintptr(page.first) { // the block begins on an earlier page
		page, index = w.pages.begin(page.block(p))
	}
	if page.counts == nil {
		page.counts = (*[maxPerPage]uint32)(w.labels.take(page.shape.perPage(), maxPerPage))
	}
	return &page.counts[(index-uintptr(page.first))%maxPerPage]
}

// expand follows what a view leads to.
func (w *viewsWalk) expand(id uint32) error {
	const ahead = 8
	s := w.session
	if id+ahead < w.count && w.vertex == 0 && s.prefetches() {
		p := pointerTo(w.view(id + ahead).at)
		prefetch(&p, 1, 0)
	}
	x := w.view(id)
	if w.current = id; x.node == ownView {
		return s.failure
	}
	n := s.nodes[x.node]
	if n.torn == nil && n.elem.leaf() && (n.key == nil || n.key.leaf()) || x.len == 0 || s.options.Shallow {
		return s.failure
	}
	at := pointerTo(x.at)
	switch n.kind {
	case opMap:
		s.push(unsafe.Pointer(s.iterateMap(n, unsafe.Pointer(&at), 0)), n, 0)
	case opChan:
		s.waiting(n, at, uintptr(x.len), uintptr(x.cap), 0)
	default:
		s.push(at, n, uintptr(x.len))
	}
	return s.run()
}

// extent is the memory of a view.
func (w *viewsWalk) extent(id uint32) view {
	x := w.view(id)
	if x.node == ownView {
		t := w.owns[x.cap].Type
		return view{lo: x.at, live: x.at + t.Size(), hi: x.at + t.Size(), elem: t}
	}
	n := w.session.nodes[x.node]
	v := view{lo: x.at, node: n, elem: n.elem.typ, Finding: Finding{x.len, x.cap}}
	live, size := n.size, n.size
	switch n.kind {
	case opString:
		v.elem, live, size = byteType, uintptr(x.len), uintptr(x.len)
	case opMap:
		v.elem, live, size = n.Type, mapHeaderBytes, mapHeaderBytes
	case opChan:
		v.elem, live, size = n.Type, granuleBytes, granuleBytes
	case opSlice:
		live, size = uintptr(x.len)*n.size, uintptr(x.cap)*n.size
	}
	v.live, v.hi = x.at+live, x.at+size
	return v
}
