package walker

import "unsafe"

// Values of which every word that leads somewhere is a pointer of one kind (the nodes of lists and
// trees, the elements of a slice of pointers) are walked many at a time: first all their pointers are
// loaded, whether nil or not, then all are followed, while the memory behind them is on its way.

// sole is the node to which all words of a node's content lead.
type sole struct {
	node  *Node // nil if there is no such node
	known bool
}

// soleSteps is how many pointers such a value has at most.
const soleSteps = 4

// soleNode is the node to which all words of n's content lead, or nil.
func (s *Session) soleNode(n *Node) *Node {
	if n.sole.known {
		return n.sole.node
	}
	n.sole.known = true
	if len(n.steps) == 0 || len(n.steps) > soleSteps || n.listed {
		return nil
	}
	for i := range n.steps {
		step := &n.steps[i]
		if !step.op.plain() {
			return nil
		}
		if step.node == nil {
			s.child(n, step)
		}
		if step.node != n.steps[0].node {
			return nil
		}
	}
	n.sole.node = n.steps[0].node
	return n.sole.node
}

// pointers walks the values on top of the stack if they are of one node that has a sole one. Fewer
// than batchLeast are left to others.
func (s *Session) pointers() bool {
	top := len(s.stack)
	n := s.stack[top-1].node
	c := s.soleNode(n)
	if c == nil || s.mode != byExtent {
		return false
	}
	first := top
	for first > max(0, top-batchLength) && s.stack[first-1].node == n && s.stack[first-1].count == 1 {
		first--
	}
	if top-first < batchLeast {
		return false
	}
	var found [batchLength * soleSteps]unsafe.Pointer
	k := 0
	for i := top - 1; i >= first; i-- {
		at := s.stack[i].ptr
		if checked {
			assertValue(n, n.steps, at)
		}
		for j := range n.steps {
			p := pointerAt(unsafe.Add(at, n.steps[j].offset))
			found[k%len(found)] = p
			more := 0 // no branch: the processor cannot guess which are nil
			if p != nil {
				more = 1
			}
			k += more
		}
	}
	s.stack = s.stack[:first]
	s.followAll(c, found[:k])
	return true
}

// pointerElements walks count values of a node at p if each is a pointer to a sole node.
func (s *Session) pointerElements(n *Node, p unsafe.Pointer, count uintptr) bool {
	c := s.soleNode(n)
	if c == nil || s.mode != byExtent || s.options.NoPrefetch {
		return false
	}
	if checked {
		for i := range count {
			assertValue(n, n.steps, unsafe.Add(p, i*wordSize))
		}
	}
	s.followAll(c, unsafe.Slice((*unsafe.Pointer)(p), count))
	return true
}

// followAll takes what pointers of a node lead to. Some may be nil.
func (s *Session) followAll(n *Node, list []unsafe.Pointer) {
	for len(list) > 0 && s.failure == nil {
		part := list[:min(batchLength, len(list))]
		list = list[len(part):]
		if s.prefetches() && !n.leaf {
			prefetch(&part[0], len(part), n.ahead)
		}
		for _, p := range part {
			if p != nil {
				s.pointee(n, p, nil)
			}
		}
	}
}
