package snapshot

// Depth is how many values of each kind were open inside each other at the deepest point of a
// stream: encoding/gob recurses, and needs stack for each. A struct of nothing but numbers, texts
// and lists of these at the very end of a path, and such a list, are not counted.
type Depth struct {
	Structs uint64 `json:"structs,omitempty"`
	Lists   uint64 `json:"lists,omitempty"` // slices and arrays
	Maps    uint64 `json:"maps,omitempty"`
	Boxes   uint64 `json:"boxes,omitempty"`   // of all these, how many were held by an interface
	Singles uint64 `json:"singles,omitempty"` // of the boxes, how many held no struct
}

// Values is how many values were open, interfaces apart.
func (d Depth) Values() uint64 { return d.Structs + d.Lists + d.Maps }

// deep is the kind of an open value for Depth, plus deepKinds where an interface holds it.
type deep uint8

const (
	deepStruct deep = iota
	deepList
	deepMap
	deepKinds
)

// deepOf is the kind of the values at p, if they have a frame.
func deepOf(p *place) (d deep) {
	switch p.kind {
	case wireArray, wireSlice:
		d = deepList
	case wireMap:
		d = deepMap
	}
	if p.parent != nil && p.parent.kind == wireInterface {
		d += deepKinds
	}
	return d
}

// depths counts open values.
type depths struct {
	open  [2 * deepKinds]uint64
	total uint64
}

func (d *depths) enter(k deep) {
	d.open[k]++
	d.total++
}

// leave closes n values of a kind that follow each other.
func (s *scanner) leave(k deep, n uint64) {
	if s.depths.total > s.deepest.total { // it was as deep as this just before
		s.deepest = s.depths
	}
	s.depths.open[k] -= n
	s.depths.total -= n
}

// depth is d by kinds.
func (d *depths) depth() (sum Depth) {
	boxed := d.open[deepKinds:]
	sum.Structs = d.open[deepStruct] + boxed[deepStruct]
	sum.Lists = d.open[deepList] + boxed[deepList]
	sum.Maps = d.open[deepMap] + boxed[deepMap]
	sum.Singles = boxed[deepList] + boxed[deepMap]
	sum.Boxes = boxed[deepStruct] + sum.Singles
	return sum
}

// deepestPoint is the depth of all that was read, the values that are still open included.
func (s *scanner) deepestPoint() Depth {
	s.leave(0, 0)
	if d := s.deepest.depth(); d.Values() > s.deepestSaved.Values() {
		return d
	}
	return s.deepestSaved
}
