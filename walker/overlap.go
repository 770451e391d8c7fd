package walker

import (
	"cmp"
	"reflect"
	"slices"
	"unsafe"
)

// viewLog settles overlaps: it has the extent of each container that was met in memory that is in
// dispute, sorts them, and merges those that overlap. Content is followed once for each place by
// which a value is bound, so that no binding is missed.
type viewLog struct {
	views []view
	seen  slotSets // containers of fixed extent that are logged already, by place
	// anonymous are containers without memory of their own, by the address of their slot.
	anonymous []view
	counted   slotSet // slots whose value was counted as unaccounted
	// copies are of the entries of maps that cannot be read where they lie, by map: they stand for the
	// slots of the map, whatever leads there, and are kept so that no two have the same address.
	copies map[unsafe.Pointer]*mapCopies
	closed []view // roots of the caller's own without pointers: nothing there is followed
}

func newViewLog() *viewLog {
	return &viewLog{seen: slotSets{}, counted: newSlotSet(),
		copies: map[unsafe.Pointer]*mapCopies{}}
}

// view is a container's claim on memory: [lo, hi), of which [lo, live) is in use.
type view struct {
	lo, live, hi uintptr
	elem         reflect.Type // what the memory holds
	node         *Node        // nil for the caller's own root, which is never charged
	Finding
}

// closedType is what memory holds of which nothing is followed.
var closedType = reflect.TypeFor[[1]byte]()

func (w *viewLog) add(v view) {
	w.views = append(w.views, v)
	if v.node == nil && v.elem.Kind() == reflect.Array && v.elem.Elem() == byteType {
		w.closed = append(w.closed, v)
	}
}

// claim logs a container; false if its content was followed from the same place already, or is
// not to be followed.
func (w *viewLog) claim(n *Node, p, live, size uintptr, f Finding) bool {
	for _, v := range w.closed {
		if p >= v.lo && p+size <= v.hi {
			return false
		}
	}
	// Only one container of a place begins with a slot; what begins within one has no pointers.
	if n.kind != opSlice && n.kind != opString && p%slotBytes == 0 &&
		!w.seen.of(n.Place).add(p, slotBytes) {
		return false
	}
	elem := n.elem.typ
	switch n.kind {
	case opString:
		elem = byteType
	case opMap, opChan:
		elem = n.Type
	}
	w.add(view{lo: p, live: p + live, hi: p + size, elem: elem, node: n, Finding: f})
	return true
}

// resolve reports what is left of the logged extents when all overlaps are merged.
func (s *Session) resolve() {
	if s.log == nil {
		return
	}
	views := s.log.views
	slices.SortStableFunc(views, func(a, b view) int {
		return cmp.Or(cmp.Compare(a.lo, b.lo), cmp.Compare(b.hi, a.hi))
	})
	for len(views) > 0 {
		end, n := views[0].hi, 1
		for n < len(views) && views[n].lo < end {
			end = max(end, views[n].hi)
			n++
		}
		s.component(views[:n], end)
		views = views[n:]
	}
	s.resolveAnonymous()
}

// resolveAnonymous reports one container for each slot: the dearest, if it is bound in several ways.
func (s *Session) resolveAnonymous() {
	views := s.log.anonymous
	slices.SortStableFunc(views, func(a, b view) int { return cmp.Compare(a.lo, b.lo) })
	for len(views) > 0 {
		n := 1
		for n < len(views) && views[n].lo == views[0].lo {
			n++
		}
		s.charge(compete(views[:n], nil))
		views = views[n:]
	}
}

// component reports views that hang together by overlaps and end at an address.
func (s *Session) component(views []view, end uintptr) { s.charge(candidates(views, end)) }

// charge reports one of several containers: the sink finds the dearest.
func (s *Session) charge(candidates []Candidate) {
	switch {
	case len(candidates) == 0:
	case len(candidates) == 1 && candidates[0].Bytes == 0:
		s.report(candidates[0].Node, candidates[0].Len, candidates[0].Cap)
	default:
		s.sink.Overlap(candidates)
	}
}

// candidates are the containers of which one is charged for views that hang together by overlaps and end
// at an address; none where that is the caller's own.
func candidates(views []view, end uintptr) []Candidate {
	if len(views) == 1 {
		if v := views[0]; v.node != nil {
			return []Candidate{{Node: v.node, Finding: v.Finding}}
		}
		return nil
	}
	outer := outermost(views)
	first := outer[0]
	if first.hi == end { // one range encloses all: containers of just that range compete
		return compete(outer, views)
	}
	if size := first.elem.Size(); alike(outer) {
		return compete(union(outer, first.lo, end, size), views)
	}
	n := first
	for _, v := range outer {
		if v.node != nil && (n.node == nil || v.lo == n.lo &&
			v.node.Type.String() < n.node.Type.String()) {
			n = v
		}
	}
	if n.node == nil {
		return nil
	}
	return []Candidate{{Node: n.node, Finding: n.Finding, Bytes: uint64(end - first.lo)}}
}

// outermost are the views of a component that no other encloses (those of equal range stay).
func outermost(views []view) []view {
	var outer []view
	var lo, hi uintptr
	for _, v := range views {
		if v.hi > hi || v.lo == lo && v.hi == hi {
			outer = append(outer, v)
			lo, hi = v.lo, v.hi
		}
	}
	return outer
}

// alike tells whether views hold whole elements of one type, so that their union is a container.
func alike(views []view) bool {
	first := views[0]
	size := first.elem.Size()
	for _, v := range views {
		if v.elem != first.elem || (v.lo-first.lo)%size != 0 || v.node == nil ||
			v.node.kind == opMap || v.node.kind == opChan {
			return false
		}
	}
	return true
}

// union gives each of the views the whole range.
func union(views []view, lo, hi, size uintptr) []view {
	whole := slices.Clone(views)
	for i := range whole {
		whole[i].lo, whole[i].hi = lo, hi
		whole[i].Cap = uint64((hi - lo) / size)
		whole[i].Len = min(whole[i].Len, whole[i].Cap)
	}
	return whole
}

// compete makes candidates of containers with the same range. Their length goes up to the last element
// that any view of the component has in use.
func compete(outer, views []view) []Candidate {
	candidates := make([]Candidate, 0, len(outer))
	for _, v := range outer {
		if v.node == nil {
			return nil
		}
		if (v.node.kind == opSlice || v.node.kind == opString) && views != nil {
			v.Len = inUse(v, views)
		}
		c := Candidate{Node: v.node, Finding: v.Finding}
		if !slices.Contains(candidates, c) {
			candidates = append(candidates, c)
		}
	}
	return candidates
}

// inUse is the length of v when the elements that any view has in use count.
func inUse(v view, views []view) uint64 {
	live := v.lo
	for _, other := range views {
		if other.elem == v.elem {
			live = max(live, other.live)
		}
	}
	size := v.elem.Size()
	return min(uint64((live-v.lo+size-1)/size), v.Cap)
}
