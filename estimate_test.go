package memsize_test

import (
	"fmt"
	"math"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/rules"
)

// A value that is looked at as a whole gives the exact figure.
func ExampleEstimate() {
	list := make([][]byte, 100)
	for i := range list {
		list[i] = make([]byte, 1000)
	}
	e := memsize.Estimate(list, time.Second)
	fmt.Println(e, e.Bytes == memsize.Of(list))
	// Output: 102 KiB (exact) true
}

// A large one gives an interval, and with Seed the same one each time.
func ExampleSeed() {
	list := make([]*[96]byte, 100_000)
	for i := range list {
		list[i] = new([96]byte)
	}
	first := memsize.Estimate(list, 0, memsize.MaxContainers(20_000), memsize.Seed(1))
	again := memsize.Estimate(list, 0, memsize.MaxContainers(20_000), memsize.Seed(1))
	truth := memsize.Of(list)
	fmt.Println(first == again, first.Low <= truth, truth <= first.High)
	// Output: true true true
}

// Small values are exact under every model.
func TestEstimateOfSmallValues(t *testing.T) {
	type node struct {
		Name string
		Next *node
		Any  any
		Tags map[string][]int
	}
	n := &node{Name: "a name that is long enough to be outside", Any: 300,
		Tags: map[string][]int{"primes that are small": {2, 3, 5}}}
	n.Next = &node{Next: n, Any: n}
	for _, name := range []string{"core", "core-32", "crate", "go"} {
		m, err := rules.Lookup(name)
		require.NoError(t, err)
		for _, v := range []any{nil, 1, "text of twenty bytes", n, *n, memsize.Var(n), []*node{n, n, n}} {
			e := memsize.Estimate(v, 0, memsize.MaxContainers(10_000), memsize.WithModel(m))
			require.True(t, e.Exact, "%s %T", name, v)
			require.Equal(t, memsize.Of(v, memsize.WithModel(m)), e.Bytes, "%s %T", name, v)
			require.Equal(t, e.Bytes, e.Low)
			require.Equal(t, e.Bytes, e.High)
		}
	}
}

// Where nothing bounds what was not read, High says so, and the text why.
func TestEstimateUnbounded(t *testing.T) {
	list := make([]*[]byte, 50_000)
	for i := range list {
		b := make([]byte, 20)
		list[i] = &b
	}
	for _, m := range []*rules.Model{rules.Core(), rules.Go()} {
		e := memsize.Estimate(list, 0, memsize.MaxContainers(2000), memsize.Seed(1), memsize.WithModel(m))
		truth := memsize.Of(list, memsize.WithModel(m))
		require.EqualValues(t, uint64(math.MaxUint64), e.High)
		require.Less(t, e.Low, truth)
		require.InEpsilon(t, truth, e.Bytes, 0.05)
		require.NotEmpty(t, e.Reason)
		require.Contains(t, e.String(), "unbounded: "+e.Reason)
		require.LessOrEqual(t, e.Elements, uint64(2000+600))
	}
}

// The heap's own statistics bound what a sample of time does not.
func TestEstimateBoundedByHeap(t *testing.T) {
	list := make([]*[]byte, 200_000)
	for i := range list {
		b := make([]byte, 20)
		list[i] = &b
	}
	list[123_456] = ptr(make([]byte, 50<<20)) // which a sample would not find
	e := memsize.Estimate(list, 2*time.Millisecond, memsize.OnHeap())
	truth := memsize.Heap(list)
	require.False(t, e.Exact)
	require.LessOrEqual(t, e.Low, truth)
	require.GreaterOrEqual(t, e.High, truth)
	if block.Exact() { // else nobody knows how many blocks there are
		require.Less(t, e.High, uint64(math.MaxUint64))
	}
}

func ptr[T any](x T) *T { return &x }

// The options that can act on no estimate say so.
func TestEstimateOptions(t *testing.T) {
	for _, row := range []struct {
		call func()
		says string
	}{
		{func() { memsize.Estimate(1, 0) }, "wants a budget"},
		{func() { memsize.Of(1, memsize.Seed(1)) }, "call Estimate"},
		{func() { memsize.Estimate(1, 1, memsize.PerReference()) }, "leave PerReference out"},
		{func() { memsize.Estimate(1, 1, memsize.WithModels(rules.Core(), rules.Go())) }, "one model"},
		{func() { memsize.Estimate(1, 1, memsize.WithWaste(), memsize.OnHeap()) }, "call Scan"},
	} {
		func() {
			defer func() { require.Contains(t, fmt.Sprint(recover()), row.says) }()
			row.call()
		}()
	}
}

// Memory that an unsafe cast makes too long is not read beyond its block, and a variable's own block is
// not charged, whatever leads back to it.
func TestEstimateOfOddMemory(t *testing.T) {
	type loop struct {
		Self *loop
		List []*[]byte
	}
	l := &loop{}
	l.Self = l
	for range 20_000 {
		b := make([]byte, 20)
		l.List = append(l.List, &b)
	}
	seed := memsize.Seed(1)
	e := memsize.Estimate(memsize.Var(l), 0, memsize.MaxContainers(1000), seed, memsize.OnHeap())
	require.InEpsilon(t, memsize.Heap(memsize.Var(l)), e.Bytes, 0.1)
	long := make([]*int, 4)
	(*struct {
		data           unsafe.Pointer
		length, capped int
	})(unsafe.Pointer(&long)).length = 1 << 20
	for _, m := range []*rules.Model{rules.Core(), rules.Go()} {
		e := memsize.Estimate([]any{long, l}, 0, memsize.MaxContainers(1000), seed, memsize.WithModel(m))
		require.False(t, e.Exact)
		require.EqualValues(t, uint64(math.MaxUint64), e.High, m.Name())
	}
}
