package walker

import (
	"reflect"
	"slices"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/spelling"
)

// dynamicValue walks what an interface holds. Holding a pointer, it is that pointer; any other
// value is owned as if by a pointer to it.
func (s *Session) dynamicValue(n *Node, h *interfaceHeader) {
	if h.word == nil {
		if n.follow.NilCosts {
			s.anonymous(n, unsafe.Pointer(h), Finding{})
		}
		return
	}
	d := n.dynamic.of(uintptr(h.word))
	if d == nil {
		d = s.newDynamic(n, h)
	}
	switch {
	case d.node == nil:
	case d.node.kind == opUnaccounted:
		s.unaccounted(d.node, unsafe.Pointer(&h.data))
	case d.direct && !d.pointer:
		s.anonymous(d.node, unsafe.Pointer(h), Finding{1, 1}) // no box, so no identity
		if s.graph != nil {                                   // as a part of the block or entry that the interface lies in
			s.value(d.node, d.node.steps, unsafe.Pointer(&h.data))
		} else if !d.node.elem.leaf() {
			s.push(unsafe.Pointer(&h.data), d.node, 1|s.inherited())
		}
	case h.data == nil:
		if d.node.follow.NilCosts {
			s.anonymous(d.node, unsafe.Pointer(h), Finding{})
		}
	case s.mode == byBlock:
		s.refer(d.node, h.data, d.node.folds(n), unsafe.Pointer(&h.data))
		s.holdPointee(d.node, h.data)
	case d.pointer || s.mode != byExtent || s.disputes.all || s.options.ToCapacity:
		s.pointee(d.node, h.data, unsafe.Pointer(h))
	case isSmall(h.data):
		s.small.add(d.node, h.data)
	default:
		if s.literals.has(h.data) && s.literals.rival(d.node, h.data) &&
			!s.disputes.touch(uintptr(h.data), d.node.size) {
			s.dispute(h.data, d.node.size)
		}
		s.pointee(d.node, h.data, unsafe.Pointer(h))
	}
}

// dynamics is what an interface was seen to hold, by its type word. Those met last come first.
type dynamics struct {
	recent [8]*dynamic
	all    []*dynamic
}

// of is what is known of a type word, or nil.
func (d *dynamics) of(word uintptr) *dynamic {
	recent := &d.recent[(word>>5^word>>10)%uintptr(len(d.recent))]
	if *recent != nil && (*recent).word == word {
		return *recent
	}
	for _, known := range d.all {
		if known.word == word {
			*recent = known
			return known
		}
	}
	return nil
}

// newDynamic resolves the type that an interface holds.
func (s *Session) newDynamic(n *Node, h *interfaceHeader) *dynamic {
	t := dynamicType(n.Type, unsafe.Pointer(h))
	d := &dynamic{word: uintptr(h.word), pointer: t.Kind() == reflect.Pointer, direct: isDirect(t)}
	place := s.walker.policy.Dynamic(n.Place, t)
	follow := s.walker.policy.Follow(place)
	container, kind := t, opPointer
	if !d.pointer {
		container = reflect.PointerTo(t)
	}
	if follow.Opaque != "" {
		kind = opUnaccounted
	}
	if !follow.Skip {
		step := ".(" + spelling.Type(t) + ")"
		d.node = s.node(n, step, container, place, kind, follow, follow.Opaque)
		d.node.Boxed = !d.pointer
	} else {
		s.skips = true
	}
	n.dynamic.all = append(n.dynamic.all, d)
	return d
}

// smallValues are the boxes of values below 256 that the runtime keeps in one static table, so
// that boxing them does not allocate. Boxes of unlike sizes begin at the same address there: the
// largest stands for all, without a dispute; those of equal size compete.
type smallValues struct {
	boxes [256]*Node
	rival map[int][]*Node // boxes of the same size at the same place, of another type
	any   bool
}

// box is where a value lies when it is boxed to be kept: else its box may lie on the stack.
func box(value uint64) uintptr {
	kept := reflect.New(anyType).Interface().(*any)
	*kept = value
	return uintptr(dataWord(*kept))
}

// smallTable is where the runtime's table begins, by looking where boxed values lie; 0 if not found.
var smallTable = func() uintptr {
	first, last := box(0), box(255)
	if last-first != 255*8 {
		return 0
	}
	return first
}()

func isSmall(p unsafe.Pointer) bool { return uintptr(p)-smallTable < 256*8 && smallTable != 0 }

// add takes a box in the table.
func (v *smallValues) add(n *Node, p unsafe.Pointer) {
	v.any = true
	place := int((uintptr(p) - smallTable) / 8)
	switch old := v.boxes[place]; {
	case old == n:
	case old == nil || old.size < n.size:
		v.boxes[place] = n
		delete(v.rival, place)
	case old.size == n.size && old.Place != n.Place && !slices.Contains(v.rival[place], n):
		if v.rival == nil {
			v.rival = map[int][]*Node{}
		}
		v.rival[place] = append(v.rival[place], n)
	}
}

// report reports the boxes that stand for all.
func (v *smallValues) report(s *Session) {
	for place, n := range v.boxes {
		switch rivals := v.rival[place]; {
		case n == nil:
		case len(rivals) == 0:
			s.one(n)
		default:
			s.found++
			candidates := []Candidate{{Node: n, Finding: Finding{1, 1}}}
			for _, rival := range rivals {
				candidates = append(candidates, Candidate{Node: rival, Finding: Finding{1, 1}})
			}
			s.sink.Overlap(candidates)
		}
	}
}

func (v *smallValues) reset() {
	if v.any {
		*v = smallValues{}
	}
}

// literals are the boxes that lie in the program's image. Compiler and linker give values of all types
// that are made of the same bytes one box there, so that their types do not tell them apart.
type literals struct {
	lo, size uintptr // of the image
	places   map[unsafe.Pointer]Place
}

func newLiterals() literals {
	lo, hi := block.Image()
	return literals{lo, hi - lo, map[unsafe.Pointer]Place{}}
}

func (l *literals) has(p unsafe.Pointer) bool { return uintptr(p)-l.lo < l.size }

// rival tells whether a box was met at another place, and notes its place if it was not met.
func (l *literals) rival(n *Node, p unsafe.Pointer) bool {
	first, met := l.places[p]
	if !met {
		l.places[p] = n.Place
	}
	return met && first != n.Place
}

func (l *literals) reset() {
	if len(l.places) > 64 { // a map keeps its size when it is cleared
		l.places = map[unsafe.Pointer]Place{}
	}
	clear(l.places)
}
