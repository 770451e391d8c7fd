package malloc_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// structure is one container that really stood in a C++ program: see reference/containers.cpp.
type structure struct {
	Rule, How, Elem, Key, Val string
	Len                       uint64
	Blocks, Requested         uint64
	Requests                  [][2]uint64       // bytes, how many
	Heap                      map[string]uint64 // by allocator: bytes really taken
}

func readStructures(t *testing.T) (structures []structure) {
	t.Helper()
	file, err := os.Open(filepath.Join(figures, "containers.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var s structure
		require.NoError(t, json.Unmarshal(lines.Bytes(), &s), "%s", lines.Text())
		structures = append(structures, s)
	}
	return structures
}

// usage is what the structure's requests take, one by one.
func (s structure) usage(t *testing.T, name string) (sum uint64) {
	allocator := lookup(t, name)
	for _, request := range s.Requests {
		sum += allocator.Usage(request[0]) * request[1]
	}
	return sum
}

// TestRealContainers prices the requests of real containers: the sum is what the heap gave, by
// mallinfo2 under glibc and by malloc_usable_size under the others.
func TestRealContainers(t *testing.T) {
	structures := readStructures(t)
	require.GreaterOrEqual(t, len(structures), 50)
	for _, s := range structures {
		require.Equal(t, s.Requested, s.usage(t, "exact"), "%+v", s)
		for _, name := range []string{"glibc", "jemalloc", "tcmalloc", "mimalloc"} {
			require.Contains(t, s.Heap, name)
			require.Equal(t, s.Heap[name], s.usage(t, name), "%s: %+v", name, s)
		}
	}
}

// TestReusedChunks bounds what glibc's model leaves out: where freed chunks are used again, a chunk
// may be 16 bytes larger than needed, since what would be left over is too small for a chunk.
func TestReusedChunks(t *testing.T) {
	const rest = 16 // the largest multiple of the alignment below MINSIZE
	reused := 0
	for _, s := range readStructures(t) {
		require.Contains(t, s.Heap, "glibc_reuse")
		more := s.Heap["glibc_reuse"] - s.usage(t, "glibc")
		require.Zero(t, more%rest, "%+v", s)
		require.LessOrEqual(t, more/rest, s.Blocks, "%+v", s)
		if more != 0 {
			reused++
			t.Logf("%s<%s%s%s> %s, %d elements: %d of %d chunks are 16 bytes larger", s.Rule, s.Elem,
				s.Key, s.Val, s.How, s.Len, more/rest, s.Blocks)
		}
	}
	require.NotZero(t, reused, "the figures do not show what this test is about")
}
