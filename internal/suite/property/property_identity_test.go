package property_test

import (
	"container/list"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// The cases below are what random graphs have found, made as small as they can be. Each is met in
// both orders: what a walk meets first must not matter.

type (
	withMap   struct{ M map[int64]int64 }
	withList  struct{ L list.List }
	ownerMap  struct{ withMap }
	ownerMap2 struct {
		withMap
		N int64
	}
	ownerList struct {
		withList
		N int64
	}
	skipped struct {
		A *int64 `memusage:"-"`
		B **int64
	}
	rawed struct {
		A *int64 `memusage:"raw"`
		B **int64
	}
	sliceFirst struct {
		S []int64
		P *int64
	}
	mapThenUnordered struct {
		A map[int64]int64 `memusage:"map"`
		B map[int64]int64
	}
	unorderedThenMap struct {
		A map[int64]int64
		B map[int64]int64 `memusage:"map"`
	}
	niche struct{ p *int64 }

	arcThenAmo struct {
		A *niche `memusage:"shared_ptr"`
		B *niche `memusage:"amo"`
	}
	amoThenArc struct {
		A *niche `memusage:"amo"`
		B *niche `memusage:"shared_ptr"`
	}
)

func TestMemoryIsMetInAnyOrder(t *testing.T) {
	same := &ownerMap{}
	larger := &ownerMap2{}
	lists := &ownerList{}
	lists.L.PushBack(nil)
	interfaces := make([]any, 3)
	interfaces[1] = map[int64]int64{}
	empties := []*struct{}{{}, {}, {}}
	array := make([]int64, 1)
	text := strings.Repeat("x", 40)
	bytes := make([]byte, 40)
	pointers := make([]*int64, 5)
	for i := range pointers {
		pointers[i] = new(int64)
	}
	sharedPtr := rules.Core().With(rules.ForKind(reflect.Pointer, rules.SharedPtr()))
	const emptyMap = 8 // the one bucket of an empty unordered_map
	for _, row := range []struct {
		why   string
		roots []any
		model *rules.Model
		total uint64
	}{
		{"a nil map in a struct and in the struct around it", []any{larger, &larger.withMap},
			nil, m(64) + m(emptyMap)},
		{"the same where both begin and end together", []any{same, &same.withMap},
			nil, m(56) + m(emptyMap)},
		{"a list in a struct and in the struct around it", []any{lists, &lists.withList},
			nil, m(32) + m(24)},
		{"a map in an interface in two views", []any{interfaces[:2:2], interfaces[1:3:3]},
			nil, 2*m(24) + m(24) + m(56) + m(emptyMap)},
		{"pointers to nothing in two views", []any{empties[:2:2], empties[1:3:3]},
			nil, 2*m(24) + m(24) + 3*m(1)},
		{"an override makes the pointer dearer than the slice", []any{array, &array[0]},
			sharedPtr, m(24) + m(8) + m(24)},
		{"the same where the slice is met first", []any{sliceFirst{array, &array[0]}},
			sharedPtr, m(24+16) + m(8) + m(24)},
		{"arrays that overlap by an element", []any{(*[3]*int64)(pointers), (*[3]*int64)(pointers[2:])},
			nil, m(5*uint64(unsafe.Sizeof(uintptr(0)))) + 5*m(8)},
		{"arrays that begin within one word", []any{(*[16]byte)(bytes), (*[16]byte)(bytes[3:])},
			nil, m(19)},
		{"strings that overlap in part", []any{text[:20], text[10:]}, nil, 2*m(32) + m(40)},
	} {
		t.Run(row.why, func(t *testing.T) {
			if row.model == nil {
				row.model = rules.Core()
			}
			own := m(8 * uint64(len(row.roots))) // the vector of the roots
			for range 2 {
				total := memsize.Of(row.roots, memsize.WithModel(row.model))
				require.Equal(t, own+row.total, total)
				slices.Reverse(row.roots)
			}
		})
	}
}

// One map under two rules is charged by the dearer.
func TestMapUnderTwoRules(t *testing.T) {
	table := map[int64]int64{1: 1}
	unordered := m(24) + m(8*13)
	require.Greater(t, unordered, m(48), "a node of std::map is the cheaper")
	require.Equal(t, unordered, memsize.Of(mapThenUnordered{table, table}))
	require.Equal(t, unordered, memsize.Of(unorderedThenMap{table, table}))
}

// A nil map under two rules is one slot at the dearer price: std::map owns nothing, unordered_map
// its bucket.
func TestNilUnderTwoRules(t *testing.T) {
	type nested = map[int64]map[int64]int64
	nilMaps, table := make([]map[int64]int64, 2), nested{1: nil}
	slices := m(2*56) + 2*m(8)
	maps := m(8+56+8) + m(8*13) + m(8)
	for range 20 { // the order of a map's entries is random
		require.Equal(t, slices, memsize.Of(struct {
			A []map[int64]int64 `memusage:"vector<map>"`
			B []map[int64]int64
		}{nilMaps, nilMaps}))
		require.Equal(t, slices, memsize.Of(struct {
			A []map[int64]int64
			B []map[int64]int64 `memusage:"vector<map>"`
		}{nilMaps, nilMaps}))
		require.Equal(t, maps, memsize.Of(struct {
			A nested `memusage:"map<map>"`
			B nested
		}{table, table}))
		require.Equal(t, maps, memsize.Of(struct {
			A nested
			B nested `memusage:"map<map>"`
		}{table, table}))
	}
}

// Of two rules that charge the same, one must be taken whatever the order: parts are sums too.
func TestPartsOfEquallyDearRules(t *testing.T) {
	p := &niche{}
	crate := memsize.WithModel(rules.Crate())
	arc := memsize.Of(struct {
		P *niche `memusage:"shared_ptr"`
	}{p}, crate)
	amo := memsize.Of(struct {
		P *niche `memusage:"amo"`
	}{p}, crate)
	require.Equal(t, arc, amo, "the case needs two equal prices")
	one, other := memsize.Scan(arcThenAmo{p, p}, crate), memsize.Scan(amoThenArc{p, p}, crate)
	require.Equal(t, one.Total, other.Total)
	require.Equal(t, one.Parts, other.Parts)
}

// A field that is not followed where it lies is followed through a pointer to it.
func TestPointerToFieldThatIsNotFollowed(t *testing.T) {
	dash := &skipped{A: new(int64)}
	dash.B = &dash.A
	require.Equal(t, m(8)+m(8), memsize.Of(dash), "the field does not exist, what it leads to does")
	raw := &rawed{A: new(int64)}
	raw.B = &raw.A
	require.Equal(t, m(16)+m(8), memsize.Of(raw))
}

// The elements of an array that are not followed where they lie are followed through a slice of it,
// whether the rule is on the array or on what its elements hold.
func TestSliceOfArrayThatIsNotFollowed(t *testing.T) {
	type rawArray struct {
		A [3]*int64 `memusage:"raw"`
		B []*int64
	}
	type rawElements struct {
		A [3]rawed
		B []rawed
	}
	raw := &rawArray{A: [3]*int64{new(int64), new(int64), nil}}
	raw.B = raw.A[:]
	require.Equal(t, m(6*8)+2*m(8), memsize.Of(raw))
	fields := &rawElements{A: [3]rawed{{A: new(int64)}, {A: new(int64)}}}
	fields.B = fields.A[:]
	require.Equal(t, m(9*8), memsize.Of(fields))
	field := struct {
		V *rawElements
		P **int64
	}{fields, &fields.A[1].A}
	require.Equal(t, m(9*8)+m(8), memsize.Of(field))
}

// Under the model go as well, in either order, whether the field takes a part of its block or all.
func TestPointerToFieldThatIsNotFollowedOnTheHeap(t *testing.T) {
	type part struct {
		A []int64 `memusage:"-"`
		N int64
	}
	type all struct {
		A *[100]int64 `memusage:"-"`
	}
	p, a := &part{A: make([]int64, 100)}, &all{new([100]int64)}
	array := memsize.Heap(p.A)
	for _, row := range []struct{ value, field any }{{p, &p.A}, {a, &a.A}} {
		own := memsize.Heap(row.value)
		require.Less(t, own, array)
		for _, v := range [][2]any{{row.value, row.field}, {row.field, row.value}} {
			for _, opts := range [][]memsize.Option{nil, {suite.NoBrief()}, {suite.NoPrefetch()}} {
				require.Equal(t, own+array, memsize.Heap(v, opts...), "%T", row.value)
			}
			require.Equal(t, own+array, memsize.Scan(v, memsize.WithModel(rules.Go())).Total)
		}
	}
}

// A pointer into a value makes the walk look at its block without a type. Where the value is met as
// well, what its type leaves out is left out, in either order.
func TestFieldThatIsNotFollowedBesideAPointerToAnother(t *testing.T) {
	if !walker.BlocksExact() {
		t.Skip("this build does not look at blocks without a type")
	}
	type part struct {
		A *[100]int64 `memusage:"-"`
		B *[10]int64
		N int64
	}
	for _, n := range []int{1, 10, 100, 10_000} {
		v := make([]part, n)
		for i := range v {
			v[i].A, v[i].B = new([100]int64), new([10]int64)
		}
		want := memsize.Heap(&v)
		for _, pair := range [][2]any{{v, &v[n/2].N}, {&v[n/2].N, v}} {
			require.Equal(t, want, memsize.Heap(&pair)-memsize.Heap(new([2]any)), n)
			require.Equal(t, want, memsize.Scan(&pair, memsize.WithModel(rules.Go())).Total-
				memsize.Heap(new([2]any)), n)
		}
	}
}

// What an earlier value left behind a shorter one in the same block is not followed, nor does it make
// the walk look into fields that it should not.
func TestFieldThatIsNotFollowedInAUsedBlock(t *testing.T) {
	type longer [6]*int64
	type shorter struct {
		A *[100]int64 `memusage:"-"`
		n [4]uintptr
	}
	used := make([]*longer, 2000)
	for i := range used {
		n := new(int64)
		used[i] = &longer{n, n, n, n, n, n}
	}
	runtime.KeepAlive(used)
	used = nil
	runtime.GC()
	runtime.GC()
	values := make([]*shorter, 2000)
	for i := range values {
		values[i] = &shorter{A: new([100]int64)}
	}
	for _, v := range values {
		require.Less(t, memsize.Heap(v), uint64(100))
		require.Less(t, memsize.Scan(v, memsize.WithModel(rules.Go())).Total, uint64(100))
	}
}

// The length of one container over several views reaches to the last element in use.
func TestPartsOfUnion(t *testing.T) {
	text := strings.Repeat("x", 40)
	r := memsize.Scan([2]string{text[:20], text[10:]})
	require.Equal(t, rules.Parts{Used: 40, Rounding: m(40) - 40}, r.Parts)
	array := make([]int64, 8)
	r = memsize.Scan([2][]int64{array[:3:6], array[4:5:8]})
	require.Equal(t, rules.Parts{Used: 40, Spare: 24, Rounding: m(64) - 64}, r.Parts)
}

// What is inline under one model and not under another has no extent under the first, also when
// both share a walk.
func TestModelsThatDifferInWhatIsInline(t *testing.T) {
	text := strings.Repeat("x", 40)
	v := [2]string{text[:20], text[18:33]}
	r := memsize.Scan(v, memsize.WithModels(rules.Core(), rules.Crate()))
	require.Equal(t, m(20), memsize.Of(v), "fifteen bytes are inline")
	require.Equal(t, m(33), memsize.Of(v, memsize.WithModel(rules.Crate())))
	require.Equal(t, m(20), r.Models[0].Total)
	require.Equal(t, m(33), r.Models[1].Total)
}

// The same where the length decides what is inline, and the capacity what overlaps.
func TestBytesThatAreInlineUnderOneModel(t *testing.T) {
	type bytes struct {
		B []byte `memusage:"string"`
	}
	b := make([]byte, 20)
	v := [2]bytes{{b[:8:10]}, {b[5:5:20]}}
	models := []*rules.Model{rules.Core(), rules.Crate()}
	r := memsize.Scan(v, memsize.WithModels(models...))
	for i, total := range []uint64{0, m(20)} {
		require.Equal(t, total, memsize.Of(v, memsize.WithModel(models[i])))
		require.Equal(t, total, r.Models[i].Total)
	}
}

// Copies of a list's head own a list each, but its elements lie in one place.
func TestCopiedListHeads(t *testing.T) {
	l := list.New()
	l.PushBack(map[int64]int64(nil)) // no memory of its own would give it away
	for _, opts := range [][]memsize.Option{nil, {suite.Sorted()}} {
		require.Equal(t, 2*m(24)+m(56)+m(8), memsize.Of([2]list.List{*l, *l}, opts...))
	}
}

// What cannot be priced is counted once for its slot, by either walk.
func TestUnaccountedOnceForEachSlot(t *testing.T) {
	type inner struct{ F func() }
	type outer struct {
		inner
		N int64
	}
	v := &outer{inner: inner{func() {}}}
	for _, roots := range [][]any{{v, &v.inner}, {&v.inner, v}} {
		for _, opts := range [][]memsize.Option{nil, {suite.Sorted()}} {
			r := memsize.Scan(roots, opts...)
			require.Len(t, r.Unaccounted, 1)
			require.EqualValues(t, 1, r.Unaccounted[0].Count)
		}
	}
}

// What is not followed by default is listed.
func TestOpaqueIsListed(t *testing.T) {
	r := memsize.Scan([]any{time.Local, nil, struct{ At *time.Location }{time.Local}})
	var count uint64
	for _, u := range r.Unaccounted {
		count += u.Count
	}
	require.EqualValues(t, 2, count)
}
