package sample

import (
	"math"
	"runtime/metrics"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/swiss"
)

// heapFacts are what the runtime counts of all blocks of this process: those that are alive, and those
// that are not yet swept.
type heapFacts struct {
	known   bool
	total   float64   // bytes of all blocks
	sizes   []float64 // size classes
	counts  []float64 // blocks of each
	large   float64   // bytes of blocks beyond the last class
	counted sizes     // blocks that the frontier has counted
}

// sizes are bytes of blocks by the power of two of their size.
type sizes [64]float64

func (s *sizes) add(cost float64) { s[class(cost)] += cost }

// beyond is the bytes of blocks of more than size, a power of two.
func (s *sizes) beyond(size float64) (sum float64) {
	for i := class(size) + 1; i < len(s); i++ {
		sum += s[i]
	}
	return sum
}

// read asks the runtime.
func (h *heapFacts) read() {
	s := []metrics.Sample{{Name: "/gc/heap/allocs-by-size:bytes"}, {Name: "/gc/heap/frees-by-size:bytes"},
		{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/frees:bytes"}}
	metrics.Read(s)
	for i := range s {
		if want := [...]metrics.ValueKind{metrics.KindFloat64Histogram, metrics.KindFloat64Histogram,
			metrics.KindUint64, metrics.KindUint64}[i]; s[i].Value.Kind() != want {
			return
		}
	}
	allocated, freed := s[0].Value.Float64Histogram(), s[1].Value.Float64Histogram()
	h.total = float64(s[2].Value.Uint64() - s[3].Value.Uint64())
	h.large = h.total
	for i := range allocated.Counts {
		end := allocated.Buckets[i+1] // exclusive: one more than the class
		if math.IsInf(end, 1) {
			break
		}
		n := float64(allocated.Counts[i] - freed.Counts[i])
		h.sizes, h.counts = append(h.sizes, end-1), append(h.counts, n)
		h.large -= n * (end - 1)
	}
	h.large, h.known = max(h.large, 0), true
}

// beyond is the bytes of blocks of more than size that the frontier has not counted; size is a power of
// two.
func (h *heapFacts) beyond(size float64) float64 {
	sum := h.large
	for i, s := range h.sizes {
		if s > size {
			sum += s * h.counts[i]
		}
	}
	// Blocks of more than size and less than its double are of the class of size: not taken off.
	return max(0, sum-h.counted.beyond(size))
}

// chooseCut chooses up to what size blocks are drawn, and the heap's statistics are asked for those
// beyond: where the two together leave least open. It depends on nothing that is drawn.
func (e *estimator) chooseCut() {
	const likely = 2000 // units
	best := math.Inf(1)
	for cut := 64.0; cut <= 32<<10; cut *= 2 {
		open := e.facts.beyond(cut)
		for _, p := range e.groups {
			_, blocks := p.most()
			open += float64(p.units) * blocks * cut * 7 * 5 / (3 * likely)
		}
		if open < best {
			best, e.cut = open, cut
		}
	}
	if math.IsInf(best, 1) || !e.facts.known {
		e.cut = math.Inf(1)
	}
}

// largeMap is what a map of many tables takes for itself: places of its directory are drawn.
func (e *estimator) largeMap(l *swiss.Type, m unsafe.Pointer) moments3 {
	places := swiss.Tables(m)
	fixed := float64(block.Round(uintptr(places)*wordSize, true) + block.Round(swiss.HeaderBytes, true))
	n := float64(swiss.Len(m))
	if key, kp, elem, ep := l.Outside(); key > 0 || elem > 0 {
		fixed += n * float64(block.Round(key, kp)+block.Round(elem, ep))
	}
	groups, pointers := l.MaxGroups()
	own, _, _, ok := l.Table(m, 0)
	if !ok {
		return moments3{fixed, fixed, math.Inf(1)}
	}
	width := float64(block.Round(groups, pointers) + block.Round(own, true))
	draws := min(places, 1<<10)
	all := draws == places
	var drawn moments
	for i := range draws {
		if i >= 64 && e.spent() && !all {
			break
		}
		if !all {
			i = e.random.IntN(places)
		}
		own, groups, shared, ok := l.Table(m, i)
		if !ok {
			return moments3{fixed, fixed, math.Inf(1)}
		}
		drawn.add(float64(block.Round(own, true)+block.Round(groups, pointers)) / float64(shared))
	}
	e.elements += uint64(drawn.n)
	sum := float64(places) * drawn.mean()
	if all {
		return moments3{fixed + sum, fixed + sum, fixed + sum}
	}
	d := float64(places) * drawn.deviation(width, wrongMean/4)
	return moments3{fixed + max(0, sum-d), fixed + sum, fixed + sum + d}
}
