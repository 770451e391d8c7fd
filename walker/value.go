package walker

import (
	"container/list"
	"unsafe"
)

// value runs steps of n, those of its content or of its keys, over a value.
func (s *Session) value(n *Node, steps []step, base unsafe.Pointer) {
	if checked {
		assertValue(n, steps, base)
	}
	for i := range steps {
		s.step(n, &steps[i], unsafe.Add(base, steps[i].offset))
	}
}

// step runs a step of n over the word or header at a place.
func (s *Session) step(n *Node, step *step, at unsafe.Pointer) {
	c := step.node
	if c == nil {
		c = s.child(n, step)
	}
	s.referStep(n, c, step.kind, at)
	switch step.kind {
	case opPointer:
		switch target := pointerAt(at); {
		case target == nil:
			if c.follow.NilCosts {
				s.anonymous(c, at, Finding{})
			}
		case s.mode == byBlock:
			s.holdPointee(c, target)
		default:
			s.pointee(c, target, at)
		}
	case opSlice:
		s.slice(c, (*sliceHeader)(at))
	case opString:
		s.text(c, (*stringHeader)(at))
	case opMap:
		s.mapping(c, at)
	case opInterface:
		s.dynamicValue(c, (*interfaceHeader)(at))
	case opChan:
		s.channel(c, at)
	case opList:
		s.list(c, (*list.List)(at))
	case opArray:
		s.array(c, at)
	case opUnaccounted:
		s.unaccounted(c, at)
	}
}

// pointee reports what a pointer, or a boxed interface value, at a slot owns.
func (s *Session) pointee(n *Node, p, slot unsafe.Pointer) {
	switch size := n.size; {
	case size == 0: // no memory, so no identity: charged for each reference
		if !s.holdEmpty(n, p, Finding{1, 1}) {
			s.anonymous(n, slot, Finding{1, 1})
		}
	case s.mode == byBlock:
		s.holdPointee(n, p)
	case s.mode == byExtent && s.claimInArena(n, p):
	case s.torn(n, p):
	case n.follow.Inline > 0 && s.mode != byReference: // an option: the pointee lies in its owner
		s.anonymous(n, slot, Finding{1, 1})
		s.within(n, p, 1)
	case s.mode == byExtent:
		switch v, follow := s.claimed(n, p, size, size, 1); v {
		case fresh:
			s.one(n)
			if follow && !n.leaf {
				s.push(p, n, 1)
			}
		case conflict:
			if s.logged(n, p, size, size, Finding{1, 1}) && !n.leaf {
				s.push(p, n, 1|careful)
			}
		}
	default:
		s.claim(n, p, size, size, Finding{1, 1})
	}
}

// slice reports a slice's array. Its elements are followed up to the length.
func (s *Session) slice(n *Node, h *sliceHeader) {
	if s.mode == byBlock && h.capacity > 0 && n.size > 0 {
		s.holdArray(n, h)
		return
	}
	length, capacity := uintptr(max(h.length, 0)), uintptr(max(h.capacity, 0)) // torn headers may say less
	if s.options.CapIsLen {
		capacity = length
	}
	capacity = s.fitting(n, h.data, capacity, n.size)
	length = min(length, capacity) // nor must they reach beyond the array
	size, f := n.size, Finding{uint64(length), uint64(capacity)}
	switch {
	case capacity*size == 0 && s.holdEmpty(n, h.data, f):
	case capacity == 0:
		if n.follow.NilCosts {
			s.anonymous(n, unsafe.Pointer(h), Finding{})
		}
	case size == 0:
		s.anonymous(n, unsafe.Pointer(h), f)
	case n.inline(length, capacity) && s.reference == nil:
		s.anonymous(n, unsafe.Pointer(h), f)
		s.within(n, h.data, length)
	default:
		if s.options.ToCapacity {
			length = capacity
		}
		if follow, mode := s.claim(n, h.data, length*size, capacity*size, f); follow && length > 0 && !n.leaf {
			s.push(h.data, n, length|mode)
		}
	}
}

// within walks content that lies inside a container as the rules see it. It has no extent, but it
// is memory like any other: what else leads there is in dispute.
func (s *Session) within(n *Node, p unsafe.Pointer, count uintptr) {
	if count == 0 || n.leaf || s.options.Shallow {
		return
	}
	if s.mode == byExtent {
		s.exclude(p, count*n.size)
	}
	s.push(p, n, count|s.carefulAt(p))
}

// inline tells whether a slice's content lies inside the container.
func (n *Node) inline(length, capacity uintptr) bool {
	if n.follow.ByLen {
		capacity = length
	}
	return uint64(capacity) <= n.follow.Inline
}

// text reports a string's bytes.
func (s *Session) text(n *Node, h *stringHeader) {
	length := uintptr(h.length)
	if s.mode == byBlock && length > 0 {
		s.hold(n, h.data, length, Finding{uint64(length), uint64(length)})
		return
	}
	if length == 0 && s.holdEmpty(n, h.data, Finding{}) {
		return
	}
	if length = s.fitting(n, h.data, length, 1); uint64(length) <= n.follow.Inline || length == 0 {
		if length > 0 || n.follow.NilCosts {
			s.anonymous(n, unsafe.Pointer(h), Finding{uint64(length), uint64(length)})
		}
		return
	}
	s.claim(n, h.data, length, length, Finding{uint64(length), uint64(length)})
}

// array walks the elements of an inline array: at once when there are few.
func (s *Session) array(n *Node, at unsafe.Pointer) {
	count := uintptr(n.Type.Len())
	if count > blockLength/4 && s.graph == nil {
		s.push(at, n, count|s.inherited())
		return
	}
	for i := uintptr(0); i < count; i++ {
		s.value(n, n.steps, unsafe.Add(at, i*n.size))
	}
}

// mapping reports a map. Its memory is its own, so its header word stands for all of it.
func (s *Session) mapping(n *Node, at unsafe.Pointer) {
	p := pointerAt(at)
	if p == nil {
		if n.follow.NilCosts {
			s.anonymous(n, at, Finding{})
		}
		return
	}
	if s.mode == byBlock && s.holdMapping(n, p) || s.mode == byExtent && s.claimHeader(n, p) {
		return
	}
	// The length is where it is for maps of every type.
	length := uint64(len(*(*map[int]int)(at)))
	size := uintptr(mapHeaderBytes)
	follow, mode := s.claim(n, p, size, size, Finding{length, length})
	if !follow {
		return
	}
	if length == 0 || n.leaf && n.key.leaf() || s.options.Shallow {
		return
	}
	if length <= blockLength && s.readable(n) {
		s.aheadOfMap(n, p)
		s.push(p, n, 1|mode)
		return
	}
	s.push(unsafe.Pointer(s.iterateMap(n, at, mode)), n, mode)
}

// entries walks the next entries of a map: all of them if it is small.
func (s *Session) entries(f frame) {
	n := f.node
	if f.count&^careful == 1 {
		s.smallMap(n, f.ptr)
		return
	}
	iterator := (*mapIterator)(f.ptr)
	top := len(s.stack)
	s.stack = append(s.stack, f) // below what the entries push
	done, ok := s.groups(n, iterator)
	if !ok {
		done = s.someEntries(n, iterator)
	}
	if done {
		copy(s.stack[top:], s.stack[top+1:])
		s.stack = s.stack[:len(s.stack)-1]
		s.release(iterator)
	}
}

// someEntries walks the next entries of a map whose layout is not known; done at its end.
func (s *Session) someEntries(n *Node, iterator *mapIterator) (done bool) {
	for range blockLength {
		key, elem, ok := iterator.next(n)
		if !ok {
			return true
		}
		s.entryAt(n, key)
		s.value(n, n.keySteps, key)
		s.value(n, n.steps, elem)
	}
	return false
}

// list reports a container/list and walks its elements' values.
func (s *Session) list(n *Node, l *list.List) {
	length := l.Len()
	if length <= 0 {
		if n.follow.NilCosts {
			s.anonymous(n, unsafe.Pointer(l), Finding{})
		}
		return
	}
	s.anonymous(n, unsafe.Pointer(l), Finding{uint64(length), uint64(length)})
	if first := l.Front(); first != nil && !n.leaf {
		s.push(unsafe.Pointer(first), n, uintptr(length)|s.inherited())
	}
}

// listElements walks the next elements of a list: no more than the list says it has.
func (s *Session) listElements(f frame) {
	n, e := f.node, (*list.Element)(f.ptr)
	if next := e.Next(); next != nil && f.count&^careful > 1 {
		s.stack = append(s.stack, frame{unsafe.Pointer(next), n, f.count - 1})
	}
	at := unsafe.Pointer(&e.Value)
	if s.mode == byExtent { // else a copy of the list was met
		s.exclude(at, n.size)
	}
	s.careful = s.carefulAt(at) != 0
	slots := s.slots(n.elem)
	if slots == nil || slots.add(uintptr(at), n.size) {
		s.value(n, n.steps, at)
	}
}

// channel reports a channel's buffer and walks what waits in it.
func (s *Session) channel(n *Node, at unsafe.Pointer) {
	p := pointerAt(at)
	if p == nil {
		if n.follow.NilCosts {
			s.anonymous(n, at, Finding{})
		}
		return
	}
	length, capacity := uint64(len(*(*chan int)(at))), uint64(cap(*(*chan int)(at)))
	follow, mode := s.claim(n, p, granuleBytes, granuleBytes, Finding{length, capacity})
	if !follow || length == 0 || n.leaf {
		return
	}
	s.waiting(n, p, uintptr(length), uintptr(capacity), mode)
}

// waiting walks what waits in a channel, or counts it as unaccounted.
func (s *Session) waiting(n *Node, p unsafe.Pointer, length, capacity, mode uintptr) {
	if !s.queued(n, p, length, capacity, mode) {
		n.Unaccounted++
		n.Reason = "chan: this build cannot look into the buffer"
	}
}

// unaccounted counts a value that cannot be followed, unless it is nil.
func (s *Session) unaccounted(n *Node, at unsafe.Pointer) {
	p := pointerAt(at)
	switch {
	case p == nil:
	case s.heap != nil:
		s.refer(n, p, 0, at)
		s.untypedPointer(n, p, false)
	case s.careful && s.mode == byExtent && !s.log.counted.add(uintptr(at), wordSize):
	default:
		n.Unaccounted++
	}
}

// anonymous reports a container that has no memory of its own to tell it by: nil, inline, or
// without size. Where memory is in dispute a walk may come to its slot by several plans.
func (s *Session) anonymous(n *Node, slot unsafe.Pointer, f Finding) {
	if s.careful && s.mode == byExtent {
		s.log.anonymous = append(s.log.anonymous,
			view{lo: uintptr(slot), hi: uintptr(slot) + 1, node: n, Finding: f})
		return
	}
	if f == (Finding{1, 1}) {
		s.one(n)
		return
	}
	s.report(n, f.Len, f.Cap)
}

// claim takes a container's extent of size bytes at p, of which the first live are followed, and
// reports it when it is new. It tells whether what lies below is to be followed. Of blocks it takes
// those of maps and channels: other containers have ways of their own there.
func (s *Session) claim(n *Node, p unsafe.Pointer, live, size uintptr, f Finding) (follow bool, mode uintptr) {
	switch s.mode {
	case byBlock:
		return s.holdHeader(n, p, size, f), 0
	case byReference:
		return s.reference.edge(s, n, p, f), 0
	}
	switch v, follow := s.claimed(n, p, live, size, uintptr(f.Cap)); v {
	case fresh:
		s.report(n, f.Len, f.Cap)
		return follow || n.listed, 0
	case conflict:
		return s.logged(n, p, live, size, f), careful
	}
	return false, 0
}

// logged logs a container in memory that is in dispute. It tells whether what lies below is to be followed.
func (s *Session) logged(n *Node, p unsafe.Pointer, live, size uintptr, f Finding) (follow bool) {
	if s.failure != nil {
		return false
	}
	s.found++
	return s.log.claim(n, uintptr(p), live, size, f)
}
