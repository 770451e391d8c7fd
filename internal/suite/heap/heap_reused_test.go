package heap_test

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/reused"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// Blocks are looked at beyond their values, where other goroutines had values before: in a build with
// the race detector nothing of that is reported.
func TestReusedMemory(t *testing.T) {
	type long [1100 / 8]*int
	reused.Meet(t, func(x *long) {
		want := memsize.Heap(x)
		require.GreaterOrEqual(t, want, uint64(unsafe.Sizeof(long{})))
		require.Equal(t, want, memsize.Scan(x, memsize.WithModel(rules.Go())).Total)
		if raw := unsafe.Pointer(x); walker.BlocksExact() { // by the collector's pointer maps
			require.Equal(t, want, memsize.Heap(&raw)-memsize.Heap(new(unsafe.Pointer)))
		}
	})
}

// The same for many values of many sizes, with room behind them or in front.
func TestManySizesInReusedMemory(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	random := rand.New(rand.NewPCG(seed.Of(t), 0))
	for range 5 {
		reused.Memory(end)
		v := newManySizes(random)
		require.Equal(t, memsize.Heap(v), memsize.Scan(v, memsize.WithModel(rules.Go())).Total)
	}
}

type manySizes struct {
	slices   [][]*int
	inside   []*any
	untyped  []unsafe.Pointer
	maps     []map[string]*int
	channels []chan *int
	calls    []func() int
}

func newManySizes(random *rand.Rand) *manySizes {
	v := new(manySizes)
	for range 1000 {
		size := 1 + random.IntN(300)
		v.slices = append(v.slices, make([]*int, size))
		v.inside = append(v.inside, &make([]any, size)[size/2])
		v.untyped = append(v.untyped, unsafe.Pointer(&make([]*int, size)[size/2]))
		v.channels = append(v.channels, make(chan *int, size))
		v.calls = append(v.calls, func() int { return size })
		v.maps = append(v.maps, map[string]*int{"": &size})
	}
	return v
}
