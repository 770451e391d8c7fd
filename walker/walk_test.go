package walker_test

import (
	"context"
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

var core = account.NewPolicy([]*rules.Model{rules.Core()})

// walk walks v by core's policy and gives the report of what was found, as the facade would.
func walk(t testing.TB, v any, o walker.Options) (*report.Report, error) {
	t.Helper()
	tally := account.NewTally([]*rules.Model{rules.Core()}, true)
	session := walker.New(core).NewSession(tally)
	err := session.Walk([]walker.Root{walker.RootOf("root", v)}, o)
	return tally.Live(session.Nodes()), err
}

// findings is a sink that keeps what it is given.
type findings struct {
	list     []walker.Finding
	overlaps [][]walker.Candidate
	resets   int
}

func (f *findings) Take(_ *walker.Node, fixed uint64, list []walker.Finding, times uint64) {
	for range times {
		for range fixed {
			f.list = append(f.list, walker.Finding{Len: 1, Cap: 1})
		}
		f.list = append(f.list, list...)
	}
}

func (f *findings) Overlap(c []walker.Candidate) { f.overlaps = append(f.overlaps, c) }

func (f *findings) Reset() { *f = findings{resets: f.resets + 1} }

// find walks v and gives the bare findings.
func find(v any, o walker.Options) (*findings, error) {
	var f findings
	err := walker.New(core).NewSession(&f).Walk([]walker.Root{walker.RootOf("root", v)}, o)
	return &f, err
}

// m is what malloc takes for each of some requests, in bytes, in sum.
func m(requests ...uint64) (total uint64) {
	for _, n := range requests {
		total += malloc.Usage(n)
	}
	return total
}

type (
	pair    struct{ A, B uint64 }
	cell    struct{ Next *cell }
	twoWays struct {
		Plain  *pair
		Shared *pair `memusage:"shared_ptr"`
	}
)

// identities are hand-made cases of memory that is led to in several ways. Each is walked fast
// and sorted; both must find what the row says.
var identities = []struct {
	why  string
	make func() any
	want uint64 // bytes beyond the value itself, under core
	fast bool   // settled without sorting
}{
	{"a pointer twice", func() any { p := new(pair); return [2]*pair{p, p} }, m(16), true},
	{"a struct, then its first field", func() any {
		p := new(pair)
		return struct {
			P *pair
			F *uint64
		}{p, &p.A}
	}, m(16), true},
	{"its first field, then the struct", func() any {
		p := new(pair)
		return struct {
			F *uint64
			P *pair
		}{&p.A, p}
	}, m(16), false},
	{"two fields of a struct to which nothing leads: two C++ objects",
		func() any { p := new(pair); return [2]*uint64{&p.A, &p.B} }, m(8, 8), true},
	{"an element of an array", func() any {
		s := make([]pair, 5)
		return struct {
			S []pair
			P *pair
			F *uint64
		}{s, &s[3], &s[4].B}
	}, m(80), true},
	{"a sub-slice without spare", func() any {
		s := make([]uint64, 8)
		return [][]uint64{s, s[2:4:4]}
	}, m(2*24, 64), true},
	{"slices that overlap in part are one vector over both", func() any {
		s := make([]uint64, 10)
		return [2][]uint64{s[:6:6], s[4:10:10]}
	}, m(80), false},
	{"a substring", func() any {
		s := string(make([]byte, 40))
		return [2]string{s, s[8:30]}
	}, m(41), true},
	{"substrings that overlap in part are one string", func() any {
		s := string(make([]byte, 40))
		return [2]string{s[:25], s[5:]}
	}, m(41), false},
	{"unlike elements that overlap in part are bytes", func() any {
		s := make([]pair, 4)
		return struct {
			P []pair
			A *[3]pair
		}{s[:2:2], (*[3]pair)(s[1:])}
	}, m(64), false},
	{"arrays of bytes that overlap in part and do not begin on a word are bytes, too", func() any {
		b := make([]byte, 20)
		return [3]*[16]byte{(*[16]byte)(b[1:]), (*[16]byte)(b[3:]), (*[16]byte)(b[2:])}
	}, m(18), false},
	{"a map twice", func() any { x := map[uint64]uint64{}; return [2]map[uint64]uint64{x, x} },
		m(8), true},
	{"nil maps have no identity", func() any { return [3]map[uint64]uint64{} }, 3 * m(8), true},
	{"a channel twice: its capacity once",
		func() any { c := make(chan uint64, 4); return [2]chan uint64{c, c} }, m(32), true},
	{"a cycle of one", func() any { c := new(cell); c.Next = c; return c }, m(8), true},
	{"a cycle of three", func() any {
		a, b, c := new(cell), new(cell), new(cell)
		a.Next, b.Next, c.Next = b, c, a
		return a
	}, m(8, 8, 8), true},
	{"a pointer in an interface is that pointer",
		func() any { p := new(pair); return [2]any{p, p} }, m(16), true},
	{"a value in an interface is boxed", func() any { return [2]any{pair{1, 2}, uint32(1 << 20)} },
		m(16, 4), true},
	{"no size, no identity", func() any {
		var nothing struct{}
		return [2]*struct{}{&nothing, &nothing}
	}, m(1, 1), true},
	{"one object under two rules: the dearer, the shared_ptr with its counters (two counts and a vtable)",
		func() any { p := new(pair); return twoWays{p, p} }, m(16, 24), false},
	{"nothing", func() any { return struct{ P *pair }{} }, 0, true},
}

func TestIdentity(t *testing.T) {
	for _, row := range identities {
		t.Run(row.why, func(t *testing.T) {
			v := row.make()
			fast, err := walk(t, v, walker.Options{ByPath: true})
			require.NoError(t, err)
			require.Equal(t, row.want, fast.Total)
			sorted, err := walk(t, v, walker.Options{ByPath: true, Sorted: true})
			require.NoError(t, err)
			require.Equal(t, fast.Total, sorted.Total)
			require.Equal(t, fast.Models, sorted.Models)
			require.Equal(t, fast.Types, sorted.Types)
		})
	}
}

// Under NoSorting a walk says that it would have to sort, and only then.
func TestNoSorting(t *testing.T) {
	for _, row := range identities {
		_, err := find(row.make(), walker.Options{NoSorting: true})
		if row.fast {
			require.NoError(t, err, row.why)
		} else {
			require.Equal(t, walker.ErrOverlap, err, row.why)
		}
	}
}

// A walk that must sort begins anew: the sink is told to forget, once.
func TestRestart(t *testing.T) {
	for _, row := range identities {
		f, err := find(row.make(), walker.Options{})
		require.NoError(t, err)
		require.Equal(t, row.fast, f.resets == 0, row.why)
	}
}

// chain is a list of n cells.
func chain(n int) *cell {
	var first *cell
	for range n {
		first = &cell{first}
	}
	return first
}

// A stopped walk says why, and has handed over what was found by then.
func TestLimits(t *testing.T) {
	const length, limit = 20_000, 5_000
	list := chain(length)
	soon := func() context.Context { return &countdown{context.Background(), 3} }
	for _, row := range []struct {
		why      string
		options  walker.Options
		err      error
		min, max int
	}{
		{"no limit", walker.Options{}, nil, length, length},
		{"a limit", walker.Options{MaxContainers: limit}, walker.ErrLimit, limit, length - 1},
		{"a limit, sorted", walker.Options{MaxContainers: limit, Sorted: true}, walker.ErrLimit,
			limit, length - 1},
		{"a limit, per reference", walker.Options{MaxContainers: limit, PerReference: true},
			walker.ErrLimit, limit, length - 1},
		{"a limit beyond the end", walker.Options{MaxContainers: length + 1}, nil, length, length},
		{"a context that ends meanwhile", walker.Options{Context: soon()}, context.Canceled,
			1, length - 1},
		{"ended, sorted", walker.Options{Context: soon(), Sorted: true}, context.Canceled,
			1, length - 1},
		{"ended, per reference", walker.Options{Context: soon(), PerReference: true},
			context.Canceled, 1, length - 1},
	} {
		t.Run(row.why, func(t *testing.T) {
			f, err := find(list, row.options)
			require.ErrorIs(t, err, row.err)
			require.GreaterOrEqual(t, len(f.list), row.min)
			require.LessOrEqual(t, len(f.list), row.max)
		})
	}
}

// countdown is a context that is done when it was asked a few times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A session can be used again after a walk that was stopped, and after one that had to sort.
func TestSessionAgain(t *testing.T) {
	var f findings
	session := walker.New(core).NewSession(&f)
	roots := []walker.Root{walker.RootOf("root", chain(5_000))}
	require.Equal(t, walker.ErrLimit, session.Walk(roots, walker.Options{MaxContainers: 1}))
	for _, o := range []walker.Options{{}, {Sorted: true}, {PerReference: true}, {}} {
		f.Reset()
		require.NoError(t, session.Walk(roots, o))
		require.Len(t, f.list, 5_000)
	}
}

// An owned root is the caller's memory: never reported, whatever leads to it.
func TestOwnedRoot(t *testing.T) {
	ring := new(cell)
	ring.Next = &cell{ring}
	for _, sorted := range []bool{false, true} {
		var f findings
		session := walker.New(core).NewSession(&f)
		root := walker.Root{Name: "root", Type: reflect.TypeFor[cell](), At: unsafe.Pointer(ring), Owned: true}
		require.NoError(t, session.Walk([]walker.Root{root}, walker.Options{Sorted: sorted}))
		require.Len(t, f.list, 1, "the other cell")
	}
}

// What another root leads to in an owned one is not followed from there: it is the caller's memory, which its
// own root walks as it is bound there.
func TestRootIntoAnOwnedRoot(t *testing.T) {
	type into struct {
		P **pair `memusage:"unique_ptr<shared_ptr>"`
	}
	owned := &struct{ A, B *pair }{A: new(pair)}
	roots := []walker.Root{walker.RootOf("into", &into{&owned.A}), {Name: "owned",
		Type: reflect.TypeOf(owned).Elem(), At: unsafe.Pointer(owned), Owned: true}}
	for _, sorted := range []bool{false, true} {
		tally := account.NewTally([]*rules.Model{rules.Core()}, false)
		session := walker.New(core).NewSession(tally)
		require.NoError(t, session.Walk(roots, walker.Options{Sorted: sorted}))
		require.Equal(t, m(8, 16), tally.Total(0), "the pair has no counter by its own root's rule")
	}
}

// wide has eight paths to the next level: a type graph with 8^n paths n levels down.
type wide[T any] struct{ A, B, C, D, E, F, G, H *T }

type (
	level1 = wide[uint64]
	level2 = wide[level1]
	level3 = wide[level2]
	level4 = wide[level3]
	level5 = wide[level4]
	level6 = wide[level5]
)

// fill makes all pointers of a tree of wide, of which the lowest level stays nil.
func fill(v reflect.Value) (made int) {
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[level1]() {
		return 0
	}
	for i := range v.NumField() {
		v.Field(i).Set(reflect.New(v.Field(i).Type().Elem()))
		made += 1 + fill(v.Field(i).Elem())
	}
	return made
}

// A type graph has exponentially many paths: beyond a number of them places share nodes, and the
// figures stay the same.
func TestPathsAreBounded(t *testing.T) {
	const maxPaths, levels = 1 << 16, 6
	tree := new(level6)
	made := fill(reflect.ValueOf(tree).Elem())
	r, err := walk(t, tree, walker.Options{ByPath: true})
	require.NoError(t, err)
	require.Equal(t, uint64(made+1)*m(64), r.Total)
	require.Equal(t, r.Total, r.Tree.Total, "what shares a node is in the tree as well")

	var f findings
	session := walker.New(core).NewSession(&f)
	require.NoError(t, session.Walk([]walker.Root{walker.RootOf("root", tree)},
		walker.Options{ByPath: true}))
	require.Greater(t, len(session.Nodes()), maxPaths/2, "paths are told apart")
	require.LessOrEqual(t, len(session.Nodes()), maxPaths+levels+1)
	require.Len(t, f.list, made+1)
}
