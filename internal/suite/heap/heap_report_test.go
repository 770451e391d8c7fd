package heap_test

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/rules"
)

// message is a struct with 10 B of a 1 MiB array.
type message struct {
	Header []byte
	Name   string
}

// TestSubSliceSaysWhatItPins: issue B asks for this very report.
func TestSubSliceSaysWhatItPins(t *testing.T) {
	if !block.Exact() {
		t.Skip("this build does not know whose bytes these are")
	}
	const name = "a literal, which is static"
	m := &message{make([]byte, 1<<20)[1000:1010:1010], name}
	r := memsize.Scan(m, memsize.WithModel(rules.Go()))
	require.Equal(t, "exact", r.Exactness)
	require.Equal(t, uint64(1<<20)-10, r.Pinned)
	require.Equal(t, uint64(len(name)), r.Static)
	require.Greater(t, r.Total, uint64(1<<20))
	header := r.Tree.Children[0]
	require.Equal(t, "root.Header", header.Path)
	require.Equal(t, uint64(1<<20), header.Own)
	require.Equal(t, r.Pinned, header.Pinned)
	require.Equal(t, uint64(10), header.Parts.Used)
	var text strings.Builder
	require.NoError(t, memsize.Dump(&text, m, memsize.WithModel(rules.Go())))
	lines := strings.Split(text.String(), "\n")
	for i, line := range lines {
		if strings.Contains(line, ".Header") {
			require.Contains(t, lines[i+1],
				"1.00 MiB pinned: in one block with the 10 B in use here, and out of reach")
		}
	}
	require.Contains(t, text.String(), "\n1.00 MiB pinned: this value keeps it alive")
	require.Contains(t, text.String(), "not counted: 26 B of static memory")
	runtime.KeepAlive(m)
}

// TestHeapDocShowsWhatIsPinned: the text in the documentation is what a person sees.
func TestHeapDocShowsWhatIsPinned(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know whose bytes these are")
	}
	doc, err := os.ReadFile("docs/heap.md")
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, memsize.Dump(&text, make([]byte, 1<<20)[1000:1010:1010],
		memsize.WithModel(rules.Go())))
	require.True(t, strings.Contains(string(doc), "```text\n"+text.String()+"```\n"), text.String())
}

// TestPinnedIsWhatNothingReaches: what a second value reaches is not pinned, and a whole array
// pins nothing, whatever the allocator rounds up.
func TestPinnedIsWhatNothingReaches(t *testing.T) {
	if !block.Exact() {
		t.Skip("this build does not know whose bytes these are")
	}
	array := make([]int64, 1001)
	for _, row := range []struct {
		why    string
		v      any
		pinned uint64
	}{
		{"the whole array", &array, 0},
		{"its front", at(array[:500:500]), blockOf(array) - 500*8},
		{"front and back", at([2][]int64{array[:500:500], array[500:]}), 0},
		{"front, and the whole later", at([2][]int64{array[:500:500], array}), 0},
		{"an element", at(&array[7]), blockOf(array) - 8},
		{"tiny values", at([2]*byte{new(byte), new(byte)}), 0},
	} {
		r := memsize.Scan(row.v, memsize.WithModel(rules.Go()))
		require.Equal(t, row.pinned, r.Pinned, row.why)
	}
}

// blockOf is the size of the array's block.
func blockOf(array []int64) uint64 { return uint64(block.Round(uintptr(len(array))*8, false)) }
