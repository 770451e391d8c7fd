package oracle

import (
	"container/list"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/rules"
)

// m is what one malloc takes: the unit in which the rows below compute what they expect.
func m(bytes uint64) uint64 { return malloc.Usage(bytes) }

// nilMap is what an empty unordered_map owns: one bucket.
var nilMap = m(8)

type (
	self  []self
	loop  *loop
	chain struct {
		next *chain
		n    int64
	}
	boxed struct{ a, b, c int64 }
	pair  struct {
		M map[int64]int64
		N int64
	}
)

// row is a value, and what it owns under core: once by identity, and for every reference.
type row struct {
	why             string
	value           any
	once, reference uint64
}

func identityRows() []row {
	n := new(int64)
	p := &pair{}
	pairs := make([]pair, 4)
	array := new([8]int64)
	text := strings.Repeat("x", 40)
	bytes := []byte(text)
	return []row{
		{"nothing", nil, 0, 0},
		{"a scalar owns nothing", 7, 0, 0},
		{"the root is a unique_ptr", n, m(8), m(8)},
		{"a nil pointer owns nothing", (*int64)(nil), 0, 0},
		{"two references to one block", []*int64{n, n}[:2:2], m(16) + m(8), m(16) + 2*m(8)},
		{"a struct and its last field: the outer formula", [2]any{p, &p.N},
			m(64) + nilMap, m(64) + nilMap + m(8)},
		{"a nil map is one slot, whatever leads to it", [2]any{p, &p.M},
			m(64) + nilMap, m(64) + nilMap + m(56) + nilMap},
		{"a slot in two views is one slot", [2][]pair{pairs[:3:3], pairs[1:4:4]},
			m(4*64) + 4*nilMap, 2*m(3*64) + 6*nilMap},
		{"nil maps have no identity", [2]map[int64]int64{}, 2 * nilMap, 2 * nilMap},
		{"views of one array: one container over the union", [2][]int64{array[:4:4], array[2:6:6]},
			m(48), 2 * m(32)},
		{"nested views", [2][]int64{array[:6:6], array[2:4:4]}, m(48), m(48) + m(16)},
		{"touching is not overlapping", [2][]int64{array[:2:2], array[2:4:4]}, 2 * m(16), 2 * m(16)},
		{"capacity counts", array[:1:5], m(40), m(40)},
		{"overlap of different types: the bytes of the union",
			[2]any{(*[4]int64)(array[:4]), (*[4]int64)(array[1:5])}, m(40), 2 * m(32)},
		{"into the middle of an array", [2]any{array, &array[3]}, m(64), m(64) + m(8)},
		{"a chain of overlaps is one component",
			[3][]int64{array[:3:3], array[2:5:5], array[4:8:8]}, m(64), 2*m(24) + m(32)},
		{"15 bytes are inline", text[:15], 0, 0},
		{"16 are not", text[:16], m(16), m(16)},
		{"substrings that overlap", [2]string{text[:20], text[10:]}, m(40), m(20) + m(30)},
		{"an inline part of an owned string", [2]string{text, text[3:9]}, m(40), m(40)},
		{"bytes are a vector", bytes[:10:40], m(40), m(40)},
	}
}

func containerRows() []row {
	queue := make(chan *int64, 4)
	n := new(int64)
	queue <- n
	atom := new(atomic.Pointer[int64])
	atom.Store(n)
	l := list.New()
	l.PushBack(n)
	l.PushBack(n)
	made := map[int64]*int64{1: n, 2: n}
	// unordered_map: a node of pair and link for each entry, and libstdc++'s 13 buckets.
	table := 2*m(24) + m(8*13)
	set := 1*m(16) + m(8*13)
	return []row{
		{"a map's values", made, table + m(8), table + 2*m(8)},
		{"one map, twice", [2]map[int64]*int64{made, made}, table + m(8), 2*table + 4*m(8)},
		{"a map without elements is a set", map[int64]struct{}{1: {}}, set, set},
		{"a channel is a vector of its capacity", queue, m(32) + m(8), m(32) + m(8)},
		{"atomic.Pointer is a pointer", atom, m(8) + m(8), m(8) + m(8)},
		{"a box", [1]any{boxed{}}, m(24), m(24)},
		{"an interface that holds a pointer is that pointer", [1]any{n}, m(8), m(8)},
		{"a map in an interface: a unique_ptr<unordered_map>", [1]any{made},
			m(56) + table + m(8), m(56) + table + 2*m(8)},
		{"a zero-size pointee costs malloc(1), each time", [2]*struct{}{{}, {}}, 2 * m(1), 2 * m(1)},
		{"a std::list of unique_ptr", l, m(24) + 2*m(24) + m(8), m(24) + 2*m(24) + 2*m(8)},
		{"a *list.Element is an iterator", [1]*list.Element{l.Front()}, 0, 0},
		{"a function has no twin", [1]func(){func() {}}, 0, 0},
		{"a time zone is not followed", [1]*time.Location{time.Local}, 0, 0},
	}
}

func cycleRows() []row {
	slice := make(self, 1)
	slice[0] = slice
	var pointer loop
	pointer = &pointer
	a, b := &chain{n: 1}, &chain{n: 2}
	a.next, b.next = b, a
	table := map[int64]any{}
	table[1] = table
	queue := make(chan any, 1)
	queue <- queue
	anys := make([]any, 1)
	anys[0] = anys
	node := m(24) + m(8*13) // pair<const int64, unique_ptr> and its link
	return []row{
		{"a slice that holds itself", slice, m(24), m(24)},
		{"a pointer to itself", pointer, m(8), m(8)},
		{"two entries into one cycle", [2]*chain{a, b}, 2 * m(16), 4 * m(16)},
		{"a map that holds itself", table, node + m(56), node + m(56)},
		{"a channel that holds itself", queue, m(8) + m(24), m(8) + m(24)},
		{"a slice of interfaces that holds itself", anys, m(8) + m(24), m(8) + m(24)},
	}
}

func TestHandCases(t *testing.T) {
	rows := append(append(identityRows(), containerRows()...), cycleRows()...)
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			require.Equal(t, row.once, Of(row.value, rules.Core(), Options{}).Total(), "Of")
			reference := PerReference(row.value, rules.Core(), Options{}).Total()
			require.Equal(t, row.reference, reference, "PerReference")
		})
	}
}

func TestCapIsLen(t *testing.T) {
	s := make([]int64, 2, 10)
	require.Equal(t, m(80), Of(s, rules.Core(), Options{}).Total())
	require.Equal(t, m(16), Of(s, rules.Core(), Options{CapIsLen: true}).Total())
}

func TestDynamicDoesNotFollow(t *testing.T) {
	v := []*int64{new(int64)}
	require.Equal(t, m(8), Dynamic(v, rules.Core(), Options{}).Total())
	require.Equal(t, 2*m(8), Of(v, rules.Core(), Options{}).Total())
}

// The survivor's length reaches to the last live element of any view, so that the parts do not
// depend on which view was met first.
func TestPartsOfOverlappingViews(t *testing.T) {
	a := make([]int64, 8)
	got := Of([2][]int64{a[:2:8], a[3:5:6]}, rules.Core(), Options{}).Parts
	require.Equal(t, rules.Parts{Used: 40, Spare: 24, Rounding: m(64) - 64}, got)
}

func TestUnaccounted(t *testing.T) {
	v := []any{func() {}, time.Local, nil, (*time.Location)(nil)}
	require.EqualValues(t, 2, Of(v, rules.Core(), Options{}).Unaccounted)
}

// The oracle reads two layouts of the runtime: these tests fail if they ever change.
func TestQueuedFollowsTheRing(t *testing.T) {
	c := make(chan string, 3)
	c <- "turn"
	<-c
	c <- "a"
	c <- "b"
	c <- "c"
	var got []string
	for _, v := range queued(reflect.ValueOf(c)) {
		got = append(got, v.String())
	}
	require.Equal(t, []string{"a", "b", "c"}, got)
}

func TestIsDirect(t *testing.T) {
	type blank struct {
		_ struct{}
		p *int
	}
	direct := []any{new(int), map[int]int{}, make(chan int), func() {}, [1]*int{}, blank{}}
	boxes := []any{1, "", []int{}, struct{}{}, [2]*int{}, uintptr(0), boxed{}}
	for _, v := range direct {
		require.True(t, isDirect(reflect.TypeOf(v)), fmt.Sprintf("%T", v))
	}
	for _, v := range boxes {
		require.False(t, isDirect(reflect.TypeOf(v)), fmt.Sprintf("%T", v))
	}
}

func TestSurvey(t *testing.T) {
	array := new([8]int64)
	s := NewGraph([]any{array, &array[2], array[3:5:8], array[:2]}, rules.Core(), Options{}).Survey()
	require.True(t, s.Interior && s.Nested && s.Spare)
	require.False(t, s.Partial || s.Shared)
	require.Empty(t, s.Cycles)
	var p loop
	p = &p
	s = NewGraph([2]any{p, [2][]int64{array[:4:4], array[2:6:6]}}, rules.Core(), Options{}).Survey()
	require.True(t, s.Partial && s.Cycles[reflect.Pointer])
}
