package price_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"reflect"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
	"github.com/bitcoin-mem/memsize/walker"
)

// wasteLoose takes 40 bytes, and 24 in a better order; wasteTight is as tight as can be.
type (
	wasteLoose struct {
		A bool
		B uint64
		C bool
		D uint32
		E bool
		F uint16
	}
	wasteTight struct{ B, D uint64 }
	wasteOne   struct {
		Kids []*wasteTight
		N    uint64
		M    uint64
	}
	wasteful struct {
		Loose   []*wasteLoose
		Rows    [][]wasteLoose
		Tight   []*wasteTight
		Ones    []*wasteOne
		Empty   []map[int64]int64
		Single  map[string]map[string]*wasteTight
		Several []map[int64]int64
		Numbers []any
		Mixed   []any
	}
)

func buildWasteful() *wasteful {
	w := &wasteful{Single: map[string]map[string]*wasteTight{}, Mixed: []any{int64(700), "text", 1.5}}
	for i := range 60 {
		id := uint64(i + 1)
		w.Loose = append(w.Loose, &wasteLoose{B: id})
		w.Rows = append(w.Rows, make([]wasteLoose, 1+i%5))
		w.Tight = append(w.Tight, &wasteTight{B: id})
		w.Empty = append(w.Empty, map[int64]int64{})
		w.Several = append(w.Several, map[int64]int64{1: 1, 2: 2})
		w.Single[strconv.Itoa(i)] = map[string]*wasteTight{"key": {B: id}}
		w.Numbers = append(w.Numbers, int64(1000+i))
		w.Ones = append(w.Ones, &wasteOne{N: id})
		if i%2 == 0 {
			w.Ones[i].Kids = []*wasteTight{{B: id}}
		}
	}
	return w
}

// What a stream wastes once decoded is what the decoded value itself is found to waste, kind by kind, to the
// byte. Of the kinds of which a census cannot tell there are none in it.
func TestWasteIsTheDecodedValues(t *testing.T) {
	if !walker.BlocksExact() || strconv.IntSize == 32 {
		t.Skip("this build cannot ask the runtime for blocks, or has other ones than the model go")
	}
	gob.Register(int64(0))
	c := heapCase{stream: encoded(buildWasteful()), typ: reflect.TypeFor[wasteful](),
		boxed: map[string]reflect.Type{"int64": reflect.TypeFor[int64]()}}
	census, err := snapshot.Scan(context.Background(), bytes.NewReader(c.stream))
	require.NoError(t, err)
	list, err := price.Waste(census.Retype(liveTypes{c.typ, c.boxed}), rules.Go())
	require.NoError(t, err)
	sums := func(list []report.Saving) map[string]uint64 {
		byKind := map[string]uint64{}
		for _, s := range list {
			t.Logf("%-22s %8d  %4d × %s %s: %s", s.Kind, s.Bytes, s.Count, s.Path, s.Type, s.Advice)
			byKind[s.Kind] += s.Bytes
		}
		return byKind
	}
	got := sums(list)
	want := sums(memsize.Scan(c.decode(), memsize.OnHeap(), memsize.WithWaste()).Waste)
	for _, kind := range []string{"map of at most one", "boxed values", "slices of at most one", "order of fields"} {
		require.NotZero(t, want[kind], kind)
		require.Equal(t, want[kind], got[kind], kind)
	}
	require.Len(t, got, 4)
	for i := range list[1:] {
		require.GreaterOrEqual(t, list[i].Bytes, list[i+1].Bytes, "the largest first")
	}
}

// From the wire alone nothing is said of struct types that may have fields which were not sent; and of models
// that are no Go heap there is an error.
func TestWasteFromTheWire(t *testing.T) {
	gob.Register(int64(0))
	census, err := snapshot.Scan(context.Background(), bytes.NewReader(encoded(buildWasteful())))
	require.NoError(t, err)
	m, err := rules.Lookup("go")
	require.NoError(t, err)
	list, err := price.Waste(census, m)
	require.NoError(t, err)
	require.NotEmpty(t, list)
	for _, s := range list {
		require.Contains(t, []string{"map of at most one", "boxed values"}, s.Kind)
	}
	_, err = price.Waste(census, rules.Core())
	require.ErrorContains(t, err, "not under core")
}
