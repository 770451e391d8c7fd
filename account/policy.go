package account

import (
	"reflect"

	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// policy tells the walker what models of equal reach follow. Its places are rules.Binding.
type policy struct {
	models []*rules.Model
	owned  bool // what leads to the program is not followed
}

// NewPolicy is the policy for models of equal reach (rules.SameReach); there is at least one.
func NewPolicy(models []*rules.Model) walker.Policy { return policy{models: models} }

// OwnedPolicy is the policy for a model of a Go heap that does not follow what leads to the program
// rather than to the value (rules.ProgramTypes).
func OwnedPolicy(m *rules.Model) walker.Policy {
	return policy{models: []*rules.Model{m}, owned: true}
}

func (p policy) Root(t reflect.Type) walker.Place {
	return p.models[0].Bind(rules.TypeOf(t))
}

func (p policy) Field(at walker.Place, i int) walker.Place {
	return p.models[0].Field(at.(rules.Binding), i)
}

func (p policy) Elem(at walker.Place) walker.Place {
	return p.models[0].Elem(at.(rules.Binding))
}

func (p policy) Key(at walker.Place) walker.Place {
	return p.models[0].Key(at.(rules.Binding))
}

func (p policy) Dynamic(at walker.Place, t reflect.Type) walker.Place {
	return p.models[0].Box(at.(rules.Binding), rules.TypeOf(t))
}

// Follow is what all models need: a container is inline only where it is under each of them, and
// nil ones are reported where one charges for them.
func (p policy) Follow(at walker.Place) walker.Follow {
	b := at.(rules.Binding)
	reach := p.models[0].Reach(b)
	if p.models[0].IsGoHeap() { // Go's own memory: all is there but what a tag leaves out
		rule := p.models[0].NewPricer(b).Rule()
		skip := rule == rules.Skip() || p.owned && p.models[0].Program(b) != ""
		return walker.Follow{Skip: skip, Keys: true, ByKind: p.models[0].ByKind(b)}
	}
	f := walker.Follow{
		Skip: reach.Skip && reach.Opaque == "", Opaque: reach.Opaque, Keys: reach.Keys,
		Inline: reach.Inline, ByLen: reach.ByLen, NilCosts: reach.NilCosts,
		List:   true,
		ByKind: p.models[0].ByKind(b),
		Tagged: !plain(p.models[0].NewPricer(b).Rule()) || isBits(b.Type),
	}
	for _, m := range p.models[1:] {
		r := m.Reach(b)
		f.Inline = min(f.Inline, r.Inline)
		f.NilCosts = f.NilCosts || r.NilCosts
	}
	f.ByLen = f.ByLen && f.Inline > 0
	return f
}

// plain tells whether a rule charges a range of memory as one block, whatever holds it: then
// containers that share a range cost the same.
func plain(r rules.Rule) bool {
	return r == nil || r == rules.Vector() || r == rules.UniquePtr()
}

// isBits tells whether t may be a vector of bits, which no other container of its memory is.
func isBits(t rules.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Bool
}

// SameInline tells whether models keep content inside containers alike. Where they do not, what
// overlaps must be settled for each model on its own.
func SameInline(models []*rules.Model) bool {
	text := rules.TypeOf(reflect.TypeFor[string]())
	first := models[0].Reach(models[0].Bind(text)).Inline
	for _, m := range models[1:] {
		if m.Reach(m.Bind(text)).Inline != first {
			return false
		}
	}
	return true
}
