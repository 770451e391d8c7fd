package account

import (
	"cmp"
	"reflect"

	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/internal/spelling"
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
	tiny    *tinyBlocks  // not nil under a model of a Go heap, which is alone then
}

// placeTally has what a node's containers cost, by model.
type placeTally struct {
	pricers []*rules.Pricer
	sums    []Sum
	recent  *recent
	tiny    []tinyFinding
	causes  rules.Causes // why the sums may not be exact
}

// NewTally is an empty tally. Without details it knows the totals alone, and is faster.
func NewTally(models []*rules.Model, details bool) *Tally {
	t := &Tally{models: models, details: details, totals: make([]uint64, len(models))}
	if models[0].IsGoHeap() {
		t.tiny = &tinyBlocks{narrow: models[0].PointerSize() == 4}
	}
	return t
}

// Total is what was taken so far, in bytes, under one of the models; with details only what is
// priced by then.
func (t *Tally) Total(model int) uint64 {
	if t.tiny != nil {
		return saturate.Add(t.totals[0], t.tiny.total())
	}
	return t.totals[model]
}

// Reset forgets all that was taken.
func (t *Tally) Reset() {
	clear(t.totals)
	if t.tiny != nil {
		t.tiny.counts = [gort.TinyBlock]uint64{}
	}
	for i := range t.places {
		p := &t.places[i]
		clear(p.sums)
		p.recent, p.tiny, p.causes = nil, nil, 0
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
	if t.tiny != nil {
		t.takeGo(place, fixed, findings, times)
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

// takeGo is Take without details under a model of a Go heap.
func (t *Tally) takeGo(p *placeTally, fixed uint64, findings []walker.Finding, times uint64) {
	if fixed > 0 {
		t.add(p, walker.Finding{Len: 1, Cap: 1}, saturate.Mul(fixed, times))
	}
	for _, f := range findings {
		t.add(p, f, times)
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
	if t.tiny != nil {
		t.settleTiny()
	}
}

// add prices times equal findings at a place, in parts.
func (t *Tally) add(p *placeTally, f walker.Finding, times uint64) {
	if times == 0 {
		return
	}
	if t.tiny != nil {
		if t.details {
			p.causes |= p.pricers[0].Causes(f.Len, f.Cap)
		}
		if t.takeTiny(p, f, times) {
			return
		}
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
		var winner walker.Candidate
		for _, c := range candidates {
			parts := t.price(m, c)
			if winner.Node == nil || dearer(parts, c.Node, best, winner.Node) {
				best, winner = parts, c
			}
		}
		t.charge(m, winner, best)
	}
}

// charge charges a candidate under a model.
func (t *Tally) charge(m int, c walker.Candidate, parts rules.Parts) {
	p := t.place(c.Node)
	if t.tiny != nil {
		p.causes |= p.pricers[0].Causes(c.Len, c.Cap)
		if c.Bytes == 0 && t.takeTiny(p, c.Finding, 1) {
			return
		}
	}
	t.totals[m] = saturate.Add(t.totals[m], parts.Total())
	if t.details {
		p.sums[m].Add(parts, 1)
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
		cmp.Compare(p.Overhead, q.Overhead),
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

// BytesPrice is what n bytes of unlike containers that share memory in part cost under a model.
func BytesPrice(m *rules.Model) walker.Price { return bytesPricer(m).Total }

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
		return "any(" + spelling.Type(n.Type.Elem()) + ")"
	}
	return spelling.Type(n.Type)
}
