package report

import (
	"cmp"
	"reflect"

	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// Sum is what the containers of one place cost under one model.
type Sum struct {
	Count  uint64 // containers
	Blocks uint64 // containers that own memory
	Parts  rules.Parts
	Total  uint64 // bytes: the parts' sum
	Min    uint64 // bytes of the smallest container, 0 without any
	Max    uint64 // bytes of the largest
}

// counted tells whether there are any containers. Where containers share memory, each model
// charges the one that it finds dearest: a place may have some under one model alone.
func (s Sum) counted() bool { return s.Count > 0 }

// Add counts times containers of the given parts.
func (s *Sum) Add(p rules.Parts, times uint64) {
	if times == 0 {
		return
	}
	total := p.Total()
	if s.Count == 0 || total < s.Min {
		s.Min = total
	}
	s.Max = max(s.Max, total)
	s.Count = saturate.Add(s.Count, times)
	if total > 0 {
		s.Blocks = saturate.Add(s.Blocks, times)
	}
	s.Parts = s.Parts.Plus(p.Times(times))
	s.Total = s.Parts.Total()
}

// Tally prices findings: the sink of a walk. The models must be of equal reach.
type Tally struct {
	models  []*rules.Model
	details bool
	totals  []uint64     // by model
	places  []placeTally // by walker.Node.ID
}

// placeTally has what a node's containers cost, by model.
type placeTally struct {
	pricers []*rules.Pricer
	sums    []Sum
	recent  *recent
}

// NewTally is an empty tally. Without details it knows the totals alone, and is faster.
func NewTally(models []*rules.Model, details bool) *Tally {
	return &Tally{models: models, details: details, totals: make([]uint64, len(models))}
}

// Total is what was taken so far, in bytes, under one of the models; with details only what is
// priced by then.
func (t *Tally) Total(model int) uint64 { return t.totals[model] }

// Reset forgets all that was taken.
func (t *Tally) Reset() {
	clear(t.totals)
	for i := range t.places {
		clear(t.places[i].sums)
		t.places[i].recent = nil
	}
}

// Take prices a batch of findings of one node.
func (t *Tally) Take(n *walker.Node, fixed uint64, findings []walker.Finding, times uint64) {
	place := t.place(n)
	if t.details {
		if fixed > 0 {
			t.add(place, walker.Finding{Len: 1, Cap: 1}, saturate.Mul(fixed, times))
		}
		for _, f := range findings {
			t.count(place, f, times)
		}
		return
	}
	for m, pricer := range place.pricers {
		total := uint64(0)
		if fixed > 0 {
			total = saturate.Mul(pricer.Total(1, 1), fixed)
		}
		for _, f := range findings {
			total = saturate.Add(total, pricer.Total(f.Len, f.Cap))
		}
		t.totals[m] = saturate.Add(t.totals[m], saturate.Mul(total, times))
	}
}

// recent counts findings that are alike, so that each is priced once: a small cache by length.
type recent [64]struct {
	walker.Finding
	times uint64
}

// count adds a finding to those counted, and prices the one whose slot it takes.
func (t *Tally) count(p *placeTally, f walker.Finding, times uint64) {
	if p.recent == nil {
		p.recent = new(recent)
	}
	slot := &p.recent[(f.Len+f.Cap*7)%uint64(len(p.recent))]
	if slot.Finding != f {
		t.add(p, slot.Finding, slot.times)
		slot.Finding, slot.times = f, 0
	}
	slot.times = saturate.Add(slot.times, times)
}

// settle prices what was counted.
func (t *Tally) settle() {
	for i := range t.places {
		p := &t.places[i]
		if p.recent == nil {
			continue
		}
		for _, slot := range p.recent {
			t.add(p, slot.Finding, slot.times)
		}
		*p.recent = recent{}
	}
}

// add prices times equal findings at a place, in parts.
func (t *Tally) add(p *placeTally, f walker.Finding, times uint64) {
	if times == 0 {
		return
	}
	for m, pricer := range p.pricers {
		parts := pricer.Usage(f.Len, f.Cap)
		p.sums[m].Add(parts, times)
		t.totals[m] = saturate.Add(t.totals[m], saturate.Mul(parts.Total(), times))
	}
}

// Overlap charges the dearest of containers that share memory, under each model its own.
func (t *Tally) Overlap(candidates []walker.Candidate) {
	for m := range t.models {
		var best rules.Parts
		var winner *walker.Node
		for _, c := range candidates {
			parts := t.price(m, c)
			if winner == nil || dearer(parts, c.Node, best, winner) {
				best, winner = parts, c.Node
			}
		}
		t.totals[m] = saturate.Add(t.totals[m], best.Total())
		if t.details {
			t.place(winner).sums[m].Add(best, 1)
		}
	}
}

// dearer tells whether a candidate is to be taken rather than another: by its bytes, then by
// what does not depend on the order in which they were met.
func dearer(p rules.Parts, n *walker.Node, q rules.Parts, other *walker.Node) bool {
	return cmp.Or(
		cmp.Compare(p.Total(), q.Total()),
		cmp.Compare(typeName(other), typeName(n)),
		cmp.Compare(p.Used, q.Used),
		cmp.Compare(p.Spare, q.Spare),
		cmp.Compare(p.Padding, q.Padding),
		cmp.Compare(p.Structure, q.Structure),
	) > 0
}

// price is what one candidate would cost. Unlike containers that share memory in part are bytes.
func (t *Tally) price(m int, c walker.Candidate) rules.Parts {
	if c.Bytes == 0 {
		return t.place(c.Node).pricers[m].Usage(c.Len, c.Cap)
	}
	return bytesPricer(t.models[m]).Usage(c.Bytes, c.Bytes)
}

// place is a node's tally, made when first needed.
func (t *Tally) place(n *walker.Node) *placeTally {
	for len(t.places) <= n.ID {
		t.places = append(t.places, placeTally{})
	}
	p := &t.places[n.ID]
	if p.pricers == nil {
		binding := n.Place.(rules.Binding)
		for _, m := range t.models {
			p.pricers = append(p.pricers, m.NewPricer(binding))
		}
		p.sums = make([]Sum, len(t.models))
	}
	return p
}

// bytesPricer prices n bytes as a vector of bytes.
func bytesPricer(m *rules.Model) *rules.Pricer {
	type key struct{}
	return m.Derived(key{}, func() any {
		return m.NewPricer(m.Rebind(rules.TypeOf(reflect.TypeFor[[]byte]()), vectorExpr))
	}).(*rules.Pricer)
}

var vectorExpr = func() *rules.Expr {
	e, err := rules.ParseExpr("vector")
	if err != nil {
		panic(err)
	}
	return e
}()

// typeName names a node's containers for people, and breaks ties between them. A boxed value is
// written as the conversion that boxed it.
func typeName(n *walker.Node) string {
	if n.Boxed && n.Type.Kind() == reflect.Pointer {
		return "any(" + n.Type.Elem().String() + ")"
	}
	return n.Type.String()
}
