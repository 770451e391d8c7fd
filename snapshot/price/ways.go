package price

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// way is one way in which the values of a place may lie in their owner.
type way struct {
	slot rules.Slot
	cost uint64 // bytes of what all of them own
}

// worst is worse than all costs.
func (w *weighing) worst() uint64 {
	if w.most {
		return 0
	}
	return unbounded
}

// better is the lower of two costs, or the higher.
func (w *weighing) better(a, b uint64) uint64 {
	if w.most {
		return max(a, b)
	}
	return min(a, b)
}

// best is the cost of the best way.
func (w *weighing) best(list []way) uint64 {
	best := w.worst()
	for _, v := range list {
		best = w.better(best, v.cost)
	}
	return best
}

// plus adds a cost to each way.
func (w *weighing) plus(list []way, cost uint64) []way {
	if cost == 0 {
		return list
	}
	sums := make([]way, len(list))
	for i, v := range list {
		sums[i] = way{v.slot, saturate.Add(v.cost, cost)}
	}
	return sums
}

// side is the index of the sizes that this bound is about.
func (w *weighing) side() int {
	if w.most {
		return 1
	}
	return 0
}

// beats tells whether x is at least as good as y whatever holds the values.
func (w *weighing) beats(x, y way) bool {
	if w.most {
		return y.slot.Smaller(x.slot) && y.cost <= x.cost
	}
	return x.slot.Smaller(y.slot) && x.cost <= y.cost
}

// prune leaves the ways out that another beats.
func (w *weighing) prune(list []way) []way {
	if len(list) < 2 {
		return list
	}
	slices.SortFunc(list, func(x, y way) int {
		order := cmp.Or(cmp.Compare(x.slot.Size(), y.slot.Size()),
			cmp.Compare(x.slot.Align(), y.slot.Align()), cmp.Compare(x.cost, y.cost))
		if w.most {
			return -order
		}
		return order
	})
	var kept []way
	for _, v := range list {
		if !slices.ContainsFunc(kept, func(k way) bool { return w.beats(k, v) }) {
			kept = append(kept, v)
		}
	}
	return kept
}

const (
	maxWays   = 48   // of a struct that are told apart
	maxStates = 4800 // of all its fields together
)

// few joins neighbours until there are few ways of a struct of so many fields: what is joined is
// better than either.
func (w *weighing) few(list []way, fields int) []way {
	for len(list) > max(min(maxWays, maxStates/fields), 8) {
		half := list[:0]
		for pair := range slices.Chunk(list, 2) {
			half = append(half, w.joined(pair)[0])
		}
		list = half
	}
	return list
}

// joined is one way that is better than all.
func (w *weighing) joined(list []way) []way {
	all := list[0]
	for _, v := range list[1:] {
		all = way{all.slot.Join(v.slot, w.most), w.better(all.cost, v.cost)}
	}
	return []way{all}
}

// spans knows how small and how large values can be, under one model.
type spans struct {
	*pricing
	model int
	m     *rules.Model
	free  bool // there may be pointers that the stream does not show
	// sizes is the smallest and the largest slot of the values at a site, pointers before them
	// apart.
	sizes map[*snapshot.Site][2]rules.Slot
	// grows tells whether values at a site may be larger than sizes says, for there are structs in
	// them that may have fields which are not sent.
	grows map[*snapshot.Site]bool
}

// spans makes the spans of sites, which come before those that they are below.
func (p *pricing) spans(sites []*snapshot.Site, model int, free bool) spans {
	v := spans{pricing: p, model: model, m: p.models[model], free: free,
		sizes: make(map[*snapshot.Site][2]rules.Slot, len(sites)),
		grows: make(map[*snapshot.Site]bool, len(sites))}
	for changed, passes := true, 0; changed && passes < maxPasses; passes++ {
		changed = false
		for _, s := range sites {
			v.grows[s] = v.mayGrow(s)
			if p.dropped[s][model] || s.Fold != nil {
				continue
			}
			of := v.size(s)
			changed = changed || of != v.sizes[s]
			v.sizes[s] = of
		}
	}
	return v
}

// maxPasses bounds how often sizes are worked out. What folds back is as large as a place that
// comes later: its owner has the right size a pass after that place has.
const maxPasses = 8

// binding is how the values at s are bound.
func (v *spans) binding(s *snapshot.Site) rules.Binding { return v.bound[s][v.model] }

// mayBePointer tells whether there may be a pointer before the values at s, and may be none.
func (v *spans) mayBePointer(s *snapshot.Site) bool { return v.free && s.Doubt.Pointer }

// mayGrow is grows of s, of the sites below.
func (v *spans) mayGrow(s *snapshot.Site) bool {
	switch s.Type.Kind() {
	case reflect.Struct, reflect.Array:
		grows := func(c *snapshot.Site) bool { return v.grows[c] }
		return s.Fold != nil || s.Doubt.Fields || slices.ContainsFunc(s.Children, grows)
	case reflect.Pointer:
		value := pointee(s)
		return value != nil && v.mayBePointer(s) && v.grows[value]
	}
	return false
}

// span is the smallest and the largest slot of the values at s in their owner.
func (v *spans) span(s *snapshot.Site) [2]rules.Slot {
	of := v.sizes[s]
	if s.Fold != nil && !isInline(s) {
		of = v.sizes[s.Fold]
	}
	if !v.mayBePointer(s) || s.Role == snapshot.Dynamic {
		return of
	}
	other := [2]rules.Slot{v.m.Indirect(), v.m.Indirect()}
	if s.Type.Kind() == reflect.Pointer {
		value := pointee(s)
		if value == nil {
			return of
		}
		other = v.span(value)
	}
	return [2]rules.Slot{of[0].Join(other[0], false), of[1].Join(other[1], true)}
}

// size is the smallest and the largest slot of values at s, for a pointer its own.
func (v *spans) size(s *snapshot.Site) [2]rules.Slot {
	b := v.binding(s)
	same := func(slot rules.Slot) [2]rules.Slot { return [2]rules.Slot{slot, slot} }
	switch kind := s.Type.Kind(); {
	case kind == reflect.Pointer:
		return same(v.m.Slot(b).AsPointer())
	case s.Doubt.Opaque && s.Type.Opaque() != "":
		return [2]rules.Slot{rules.Nothing(), v.m.Slot(b)}
	case s.Doubt.Kinds != nil:
		of := same(v.kind(s.Doubt.Kinds[0]))
		for _, k := range s.Doubt.Kinds[1:] {
			of = [2]rules.Slot{of[0].Join(v.kind(k), false), of[1].Join(v.kind(k), true)}
		}
		return of
	case v.isPlainStruct(s):
		return v.structSize(s)
	case kind == reflect.Array:
		if e := child(s, snapshot.Elem); e != nil {
			of, n := v.span(e), uint64(s.Type.Len())
			return [2]rules.Slot{of[0].Array(n), of[1].Array(n)}
		}
		if s.Doubt.Unseen { // it has none, or the stream ends before the first
			widest := v.m.Indirect().Join(v.kind(reflect.Complex128), true)
			widest = widest.Join(v.m.Slot(v.m.Elem(b)), true)
			return [2]rules.Slot{rules.Nothing(), widest.Array(uint64(s.Type.Len()))}
		}
	case kind == reflect.Slice:
		return v.sliceSize(s, b)
	}
	return same(v.m.Slot(b))
}

// sliceSize is the sizes of slices: some hold elements inside themselves, and one of bool differs
// from one of pointers.
func (v *spans) sliceSize(s *snapshot.Site, b rules.Binding) (of [2]rules.Slot) {
	for i, elem := range v.elems(s, b) {
		_, slot := v.m.Over(b, rules.Slot{}, elem)
		if i == 0 {
			of = [2]rules.Slot{slot, slot}
		}
		of = [2]rules.Slot{of[0].Join(slot, false), of[1].Join(slot, true)}
	}
	return of
}

// elems is the slots that the elements of slices at s may have: the extremes, and both with and
// without a pointer.
func (v *spans) elems(s *snapshot.Site, b rules.Binding) []rules.Slot {
	e := child(s, snapshot.Elem)
	if e == nil {
		list := []rules.Slot{v.m.Slot(v.m.Elem(b))}
		if v.free && s.Doubt.Unseen {
			list = append(list, v.m.Indirect())
		}
		return list
	}
	ends := v.span(e)
	list := append(ends[:], v.sizes[e][0])
	if v.mayBePointer(e) {
		list = append(list, v.m.Indirect())
	}
	return list
}

// isPlainStruct tells structs from those that are containers, such as a list.List.
func (v *spans) isPlainStruct(s *snapshot.Site) bool {
	return s.Type.Kind() == reflect.Struct && v.m.NewPricer(v.binding(s)).Rule() == nil
}

// structSize is the sizes of a struct.
func (v *spans) structSize(s *snapshot.Site) (of [2]rules.Slot) {
	fields := make(map[int][2]rules.Slot, len(s.Children))
	for _, c := range s.Children {
		if c.Role == snapshot.Field {
			fields[c.Field] = v.span(c)
		}
	}
	for side := range of {
		at, last, n := rules.Nothing(), rules.Slot{}, 0
		for i := range s.Type.NumField() {
			b := v.m.Field(v.binding(s), i)
			if !v.m.Exists(b) {
				continue
			}
			f, known := fields[i]
			if !known {
				f[side] = v.m.Slot(b)
			}
			at, last, n = v.m.Append(at, f[side]), f[side], n+1
		}
		of[side] = v.m.End(at, n, last)
	}
	return of
}

// kind is the slot of a number.
func (v *spans) kind(k reflect.Kind) rules.Slot { return v.m.Slot(v.m.Bind(kindTypes[k])) }

// kindTypes are the types of numbers.
var kindTypes = func() map[reflect.Kind]rules.Type {
	all := make(map[reflect.Kind]rules.Type)
	for _, t := range []reflect.Type{
		reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](),
		reflect.TypeFor[int64](), reflect.TypeFor[int](), reflect.TypeFor[uint8](),
		reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](),
		reflect.TypeFor[uint](), reflect.TypeFor[uintptr](), reflect.TypeFor[float32](), reflect.TypeFor[float64](),
		reflect.TypeFor[complex64](), reflect.TypeFor[complex128](),
	} {
		all[t.Kind()] = rules.TypeOf(t)
	}
	return all
}()

// pointee is the site of what the pointers at s point to; nil if none was ever sent.
func pointee(s *snapshot.Site) *snapshot.Site { return child(s, snapshot.Pointee) }

// child is the first site below s in a role; nil if there is none.
func child(s *snapshot.Site, role snapshot.Role) *snapshot.Site {
	for _, c := range s.Children {
		if c.Role == role {
			return c
		}
	}
	return nil
}

// isInline tells whether the values at s, which fold back, would lie inside those that they fold
// back to: nothing but structs and arrays is between.
func isInline(s *snapshot.Site) bool {
	for p := s.Parent; p != nil; p = p.Parent {
		if k := p.Type.Kind(); k != reflect.Struct && k != reflect.Array {
			return false
		}
		if p == s.Fold {
			return true
		}
	}
	return false
}
