package snapshot

import "math"

// scanOp says how the values at a place are read.
type scanOp uint8

// The operations up to lastFlat read a value in one go, without a frame on the stack.
const (
	opNumber        scanOp = iota // a bool, int, uint or float
	opComplex                     // two numbers
	opText                        // a length and so many bytes
	opNumbers                     // an array or slice of numbers
	opTexts                       // an array or slice of texts
	opFlatStruct                  // a struct of nothing but the above
	opFlatContainer               // another container of nothing but the above: with a frame
	opPairs                       // a map of numbers or texts to numbers or texts
	opInterface                   // a type and a value, perhaps one of the below
	opStruct
	opContainer // an array, slice or map of what has frames
	opOpaque
	opFold // go on with place.fold

	lastFlat    = opFlatStruct
	lastInPlace = opInterface // up to here, what holds the value need not be left
)

// place is a site while the scan runs: counters, and the places below, made when a value first
// comes by.
type place struct {
	op    scanOp
	kind  wireKind
	width uint8 // of the widest number
	deep  deep
	field int32 // which part of the parent's type this is
	depth int32
	path  int32 // bytes of its path

	number uint32 // in the order in which places were made
	census int32  // the last saved census that has counted values here, from 1

	count uint64 // values read, or begun
	null  uint64 // of these, nil interfaces
	// folded is how many of them came by where a type leads back here, once the scan has ended.
	folded uint64
	own    uint64 // wire bytes, without those of the places below
	floor  uint64 // wire bytes that an entry must exceed to be among the biggest

	lengths histogram
	typ     *wireType
	parent  *place
	fold    *place   // the ancestor of the same type, which counts in this place's stead
	parts   []*place // by field of the type; nil where no value has come by
	boxes   *boxes   // of an interface
	payload *payload // of an opaque type
	// fraction is what payloads say that look like those of a big.Rat.
	fraction *fraction
	biggest  *biggest
	open     map[int]uint64 // of a struct: values that the scan's end left open, by last field
	// claimed is how many maps the scan's end left open, by the entries that they claim to have.
	claimed map[uint64]uint64
}

// boxes are the dynamic types of an interface.
type boxes struct {
	byName map[boxKey]*place
	order  []*place
	names  []string // as registered, in the same order
	recent [recentBoxes]boxHeader
}

type boxKey struct {
	name string
	typ  *wireType
}

// payload is what is known of the payloads of an opaque type.
type payload struct {
	rejected bool     // at least one is not a gob, or they differ
	values   []*place // the values of a payload that is a gob, in order
}

// isOpen tells whether nothing is known of payloads yet: the scan stopped in the first, or before.
func (l *payload) isOpen() bool { return l == nil || !l.rejected && len(l.values) == 0 }

const (
	placeCost    = 320  // bytes of a place, and of the Site that is made of it
	pathCost     = 4    // bytes for each of a site's path: an account has it, and its text
	boxCost      = 384  // bytes of a dynamic type: what finds it, its type and its site's step
	maxTypeDepth = 4096 // places on a path; encoding/gob gives up at 10000 nested types
	rootField    = -1   // place.field of a root
	fewBoxes     = 8    // dynamic types that are found faster by looking at each
)

// newPlace makes the place of a value of canonical type t, whose path is so many bytes longer than
// its parent's. Where t is on the path already, the place folds back to its ancestor.
func (s *scanner) newPlace(parent *place, t *wireType, field, step int) *place {
	p := &place{kind: t.kind, typ: t, parent: parent, field: int32(field)}
	p.deep = deepOf(p)
	s.order.number(p)
	s.charge(placeCost)
	if s.biggest <= 0 {
		p.floor = math.MaxUint64
	}
	if parent != nil {
		p.path = parent.path + int32(step)
		if p.depth = parent.depth + 1; p.depth > maxTypeDepth {
			s.stop(ErrLimit, "types nest more than %d deep", maxTypeDepth)
		}
	}
	if t.isComposite() {
		p.fold = ancestor(parent, t)
	}
	s.countSites(p)
	if p.fold != nil {
		p.op = opFold
	} else {
		p.op = s.scanOp(t)
		p.parts = make([]*place, len(t.fields))
		s.charge(8 * int64(len(t.fields)))
		if t.kind == wireStruct {
			s.charge(placeCost / 2 * int64(len(t.fields))) // each becomes a Site
		}
	}
	return p
}

// countSites counts the sites that a new place brings, and the bytes of their paths: a struct those
// of its fields, at once.
func (s *scanner) countSites(p *place) {
	paths := int64(0)
	if p.parent == nil || p.parent.kind != wireStruct {
		s.sites++
		paths = int64(p.path)
	}
	if p.kind == wireStruct && p.fold == nil {
		s.sites += len(p.typ.fields)
		for i := range p.typ.fields {
			paths += int64(p.path) + int64(stepSize(p, i))
		}
	}
	s.charge(pathCost * paths)
	if s.sites > s.maxSites {
		s.stop(ErrLimit, "more than %d sites (fields, dynamic types, elements)", s.maxSites)
	}
}

// stepSize is the bytes of the step from p to a part of it.
func stepSize(p *place, field int) int {
	switch {
	case p.kind == wireStruct:
		return len(".") + len(printable(p.typ.fields[field].name, maxShown))
	case p.kind == wireMap && field == keyField:
		return len("[key]")
	}
	return len("[]")
}

// ancestor is the place of type t on the path to p. A gob inside a payload is a tree of its own:
// it may still turn out not to be a gob.
func ancestor(p *place, t *wireType) *place {
	for ; p != nil && p.kind != wireOpaque; p = p.parent {
		if p.typ == t {
			return p
		}
	}
	return nil
}

// scanOp chooses how values of type t are read.
func (s *scanner) scanOp(t *wireType) scanOp {
	switch t.kind {
	case wireComplex:
		return opComplex
	case wireBytes, wireString:
		return opText
	case wireSlice, wireArray:
		s.resolve(t, elemField)
		return containerOp(t)
	case wireStruct:
		if isFlatStruct(t) {
			return opFlatStruct
		}
		return opStruct
	case wireMap:
		return containerOp(t)
	case wireInterface:
		return opInterface
	case wireOpaque:
		return opOpaque
	}
	return opNumber
}

// containerOp is how a slice, an array or a map of type t is read.
func containerOp(t *wireType) scanOp {
	pairs := t.kind == wireMap
	for _, f := range t.fields {
		switch {
		case f.typ == nil, !isFlatField(f.typ) && !isFlatStruct(f.typ):
			return opContainer
		case t.kind != wireMap && f.typ.isNumber():
			return opNumbers
		case t.kind != wireMap && f.typ.isText():
			return opTexts
		}
		pairs = pairs && (f.typ.isNumber() || f.typ.isText())
	}
	if pairs {
		return opPairs
	}
	return opFlatContainer
}

// isFlatStruct tells whether t is a struct all of whose fields are flat, and no structs.
func isFlatStruct(t *wireType) bool {
	for _, f := range t.fields {
		if f.typ == nil || !isFlatField(f.typ) {
			return false
		}
	}
	return t.kind == wireStruct
}

// isFlatField tells whether values of t, which is no struct, are read in one go without a frame.
func isFlatField(t *wireType) bool {
	if t.kind == wireSlice || t.kind == wireArray {
		elem := t.fields[elemField].typ
		return elem != nil && (elem.isNumber() || elem.isText())
	}
	return t.isNumber() || t.isText() || t.kind == wireComplex
}

// part is the place of a part of p's type: a field, an element, a key.
func (s *scanner) part(p *place, field int) *place {
	if q := p.parts[field]; q != nil {
		return q
	}
	return s.newPart(p, field)
}

func (s *scanner) newPart(p *place, field int) *place {
	p.parts[field] = s.newPlace(p, s.resolve(p.typ, field), field, stepSize(p, field))
	return p.parts[field]
}

// box is the place of a dynamic type of interface p.
func (s *scanner) box(p *place, name []byte, t *wireType) *place {
	b := p.boxes
	if b == nil {
		b = &boxes{byName: make(map[boxKey]*place)}
		p.boxes = b
		s.charge(128 + recentBoxes*48)
	}
	for i, q := range b.order[:min(len(b.order), fewBoxes)] {
		if q.typ == t && b.names[i] == string(name) {
			return q
		}
	}
	if q := b.byName[boxKey{string(name), t}]; q != nil {
		return q
	}
	q := s.newPlace(p, t, len(b.order), len(".()")+len(printable(string(name), maxShown)))
	s.charge(boxCost + int64(len(name)) + savedLength(string(name)))
	b.byName[boxKey{string(name), t}] = q
	b.order = append(b.order, q)
	b.names = append(b.names, string(name))
	return q
}
