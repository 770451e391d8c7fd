package heap_test

import (
	"iter"
	"math/bits"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"unique"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/rules"
)

// addressSpace is more bytes than there are.
const addressSpace = 1 << (bits.UintSize*3/4 - 1)

// item, leaf and node are as in B-trees that cast a leaf, which is a prefix of a node, to the node's type.
type (
	item struct{ a, b int }
	leaf struct {
		n     int
		items [4]*item
	}
	node struct {
		leaf
		children [5]*node
		more     []*node
	}
)

// castLeaves is leaves as nodes, among neighbours in the same span whose words are no pointers.
//
//go:nocheckptr
func castLeaves(n int) (nodes []*node, neighbours []any) {
	nodes = make([]*node, 0, n)
	for range n {
		l := new(leaf)
		l.items[0] = new(item)
		nodes = append(nodes, (*node)(unsafe.Pointer(l)))
		x := new([6]uintptr)
		*x = [6]uintptr{1, 1, 0xdead0000, 1, 1, 1}
		y := &struct {
			p *item
			n [5]uintptr
		}{n: [5]uintptr{1, 1, 0xdead0000, 1, 1}}
		neighbours = append(neighbours, x, y)
	}
	return nodes, neighbours
}

// TestTypeBeyondBlock: a type is believed up to the end of its block and no further, whatever the model:
// what is charged are the bytes up to there, what is followed are the words before it.
//
//go:nocheckptr
func TestTypeBeyondBlock(t *testing.T) {
	if !block.PointersExact() || strconv.IntSize == 32 {
		t.Skip("this build does not know where a block ends, or has other blocks than the figures here: see " +
			"TestLargeArrayOfUnknownEnd")
	}
	file := make([]byte, 32<<10)
	mapped := &struct {
		name string
		data *[addressSpace]byte
	}{data: (*[addressSpace]byte)(unsafe.Pointer(&file[0]))}
	rows := make([]*[5]int64, 9)
	for i := range rows {
		rows[i] = new([5]int64)
	}
	table := &struct{ rows *[1 << 26]*[5]int64 }{(*[1 << 26]*[5]int64)(unsafe.Pointer(&rows[0]))}
	nodes, neighbours := castLeaves(200)
	leafBlock := blockFor[leaf](true)
	word := uint64(unsafe.Sizeof(uintptr(0)))
	for _, row := range []struct {
		why        string
		v          any
		heap, core uint64
	}{
		{"a file behind an array of the address space", mapped,
			blockFor[[3]uintptr](true) + 32<<10, malloc.Usage(40) + malloc.Usage(32<<10)},
		{"as many rows as there are", table,
			blockFor[uintptr](true) + blockFor[[9]*int](true) + 9*40/40*blockFor[[5]int64](false),
			malloc.Usage(8) + malloc.Usage(blockFor[[9]*int](true)) + 9*malloc.Usage(40)},
		{"leaves cast to nodes", &nodes,
			blockFor[[3]uintptr](true) + uint64(block.Round(uintptr(200*word), true)) +
				200*(leafBlock+blockFor[item](false)),
			malloc.Usage(24) + malloc.Usage(200*8) + 200*(malloc.Usage(leafBlock)+malloc.Usage(16))},
	} {
		require.Equal(t, row.heap, memsize.Heap(row.v), row.why)
		require.Equal(t, row.heap, memsize.Scan(row.v, memsize.OnHeap()).Total, row.why)
		if word != 8 {
			continue
		}
		require.Equal(t, row.core, memsize.Of(row.v), row.why)
		r := memsize.Scan(row.v, memsize.WithModels(rules.Core(), rules.Crate()))
		require.Equal(t, row.core, r.Total, row.why)
		require.Equal(t, row.core, memsize.Of(row.v, memsize.PerReference()), row.why)
		require.Less(t, r.Models[1].Total, 2*row.core, row.why)
	}
	require.Equal(t, memsize.Of(&nodes), memsize.New[[]*node]().Of(&nodes)+malloc.Usage(24))
	runtime.KeepAlive(neighbours)
}

// TestSliceBeyondBlock: nor is the length of a slice or a string that unsafe made.
//
//go:nocheckptr
func TestSliceBeyondBlock(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know where a block ends")
	}
	b := make([]byte, 1<<10)
	long := unsafe.Slice(&b[0], 1<<40%(1<<(bits.UintSize-2))+1<<20)
	text := unsafe.String(&b[0], len(long))
	list := make([]*item, 8)
	for i := range list {
		list[i] = new(item)
	}
	items := unsafe.Slice(&list[0], 1<<20)
	require.Equal(t, memsize.Of(b), memsize.Of(long))
	require.Equal(t, memsize.Of(string(b)), memsize.Of(text))
	require.Equal(t, memsize.Of(list), memsize.Of(items))
	require.Equal(t, memsize.Heap(b), memsize.Heap(long))
	require.Equal(t, memsize.Heap(list), memsize.Heap(items))
}

// TestLargeArrayOfUnknownEnd: where a build does not know where memory ends, a pointer to an array type of
// more than 1 MiB is named.
//
//go:nocheckptr
func TestLargeArrayOfUnknownEnd(t *testing.T) {
	if block.PointersExact() {
		t.Skip("this build knows")
	}
	file := make([]byte, 32<<10)
	v := &struct{ data *[addressSpace]byte }{(*[addressSpace]byte)(unsafe.Pointer(&file[0]))}
	for _, m := range []*rules.Model{rules.Go(), rules.Core()} {
		r := memsize.Scan(v, memsize.WithModel(m))
		require.LessOrEqual(t, r.Total, uint64(64))
		require.Len(t, r.Unaccounted, 1)
		require.Equal(t, "root.data", r.Unaccounted[0].Path)
		require.Contains(t, r.Unaccounted[0].Reason, "1 MiB")
		require.Equal(t, r.Total, memsize.Of(v, memsize.WithModel(m)))
	}
	small := &struct{ data *[1 << 20]byte }{new([1 << 20]byte)}
	require.Greater(t, memsize.Of(small), uint64(1<<20))
}

// integer is an integer in a pointer, as tagged pointers and handles of other languages are.
//
//go:nocheckptr
func integer(n uintptr) *item { return *(**item)(unsafe.Pointer(&n)) }

// TestPointersThatAreNoAddresses: integers in typed pointers, slices and strings are named, whatever the
// model and the build; nothing is read there.
func TestPointersThatAreNoAddresses(t *testing.T) {
	numbers := []uintptr{1, 8, 4095}
	if bits.UintSize == 64 {
		far := uintptr(1) << (bits.UintSize - 2)
		numbers = append(numbers, far+1, 2*far)
	}
	for _, n := range numbers {
		v := &struct {
			own  *item
			p    *item
			more **item
			list []item
			text string
		}{new(item), integer(n), nil, nil, ""}
		for _, m := range []*rules.Model{rules.Go(), rules.Core(), rules.Crate()} {
			r := memsize.Scan(v, memsize.WithModel(m))
			require.Equal(t, memsize.Of(v, memsize.WithModel(m)), r.Total)
			require.Len(t, r.Unaccounted, 1, "%#x under %s", n, m.Name())
			require.Equal(t, "root.p", r.Unaccounted[0].Path)
			p := v.p
			v.p = nil
			require.Equal(t, r.Total, memsize.Of(v, memsize.WithModel(m)))
			v.p = p
		}
		require.Equal(t, memsize.Of(v), memsize.Of(v, memsize.PerReference()))
	}
	v := &struct {
		list []item
		text string
	}{unsafe.Slice(integer(1), 10), unsafe.String((*byte)(unsafe.Pointer(integer(2))), 100)}
	for _, m := range []*rules.Model{rules.Go(), rules.Core()} {
		r := memsize.Scan(v, memsize.WithModel(m))
		require.Len(t, r.Unaccounted, 2)
		require.Less(t, r.Total, uint64(100))
	}
}

// TestHandlesAreNamed: what package unique keeps for each value is named, with how many there are.
func TestHandlesAreNamed(t *testing.T) {
	type key [32]byte
	handles := map[unique.Handle[key]]int{}
	for i := range 100 {
		handles[unique.Make(key{byte(i), 99})] = i
	}
	v := &struct {
		all   map[unique.Handle[key]]int
		again []unique.Handle[key]
		plain *key
	}{handles, []unique.Handle[key]{unique.Make(key{1, 99}), unique.Make(key{1, 99})}, new(key)}
	r := memsize.Scan(v, memsize.OnHeap())
	var count uint64
	for _, u := range r.Unaccounted {
		require.Contains(t, u.Reason, "unique.Handle")
		count += u.Count
	}
	require.Equal(t, uint64(100), count)
	require.Empty(t, memsize.Scan(v).Unaccounted, "as-if models know no such package")
	runtime.KeepAlive(handles)
}

// TestPullIsNamed: the goroutine of iter.Pull is the scheduler's.
func TestPullIsNamed(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not look into closures: they are named as such")
	}
	big := make([]int64, 1000)
	next, stop := iter.Pull(slices.Values(big))
	defer stop()
	next()
	v := &struct {
		next    func() (int64, bool)
		wrapped func() int64
		other   func() int
	}{next, func() int64 { n, _ := next(); return n }, func() int { return len(big) }}
	r := memsize.Scan(v, memsize.OnHeap())
	require.Len(t, r.Unaccounted, 1)
	require.Equal(t, uint64(1), r.Unaccounted[0].Count)
	require.Contains(t, r.Unaccounted[0].Reason, "iter.Pull")
	wrapped := memsize.Scan(&v.wrapped, memsize.OnHeap())
	require.Len(t, wrapped.Unaccounted, 1)
}
