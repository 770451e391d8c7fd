package sample

import (
	"math/bits"
	"slices"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// population is all regions whose elements are of one type.
type population struct {
	elem, key *shape
	mapping   bool
	regions   []region
	ends      []uint64 // units up to and with each region
	units     uint64   // in all
	drawn     addresses
	count     float64 // units drawn
	costs     moments // of a unit: all that is below it, if it was read in full
	small     moments // the same, of blocks up to the cut alone
	dark      string  // why units may have more than was seen
	surface   bool    // all headers were read: exactly is what they cost
	exactly   float64
	classes   [64]float64 // of exactly
}

// seen is one block that a unit led to.
type seen struct {
	population int32
	unit       int32
	id, exact  uintptr
	cost       float64
	times      float64 // containers that it stands for below its unit
	op         *op     // that led to it
}

// populations groups what was not read.
func (e *estimator) populations() {
	for _, g := range e.pending.all() {
		if g.typ != nil && g.swis == nil {
			e.unread(&g) // the portable build cannot draw from a map
			continue
		}
		i := slices.IndexFunc(e.groups, func(p *population) bool {
			return p.elem == g.elem && p.key == g.key && p.mapping == (g.typ != nil)
		})
		if i < 0 {
			i = len(e.groups)
			e.groups = append(e.groups, &population{elem: g.elem, key: g.key, mapping: g.typ != nil})
		}
		p := e.groups[i]
		p.regions = append(p.regions, g)
		p.units += g.n
		p.ends = append(p.ends, p.units)
	}
	e.pending = smallest{}
}

// unread is a region of which nothing can be drawn.
func (e *estimator) unread(g *region) {
	if e.blind == "" {
		e.blind = "a map whose entries cannot be drawn at random in this build"
	}
}

// most is how many bytes lie below a unit at most, and blocks how many blocks.
func (p *population) most() (bytes, blocks float64) {
	bytes, blocks = p.elem.most, p.elem.blocks
	if p.key != nil {
		bytes, blocks = bytes+p.key.most, blocks+p.key.blocks
	}
	return bytes, blocks
}

// draw draws units of all populations in turn until the budget ends.
func (e *estimator) draw() {
	for more := true; more && !e.spent(); {
		more = false
		for i, p := range e.groups {
			if uint64(p.count) < p.units && e.drawUnits(int32(i), p) {
				more = true
			}
		}
	}
}

// together is how many units are chosen before the first of them is read: what they lead to is asked of
// the memory for all at once, as each answer takes longer than to read a unit.
const together = 16

// drawUnits draws some units that were not drawn yet; false where none is found.
func (e *estimator) drawUnits(index int32, p *population) bool {
	var units [together]unit
	n := 0
	for n < together {
		u, ok := e.choose(p)
		if !ok {
			break
		}
		units[n] = u
		n++
	}
	for i := range units[:n] {
		units[i].ask()
	}
	for i := range units[:n] {
		if e.spent() {
			break
		}
		e.unit(index, p, units[i])
	}
	return n > 0
}

// choose is a unit that was not drawn yet; false where none is found.
func (e *estimator) choose(p *population) (unit, bool) {
	const tries = 64
	for range tries {
		k := e.random.Uint64N(p.units)
		g := &p.regions[0]
		if len(p.ends) > 1 {
			r, _ := slices.BinarySearch(p.ends, k+1)
			if g = &p.regions[r]; r > 0 {
				k -= p.ends[r-1]
			}
		}
		if g.typ == nil {
			at := unsafe.Add(g.at, uintptr(k)*g.elem.size)
			if p.drawn.add(uintptr(at)) {
				return unit{{g.elem, at}}, true
			}
			continue
		}
		key, elem, ok := g.swis.Draw(g.at, e.random.Uint64N)
		if !ok {
			break
		}
		if p.drawn.add(uintptr(key) ^ uintptr(elem)<<1) {
			return unit{{g.key, key}, {g.elem, elem}}, true
		}
	}
	return unit{}, false
}

// unit is what is drawn: the element of a slice, or the key and the element of a map.
type unit [2]part

// part is a value of a unit.
type part struct {
	shape *shape
	at    unsafe.Pointer
}

// ask looks up the blocks that a unit leads to, so that they are near when it is read.
func (u *unit) ask() {
	for _, part := range u {
		if part.shape == nil {
			continue
		}
		for i := range part.shape.ops {
			if o := &part.shape.ops[i]; o.kind <= kindMap {
				block.Of(*(*unsafe.Pointer)(unsafe.Add(part.at, o.offset)))
			}
		}
	}
}

// frame is a region that is to be read below a unit, and for how many like it it stands.
type frame struct {
	region
	times float64
}

const (
	unitLimit   = 512 // containers that are read below a unit
	nestedLimit = 24  // elements of a region below a unit that are read in full; of more, so many are drawn
)

// unit reads all below a unit, up to a limit.
func (e *estimator) unit(index int32, p *population, drawn unit) {
	number, begin := int32(p.count), len(e.log)
	p.count++
	u := unitReader{e: e, index: index, number: number}
	for _, part := range drawn {
		if !part.shape.leaf() {
			u.value(part.shape, part.at, 1)
		}
	}
	u.rest()
	if p.dark == "" {
		p.dark = u.dark
	}
	var cost, small float64
	for _, s := range e.log[begin:] {
		cost += s.cost
		if s.cost <= e.cut {
			small += s.cost
		}
	}
	p.costs.add(cost)
	p.small.add(small)
}

type unitReader struct {
	e             *estimator
	index, number int32
	stack         []frame
	own           map[uintptr]struct{} // what was seen below the unit, where that is much
	first         [8]uintptr
	known         int
	read          int
	dark          string
}

// value reads the ops of one value.
func (u *unitReader) value(s *shape, p unsafe.Pointer, times float64) {
	for i := range s.ops {
		f := u.e.read(&s.ops[i], p)
		u.read++
		u.e.elements++
		if u.dark == "" {
			u.dark = f.dark
		}
		if f.exact != 0 {
			if u.again(f.exact) {
				continue
			}
			if cost, counted := u.e.visited[f.exact]; counted && cost >= f.cost {
				continue // the frontier has it
			}
		}
		if f.cost > 0 {
			u.e.log = append(u.e.log, seen{u.index, u.number, f.id, f.exact, f.cost, times, &s.ops[i]})
		}
		if f.below.n > 0 {
			u.stack = append(u.stack, frame{f.below, times})
		}
	}
}

// again tells whether the unit has led to some memory before, and notes it.
func (u *unitReader) again(id uintptr) bool {
	if u.own == nil {
		if slices.Contains(u.first[:u.known], id) {
			return true
		}
		if u.known < len(u.first) {
			u.first[u.known] = id
			u.known++
			return false
		}
		u.own = map[uintptr]struct{}{}
		for _, id := range u.first {
			u.own[id] = struct{}{}
		}
	}
	_, known := u.own[id]
	u.own[id] = struct{}{}
	return known
}

// rest reads what lies deeper.
func (u *unitReader) rest() {
	for len(u.stack) > 0 {
		last := len(u.stack) - 1
		f := u.stack[last]
		u.stack = u.stack[:last]
		if u.read >= unitLimit {
			u.dark = "more lies below one element than was read"
			return
		}
		if f.n <= nestedLimit || f.typ != nil && f.swis == nil {
			f.each(func(s *shape, p unsafe.Pointer) bool {
				u.value(s, p, f.times)
				return u.read < unitLimit
			})
			continue
		}
		u.dark = "a container below one element was read in part"
		times := f.times * float64(f.n) / nestedLimit
		for range nestedLimit {
			if f.typ == nil {
				u.value(f.elem, unsafe.Add(f.at, uintptr(u.e.random.Uint64N(f.n))*f.elem.size), times)
				continue
			}
			key, elem, ok := f.swis.Draw(f.at, u.e.random.Uint64N)
			if !ok {
				break
			}
			if !f.key.leaf() {
				u.value(f.key, key, times)
			}
			if !f.elem.leaf() {
				u.value(f.elem, elem, times)
			}
		}
	}
}

// class is the power of two of a cost.
func class(cost float64) int { return max(bits.Len64(uint64(cost))-1, 0) }
