package swiss_test

import (
	"math"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/swiss"
)

// An iterator is a value: a copy goes on from where it was taken, and nothing is allocated.
func TestIteratorResumes(t *testing.T) {
	needsLayout(t)
	m := filled(3000, 0)
	l := layout(t, m)
	it := l.Iterate(word(m))
	for seen := 0; ; seen++ {
		saved := it
		key, elem, ok := it.Next()
		againKey, againElem, again := saved.Next()
		if ok != again || key != againKey || elem != againElem {
			t.Fatal("the copy went elsewhere")
		}
		if !ok {
			require.Equal(t, len(m), seen)
			break
		}
	}
	_, _, ok := it.Next()
	require.False(t, ok, "it stays at the end")
	require.NoError(t, it.Err())
	require.Zero(t, testing.AllocsPerRun(5, func() {
		for it := l.Iterate(word(m)); ; {
			if _, _, ok := it.Next(); !ok {
				return
			}
		}
	}))
}

// Groups and single entries may be asked for in turn: together they are all entries, each once.
func TestNextGroup(t *testing.T) {
	needsLayout(t)
	random := newRandom(t)
	for _, n := range []int{0, 1, 7, 8, 9, 500, 20_000} {
		m := filled(n, 0)
		for k := range m {
			if random.IntN(3) == 0 {
				delete(m, k)
			}
		}
		seen := map[int]bool{}
		see := func(key, elem unsafe.Pointer) {
			k := (*[17]int)(key)[0]
			if seen[k] || int64(k) != *(*int64)(elem) {
				t.Errorf("key %d, before: %v, value %d", k, seen[k], *(*int64)(elem))
			}
			seen[k] = true
		}
		it := layout(t, m).Iterate(word(m))
		for more := true; more; {
			if random.IntN(2) == 0 {
				var key, elem unsafe.Pointer
				if key, elem, more = it.Next(); more {
					see(key, elem)
				}
				continue
			}
			var g swiss.Group
			g, more = it.NextGroup()
			for ; g.More(); g.Next() {
				see(g.Key(), g.Elem())
			}
		}
		require.NoError(t, it.Err())
		require.Len(t, seen, len(m))
	}
}

func TestEdges(t *testing.T) {
	needsLayout(t)
	var none map[int]int
	l := layout(t, none)
	for _, m := range []map[int]int{nil, {}, make(map[int]int, 100)} {
		it := l.Iterate(word(m))
		_, _, ok := it.Next()
		require.False(t, ok)
		require.NoError(t, it.Err())
	}
	require.NoError(t, l.Blocks(nil, func(swiss.Allocation) bool { t.Fatal(); return true }))
	var zero swiss.Iterator
	_, _, ok := zero.Next()
	require.False(t, ok, "the zero Iterator is at the end")

	nans := map[float64]int{}
	for i := range 20 {
		nans[math.NaN()] = i // each an entry of its own
	}
	seen := 0
	require.NoError(t, layout(t, nans).Each(word(nans), func(_, _ unsafe.Pointer) bool {
		seen++
		return true
	}))
	require.Equal(t, 20, seen)
}

func TestStops(t *testing.T) {
	needsLayout(t)
	m := filled(100, 0)
	calls := 0
	require.NoError(t, layout(t, m).Each(word(m), func(_, _ unsafe.Pointer) bool {
		calls++
		return calls < 3
	}))
	require.Equal(t, 3, calls)
	total := 0
	count := func(swiss.Allocation) bool { total++; return true }
	require.NoError(t, layout(t, m).Blocks(word(m), count))
	require.Greater(t, total, 3)
	for stop := 1; stop <= total; stop++ {
		calls = 0
		require.NoError(t, layout(t, m).Blocks(word(m), func(swiss.Allocation) bool {
			calls++
			return calls < stop
		}))
		require.Equal(t, stop, calls)
	}
}

// writingOffset is where the runtime's flag is: behind used, seed, directory, its length, and the
// two bytes of its depth. TestWritingIsTheRuntimes proves it.
const writingOffset = 8 + 3*unsafe.Sizeof(uintptr(0)) + 2

func writing(m map[[17]int]int64) *uint8 { return (*uint8)(unsafe.Add(word(m), writingOffset)) }

func read(t *testing.T, m map[[17]int]int64) error {
	return layout(t, m).Each(word(m), func(_, _ unsafe.Pointer) bool { return true })
}

func readBlocks(t *testing.T, m map[[17]int]int64) error {
	return layout(t, m).Blocks(word(m), func(swiss.Allocation) bool { return true })
}

func TestWriting(t *testing.T) {
	needsLayout(t)
	m := filled(100, 0)
	l := layout(t, m)
	*writing(m) = 1
	require.ErrorIs(t, read(t, m), swiss.ErrWriting)
	require.ErrorIs(t, readBlocks(t, m), swiss.ErrWriting)
	*writing(m) = 0
	it := l.Iterate(word(m))
	_, _, ok := it.Next()
	require.True(t, ok)
	*writing(m) = 1
	for ok {
		_, _, ok = it.Next()
	}
	require.ErrorIs(t, it.Err(), swiss.ErrWriting, "a write that began meanwhile")
	*writing(m) = 0
	it = l.Iterate(word(m))
	*(*uint64)(word(m))++
	for ok = true; ok; {
		_, _, ok = it.Next()
	}
	require.ErrorIs(t, it.Err(), swiss.ErrWriting, "an entry more than there is")
	*(*uint64)(word(m))--
}

// With the flag set, the runtime itself ends the program for a read. It cannot be recovered from,
// so another process does it.
func TestWritingIsTheRuntimes(t *testing.T) {
	needsLayout(t)
	if os.Getenv("SWISS_TEST_WRITING") != "" {
		m := filled(100, 0)
		*writing(m) = 1
		runtime.KeepAlive(m[[17]int{1}])
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestWritingIsTheRuntimes$")
	c.Env = append(os.Environ(), "SWISS_TEST_WRITING=1")
	out, err := c.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "concurrent map read and map write")
}

// Numbers that contradict each other are an error, and nothing is read by them.
func TestTorn(t *testing.T) {
	needsLayout(t)
	const directory = 8 + unsafe.Sizeof(uintptr(0)) // behind used and seed
	const tables = directory + unsafe.Sizeof(uintptr(0))
	for why, spoil := range map[string]func(h unsafe.Pointer){
		"more places than the depth says": func(h unsafe.Pointer) { *(*int)(unsafe.Add(h, tables)) *= 2 },
		"a group with too many entries":   func(h unsafe.Pointer) { *(*int)(unsafe.Add(h, tables)) = 0 },
		"no directory": func(h unsafe.Pointer) {
			*(*unsafe.Pointer)(unsafe.Add(h, directory)) = nil
		},
		"a table of no size": func(h unsafe.Pointer) {
			table := **(**unsafe.Pointer)(unsafe.Add(h, directory))
			*(*uint16)(unsafe.Add(table, 2)) = 0
		},
	} {
		m := filled(100, 0)
		spoil(word(m))
		require.ErrorIs(t, read(t, m), swiss.ErrTorn, why)
		require.ErrorIs(t, readBlocks(t, m), swiss.ErrTorn, why)
	}
}

// While the collector runs, an iterator alone keeps its map.
func TestIteratorKeepsTheMap(t *testing.T) {
	needsLayout(t)
	it := func() swiss.Iterator {
		m := filled(2000, 0)
		return layout(t, m).Iterate(word(m))
	}()
	seen := 0
	for {
		key, elem, ok := it.Next()
		if !ok {
			break
		}
		require.Equal(t, int64((*[17]int)(key)[0]), *(*int64)(elem))
		if seen++; seen%500 == 0 {
			runtime.GC()
		}
	}
	require.NoError(t, it.Err())
	require.Equal(t, 2000, seen)
}

// TestIteratorAhead: the group ahead is the next one of the table, and none is ahead of a table's last.
func TestIteratorAhead(t *testing.T) {
	needsLayout(t)
	m := map[int]int{}
	for i := range 20_000 {
		m[i] = i
	}
	l := layout(t, m)
	it := l.Iterate(word(m))
	same, ends := 0, 0
	for ahead, size := unsafe.Pointer(nil), uintptr(0); ; {
		g, ok := it.NextGroup()
		if !ok {
			break
		}
		if ahead == nil {
			ends++
		} else if uintptr(g.Key())-uintptr(ahead) < size {
			same++
		}
		ahead, size = it.Ahead()
	}
	require.Greater(t, same, 10*ends, "groups that were ahead")
	require.Greater(t, ends, 3, "tables")
	ahead, _ := it.Ahead()
	require.Nil(t, ahead)
	empty := l.Iterate(nil)
	ahead, _ = empty.Ahead()
	require.Nil(t, ahead)
}
