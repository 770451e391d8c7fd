package memsize_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/structures"
)

// The containers that oracle/containers.cpp built, as Go values, under the models that speak of
// real heaps. What the heap gave is in testdata/malloc/containers.jsonl.

// realAllocators are those whose libraries the C++ program was run under.
var realAllocators = []string{"glibc", "jemalloc", "tcmalloc", "mimalloc"}

func readStructures(t *testing.T) []structures.Structure {
	t.Helper()
	list, err := structures.Read(filepath.Join("testdata", "malloc", "containers.jsonl"))
	require.NoError(t, err)
	require.Len(t, list, 65)
	return list
}

func twinOf(t *testing.T, s structures.Structure) any {
	t.Helper()
	twin, err := s.Twin()
	require.NoError(t, err)
	return twin
}

func under(t *testing.T, name string, v any) uint64 {
	t.Helper()
	return memsize.Of(v, memsize.WithModel(model(t, name)))
}

// unseen are the structures of which something matters that a Go value cannot show. The model
// decides it, and these were built the other way.
var unseen = []struct {
	why       string
	rule, how string
	count     int
	// asked is what the model says is asked for, beyond what was.
	asked func(s structures.Structure) int
}{
	{"reserve(1000) takes 1031 buckets, 1000 insertions lead to 1109",
		"unordered_map", "reserve", 1,
		func(s structures.Structure) int { return 8 * (1109 - s.Buckets) }},
	{"a hash that may throw is kept in each node",
		"unordered_map", "insert, hash may throw", 1,
		func(s structures.Structure) int { return -8 * s.Len }},
	{"shared_ptr(new T) has a control block of 24 bytes, make_shared has 16 bytes before the T",
		"shared_ptr", "new", 2,
		func(s structures.Structure) int {
			return alignedTo8(map[string]int{"u64": 8, "o36": 36}[s.Elem])(16) - 24
		}},
}

// alignedTo8 gives how much longer n gets by a head, where the whole is a multiple of 8.
func alignedTo8(n int) func(head int) int {
	return func(head int) int { return (head+n+7)/8*8 - n }
}

// TestLibstdcxxEqualsTheHeap holds the model libstdcxx against every structure: what it asks for
// is what operator new was asked for, and what it takes is what each allocator gave.
func TestLibstdcxxEqualsTheHeap(t *testing.T) {
	equal, excepted := 0, make([]int, len(unseen))
next:
	for _, s := range readStructures(t) {
		twin := twinOf(t, s)
		for i, x := range unseen {
			if s.Rule == x.rule && s.How == x.how {
				asked := int(under(t, "libstdcxx+exact", twin)) - int(s.Requested)
				require.Equal(t, x.asked(s), asked, "%s: %s", s, x.why)
				require.NotZero(t, asked, "%s is no exception", s)
				excepted[i]++
				continue next
			}
		}
		require.Equal(t, s.Requested, under(t, "libstdcxx+exact", twin), "%s", s)
		for _, name := range realAllocators {
			require.Equal(t, s.Heap[name], under(t, "libstdcxx+"+name, twin), "%s, %s", s, name)
		}
		require.Equal(t, s.Heap["glibc"], under(t, "libstdcxx", twin), "glibc is the default")
		equal++
	}
	for i, x := range unseen {
		require.Equal(t, x.count, excepted[i], x.why)
		t.Logf("%d × %s, %s: %s", excepted[i], x.rule, x.how, x.why)
	}
	require.Equal(t, 61, equal)
	t.Logf("%d structures equal, in requests and under %v", equal, realAllocators)
}
