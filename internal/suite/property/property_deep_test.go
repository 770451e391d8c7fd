package property_test

import (
	"container/list"
	"math"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/oracle/arbitrary"
	"github.com/bitcoin-mem/memsize/malloc"
)

// maxStack is what a walk may use, in bytes, however deep the data. Go's own limit is 1 GB.
const maxStack = 16 << 20

// boundStack ends the process when a goroutine's stack outgrows maxStack during the test.
func boundStack(t *testing.T) {
	before := debug.SetMaxStack(maxStack)
	t.Cleanup(func() { debug.SetMaxStack(before) })
}

// m is what one malloc of so many bytes takes under core.
func m(bytes uint64) uint64 { return malloc.Usage(bytes) }

// Types that lead to themselves.
type (
	deepNode  struct{ next *deepNode }
	deepTwin  struct{ next, prev *deepTwin }
	deepBox   struct{ next, n any }
	deepSlice []deepSlice
	deepMap   map[int64]deepMap
	deepChan  chan deepChan
	deepLoop  *deepLoop
	deepArray [1]*deepArray
)

func TestDeepList(t *testing.T) {
	boundStack(t)
	nodes := uint64(10_000_000)
	if testing.Short() {
		nodes = 1_000_000
	}
	var head *deepNode
	for range nodes {
		head = &deepNode{head}
	}
	require.Equal(t, nodes*m(8), memsize.Of(head))
	require.Equal(t, nodes*m(8), memsize.Of(head, memsize.PerReference()), "nothing is shared")
}

// deepRow is a value that is as many containers deep as it says, and what each of them owns.
type deepRow struct {
	why   string
	make  func(depth int) any
	total func(depth uint64) uint64
}

func deepRows() []deepRow {
	const node = 24 // unordered_node<pair<const int64, X>> where X is one pointer wide
	each := func(bytes ...uint64) func(uint64) uint64 {
		return func(depth uint64) uint64 {
			var sum uint64
			for _, b := range bytes {
				sum += m(b)
			}
			return depth * sum
		}
	}
	return []deepRow{
		{"interfaces that box structs", nestBoxes, each(16)},
		{"interfaces that hold pointers to interfaces", nestPointers, each(8)},
		{"slices", nestSlices, each(24)},
		{"interfaces that box slices of interfaces", nestAnys, each(24, 8)},
		{"maps", nestMaps, func(depth uint64) uint64 { // the innermost is empty: one bucket
			return (depth-1)*(m(8+56+8)+m(8*13)) + m(8)
		}},
		{"maps in interfaces", nestMapsInAny, func(depth uint64) uint64 {
			return depth * (m(node) + m(8*13) + m(56))
		}},
		{"channels", nestChannels, each(24)},
		{"lists in lists", nestLists, each(24, 24)},
		{"a ring in both directions", nestRing, each(16)},
		{"arrays of pointers", nestArrays, each(8)},
	}
}

func nestBoxes(depth int) any {
	var v any
	for range depth {
		v = deepBox{next: v}
	}
	return [1]any{v}
}

func nestPointers(depth int) any {
	var v any
	for range depth {
		p := new(any)
		*p = v
		v = p
	}
	return v
}

func nestSlices(depth int) any {
	var v deepSlice
	for range depth {
		v = deepSlice{v}
	}
	return v
}

func nestAnys(depth int) any {
	var v any
	for range depth {
		v = []any{v}
	}
	return [1]any{v}
}

func nestMaps(depth int) any {
	v := deepMap{}
	for range depth - 1 {
		v = deepMap{1: v}
	}
	return v
}

func nestMapsInAny(depth int) any {
	var v any
	for range depth {
		v = map[int64]any{1: v}
	}
	return [1]any{v}
}

func nestChannels(depth int) any {
	var v deepChan
	for range depth {
		c := make(deepChan, 1)
		c <- v
		v = c
	}
	return v
}

func nestLists(depth int) any {
	var v any
	for range depth {
		l := list.New()
		l.PushBack(v)
		v = l
	}
	return v
}

func nestRing(depth int) any {
	first := &deepTwin{}
	last := first
	for range depth - 1 {
		last.next = &deepTwin{prev: last}
		last = last.next
	}
	last.next, first.prev = first, last
	return first
}

func nestArrays(depth int) any {
	var v *deepArray
	for range depth {
		v = &deepArray{v}
	}
	return v
}

func TestDeepNests(t *testing.T) {
	boundStack(t)
	for i, row := range deepRows() {
		if row.why == "channels" && !arbitrary.FillsChannels {
			continue // the portable build does not see what waits in them
		}
		t.Run(row.why, func(t *testing.T) {
			depth := 1_000_000
			if testing.Short() && i > 0 {
				depth = 100_000 // 10^6 interfaces are walked always
			}
			v, total := row.make(depth), row.total(uint64(depth))
			require.Equal(t, total, memsize.Of(v))
			require.Equal(t, total, memsize.Of(v, memsize.PerReference()),
				"nothing is shared, or all of it is one cycle entered once")
		})
	}
}

// TestCycles has one cycle of each kind, as short as it can be.
func TestCycles(t *testing.T) {
	boundStack(t)
	const node = 24
	var pointer deepLoop
	pointer = &pointer
	slice := make(deepSlice, 1)
	slice[0] = slice
	table := map[int64]any{}
	table[1] = table
	named := deepMap{}
	named[1] = named
	queue := make(deepChan, 1)
	queue <- queue
	anys := make([]any, 1)
	anys[0] = anys
	var face any
	face = &face
	l := list.New()
	l.PushBack(l)
	array := new(deepArray)
	array[0] = array
	for _, row := range []struct {
		why   string
		value any
		total uint64
	}{
		{"pointer", pointer, m(8)},
		{"slice", slice, m(24)},
		{"map through interface", table, m(node) + m(8*13) + m(56)},
		{"map of itself", named, m(8+56+8) + m(8*13)},
		{"channel", queue, m(24)},
		{"interface that holds a slice of it", anys, m(8) + m(24)},
		{"interface that points to itself", face, m(8)},
		{"list", l, m(24) + m(24)},
		{"array", array, m(8)},
	} {
		t.Run(row.why, func(t *testing.T) {
			require.Equal(t, row.total, memsize.Of(row.value))
			require.Equal(t, row.total, memsize.Of(row.value, memsize.PerReference()),
				"one cycle, entered once")
		})
	}
}

// TestWideSlices: the work of a walk must not grow with the product of its views.
func TestWideSlices(t *testing.T) {
	boundStack(t)
	const length = 1_000_000
	all := make([]*int64, length)
	n := new(int64)
	for i := range all {
		all[i] = n
	}
	require.Equal(t, m(8*length)+m(8), memsize.Of(all))
	views := make([][]*int64, 100)
	for i := range views {
		views[i] = all[i : length-i]
	}
	require.Equal(t, m(24*100)+m(8*length)+m(8), memsize.Of(views))
}

// twice leads to the next of its kind by two references, so that a chain of n is 2^n paths.
type twice struct{ left, right *twice }

// TestPerReferenceIsLinear: what is reached by many paths is priced for each and walked once.
func TestPerReferenceIsLinear(t *testing.T) {
	var v *twice
	for range 20 {
		v = &twice{v, v}
	}
	require.Equal(t, 20*m(16), memsize.Of(v))
	require.Equal(t, (1<<20-1)*m(16), memsize.Of(v, memsize.PerReference()))
	for range 80 {
		v = &twice{v, v}
	}
	require.Equal(t, uint64(math.MaxUint64), memsize.Of(v, memsize.PerReference()), "saturates")
	require.Equal(t, uint64(math.MaxUint64), memsize.Scan(v, memsize.PerReference()).Total)
}
