package heap_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/suite"
)

type twig struct {
	left, right *twig
	key         uint64
}

// grow makes a tree of n nodes in random order.
func grow(n int) *twig {
	var root *twig
	for range n {
		at, key := &root, rand.Uint64()
		for *at != nil {
			if key < (*at).key {
				at = &(*at).left
			} else {
				at = &(*at).right
			}
		}
		*at = &twig{key: key}
	}
	return root
}

// costCases are values of about a million blocks.
func costCases(n int) map[string]any {
	coins := map[[36]byte]*struct{ script []byte }{}
	texts := make([]string, n)
	vertices := make([]*[8]*[8]any, n/4)
	for i := range n / 2 {
		var key [36]byte
		key[0], key[1], key[2] = byte(i), byte(i>>8), byte(i>>16)
		coins[key] = &struct{ script []byte }{make([]byte, 30)}
	}
	for i := range texts {
		texts[i] = fmt.Sprint("a text of some length ", i)
	}
	nodes := make([][8]any, n/4)
	for i := range vertices {
		vertices[i] = new([8]*[8]any)
		for k := range 8 {
			vertices[i][k] = &nodes[rand.IntN(len(nodes))]
		}
	}
	return map[string]any{"tree in random order": grow(n), "map of coins": &coins, "texts": texts,
		"random references": vertices}
}

// cpu is the CPU time that f takes.
func cpu(f func()) time.Duration {
	used := func() time.Duration {
		var r syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // it cannot fail
		return time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	runtime.GC()
	before := used()
	f()
	return used() - before
}

// TestInsightCost measures what is retained, and waste, in plain walks of CPU time: the rows of docs/speed.md. It holds the graph to 32
// bytes for each block and 8 for each reference, as it stands when the walk is done, and the time to what
// would be noticed.
func TestInsightCost(t *testing.T) {
	if !block.PointersExact() || testing.Short() {
		t.Skip("takes a while")
	}
	for name, v := range costCases(1 << 20) {
		if os.Getenv("COST") != "" && os.Getenv("COST") != name {
			continue
		}
		t.Run(name, func(t *testing.T) {
			roots := []any{v}
			plain, retained, waste, whole := time.Hour, time.Hour, time.Hour, time.Hour
			var blocks, references int
			var bytes uint64
			for range 3 {
				plain = min(plain, cpu(func() { memsize.Scan(v, memsize.OnHeap()) }))
				waste = min(waste, cpu(func() { memsize.Scan(v, memsize.OnHeap(), memsize.WithWaste()) }))
				whole = min(whole, cpu(func() { memsize.Scan(v, memsize.OnHeap(), memsize.WithRetained()) }))
				retained = min(retained, cpu(func() {
					g, s, err := suite.RecordGraph(roots, false)
					require.NoError(t, err)
					blocks, references, bytes = int(g.Len()), g.References(), g.Memory().Bytes()
					d, err := account.NewDominators(context.Background(), g)
					require.NoError(t, err)
					groups := account.NewGrouping(len(s.Nodes()))
					_, err = d.Groups(context.Background(), &groups, 0)
					require.NoError(t, err)
					g.Free()
				}))
			}
			times := func(d time.Duration) float64 { return float64(d) / float64(plain) }
			t.Logf("| %s | %d | %d | %d ms | %.1f × | %.1f × | %.1f × | %.0f |", name, blocks, references,
				plain.Milliseconds(), times(retained), times(whole), times(waste), float64(bytes)/float64(blocks))
			require.Less(t, times(retained), float64(noticed))
			require.LessOrEqual(t, bytes, uint64(32*blocks+8*references))
		})
	}
}

// noticed is how many walks are far more than what is measured, even on a busy machine.
const noticed = 60
