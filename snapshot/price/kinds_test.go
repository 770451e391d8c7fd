package price_test

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// The wire tells the widths of numbers in types without a name, and not in these.
type (
	kindNarrow struct {
		A []int64
		B string
	}
	kindWide struct {
		A []int64
		B string
	}
	kindPointed struct{ A []int64 }
	kindList    []uint64
	kindMap     map[int64][]float64
)

// many is a slice of n numbers.
func many[T any](n int) []T { return make([]T, n) }

// three is a slice, an array and two maps of T, and slices of these.
func three[T comparable](x T) []any {
	return []any{many[T](5), many[T](301), [3]T{x, x}, [][]T{many[T](3), nil}, map[string]T{"key": x},
		map[T]string{x: "text"}, map[string][]T{"key": many[T](40)}, [2][]T{many[T](9)}}
}

// everyKind is values of every kind that gob knows: each alone, in slices, arrays and maps. Texts are
// longer than one byte, which the runtime shares.
func everyKind() (all []any) {
	all = append(all, true, 7, int8(7), int16(300), int32(1<<20), int64(1<<40), uint(7), uint8(7),
		uint16(300), uint32(1<<20), uint64(1<<40), uintptr(7), float32(0.5), 1/3.0, complex64(1i),
		complex(1/3.0, 1), "text", strings.Repeat("long ", 20), []byte("bytes"), time.Unix(1, 0).UTC())
	all = append(all, three(true)...)
	all = append(all, three(1)...)
	all = append(all, three(int8(1))...)
	all = append(all, three(int16(300))...)
	all = append(all, three(int32(1))...)
	all = append(all, three(int64(1))...)
	all = append(all, three(uint(1))...)
	all = append(all, three(uint16(1))...)
	all = append(all, three(uint32(1))...)
	all = append(all, three(uint64(1))...)
	all = append(all, three(uintptr(1))...)
	all = append(all, three(float32(1))...)
	all = append(all, three(1/3.0)...)
	all = append(all, three(complex64(1))...)
	all = append(all, three(1i)...)
	all = append(all, three("text")...)
	return append(all, kindNarrow{many[int64](99), "text"}, kindWide{many[int64](99), "text"},
		&kindPointed{many[int64](9)}, kindList{1, 2, 3}, kindMap{1: many[float64](50)},
		[]any{uint16(1), many[uint16](50)}, map[string]any{"key": many[int8](50), "nil": nil})
}

// Every kind that gob knows, alone and in pairs in interfaces, costs what the decoded value does: to
// the byte under models that do as if, within the bounds on the Go heap. Types that look alike on the
// wire stand beside each other: []uint64 and []uintptr are both slices of unsigned numbers.
func TestEveryPairOfKinds(t *testing.T) {
	if strconv.IntSize == 32 {
		t.Skip("a number of a gob may be of 64 bits, which it is not in a value of this program")
	}
	kinds := everyKind()
	for _, v := range kinds {
		gob.Register(v)
	}
	gob.Register([]any{})
	gob.Register(map[string]any{})
	type pair struct{ A, B any }
	for i, a := range kinds {
		costsWhatItDecodesTo(t, []any{a})
		for j, b := range kinds {
			if testing.Short() && (i*len(kinds)+j)%13 != 0 {
				continue
			}
			switch (i + j) % 3 {
			case 0:
				costsWhatItDecodesTo(t, []any{a, b})
			case 1:
				costsWhatItDecodesTo(t, map[string]any{"first": a, "second": b})
			case 2:
				costsWhatItDecodesTo(t, pair{a, b})
			}
		}
	}
}

// costsWhatItDecodesTo prices v from the wire alone, and holds that against what encoding/gob decodes.
func costsWhatItDecodesTo(t *testing.T, v any) {
	t.Helper()
	back, why := decoded(t, v), fmt.Sprintf("%#.200v", v)
	models := append(asIf[:len(asIf):len(asIf)], rules.Go())
	r, err := price.Price(scan(t, v), models, nil)
	require.NoError(t, err, why)
	for i, m := range asIf {
		want := memsize.Of(back, memsize.WithModel(m), memsize.CapIsLen())
		require.Equal(t, want, r.Models[i].Total, "%s under %s", why, m.Name())
	}
	heap, figures := memsize.Heap(back), r.Models[len(asIf)]
	require.InDelta(t, heap, figures.Total, 16*float64(blocks(back)), why)
	if shown := figures.Shown; shown != nil && shown.Max != nil {
		require.LessOrEqual(t, shown.Min, figures.Total, why)
		require.GreaterOrEqual(t, *shown.Max, figures.Total, why)
	}
	runtime.KeepAlive(back)
}

// blocks is how many small blocks there are in v, each of which may share one of 16 bytes.
func blocks(v any) (n int) {
	r := memsize.Scan(v, memsize.WithModel(rules.Go()))
	for node := range r.Nodes() {
		n += int(node.Count)
	}
	return n + 3
}

// Two streams one after the other, each of an encoder of its own, cost what they cost alone: types
// without a name that look alike in both need not be one.
func TestEveryPairOfStreams(t *testing.T) {
	if strconv.IntSize == 32 {
		t.Skip("a number of a gob may be of 64 bits, which it is not in a value of this program")
	}
	kinds := everyKind()
	for _, v := range kinds {
		gob.Register(v)
	}
	var streams [][]byte
	var alone [][]uint64
	total := func(stream []byte) (totals []uint64) {
		c, err := snapshot.Scan(t.Context(), bytes.NewReader(stream))
		require.NoError(t, err)
		r, err := price.Price(c, asIf, nil)
		require.NoError(t, err)
		for _, m := range r.Models {
			totals = append(totals, m.Total)
		}
		return totals
	}
	for i, v := range kinds {
		if i%2 == 0 {
			v = []any{v}
		}
		streams = append(streams, encoded(v))
		alone = append(alone, total(streams[i]))
	}
	for i, a := range streams {
		for j, b := range streams {
			if testing.Short() && (i*len(kinds)+j)%29 != 0 {
				continue
			}
			both := total(append(bytes.Clone(a), b...))
			for m := range asIf {
				require.Equal(t, alone[i][m]+alone[j][m], both[m], "%#.100v and %#.100v under %s", kinds[i], kinds[j],
					asIf[m].Name())
			}
		}
	}
}
