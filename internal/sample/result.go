package sample

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"
	"unsafe"
)

// surfaces reads all headers of populations whose price they tell, where that is cheap: under models
// that price lengths.
func (e *estimator) surfaces() {
	if e.reader.heap {
		return
	}
	for _, p := range e.groups {
		headers := p.elem.headers && (p.key == nil || p.key.headers)
		var n uint64
		for i := range p.regions {
			n += p.regions[i].n
			headers = headers && !p.regions[i].partly
		}
		bounded, _ := p.most()
		if headers && math.IsInf(bounded, 1) && e.cheap(n) {
			e.surface(p)
			e.elements += n
		}
	}
}

// cheap tells whether so many headers can be read in what is left of this phase.
func (e *estimator) cheap(n uint64) bool {
	const each = 8 * time.Nanosecond
	if e.timed {
		return n < uint64(time.Until(e.deadline)/each)
	}
	return n <= e.limit-min(e.elements, e.limit)
}

// surface adds up what the headers of a population say.
func (e *estimator) surface(p *population) {
	p.surface = true
	var classes [65]uint64 // by bits of a cost
	for i := range p.regions {
		g := &p.regions[i]
		if o := g.elem.ops; g.typ == nil && len(o) == 1 {
			at := unsafe.Add(g.at, o[0].offset)
			for range g.n {
				cost := e.header(&o[0], at)
				classes[bits.Len64(cost)] += cost
				at = unsafe.Add(at, g.elem.size)
			}
			continue
		}
		g.each(func(s *shape, at unsafe.Pointer) bool {
			for j := range s.ops {
				cost := e.header(&s.ops[j], unsafe.Add(at, s.ops[j].offset))
				classes[bits.Len64(cost)] += cost
			}
			return true
		})
	}
	for k, sum := range classes[1:] {
		p.classes[k] = float64(sum)
		p.exactly += float64(sum)
	}
}

// header is what a container costs by its header, whether or not another leads to the same memory.
func (e *estimator) header(o *op, p unsafe.Pointer) uint64 {
	switch o.kind {
	case kindString:
		n := uint64((*stringHeader)(p).length)
		return o.pricer.Total(n, n)
	case kindSlice:
		h := (*sliceHeader)(p)
		if h.data == nil {
			return o.zero
		}
		n := uint64(h.length)
		if e.lengths {
			return o.pricer.Total(n, n)
		}
		return o.pricer.Total(n, uint64(max(h.room, h.length)))
	}
	if *(*unsafe.Pointer)(p) == nil {
		return o.zero
	}
	return o.pricer.Total(1, 1)
}

// result sums up.
func (e *estimator) result() Result {
	r := Result{Elements: e.elements}
	frontier := 0.0
	for _, cost := range e.least {
		frontier += cost
	}
	weights := make([]float64, len(e.groups))
	for i, p := range e.groups {
		weights[i] = float64(p.units) / max(p.count, 1)
	}
	r.Low = frontier + e.tables.low + max(e.seenOnce((*seen).byBlock), e.likely(weights))
	r.Bytes = e.bytes + e.tables.bytes + e.guess(weights)
	if e.allDrawn() {
		once := e.seenOnce((*seen).byAddress)
		r.Low = frontier + e.tables.low + e.seenOnce((*seen).byBlock)
		r.High = max(e.bytes+e.tables.high+once, r.Low)
		r.Bytes = min(max(e.bytes+e.tables.bytes+once, r.Low), r.High)
		return r
	}
	r.High, r.Reason = e.high()
	r.High = max(r.High, r.Low)
	r.Bytes = min(max(r.Bytes, r.Low), r.High)
	return r
}

// allDrawn tells whether all units were drawn, and all below them read: then nothing is left open.
func (e *estimator) allDrawn() bool {
	for _, p := range e.groups {
		if uint64(p.count) < p.units || p.dark != "" {
			return false
		}
	}
	return len(e.groups) > 0 && e.dark == "" && e.blind == ""
}

// seenOnce is what units led to, each block once, and not what the frontier has.
func (e *estimator) seenOnce(id func(*seen) uintptr) (sum float64) {
	groups, count := e.grouped(id)
	most := make([]float64, count)
	for i := range e.log {
		s := &e.log[i]
		if _, known := e.least[s.id]; !known || s.id == 0 {
			most[groups[i]] = max(most[groups[i]], s.cost)
		}
	}
	for _, cost := range most {
		sum += cost
	}
	return sum
}

// The memory of a container goes by its address, or, where it is a part of a block, by that.
func (s *seen) byAddress() uintptr { return s.exact }
func (s *seen) byBlock() uintptr   { return s.id }

// grouped numbers the memory that the log names, from 0: equal ids have equal numbers, but 0 is a new
// one each time.
func (e *estimator) grouped(id func(*seen) uintptr) (numbers []int32, count int) {
	size := uint(bits.Len(uint(2 * len(e.log))))
	table := make([]int32, 1<<size) // 1 + the place in the log that was first
	numbers = make([]int32, len(e.log))
	for i := range e.log {
		name := id(&e.log[i])
		slot := uint(uint64(name) * 0x9e3779b97f4a7c15 >> (64 - size))
		for ; table[slot] != 0 && id(&e.log[table[slot]-1]) != name; slot = (slot + 1) & (1<<size - 1) {
		}
		if first := table[slot]; first != 0 && name != 0 {
			numbers[i] = numbers[first-1]
			continue
		}
		table[slot], numbers[i] = int32(i+1), int32(count)
		count++
	}
	return numbers, count
}

// met is the drawn units that led to a block, so far.
type met struct {
	units      float64 // how many they are
	standFor   float64 // how many they stand for
	population int32   // of the last
	unit       int32   // that, and 1
}

// by adds a unit, which has a block once; false if it has it already.
func (m *met) by(x *seen) bool {
	if m.unit == x.unit+1 && m.population == x.population {
		return false
	}
	m.population, m.unit = x.population, x.unit+1
	return true
}

// guess is the likely sum of what the populations hold: place by place, for blocks of one place are
// shared alike.
func (e *estimator) guess(weights []float64) (sum float64) {
	type place struct{ leads, pairs float64 }
	places := map[*op]*place{}
	groups, count := e.grouped((*seen).byAddress)
	blocks := make([]met, count)
	for i := range e.log {
		x, b := &e.log[i], &blocks[groups[i]]
		if !b.by(x) {
			continue
		}
		at := places[x.op]
		if at == nil {
			at = &place{}
			places[x.op] = at
		}
		w := weights[x.population]
		at.leads += w * x.times * x.cost
		at.pairs += w * b.standFor * x.cost
		b.standFor += w
	}
	for _, at := range places {
		sum += expected(at.leads, at.pairs)
	}
	return sum
}

// shared is what units lead to, class by class, and what pairs of them share.
type shared struct {
	leads [64]float64 // bytes that all units lead to
	met   [64]float64 // bytes that pairs of drawn units share
	jump  [64]float64 // bytes of a class below one drawn unit, at most
	heavy [64]float64 // how many units a drawn one that has blocks of a class stands for, at most
	again []bool      // by place in the log: the unit has the block already
}

// sharing works out shared.
func (e *estimator) sharing(weights []float64) *shared {
	groups, count := e.grouped((*seen).byBlock)
	s := &shared{again: make([]bool, len(e.log))}
	blocks := make([]met, count)
	var unit [64]float64
	for i := range e.log {
		x, b := &e.log[i], &blocks[groups[i]]
		if i > 0 && (x.unit != e.log[i-1].unit || x.population != e.log[i-1].population) {
			unit = [64]float64{}
		}
		if !b.by(x) {
			s.again[i] = true
			continue
		}
		k, w := class(x.cost), weights[x.population]
		s.leads[k] += w * x.cost
		s.heavy[k] = max(s.heavy[k], w)
		s.met[k] += b.units * x.cost
		b.units++
		unit[k] += x.cost
		s.jump[k] = max(s.jump[k], unit[k])
	}
	return s
}

// likely is what the populations hold at least, but for a chance of wrongMean and wrongShare.
func (e *estimator) likely(weights []float64) float64 {
	s := e.sharing(weights)
	classes := 0.0
	for k := range s.leads {
		if s.leads[k] > 0 {
			classes++
		}
	}
	var slopes [64]float64
	sum := 0.0
	for k, leads := range s.leads {
		if leads == 0 {
			continue
		}
		events := mostEvents(s.met[k]/s.jump[k], wrongShare/classes)
		pairs := s.heavy[k] * s.heavy[k] * s.jump[k] * events
		var least float64
		least, slopes[k] = distinct(leads, pairs)
		sum += least - slopes[k]*leads
	}
	return max(0, sum+e.means(&slopes, s.again))
}

// means is a lower bound of the sum of what the units of all populations lead to, a class each times
// its slope.
func (e *estimator) means(slopes *[64]float64, again []bool) (sum float64) {
	units := make([][]float64, len(e.groups))
	for i, p := range e.groups {
		units[i] = make([]float64, int(p.count))
	}
	for i := range e.log {
		if x := &e.log[i]; !again[i] {
			units[x.population][x.unit] += x.cost * slopes[class(x.cost)]
		}
	}
	for i, p := range e.groups {
		if p.surface {
			for k, exactly := range p.classes {
				sum += slopes[k] * exactly
			}
			continue
		}
		sum += float64(p.units) * lowerMean(units[i], wrongMean/float64(len(e.groups)), float64(p.units))
	}
	return sum
}

// lowerMean is a lower bound of the mean of a population of so many values, none below 0, of which some
// were drawn. Values are cut off, at one of three places, so that a few large ones do not widen the
// bound.
func lowerMean(values []float64, wrong, population float64) float64 {
	if len(values) < 2 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	best := 0.0
	for _, part := range [...]float64{1, 0.98, 0.9} {
		width := sorted[int(part*float64(len(sorted)-1))]
		var m moments
		for _, v := range values {
			m.add(min(v, width))
		}
		d := m.deviation(width, wrong/3)
		if float64(len(values)) >= population {
			d = 0 // all were drawn
		}
		best = max(best, m.mean()-d)
	}
	return best
}

// high is what the value holds at most, and why that is not known where it is infinite.
func (e *estimator) high() (bytes float64, reason string) {
	if e.reader.heap {
		return e.highOnHeap()
	}
	bytes = e.bytes + e.tables.high
	if e.dark != "" || e.blind != "" {
		return math.Inf(1), "not read: " + e.dark + e.blind
	}
	for _, p := range e.groups {
		most, _ := p.most()
		units := float64(p.units)
		switch {
		case p.surface:
			bytes += p.exactly
		case math.IsInf(most, 1):
			return math.Inf(1), fmt.Sprintf("%.0f of %.0f values of type %v were not read, and nothing "+
				"bounds what lies below one of them: no sample can", max(units-p.count, 0), units, p.elem.typ)
		default:
			d := p.costs.deviation(most, wrongHigh/float64(len(e.groups)))
			bytes += units * min(most, p.costs.mean()+d)
		}
	}
	return bytes, ""
}

// highOnHeap is high under the model of this process's heap.
func (e *estimator) highOnHeap() (float64, string) {
	const nothing = "under the model go a reference keeps its whole block, and no sample can bound those " +
		"that were not read: a budget of time lets the heap's own statistics bound them"
	complete := len(e.groups) == 0 && e.dark == "" && e.blind == ""
	switch {
	case complete:
		return e.bytes + e.tables.high, ""
	case !e.facts.known:
		return math.Inf(1), nothing
	}
	bytes, reason := e.facts.total, "bounded by the heap of this process alone"
	if e.dark == "" && e.blind == "" {
		drawn := e.bytes + e.tables.high + e.facts.beyond(e.cut)
		for _, p := range e.groups {
			_, blocks := p.most()
			if p.dark != "" || math.IsInf(blocks, 1) {
				drawn = math.Inf(1)
				break
			}
			width := blocks * e.cut
			d := p.small.deviation(width, wrongHigh/float64(len(e.groups)))
			drawn += float64(p.units) * min(width, p.small.mean()+d)
		}
		if drawn < bytes {
			return drawn, "blocks that were not drawn are bounded by the heap's own statistics"
		}
	}
	return bytes, reason
}
