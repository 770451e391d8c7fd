package price_test

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// choice is what one place is taken for.
type choice struct {
	kind    reflect.Kind // of a number; Invalid for the one that the site shows
	pointer bool
}

// choices is what each open place of a census can be taken for, in the order of its sites.
func choices(c *snapshot.Census) (sites []*snapshot.Site, list [][]choice) {
	for s := range c.Sites() {
		kinds := s.Doubt.Kinds
		if kinds == nil {
			kinds = []reflect.Kind{reflect.Invalid}
		}
		var all []choice
		for _, k := range kinds {
			shown := s.Type.Kind() == reflect.Pointer
			all = append(all, choice{k, shown})
			if s.Doubt.Pointer {
				all = append(all, choice{k, !shown})
			}
		}
		if len(all) > 1 {
			sites, list = append(sites, s), append(list, all)
		}
	}
	return sites, list
}

// guess is a layout in which each place has a type of its own.
type guess struct {
	taken  map[*snapshot.Site]choice
	made   map[*snapshot.Site]*gotype.Type
	plains map[rules.Type]*gotype.Type
}

// node is the type of the values at s, with the pointer before them, if any.
func (g *guess) node(s *snapshot.Site) *gotype.Type {
	taken, open := g.taken[s]
	if s.Type.Kind() == reflect.Pointer {
		below := g.node(s.Children[0])
		if open && !taken.pointer {
			return below
		}
		return &gotype.Type{Spec: gotype.Spec{Kind: reflect.Pointer, Elem: below}}
	}
	n := g.value(s, taken.kind)
	if taken.pointer {
		n = &gotype.Type{Spec: gotype.Spec{Kind: reflect.Pointer, Elem: n}}
	}
	return n
}

// value is the type of the values at s.
func (g *guess) value(s *snapshot.Site, kind reflect.Kind) *gotype.Type {
	if s.Fold != nil {
		return g.made[s.Fold]
	}
	n := &gotype.Type{Spec: gotype.Spec{Kind: s.Type.Kind(), Name: s.Type.Name(), PkgPath: s.Type.PkgPath(), Len: s.Type.Len()}}
	g.made[s] = n
	if kind != reflect.Invalid {
		n.Spec.Kind = kind
	}
	if e := s.Type.Elem(); e != nil {
		n.Spec.Elem = g.plain(e)
	}
	if k := s.Type.Key(); k != nil {
		n.Spec.Key = g.plain(k)
	}
	if len(s.Children) == 0 {
		n.Spec.Fields = g.plainFields(s.Type)
	}
	for _, c := range s.Children {
		switch c.Role {
		case snapshot.Field:
			n.Spec.Fields = append(n.Spec.Fields, rules.Field{Name: s.Type.Field(c.Field).Name, Type: g.node(c)})
		case snapshot.Elem:
			n.Spec.Elem = g.node(c)
		case snapshot.Key:
			n.Spec.Key = g.node(c)
		}
	}
	return n
}

// plain is a type of which no value has come by.
func (g *guess) plain(t rules.Type) *gotype.Type {
	if n := g.plains[t]; n != nil {
		return n
	}
	n := &gotype.Type{Spec: gotype.Spec{Kind: t.Kind(), Name: t.Name(), PkgPath: t.PkgPath(), Len: t.Len()}}
	g.plains[t] = n
	if e := t.Elem(); e != nil {
		n.Spec.Elem = g.plain(e)
	}
	if k := t.Key(); k != nil {
		n.Spec.Key = g.plain(k)
	}
	n.Spec.Fields = g.plainFields(t)
	return n
}

func (g *guess) plainFields(t rules.Type) (list []rules.Field) {
	for i := range t.NumField() {
		f := t.Field(i)
		list = append(list, rules.Field{Name: f.Name, Type: g.plain(f.Type)})
	}
	return list
}

// Root is the guessed type of the census's only root.
func (g *guess) Root(*snapshot.Type) rules.Type {
	for s, n := range g.made {
		if s.Role == snapshot.Root {
			return n
		}
	}
	return nil
}

// Dynamic guesses nothing.
func (g *guess) Dynamic(string, *snapshot.Type) rules.Type { return nil }

// extremes are the least and the most of what was priced, by model.
type extremes struct{ least, most []uint64 }

func (e *extremes) add(r *report.Report) {
	for i, m := range r.Models {
		if len(e.least) == i {
			e.least, e.most = append(e.least, m.Total), append(e.most, m.Total)
		}
		e.least[i], e.most[i] = min(e.least[i], m.Total), max(e.most[i], m.Total)
	}
}

// TestBoundsAreExact tries all types that a stream leaves open, one after the other: the cheapest
// and the dearest of those with pointers as the stream shows them are the bounds as shown, no more
// and no less, and none with other pointers lies outside the bounds for any.
func TestBoundsAreExact(t *testing.T) {
	most := 3000
	if testing.Short() {
		most = 300
	}
	seed := seed.Of(t)
	models := []*rules.Model{rules.Core(), lookup("core-32"), lookup("core-golayout"), rules.Crate()}
	compared, tried := 0, 0
	for _, one := range truths(t, seed, 200, false) {
		c, err := snapshot.Scan(context.Background(), bytes.NewReader(one.Stream))
		require.NoError(t, err)
		sites, list := choices(c)
		combinations := 1
		for _, all := range list {
			combinations = min(combinations*len(all), most+1)
		}
		if combinations > most || len(c.Roots) > 1 || !canGuess(c) {
			continue
		}
		var shown, all extremes
		for n := range combinations {
			g := &guess{map[*snapshot.Site]choice{}, map[*snapshot.Site]*gotype.Type{},
				map[rules.Type]*gotype.Type{}}
			asShown := true
			for i, rest := 0, n; i < len(list); i++ {
				taken := list[i][rest%len(list[i])]
				g.taken[sites[i]] = taken
				asShown = asShown && taken.pointer == list[i][0].pointer
				rest /= len(list[i])
			}
			g.node(c.Roots[0])
			typed := c.Retype(g)
			require.Empty(t, typed.Drift, "seed %d: %s", seed, one.Type)
			priced, err := price.Price(typed, models, nil)
			require.NoError(t, err)
			tried++
			all.add(priced)
			if asShown {
				shown.add(priced)
			}
		}
		r, err := price.Price(c, models, nil)
		require.NoError(t, err)
		for i, m := range r.Models {
			why := fmt.Sprintf("seed %d: %s under %s\n%s", seed, one.Type, m.Name, text(t, r))
			if m.Bounds == nil {
				m.Bounds, m.Shown = &report.Bounds{Min: m.Total, Max: &m.Total}, &report.Bounds{Min: m.Total, Max: &m.Total}
			}
			require.Equal(t, shown.least[i], m.Shown.Min, why)
			require.Equal(t, shown.most[i], *m.Shown.Max, why)
			require.LessOrEqual(t, m.Bounds.Min, all.least[i], why)
			require.GreaterOrEqual(t, *m.Bounds.Max, all.most[i], why)
		}
		compared++
	}
	t.Logf("%d streams, %d types", compared, tried)
	require.Greater(t, compared, 20)
}

// canGuess tells whether all that is open at a census can be tried.
func canGuess(c *snapshot.Census) bool {
	for s := range c.Sites() {
		if s.Doubt.Opaque || s.Doubt.Unseen || s.Fold != nil || s.Role == snapshot.Dynamic {
			return false
		}
	}
	return true
}
