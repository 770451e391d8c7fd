package property_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/oracle"
	"github.com/bitcoin-mem/memsize/internal/oracle/arbitrary"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/rules"
)

// sample is one random graph, and how it is looked at.
type sample struct {
	roots []any
	model *rules.Model
	opts  oracle.Options
	r     *rand.Rand
}

// options are those of one walk. Walks of a model share sessions, which keep what they found out about
// types. That would hide from this walk what it does not see by itself, so that each has a new copy.
func (s sample) options(more ...memsize.Option) []memsize.Option {
	if s.opts.CapIsLen {
		more = append(more, memsize.CapIsLen())
	}
	return append(more, memsize.WithModel(s.model.With()))
}

// source makes the samples of one seed.
type source struct {
	seed   uint64
	pool   int
	types  []reflect.Type
	models []*rules.Model
}

// sample is number i of the seed, always the same.
func (s *source) sample(i int) sample {
	if pool := i/suite.GraphsPerPool + 1; pool != s.pool {
		s.pool = pool
		r := rand.New(rand.NewPCG(s.seed, uint64(pool)<<32))
		s.types = arbitrary.Types(r, suite.MadeTypes)
	}
	r := rand.New(rand.NewPCG(s.seed, uint64(i)))
	return sample{
		roots: arbitrary.Roots(r, s.types, 1+r.IntN(suite.Containers)),
		model: s.models[r.IntN(len(s.models))],
		opts:  oracle.Options{CapIsLen: r.IntN(5) == 0},
		r:     r,
	}
}

// models is every as-if model, and core with overrides of each sort.
func models(t *testing.T) []*rules.Model {
	var all []*rules.Model
	for _, name := range []string{"core", "core-32", "core-golayout", "crate", "core+exact"} {
		model, err := rules.Lookup(name)
		require.NoError(t, err)
		all = append(all, model)
	}
	core := rules.Core()
	return append(all,
		core.With(rules.ForKind(reflect.Map, rules.Map())),
		core.With(rules.ForKind(reflect.Slice, rules.List())),
		core.With(rules.ForType[[]string](rules.Prevector(4)), rules.ForType[[]any](rules.Set())),
		core.With(rules.ForKind(reflect.Pointer, rules.SharedPtr())),
		core.With(rules.ForType[[]byte](rules.String()), rules.ForType[any](rules.SharedPtr())),
	)
}

// TestWalkAgainstOracle compares the walk with the oracle's on random graphs.
func TestWalkAgainstOracle(t *testing.T) {
	src := &source{seed: seed.Of(t), models: models(t)}
	if number := os.Getenv("MEMSIZE_GRAPH"); number != "" {
		i, err := strconv.Atoi(number)
		require.NoError(t, err)
		compare(t, src, i)
		return
	}
	var seen census
	for i := range suite.Graphs(t) {
		s := compare(t, src, i)
		seen.add(oracle.NewGraph(s.roots, rules.Core(), oracle.Options{}).Survey())
	}
	seen.require(t)
}

// compare checks sample i, and fails with what one needs to repeat it.
func compare(t *testing.T, src *source, i int) sample {
	s := src.sample(i)
	found := disagreements(s)
	if len(found) == 0 {
		return s
	}
	shrunk := s
	shrunk.roots = shrink(s, found)
	graph := oracle.NewGraph(shrunk.roots, s.model, s.opts)
	t.Fatalf("MEMSIZE_SEED=%d MEMSIZE_GRAPH=%d model %s %+v\n%s\n\nshrunk:\n%s\n%s",
		src.seed, i, s.model.Name(), s.opts, strings.Join(found, "\n"),
		strings.Join(disagreements(shrunk), "\n"), graph.Dump())
	return s
}

// disagreements is what the walk and the oracle do not agree on, one line each.
func disagreements(s sample) (found []string) {
	defer func() {
		if p := recover(); p != nil {
			found = append(found, fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	check := func(what string, got, want any) {
		if !reflect.DeepEqual(got, want) {
			found = append(found, fmt.Sprintf("%s: walk %v, oracle %v", what, got, want))
		}
	}
	once := oracle.Of(s.roots, s.model, s.opts)
	opts := s.options()
	check("Of", memsize.Of(s.roots, opts...), once.Total())
	check("Of again", memsize.Of(s.roots, opts...), once.Total())
	check("Of sorted", memsize.Of(s.roots, s.options(suite.Sorted())...), once.Total())
	check("Of frame by frame", memsize.Of(s.roots, s.options(suite.NoPrefetch())...), once.Total())
	check("Of without blocks", memsize.Of(s.roots, s.options(suite.NoBlockMarks())...), once.Total())
	check("Of without raw maps", memsize.Of(s.roots, s.options(suite.NoRawMaps())...), once.Total())
	reference := oracle.PerReference(s.roots, s.model, s.opts).Total()
	check("PerReference", memsize.Of(s.roots, s.options(memsize.PerReference())...), reference)
	dynamic := oracle.Dynamic(s.roots, s.model, s.opts).Total()
	check("Dynamic", memsize.Dynamic(s.roots, s.options()...), dynamic)
	survey := oracle.NewGraph(s.roots, s.model, s.opts).Survey()
	if !survey.Nested && !survey.Partial { // an outer container may be cheaper than its parts
		check("Dynamic is at most Of", dynamic <= once.Total(), true)
	}
	sizer := memsize.New[[]any](s.options()...)
	check("Sizer.Of", sizer.Of(&s.roots), once.Total())
	checkRoots(s, check)
	checkReport(s, once, check)
	checkModels(s, check)
	return found
}

// checkRoots looks at the same memory in another order, and from each root alone.
func checkRoots(s sample, check func(what string, got, want any)) {
	all := memsize.Of(s.roots, s.options()...)
	s.roots = append(make([]any, 0, cap(s.roots)), s.roots...) // capacity counts
	s.r.Shuffle(len(s.roots), func(i, j int) {
		s.roots[i], s.roots[j] = s.roots[j], s.roots[i]
	})
	check("Of shuffled", memsize.Of(s.roots, s.options()...), all)
	for i, root := range s.roots {
		what := fmt.Sprintf("root %d (%T) ", i, root)
		check(what+"Of", memsize.Of(root, s.options()...),
			oracle.Of(root, s.model, s.opts).Total())
		check(what+"Dynamic", memsize.Dynamic(root, s.options()...),
			oracle.Dynamic(root, s.model, s.opts).Total())
	}
}

// census counts what the graphs had.
type census struct {
	graphs int
	counts map[string]int
}

func (c *census) add(s oracle.Survey) {
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.graphs++
	for what, has := range map[string]bool{
		"cycle": len(s.Cycles) > 0, "sharing": s.Shared, "nested overlap": s.Nested,
		"partial overlap": s.Partial, "interior pointer": s.Interior, "spare": s.Spare,
		"no container": s.Containers == 0, "100 containers": s.Containers >= 100,
	} {
		if has {
			c.counts[what]++
		}
	}
	for kind := range s.Cycles {
		c.counts["cycle through "+kind.String()]++
	}
}

// floors is the percentage of graphs that must have each thing: less, and the generator has
// stopped making what it is for. Each is half of what is usual or less, for graphs share types, and
// there are seeds whose types have few cycles.
var floors = map[string]float64{
	"cycle": 18, "sharing": 35, "nested overlap": 25, "partial overlap": 4,
	"interior pointer": 15, "spare": 35, "100 containers": 2,
	"cycle through ptr": 15, "cycle through slice": 7, "cycle through map": 4,
	"cycle through interface": 3, "cycle through chan": 0.5,
}

func (c *census) require(t *testing.T) {
	share := func(what string) float64 {
		return 100 * float64(c.counts[what]) / float64(c.graphs)
	}
	for what := range c.counts {
		t.Logf("%5.1f %% %s", share(what), what)
	}
	if c.graphs < 1000 {
		t.Logf("too few graphs to judge their shares")
		return
	}
	for what, floor := range floors {
		if what == "cycle through chan" && !arbitrary.FillsChannels {
			continue
		}
		require.GreaterOrEqual(t, share(what), floor, "%% of the graphs have a %s", what)
	}
}
