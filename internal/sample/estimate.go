package sample

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"time"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/walker"
)

// Config is what an estimate is made under.
type Config struct {
	Shapes   *Shapes
	Heap     bool // the model is this process's heap, and its blocks can be asked for
	Full     bool // slices are followed to their capacity
	Lengths  bool // capacities are taken to be lengths
	Elements uint64
	Deadline time.Time // none if Elements is not 0
	Seed     uint64
}

// Result is an estimate in bytes.
type Result struct {
	Bytes, Low, High float64 // High may be infinite
	Elements         uint64  // containers that were looked at
	Reason           string  // why High is infinite, or what else bounds it
	Few              bool    // the frontier had all that it could see: a walk does not take long
}

// estimator is one estimate under way.
type estimator struct {
	reader
	elements uint64 // read so far
	limit    uint64 // of elements, in this phase
	deadline time.Time
	timed    bool
	ended    bool
	asks     uint // how often it was asked whether the budget is spent
	random   *rand.Rand

	pending  smallest
	visited  map[uintptr]float64 // what the frontier has counted, by exact address
	contents map[content]bool    // of which the frontier knows what is in it
	bytes    float64             // of the frontier
	least    map[uintptr]float64 // of the frontier, by the memory that Low goes by
	tables   moments3            // of large maps
	dark     string              // why the frontier may have more

	groups []*population
	log    []seen
	cut    float64 // bytes of the blocks that are told apart as small
	facts  heapFacts
	blind  string // a part of the value that could not be drawn from
}

// moments3 is an estimate and its bounds.
type moments3 struct{ low, bytes, high float64 }

// content is elements that were read, or will be.
type content struct {
	at   unsafe.Pointer
	elem *shape
	n    uint64
}

// The parts of the budget that are spent when the frontier ends, and when lengths that are read in full
// do. The rest of a time is left for the sums.
const (
	frontierPart = 0.4
	surfacePart  = 0.25
	drawingPart  = 0.8
)

// Estimate estimates what a root owns.
func Estimate(c Config, root walker.Root) Result {
	start := time.Now()
	e := &estimator{reader: reader{shapes: c.Shapes, heap: c.Heap, full: c.Full, lengths: c.Lengths},
		random: rand.New(rand.NewPCG(c.Seed, 0x6d656d73697a65)), timed: c.Elements == 0,
		visited: map[uintptr]float64{}, contents: map[content]bool{}, least: map[uintptr]float64{}}
	if e.timed && c.Heap {
		e.facts.read()
	}
	until := func(part float64) {
		e.ended = false
		e.limit = uint64(part * float64(c.Elements))
		e.deadline = start.Add(time.Duration(part * float64(c.Deadline.Sub(start))))
	}
	until(frontierPart)
	s := c.Shapes.root(root.Type)
	if len(s.ops) == 1 && s.ops[0].kind == kindPointer {
		e.asked = *(*unsafe.Pointer)(unsafe.Add(root.At, s.ops[0].offset))
	}
	if b, ok := block.Of(root.At); ok && root.Owned && c.Heap { // it belongs to the program
		e.visited[uintptr(b.Base)] = math.Inf(1)
	}
	e.add(region{elem: s, at: root.At, n: 1})
	e.frontier()
	e.populations()
	if len(e.groups) == 0 && e.blind == "" {
		r := e.result()
		r.Few = e.tables.low == e.tables.high // not so where the tables of a map are many
		return r
	}
	e.chooseCut()
	until(frontierPart + surfacePart)
	e.surfaces()
	until(drawingPart)
	if !e.timed {
		e.limit = c.Elements // sums look at no more
	}
	e.draw()
	return e.result()
}

// spent tells whether the budget of this phase is.
func (e *estimator) spent() bool {
	if !e.timed {
		return e.elements >= e.limit
	}
	if e.asks++; e.asks%8 == 0 && !e.ended {
		e.ended = time.Now().After(e.deadline)
	}
	return e.ended
}

// smallest is regions by the power of two of their number of elements: what has few is read first, and of
// those alike what came first.
type smallest struct {
	queues [65][]region
	heads  [65]int
}

func (s *smallest) push(g region) {
	i := bits.Len64(g.n)
	s.queues[i] = append(s.queues[i], g)
}

// next is the region to be read next; nil if there is none.
func (s *smallest) next() *region {
	for i := range s.queues {
		if s.heads[i] < len(s.queues[i]) {
			return &s.queues[i][s.heads[i]]
		}
	}
	return nil
}

// pop takes the next region away.
func (s *smallest) pop() {
	for i := range s.queues {
		if s.heads[i] < len(s.queues[i]) {
			s.heads[i]++
			return
		}
	}
}

// all are the regions that are left.
func (s *smallest) all() (list []region) {
	for i := range s.queues {
		list = append(list, s.queues[i][s.heads[i]:]...)
	}
	return list
}

// add is a region that the frontier has met.
func (e *estimator) add(g region) {
	c := content{g.at, g.elem, g.n}
	if !e.contents[c] {
		e.contents[c] = true
		e.pending.push(g)
	}
}

// frontier reads in full what has few elements.
func (e *estimator) frontier() {
	for !e.spent() {
		g := e.pending.next()
		if g == nil || !e.affordable(g.n) {
			return
		}
		now := *g
		e.pending.pop()
		if left := e.readAll(&now); left.n > 0 {
			e.pending.push(left)
			return
		}
	}
}

// readAll reads the elements of a region, and returns what was left when the budget ended. Of a map that
// is all of it, partly known.
func (e *estimator) readAll(g *region) (left region) {
	done, ended := uint64(0), false
	g.each(func(s *shape, p unsafe.Pointer) bool {
		for i := range s.ops {
			e.take(e.read(&s.ops[i], p))
		}
		done++
		ended = e.spent()
		return !ended
	})
	switch {
	case !ended || g.typ == nil && done >= g.n:
		return region{}
	case g.typ != nil:
		left = *g
		left.partly = true
		return left
	}
	left = *g
	left.at, left.n = unsafe.Add(g.at, uintptr(done)*g.elem.size), g.n-done
	return left
}

// affordable tells whether so many elements can be read in what is left of this phase.
func (e *estimator) affordable(n uint64) bool {
	const each = 100 * time.Nanosecond
	if e.timed {
		return n < uint64(time.Until(e.deadline)/each)
	}
	return n <= e.limit-min(e.elements, e.limit)
}

// take counts a container that the frontier has met.
func (e *estimator) take(f found) {
	e.elements++
	before, counted := e.visited[f.exact]
	switch {
	case f.exact <= 1:
		e.bytes += f.cost
		e.least[0] += f.cost
	case f.large != nil:
		if !counted {
			e.visited[f.exact], e.least[f.id] = f.cost, 0
			e.tables.plus(e.largeMap(f.large, f.header))
		}
	case !counted || before < f.cost:
		e.bytes += f.cost - before
		e.visited[f.exact], e.least[f.id] = f.cost, max(e.least[f.id], f.cost)
		if !counted && e.facts.known && f.cost > 0 {
			e.facts.counted.add(f.cost)
		}
	}
	if f.below.n > 0 {
		e.add(f.below)
	}
	if e.dark == "" && f.large == nil {
		e.dark = f.dark
	}
}

func (m *moments3) plus(n moments3) {
	m.low, m.bytes, m.high = m.low+n.low, m.bytes+n.bytes, m.high+n.high
}
