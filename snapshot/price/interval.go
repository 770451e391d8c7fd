package price

import (
	"reflect"
	"slices"
	"time"

	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// interval is what is known of values that lie in their owner in one way: the least and the most
// that one of them takes there, and the least and the most bytes that all of them own.
type interval struct {
	slot  [2]rules.Slot
	cost  [2]uint64
	grows bool // a struct in it may have fields that were not sent: the slot may be larger
}

// exactly is the interval of values that lie in one known slot and own nothing.
func exactly(slot rules.Slot) interval { return interval{slot: [2]rules.Slot{slot, slot}} }

// hull is the smallest interval that has all of a list in it.
func hull(list []interval) interval {
	all := list[0]
	for _, x := range list[1:] {
		all.slot[0] = all.slot[0].Join(x.slot[0], false)
		all.slot[1] = all.slot[1].Join(x.slot[1], true)
		all.cost = [2]uint64{min(all.cost[0], x.cost[0]), max(all.cost[1], x.cost[1])}
		all.grows = all.grows || x.grows
	}
	return all
}

// plus is x, but that its values own so much more.
func (x interval) plus(cost [2]uint64) interval {
	x.cost = sumOf(x.cost, cost)
	return x
}

// sumOf adds up the least, and the most.
func sumOf(a, b [2]uint64) [2]uint64 {
	return [2]uint64{saturate.Add(a[0], b[0]), saturate.Add(a[1], b[1])}
}

// intervals works out the bounds of one model's figures, from the leaves of the tree to its roots.
//
// A number of unknown width makes a slot an interval, and so does a pointer that may be there or
// not. A struct adds up the intervals of its fields: its least slot holds the least of each, and what
// all own is the sum. So the cheapest pointer of one field may meet the smallest slot of another,
// which no one type has both of, and the bounds may be wider than those of real types. Keeping every
// combination that may be best (a Pareto front of slots and costs) made the bounds exact for
// pointers, took 600 lines, and changed nothing where pointers are as the stream shows them.
//
// A container does not add up: whether its elements are pointers decides by which formula it is
// priced. It is therefore priced with each of the ways in which its elements may lie.
type intervals struct {
	*pricing
	model int
	m     *rules.Model
	free  bool // there may be pointers that the stream does not show
	// values are those of the sites themselves, the pointers before them apart.
	values map[*snapshot.Site]interval
	// ways are in which the values of a site may lie in their owner: as they are, or as pointers.
	ways  map[*snapshot.Site][]interval
	boxes map[*snapshot.Site][2]uint64 // what values in interfaces own, and their boxes
}

// maxPasses bounds how often intervals are worked out. What folds back is as large as a place that
// comes later: its owner has the right size a pass after that place has.
const maxPasses = 8

// intervals makes the intervals of sites, which come before those that they are below.
func (p *pricing) intervals(sites []*snapshot.Site, model int, free bool) *intervals {
	v := &intervals{pricing: p, model: model, m: p.models[model], free: free,
		values: make(map[*snapshot.Site]interval, len(sites)),
		ways:   make(map[*snapshot.Site][]interval, len(sites)),
		boxes:  make(map[*snapshot.Site][2]uint64)}
	folds := make(map[*snapshot.Site]bool)
	for _, s := range sites {
		folds[s.Fold] = true
	}
	for pass, changed := 0, true; changed && pass < maxPasses; pass++ {
		changed = false
		for _, s := range sites {
			if p.dropped[s][model] {
				v.ways[s] = []interval{{}}
				continue
			}
			before := v.values[s].slot
			v.ways[s] = v.waysOf(s)
			changed = changed || folds[s] && before != v.values[s].slot
		}
	}
	return v
}

// binding is how the values at s are bound.
func (v *intervals) binding(s *snapshot.Site) rules.Binding { return v.bound[s][v.model] }

// waysOf is the ways in which the values at s may lie in their owner.
func (v *intervals) waysOf(s *snapshot.Site) (list []interval) {
	value := v.value(s)
	v.values[s] = value
	mayBePointer := v.free && s.Doubt.Pointer // and may be none
	switch list = []interval{v.withAbsent(s, s.Absent, value)}; {
	case !mayBePointer || s.Role == snapshot.Dynamic:
	case s.Type.Kind() != reflect.Pointer:
		list = append(list, v.behindPointer(s, value))
	default:
		if e := pointee(s); e != nil {
			list = append(list, v.withAbsent(e, s.Absent, v.values[e]))
		}
	}
	if v.m.Reach(v.binding(s)).Skip { // it takes room at most
		for i := range list {
			list[i].cost = [2]uint64{}
		}
	}
	return list
}

// value is the interval of values at s by themselves, without what absent ones cost.
func (v *intervals) value(s *snapshot.Site) interval {
	b := v.binding(s)
	switch kind := s.Type.Kind(); {
	case s.Fold != nil && isInline(s): // it cannot contain itself, but a pointer to itself
		return exactly(v.m.Indirect())
	case s.Fold != nil: // which has the cost
		return interval{slot: v.values[s.Fold].slot, grows: kind == reflect.Struct || kind == reflect.Array}
	case kind == reflect.Pointer:
		return v.pointers(s)
	case s.Doubt.Opaque && s.Type.Opaque() != "":
		return interval{slot: [2]rules.Slot{rules.Nothing(), v.m.Slot(b)}, cost: [2]uint64{0, unbounded}}
	case s.Doubt.Opaque:
		x := v.inline(s)
		x.cost = [2]uint64{0, unbounded}
		return x
	case s.Doubt.Kinds != nil:
		var list []interval
		for _, k := range s.Doubt.Kinds {
			list = append(list, exactly(v.kind(k)))
		}
		return hull(list)
	case kind == reflect.Interface:
		return exactly(v.m.Slot(b)).plus(sumOf(v.held(s), v.payloads(s)))
	case kind == reflect.Slice, kind == reflect.Map, kind == reflect.String, kind == reflect.Chan:
		return v.containers(s).plus(v.payloads(s))
	}
	return v.inline(s).plus(v.payloads(s))
}

// inline is the interval of values that have no memory but in their owner: structs, arrays, numbers.
func (v *intervals) inline(s *snapshot.Site) interval {
	b := v.binding(s)
	switch kind := s.Type.Kind(); {
	case kind == reflect.Struct && v.m.NewPricer(b).Rule() == nil: // no container, as a list.List is
		return v.structs(s)
	case kind == reflect.Array:
		x, n := exactly(v.m.Slot(v.m.Elem(b))), uint64(s.Type.Len())
		if e := child(s, snapshot.Elem); e != nil {
			x = hull(v.ways[e])
		} else if s.Doubt.Unseen { // it has none, or the stream ends before the first
			x.slot[0] = rules.Nothing()
			x.slot[1] = x.slot[1].Join(v.m.Indirect(), true).Join(v.kind(reflect.Complex128), true)
		}
		x.slot = [2]rules.Slot{x.slot[0].Array(n), x.slot[1].Array(n)}
		return x
	}
	return exactly(v.m.Slot(b))
}

// structs is the interval of structs.
func (v *intervals) structs(s *snapshot.Site) interval {
	sites := make(map[int]*snapshot.Site, len(s.Children))
	for _, c := range s.Children {
		if c.Role == snapshot.Field {
			sites[c.Field] = c
		}
	}
	all, last, n := exactly(rules.Nothing()), interval{}, 0
	all.grows = s.Doubt.Fields
	for i := range s.Type.NumField() {
		b := v.m.Field(v.binding(s), i)
		if !v.m.Exists(b) {
			continue
		}
		if f := sites[i]; f != nil {
			last = hull(v.ways[f])
		} else {
			last = exactly(v.m.Slot(b))
		}
		n++
		for side := range all.slot {
			all.slot[side] = v.m.Append(all.slot[side], last.slot[side])
		}
		all.grows = all.grows || last.grows
		all = all.plus(last.cost)
	}
	for side := range all.slot {
		all.slot[side] = v.m.End(all.slot[side], n, last.slot[side])
	}
	if isTime(s) {
		all = all.plus([2]uint64{0, v.zones(s)})
	}
	return all
}

// pointers is the interval of pointers that the stream shows.
func (v *intervals) pointers(s *snapshot.Site) interval {
	below := []interval{exactly(v.m.Slot(v.m.Elem(v.binding(s))))}
	if e := pointee(s); e != nil {
		below = v.ways[e]
	}
	var list []interval
	for _, e := range below {
		x := v.over(s, v.binding(s), interval{}, e)
		nils := v.nils(v.m.NewPricer(v.binding(s)), s.Absent)
		x.slot = [2]rules.Slot{x.slot[0].AsPointer(), x.slot[1].AsPointer()}
		list = append(list, x.plus([2]uint64{nils, nils}))
	}
	return hull(list)
}

// behindPointer is the interval of values behind pointers that the stream does not show: those that
// were not sent are nil.
func (v *intervals) behindPointer(s *snapshot.Site, value interval) interval {
	n := s.Count - s.Folded
	if s.Role == snapshot.Field {
		n -= min(n, s.Absent)
	}
	of := v.m.Bind(rules.PointerTo(s.Type))
	each := v.priced(of, interval{}, value, []snapshot.LengthCount{{Len: 1, Count: n}})
	return exactly(v.m.Indirect()).plus(each.cost).plus(value.cost)
}

// containers is the interval of slices, maps and texts.
func (v *intervals) containers(s *snapshot.Site) interval {
	b := v.binding(s)
	var list []interval
	for _, key := range v.elements(s, snapshot.Key, v.m.Key(b)) {
		for _, elem := range v.elements(s, snapshot.Elem, v.m.Elem(b)) {
			list = append(list, v.over(s, b, key, elem))
		}
	}
	return hull(list)
}

// over is the interval of the containers at s, bound as b, and of what their keys and elements own.
func (v *intervals) over(s *snapshot.Site, b rules.Binding, key, elem interval) interval {
	return v.priced(b, key, elem, s.Lengths).plus(key.cost).plus(elem.cost)
}

// priced is the interval of containers of these lengths, without what their keys and elements own.
func (v *intervals) priced(b rules.Binding, key, elem interval, lengths []snapshot.LengthCount) (
	x interval) {
	x.cost[0] = unbounded
	for side, slot := range elem.slot {
		_, x.slot[side] = v.m.Over(b, key.slot[side], slot)
		for _, slot := range slot.Either(elem.slot[1-side]) {
			pricer, _ := v.m.Over(b, key.slot[side], slot)
			least, most := rangeOf(pricer, lengths)
			if side == 0 {
				x.cost[0] = min(x.cost[0], least)
			} else {
				x.cost[1] = max(x.cost[1], most)
			}
		}
	}
	return x
}

// rangeOf is the least and the most that containers of these lengths own.
func rangeOf(pricer *rules.Pricer, lengths []snapshot.LengthCount) (least, most uint64) {
	for _, l := range lengths {
		low, high := pricer.DecodedRange(l.Len)
		least = saturate.Add(least, saturate.Mul(low, l.Count))
		most = saturate.Add(most, saturate.Mul(high, l.Count))
	}
	return least, most
}

// elements is the ways in which a container's keys or elements may lie in it.
func (v *intervals) elements(s *snapshot.Site, role snapshot.Role, b rules.Binding) []interval {
	c := child(s, role)
	switch {
	case b.Type == nil:
		return []interval{{}}
	case c != nil && s.Type.Kind() == reflect.Map:
		return v.splitAtTurn(v.ways[c])
	case c != nil:
		return v.ways[c]
	case s.Type.Kind() == reflect.Slice && v.free && s.Doubt.Unseen:
		return []interval{exactly(v.m.Slot(b)), exactly(v.m.Indirect())}
	}
	return []interval{exactly(v.m.Slot(b))}
}

// splitAtTurn splits the intervals of keys or values that may be so large that a map keeps them
// outside of it, or not: just beyond the turn they cost a map less than just before.
func (v *intervals) splitAtTurn(ways []interval) (list []interval) {
	turn := v.m.Turn()
	for _, x := range ways {
		if x.slot[0].Size() <= turn && (x.slot[1].Size() > turn || x.grows) {
			beyond := x
			beyond.slot[0] = x.slot[0].OfSize(turn + 1)
			list = append(list, beyond)
			x.slot[1] = x.slot[1].OfSize(min(x.slot[1].Size(), turn))
		}
		list = append(list, x)
	}
	return list
}

// held is what values in the interfaces at s own, with their boxes.
func (v *intervals) held(s *snapshot.Site) (sum [2]uint64) {
	for _, c := range s.Children {
		if c.Role != snapshot.Dynamic || v.dropped[c][v.model] {
			continue
		}
		x := hull(v.ways[c])
		if c.Type.Kind() != reflect.Pointer {
			x = v.boxed(s, c, x)
			v.boxes[c] = x.cost
		}
		sum = sumOf(sum, x.cost)
	}
	return sum
}

// boxed is the interval of values of c, no pointers by their type, with their boxes at s.
func (v *intervals) boxed(s, c *snapshot.Site, value interval) interval {
	box, one := v.m.Box(v.binding(s), v.typeOf(c)), []snapshot.LengthCount{{Len: 1, Count: c.Count - c.Folded}}
	var x interval
	if box.Type == v.typeOf(c) { // the type's own rule holds, not a box's
		x.cost[0], x.cost[1] = rangeOf(v.m.NewPricer(box), one)
	} else {
		x = v.priced(box, interval{}, value, one)
	}
	if v.m.MayBeDirect(value.slot[0], value.slot[1]) { // then it takes what a pointer to it takes, or nothing
		each := v.priced(v.m.Bind(rules.PointerTo(c.Type)), interval{}, value, one)
		x.cost = [2]uint64{0, max(x.cost[1], each.cost[1])}
	}
	x = x.plus(value.cost)
	if v.free && c.Doubt.Pointer {
		x = hull([]interval{x, v.behindPointer(c, value)})
	}
	return x
}

// payloads is what lies at s that its type does not show.
func (v *intervals) payloads(s *snapshot.Site) (sum [2]uint64) {
	for _, c := range s.Children {
		if c.Role == snapshot.Payload {
			sum = sumOf(sum, hull(v.ways[c]).cost)
		}
	}
	return sum
}

// withAbsent adds what n nil values at s cost.
func (v *intervals) withAbsent(s *snapshot.Site, n uint64, x interval) interval {
	switch s.Type.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Chan:
		nils := v.nils(v.m.NewPricer(v.binding(s)), n)
		return x.plus([2]uint64{nils, nils})
	}
	return x
}

// nils is what n nil containers cost: nothing in Go.
func (v *intervals) nils(pricer *rules.Pricer, n uint64) uint64 {
	if v.packs[v.model] != nil || pricer.Rule() == nil || n == 0 {
		return 0
	}
	return saturate.Mul(pricer.Total(0, 0), n)
}

// kind is the slot of a number.
func (v *intervals) kind(k reflect.Kind) rules.Slot { return v.m.Slot(v.m.Bind(kindTypes[k])) }

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

// isTime tells whether values at s are times.
func isTime(s *snapshot.Site) bool { return s.Type.Name() == "Time" && s.Type.PkgPath() == "time" }

// zones is the most that the zones of decoded times own on a Go heap: those that are not UTC, nor
// local, nor whole hours off, have one of their own (time.Time.UnmarshalBinary, FixedZone).
func (v *intervals) zones(s *snapshot.Site) uint64 {
	if v.packs[v.model] == nil {
		return 0
	}
	location := reflect.TypeFor[time.Location]()
	each := v.m.NewPricer(v.m.Bind(rules.TypeOf(reflect.PointerTo(location)))).Total(1, 1)
	for _, name := range []string{"zone", "tx"} {
		if f, ok := location.FieldByName(name); ok {
			each = saturate.Add(each, v.m.NewPricer(v.m.Bind(rules.TypeOf(f.Type))).Total(1, 1))
		}
	}
	return saturate.Mul(each, s.Count-s.Folded)
}

// pointee is the site of what the pointers at s point to; nil if none was ever sent.
func pointee(s *snapshot.Site) *snapshot.Site { return child(s, snapshot.Pointee) }

// child is the first site below s in a role; nil if there is none.
func child(s *snapshot.Site, role snapshot.Role) *snapshot.Site {
	i := slices.IndexFunc(s.Children, func(c *snapshot.Site) bool { return c.Role == role })
	if i < 0 {
		return nil
	}
	return s.Children[i]
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
