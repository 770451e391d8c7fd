package report

import (
	"reflect"

	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// policy tells the walker what models of equal reach follow. Its places are rules.Binding.
type policy struct{ models []*rules.Model }

// NewPolicy is the policy for models of equal reach (rules.SameReach); there is at least one.
func NewPolicy(models []*rules.Model) walker.Policy { return policy{models} }

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
	f := walker.Follow{
		Skip: reach.Skip, Opaque: reach.Opaque, Keys: reach.Keys,
		Inline: reach.Inline, ByLen: reach.ByLen, NilCosts: reach.NilCosts,
		List:   !p.models[0].FollowsCapacity(),
		Tagged: b.Expr != nil && b.Expr.Rule != nil,
	}
	for _, m := range p.models[1:] {
		r := m.Reach(b)
		f.Inline = min(f.Inline, r.Inline)
		f.NilCosts = f.NilCosts || r.NilCosts
	}
	return f
}
