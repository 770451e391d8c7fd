package price_test

import (
	"bytes"
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
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
	made   map[*snapshot.Site]*layout.Node
	plains map[rules.Type]*layout.Node
}

// node is the type of the values at s, with the pointer before them, if any.
func (g *guess) node(s *snapshot.Site) *layout.Node {
	taken, open := g.taken[s]
	if s.Type.Kind() == reflect.Pointer {
		below := g.node(s.Children[0])
		if open && !taken.pointer {
			return below
		}
		return &layout.Node{K: reflect.Pointer, E: below}
	}
	n := g.value(s, taken.kind)
	if taken.pointer {
		n = &layout.Node{K: reflect.Pointer, E: n}
	}
	return n
}

// value is the type of the values at s.
func (g *guess) value(s *snapshot.Site, kind reflect.Kind) *layout.Node {
	if s.Fold != nil {
		return g.made[s.Fold]
	}
	n := &layout.Node{K: s.Type.Kind(), N: s.Type.Name(), Pkg: s.Type.PkgPath(), Length: s.Type.Len()}
	g.made[s] = n
	if kind != reflect.Invalid {
		n.K = kind
	}
	if e := s.Type.Elem(); e != nil {
		n.E = g.plain(e)
	}
	if k := s.Type.Key(); k != nil {
		n.MapKey = g.plain(k)
	}
	if len(s.Children) == 0 {
		n.F = g.plainFields(s.Type)
	}
	for _, c := range s.Children {
		switch c.Role {
		case snapshot.Field:
			n.F = append(n.F, rules.Field{Name: s.Type.Field(c.Field).Name, Type: g.node(c)})
		case snapshot.Elem:
			n.E = g.node(c)
		case snapshot.Key:
			n.MapKey = g.node(c)
		}
	}
	return n
}

// plain is a type of which no value has come by.
func (g *guess) plain(t rules.Type) *layout.Node {
	if n := g.plains[t]; n != nil {
		return n
	}
	n := &layout.Node{K: t.Kind(), N: t.Name(), Pkg: t.PkgPath(), Length: t.Len()}
	g.plains[t] = n
	if e := t.Elem(); e != nil {
		n.E = g.plain(e)
	}
	if k := t.Key(); k != nil {
		n.MapKey = g.plain(k)
	}
	n.F = g.plainFields(t)
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

// TestBoundsAreExact tries all types that a stream leaves open, one after the other: the cheapest
// and the dearest of them are the bounds, no more and no less.
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
		r, err := price.Price(c, models, nil)
		require.NoError(t, err)
		least, dearest := make([]uint64, len(models)), make([]uint64, len(models))
		for n := range combinations {
			g := &guess{map[*snapshot.Site]choice{}, map[*snapshot.Site]*layout.Node{},
				map[rules.Type]*layout.Node{}}
			for i, rest := 0, n; i < len(list); i++ {
				g.taken[sites[i]] = list[i][rest%len(list[i])]
				rest /= len(list[i])
			}
			g.node(c.Roots[0])
			typed := c.Retype(g)
			require.Empty(t, typed.Drift, "seed %d: %s", seed, one.Type)
			priced, err := price.Price(typed, models, nil)
			require.NoError(t, err)
			for i, m := range priced.Models {
				if tried++; n == 0 {
					least[i] = m.Total
				}
				least[i], dearest[i] = min(least[i], m.Total), max(dearest[i], m.Total)
			}
		}
		for i, m := range r.Models {
			low, high := boundsOf(&report.Report{Total: m.Total, Models: r.Models[i : i+1]})
			require.Equal(t, least[i], low, "seed %d: %s under %s\n%s", seed, one.Type, m.Name, text(t, r))
			require.Equal(t, dearest[i], high, "seed %d: %s under %s", seed, one.Type, m.Name)
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
