package snapshot_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"math/big"
	"math/bits"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// typesOf is the layout of one type of this program, and of some that interfaces may hold.
type typesOf struct {
	root    reflect.Type
	dynamic map[string]reflect.Type
}

func (l typesOf) Root(*snapshot.Type) rules.Type { return rules.TypeOf(l.root) }

func (l typesOf) Dynamic(name string, _ *snapshot.Type) rules.Type {
	if t := l.dynamic[name]; t != nil {
		return rules.TypeOf(t)
	}
	return nil
}

// Is32 tells whether these are types of a 32-bit program: they are this one's.
func (l typesOf) Is32() bool { return bits.UintSize == 32 }

func encode(t *testing.T, v any) *bytes.Buffer {
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(v))
	return &b
}

// retyped is the census of v's gob in the types of l.
func retyped(t *testing.T, v any, l snapshot.Layout) *snapshot.Census {
	c, err := snapshot.Scan(context.Background(), encode(t, v))
	require.NoError(t, err)
	return c.Retype(l)
}

// decoded is what a gob of v is decoded to, as a *T.
func decoded(t *testing.T, v any, to reflect.Type) any {
	p := reflect.New(to)
	require.NoError(t, gob.NewDecoder(encode(t, v)).DecodeValue(p))
	return p.Interface()
}

// TestRetypedFigures compares with the walk of the value that is decoded: with the Go types
// known, nothing is assumed, and C++ models price the census as they price the value.
func TestRetypedFigures(t *testing.T) {
	big1, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	type inner struct {
		A int8
		b map[string]int // not sent: an empty map all the same
		C *uint16
	}
	type outer struct {
		hidden [3]inner
		P      *inner
		Q      []*inner
		M      map[int32]inner
		S      []string
		F      func()
		N      *string
		PP     **int64
		Script []byte `memusage:"prevector=36"`
		Big    *big.Int
		At     time.Time
		I      any
	}
	type list struct {
		V    uint8
		Next *list
	}
	_ = outer{}.hidden[0].b
	n, s, c := int64(7), "a string of some length, beyond the inline", uint16(3)
	pn := &n
	gob.Register(inner{})
	for name, row := range map[string]struct {
		value any
		why   string
	}{
		"utxo":    {testdata.UTXO(500), "nil pointers, arrays, tags of none"},
		"mempool": {testdata.NewMempool(100), "times, pointers behind pointers"},
		"zero":    {&outer{}, "nothing sent but arrays and structs"},
		"filled": {&outer{P: &inner{A: 1, C: &c}, Q: []*inner{{A: 1}, {}}, M: map[int32]inner{1: {A: 2}},
			S: []string{s, "", "b"}, N: &s, PP: &pn, Script: make([]byte, 37), Big: big1,
			At: time.Unix(1e9, 0).UTC(), I: inner{A: 5}}, "everything"},
		"inline": {&outer{Script: make([]byte, 36)}, "a prevector of 36 bytes is inline"},
		"list":   {&list{1, &list{2, &list{3, nil}}}, "a fold"},
	} {
		typ := reflect.TypeOf(row.value)
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		l := typesOf{typ, map[string]reflect.Type{
			"github.com/bitcoin-mem/memsize/snapshot_test.inner": reflect.TypeFor[inner]()}}
		census := retyped(t, row.value, l)
		require.Empty(t, census.Drift, name)
		live := decoded(t, row.value, typ)
		for _, model := range []string{"core", "core-32", "core-golayout", "crate", "libstdcxx"} {
			m, err := rules.Lookup(model)
			require.NoError(t, err)
			r, err := price.Price(census, []*rules.Model{m}, nil)
			require.NoError(t, err)
			want := memsize.Of(reflect.ValueOf(live).Elem().Interface(), memsize.WithModel(m))
			require.Equal(t, want, r.Total, "%s under %s: %s", name, model, row.why)
		}
	}
}

func TestDrift(t *testing.T) {
	type old struct {
		Kept    int32
		Dropped []string
		Changed []string
		Narrow  uint64
	}
	type now struct {
		Kept    int32
		Changed map[string]bool
		Narrow  uint8
		Added   string
		private int
	}
	_ = now{}.private
	census := retyped(t, old{1, []string{"x"}, []string{"a", "b"}, 300}, typesOf{reflect.TypeFor[now](), nil})
	texts := map[string]string{}
	for _, d := range census.Drift {
		texts[d.Path] += d.Text
	}
	require.Contains(t, texts["Dropped"], "drops it")
	require.Contains(t, texts["Changed"], "decoding fails")
	require.Contains(t, texts["Narrow"], "do not fit")
	require.Contains(t, texts["."], "Added is not in the stream")
	require.Len(t, texts, 4, "nothing else: not the unexported field, not Kept")
}
