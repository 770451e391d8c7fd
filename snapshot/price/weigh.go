package price

import (
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// unbounded stands for a cost that nothing bounds.
const unbounded = math.MaxUint64

// weighing works out one bound of one model's figures, from the leaves of the tree to its roots:
// for each place the ways in which its values may lie in their owner, each with the least (or the
// most) that all of them then own. A struct combines the ways of its fields, a container chooses
// among those of its elements. Places are free of each other: of a type that stands at two, each
// may have its own best way, which can only widen the bounds.
type weighing struct {
	spans
	most  bool
	ways  map[*snapshot.Site][]way
	boxes map[*snapshot.Site]uint64 // what values in interfaces own, and their boxes
}

// weigh works out the ways of all sites, which come before those that they are below.
func (v spans) weigh(sites []*snapshot.Site, most bool) *weighing {
	w := &weighing{spans: v, most: most, ways: make(map[*snapshot.Site][]way, len(sites)),
		boxes: make(map[*snapshot.Site]uint64)}
	for _, s := range sites {
		if w.dropped[s][w.model] {
			w.ways[s] = []way{{}}
			continue
		}
		w.ways[s] = w.prune(w.part(s))
	}
	return w
}

// part is the ways of the values at s in their owner, with the pointers before them.
func (w *weighing) part(s *snapshot.Site) []way {
	if w.m.Reach(w.binding(s)).Skip { // it takes room at most
		of := w.span(s)
		return []way{{of[0], 0}, {of[1], 0}}
	}
	if s.Type.Kind() == reflect.Pointer {
		list := w.pointers(s)
		if v := pointee(s); w.mayBePointer(s) && v != nil {
			list = append(list, w.withAbsent(v, s.Absent, w.value(v))...)
		}
		return list
	}
	values := w.value(s)
	list := w.withAbsent(s, s.Absent, values)
	if w.mayBePointer(s) && s.Role != snapshot.Dynamic {
		list = append(list, w.behindPointer(s, values)...)
	}
	return list
}

// pointers is the ways of pointers that the stream shows.
func (w *weighing) pointers(s *snapshot.Site) (list []way) {
	below := []way{{slot: w.m.Slot(w.m.Elem(w.binding(s)))}}
	if v := pointee(s); v != nil {
		below = w.ways[v]
	}
	for _, e := range below {
		pricer, slot := w.m.Over(w.binding(s), rules.Slot{}, e.slot)
		cost := saturate.Add(e.cost, w.lengths(pricer, s))
		cost = saturate.Add(cost, w.nils(pricer, s.Absent))
		list = append(list, way{slot.AsPointer(), cost})
	}
	return list
}

// behindPointer is the one way of values behind pointers that the stream does not show: those that
// were not sent are nil.
func (w *weighing) behindPointer(s *snapshot.Site, values []way) []way {
	n := s.Count - s.Folded
	if s.Role == snapshot.Field {
		n -= min(n, s.Absent)
	}
	of := w.m.Bind(rules.PointerTo(s.Type))
	best := w.worst()
	for _, v := range values {
		pricer, _ := w.m.Over(of, rules.Slot{}, v.slot)
		best = w.better(best, saturate.Add(v.cost, saturate.Mul(w.decoded(pricer, 1), n)))
	}
	return []way{{w.m.Indirect(), best}}
}

// value is the ways of values at s by themselves, without what absent ones cost.
func (w *weighing) value(s *snapshot.Site) []way {
	size := w.sizes[s]
	switch {
	case s.Fold != nil && isInline(s):
		return nil // it cannot contain itself
	case s.Fold != nil:
		return []way{{slot: w.sizes[s.Fold][w.side()]}}
	case s.Doubt.Opaque && w.most:
		return []way{{size[1], unbounded}}
	case s.Doubt.Opaque:
		return []way{{size[0], 0}}
	case s.Doubt.Kinds != nil:
		return []way{{size[w.side()], 0}}
	}
	if w.isPlainStruct(s) {
		return w.plus(w.structs(s), w.payloads(s))
	}
	switch s.Type.Kind() {
	case reflect.Array:
		list := []way{{slot: size[w.side()]}}
		if e := child(s, snapshot.Elem); e != nil {
			list = slices.Clone(w.ways[e])
			for i := range list {
				list[i].slot = list[i].slot.Array(uint64(s.Type.Len()))
			}
		}
		return w.plus(list, w.payloads(s))
	case reflect.Interface:
		return []way{{size[0], saturate.Add(w.held(s), w.payloads(s))}}
	case reflect.Slice, reflect.Map, reflect.String, reflect.Chan:
		return w.plus(w.containers(s), w.payloads(s))
	}
	return []way{{size[0], 0}}
}

// structs is the ways of structs: all combinations of those of their fields that may be best.
func (w *weighing) structs(s *snapshot.Site) []way {
	fields := w.fields(s)
	list := []way{{slot: rules.Nothing()}}
	if len(fields) == 0 {
		list[0].slot = w.sizes[s][0]
	}
	for i, f := range fields {
		var next []way
		for _, before := range list {
			for _, field := range f {
				slot := w.m.Append(before.slot, field.slot)
				if i == len(fields)-1 {
					slot = w.m.End(slot, len(fields), field.slot)
				}
				next = append(next, way{slot, saturate.Add(before.cost, field.cost)})
			}
		}
		list = w.few(w.prune(next), len(fields))
	}
	if isTime(s) {
		return w.plus(list, w.zones(s))
	}
	return list
}

// fields is the ways of each field that exists under the model.
func (w *weighing) fields(s *snapshot.Site) (list [][]way) {
	sites := make(map[int]*snapshot.Site, len(s.Children))
	for _, c := range s.Children {
		if c.Role == snapshot.Field {
			sites[c.Field] = c
		}
	}
	for i := range s.Type.NumField() {
		b := w.m.Field(w.binding(s), i)
		switch f := sites[i]; {
		case !w.m.Exists(b):
		case f == nil:
			list = append(list, []way{{slot: w.m.Slot(b)}})
		default:
			list = append(list, w.ways[f])
		}
	}
	return list
}

// containers is the ways of slices, maps and texts.
func (w *weighing) containers(s *snapshot.Site) (list []way) {
	b := w.binding(s)
	keys, elems := w.elements(s, snapshot.Key, w.m.Key(b)), w.elements(s, snapshot.Elem, w.m.Elem(b))
	if len(keys)*len(elems)*len(s.Lengths) > maxPrices {
		keys, elems = w.joined(keys), w.joined(elems)
	}
	for _, k := range keys {
		for _, e := range elems {
			pricer, slot := w.m.Over(b, k.slot, e.slot)
			cost := saturate.Add(saturate.Add(k.cost, e.cost), w.lengths(pricer, s))
			list = append(list, way{slot, cost})
		}
	}
	return list
}

// maxPrices is how many lengths are priced at one place before ways are joined.
const maxPrices = 1 << 14

// elements is the ways of a container's keys or elements. Where they may be so large that a map
// keeps them outside, or not, the way just beyond the turn or just before it is one as well.
func (w *weighing) elements(s *snapshot.Site, role snapshot.Role, b rules.Binding) []way {
	c := child(s, role)
	switch {
	case b.Type == nil:
		return []way{{}}
	case c == nil && role == snapshot.Elem && s.Type.Kind() == reflect.Slice:
		var list []way
		for _, slot := range w.elems(s, w.binding(s)) {
			list = append(list, way{slot: slot})
		}
		return list
	case c == nil:
		return []way{{slot: w.m.Slot(b)}}
	}
	list := w.ways[c]
	turn, of := w.m.Turn(), w.span(c)
	turns := turn < of[1].Size() || w.grows[c] && !w.most
	if s.Type.Kind() == reflect.Map && of[0].Size() <= turn && turns {
		at := of[0].OfSize(turn + 1)
		if w.most {
			at = of[1].OfSize(turn)
		}
		list = append(slices.Clone(list), way{at, w.best(list)})
	}
	return list
}

// held is what values in the interfaces at s own, with their boxes.
func (w *weighing) held(s *snapshot.Site) (sum uint64) {
	for _, c := range s.Children {
		if c.Role != snapshot.Dynamic {
			continue
		}
		if w.dropped[c][w.model] {
			continue
		}
		cost := w.best(w.ways[c])
		if c.Type.Kind() != reflect.Pointer {
			cost = w.boxed(s, c)
			w.boxes[c] = cost
		}
		sum = saturate.Add(sum, cost)
	}
	return sum
}

// boxed is what values of c, no pointers by their type, own in the interfaces at s.
func (w *weighing) boxed(s, c *snapshot.Site) uint64 {
	box := w.m.Box(w.binding(s), w.typeOf(c))
	best := w.worst()
	for _, v := range w.ways[c] {
		pricer := w.m.NewPricer(box)
		if box.Type != w.typeOf(c) {
			pricer, _ = w.m.Over(box, rules.Slot{}, v.slot)
		}
		each := w.decoded(pricer, 1)
		best = w.better(best, saturate.Add(v.cost, saturate.Mul(each, c.Count-c.Folded)))
	}
	if w.mayBePointer(c) {
		best = w.better(best, w.behindPointer(c, w.ways[c])[0].cost)
	}
	return best
}

// payloads is what lies at s that its type does not show.
func (w *weighing) payloads(s *snapshot.Site) (sum uint64) {
	for _, c := range s.Children {
		if c.Role == snapshot.Payload {
			sum = saturate.Add(sum, w.best(w.ways[c]))
		}
	}
	return sum
}

// lengths is what the containers at s own, nil ones apart.
func (w *weighing) lengths(pricer *rules.Pricer, s *snapshot.Site) (sum uint64) {
	for _, l := range s.Lengths {
		sum = saturate.Add(sum, saturate.Mul(w.decoded(pricer, l.Len), l.Count))
	}
	return sum
}

// decoded is what a container of n elements owns.
func (w *weighing) decoded(pricer *rules.Pricer, n uint64) uint64 {
	least, most := pricer.DecodedRange(n)
	if w.most {
		return most
	}
	return least
}

// withAbsent adds what n nil values at s cost.
func (w *weighing) withAbsent(s *snapshot.Site, n uint64, list []way) []way {
	switch s.Type.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Chan:
		return w.plus(list, w.nils(w.m.NewPricer(w.binding(s)), n))
	}
	return list
}

// nils is what n nil containers cost: nothing in Go.
func (w *weighing) nils(pricer *rules.Pricer, n uint64) uint64 {
	if w.packs[w.model] != nil || pricer.Rule() == nil || n == 0 {
		return 0
	}
	return saturate.Mul(pricer.Total(0, 0), n)
}

// isTime tells whether values at s are times.
func isTime(s *snapshot.Site) bool { return s.Type.Name() == "Time" && s.Type.PkgPath() == "time" }

// zones is the most that the zones of decoded times own on a Go heap: those that are not UTC, nor
// local, nor whole hours off, have one of their own (time.Time.UnmarshalBinary, FixedZone).
func (w *weighing) zones(s *snapshot.Site) uint64 {
	if w.packs[w.model] == nil || !w.most {
		return 0
	}
	location := reflect.TypeFor[time.Location]()
	each := w.m.NewPricer(w.m.Bind(rules.TypeOf(reflect.PointerTo(location)))).Total(1, 1)
	for _, name := range []string{"zone", "tx"} {
		if f, ok := location.FieldByName(name); ok {
			each = saturate.Add(each, w.m.NewPricer(w.m.Bind(rules.TypeOf(f.Type))).Total(1, 1))
		}
	}
	return saturate.Mul(each, s.Count-s.Folded)
}
