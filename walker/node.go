package walker

import (
	"reflect"
	"slices"
)

// Node is a place where a walk meets containers. In a walk by path it is a node of a tree: each
// path its own, where a place that is already on the path folds back to it, so that recursive
// types give a finite tree. In a plain walk there is one for each place.
type Node struct {
	// ID numbers the nodes of a session from 0, in the order in which they were met.
	ID int
	// Parent is nil for roots; in a plain walk it is the node that was first met above.
	Parent *Node
	// Step is the path from Parent's content to this node, as a Go expression: ".Coins",
	// "[].Script", "[key]", ".(T)" for the dynamic type of an interface.
	Step string
	// Type is the container's type; for a boxed interface value (Boxed) the pointer type to it.
	Type  reflect.Type
	Place Place
	Boxed bool
	// Recursive tells, in a walk by path, that the path leads back here.
	Recursive bool
	// Held is what the containers here hold on the heap, in a walk with Options.Blocks.
	Held Held
	// Unaccounted counts the values met here that the walk could not follow, for Reason. Of slices and
	// strings UnaccountedBytes is how many bytes they are, each byte once.
	Unaccounted, UnaccountedBytes uint64
	Reason                        string
	// Beside is what each of the containers here has elsewhere, where nothing leads to it from here.
	Beside string

	kind   opKind
	leaf   bool    // nothing lies below elem
	listed bool    // its frames are not of values one after another: maps and lists
	size   uintptr // of elem
	steps  []step  // the operations of elem
	follow Follow
	part   *Node  // for pointees of which there is only a part; nil until needed
	torn   *Node  // the node of which this is the part
	elem   *plan  // of elements, pointees, map values, boxed values; nil for string and the like
	key    *plan  // of map keys
	memory memory // that its containers own
	owner  uint32 // numbers how they own it: containers of one number charge the same for memory
	layout mapLayout

	keySteps []step   // the operations of key
	dynamic  dynamics // of an interface: the types met

	contents [contentKinds]uint32 // numbers of the contents of its blocks; 0 until needed

	class uint32 // of the objects that its containers are, in a walk per reference; 0 until needed

	fixed    uint64 // findings of length and capacity 1 not yet handed over
	run      heldRun
	findings []Finding
	full     []uint64 // where there are many: how many findings have each small length and no spare
	touched  bool     // has findings to hand over
}

// step is an operation of a node's plan, with what a walk needs of it at hand. The elements of short
// arrays have steps of their own.
type step struct {
	offset uintptr
	kind   opKind
	key    bool  // of a map's keys
	node   *Node // of the containers there; nil until one was met
	op     *op
	array  *step // whose elements this step is of; nil for none
	first  *step // the same of the array's first element; nil there
}

// flatSteps is how many steps a plan has at most with those of arrays' elements.
const flatSteps = 64

// stepsOf makes the steps of a plan, in order of offset.
func (w *Walker) stepsOf(p *plan, key bool) []step {
	if !slices.ContainsFunc(p.ops, func(o op) bool { return o.kind == opArray }) {
		steps := make([]step, len(p.ops))
		for i := range p.ops {
			steps[i] = step{offset: p.ops[i].offset, kind: p.ops[i].kind, key: key, op: &p.ops[i]}
		}
		return steps
	}
	f := flattening{walker: w, key: key, arrays: map[stepKey]*step{}}
	f.add(p, nil, 0)
	firsts := map[stepKey]*step{}
	for i := range f.steps {
		st := &f.steps[i]
		if st.array == nil {
			continue
		}
		at := stepKey{st.array, st.op}
		if st.first = firsts[at]; st.first == nil {
			firsts[at] = st
		}
	}
	return f.steps
}

// flattening makes the steps of a plan. Of an array there is one step for all elements of an array
// around it.
type flattening struct {
	walker *Walker
	key    bool
	steps  []step
	arrays map[stepKey]*step
}

// stepKey tells steps apart that do not only differ in the element of an array.
type stepKey struct {
	array *step
	op    *op
}

// add appends the steps of a plan for a value at an offset, an element of an array or not.
func (f *flattening) add(p *plan, array *step, offset uintptr) {
	for i := range p.ops {
		o := &p.ops[i]
		st := step{offset: offset + o.offset, kind: o.kind, key: f.key, op: o, array: array}
		if o.kind != opArray {
			f.steps = append(f.steps, st)
			continue
		}
		elem, count := f.walker.plan(o.typ.Elem(), f.walker.policy.Elem(o.place)), o.typ.Len()
		if count > blockLength/4 || len(f.steps)+count*len(elem.ops) > flatSteps {
			f.steps = append(f.steps, st)
			continue
		}
		at := stepKey{array, o}
		if f.arrays[at] == nil {
			f.arrays[at] = &st
		}
		for e := range uintptr(count) {
			f.add(elem, f.arrays[at], st.offset+e*elem.size)
		}
	}
}

// dynamic is what an interface was seen to hold.
type dynamic struct {
	word    uintptr // the interface's type word
	pointer bool    // holds a pointer: the interface is that pointer
	direct  bool    // holds another pointer-shaped value, in the data word itself
	node    *Node
}

// Unfollowed tells that what the values here lead to is followed as memory without a type, if at all:
// closures, unsafe.Pointer, opaque types.
func (n *Node) Unfollowed() bool { return n.kind == opUnaccounted }

// separator is the path from a container to its content.
func (n *Node) separator() string {
	switch n.kind {
	case opSlice, opArray, opMap, opChan, opList:
		return "[]"
	}
	return ""
}

// placeKey tells nodes apart in a plain walk. Pseudo-containers (arrays, interfaces) and
// containers of the same place are different nodes.
type placeKey struct {
	place Place
	kind  opKind
	typ   reflect.Type
}

// child makes the node of a step on the content of n, or on its keys.
func (s *Session) child(n *Node, step *step) *Node {
	if step.first != nil {
		if step.node = step.first.node; step.node == nil {
			step.node = s.child(n, step.first)
		}
		return step.node
	}
	key := step.key
	if a := step.array; a != nil {
		if key = false; a.node == nil {
			s.child(n, a)
		}
		n = a.node
	}
	o, separator := step.op, n.separator()
	if key {
		separator = "[key]"
	}
	step.node = s.node(n, separator+o.step, o.typ, o.place, o.kind, o.follow, o.reason)
	step.node.Beside = o.beside
	return step.node
}

// node finds or makes the node for a place below parent.
func (s *Session) node(parent *Node, step string, t reflect.Type, place Place, kind opKind,
	follow Follow, reason string) *Node {
	key := placeKey{place, kind, t}
	if s.options.ByPath && len(s.nodes) < maxPaths {
		up := parent
		if s.plain[key] == nil {
			up = nil // there is no such node, on the path or elsewhere
		}
		for ; up != nil; up = up.Parent {
			if up.Place == place && up.kind == kind && up.Type == t {
				up.Recursive = true
				return up
			}
		}
	} else if n := s.plain[key]; n != nil {
		return n
	}
	n := &Node{ID: len(s.nodes), Parent: parent, Step: step, Type: t, Place: place, kind: kind,
		listed: kind == opMap || kind == opList, follow: follow, Reason: reason}
	s.nodes = append(s.nodes, n)
	s.plain[key] = n
	s.content(n)
	s.register(n)
	return n
}

// maxPaths bounds the tree of paths: type graphs can have exponentially many. Places met beyond
// it share the node of an earlier path.
const maxPaths = 1 << 16

// content finds the plans of what a node's containers hold.
func (s *Session) content(n *Node) {
	policy := s.walker.policy
	switch n.kind {
	case opPointer:
		pointee, _, ok := atomicPointer(n.Type)
		if !ok {
			pointee = n.Type.Elem()
		}
		n.elem = s.walker.plan(pointee, policy.Elem(n.Place))
	case opSlice, opArray, opChan:
		n.elem = s.walker.plan(n.Type.Elem(), policy.Elem(n.Place))
	case opMap:
		n.elem = s.walker.plan(n.Type.Elem(), policy.Elem(n.Place))
		n.key = s.walker.plan(n.Type.Key(), policy.Key(n.Place))
		if !n.follow.Keys {
			n.key = emptyPlan
		}
		n.keySteps = s.walker.stepsOf(n.key, true)
		n.layout = layoutOf(n.Type)
	case opList:
		n.elem = s.walker.plan(anyType, policy.Elem(n.Place))
	default:
		n.elem = emptyPlan
	}
	n.hold(s.walker, n.elem)
}

// hold makes a plan the one of the content.
func (n *Node) hold(w *Walker, p *plan) {
	n.elem, n.size, n.leaf, n.steps = p, p.size, p.leaf(), w.stepsOf(p, false)
}

var emptyPlan = &plan{}

// rootNode is the node for a root: a value that no container leads to.
func (s *Session) rootNode(r Root) *Node {
	if r.Owner != nil { // it is bound as a field, others of its type are not
		return s.findRoot(r)
	}
	if s.root != nil && s.root.Type == r.Type && !s.options.ByPath {
		return s.root
	}
	s.root = s.findRoot(r)
	return s.root
}

func (s *Session) findRoot(r Root) *Node {
	place := s.walker.policy.Root(r.Type)
	if r.Owner != nil {
		place = s.walker.policy.Field(s.walker.policy.Root(r.Owner), r.Field)
	}
	key := rootKey{place: place}
	if s.options.ByPath {
		key.name = r.Name
	}
	if n := s.roots[key]; n != nil {
		return n
	}
	elem := s.walker.plan(r.Type, place)
	n := &Node{ID: len(s.nodes), Step: r.Name, Type: r.Type, Place: rootPlace{place},
		kind: opInterface}
	n.hold(s.walker, elem)
	s.nodes = append(s.nodes, n)
	s.roots[key] = n
	s.registerSlots(elem)
	return n
}

// rootKey finds the node of a root: by place, in a walk by path also by name.
type rootKey struct {
	place Place
	name  string
}

// rootPlace keeps roots apart from containers of the same place.
type rootPlace struct{ Place }
