package rules

import (
	"container/list"
	"context"
	"math/rand/v2"
	"reflect"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
)

// Go twins of Core v30.2's classes, with the sizes that core_memusage's own compiler gave.
type (
	outPoint struct {
		Hash  [32]byte
		Index uint32
	}
	txIn struct {
		PrevOut   outPoint
		ScriptSig []byte `memusage:"prevector=36"`
		Sequence  uint32
		Witness   [][]byte
	}
	txOut struct {
		Value  int64
		Script []byte `memusage:"prevector=36"`
	}
	transaction struct {
		In                  []txIn
		Out                 []txOut
		Version, LockTime   uint32
		HasWitness          bool
		Hash, WitnessDigest [32]byte
	}
	coin struct {
		Out    txOut
		Height uint32
	}
	cacheEntry struct {
		Prev, Next *int `memusage:"raw"` // the linked list of flagged entries
		Coin       coin
		Flags      uint8
	}
	cachePair struct {
		Key   outPoint
		Entry cacheEntry
	}
)

func TestSizesOfCoreClasses(t *testing.T) {
	for _, row := range []struct {
		of           any
		lp64, align  uint64
		ilp32, narow uint64
	}{
		{outPoint{}, 36, 4, 36, 4},
		{txIn{}, 112, 8, 92, 4},
		{txOut{}, 48, 8, 48, 4},
		{transaction{}, 128, 8, 100, 4},
		{coin{}, 56, 8, 52, 4},
		{cacheEntry{}, 80, 8, 64, 4},
		{cachePair{}, 120, 8, 100, 4},
	} {
		size, align := Core().Sizeof(reflect.TypeOf(row.of))
		require.Equal(t, [2]uint64{row.lp64, row.align}, [2]uint64{size, align}, "%T", row.of)
		size, align = mustLookup("core-32").Sizeof(reflect.TypeOf(row.of))
		require.Equal(t, [2]uint64{row.ilp32, row.narow}, [2]uint64{size, align}, "%T", row.of)
	}
}

func TestSizesThatLibrariesDecide(t *testing.T) {
	for name, row := range map[string]struct {
		of   reflect.Type
		want uint64
		why  string
	}{
		"list":     {reflect.TypeFor[list.List](), 24, "std::list: two links and a size"},
		"element":  {reflect.TypeFor[*list.Element](), 8, "an iterator"},
		"atomic":   {reflect.TypeFor[atomic.Pointer[int]](), 8, "a *T"},
		"weak":     {reflect.TypeFor[weak.Pointer[int]](), 8, "a raw pointer"},
		"location": {reflect.TypeFor[*time.Location](), 8, "a pointer to what others own"},
		"context":  {reflect.TypeFor[context.Context](), 8, "a pointer to what others own"},
		"chan":     {reflect.TypeFor[chan int](), 24, "no twin: priced as a vector"},
		"func":     {reflect.TypeFor[func()](), 8, "no twin: a pointer"},
		"empty":    {reflect.TypeFor[struct{}](), 1, "every C++ object has an address"},
		"none":     {reflect.TypeFor[[0]uint64](), 0, "a GNU zero-length array"},
		"pool": {reflect.TypeFor[struct {
			M map[int]int `memusage:"pool_unordered_map=1024"`
		}](), 64, "an unordered_map and the allocator's pointer"},
	} {
		size, _ := Core().Sizeof(row.of)
		require.Equal(t, row.want, size, "%s: %s", name, row.why)
	}
}

// randomGoType is any Go type that reflect can make, with all kinds of padding in it.
func randomGoType(r *rand.Rand, depth int) reflect.Type {
	scalars := []reflect.Type{
		reflect.TypeFor[bool](), reflect.TypeFor[int8](), reflect.TypeFor[uint16](),
		reflect.TypeFor[int32](), reflect.TypeFor[uint64](), reflect.TypeFor[float64](),
		reflect.TypeFor[complex64](), reflect.TypeFor[complex128](), reflect.TypeFor[string](),
		reflect.TypeFor[any](), reflect.TypeFor[func()](), reflect.TypeFor[unsafe.Pointer](),
		reflect.TypeFor[[]int](), reflect.TypeFor[map[int]int](), reflect.TypeFor[chan int](),
		reflect.TypeFor[struct{}](), reflect.TypeFor[[0]uint64](), reflect.TypeFor[atomic.Int64](),
		reflect.TypeFor[time.Time](), reflect.TypeFor[list.List](),
		reflect.TypeFor[atomic.Pointer[int]](),
	}
	switch n := r.IntN(4); {
	case depth == 0 || n == 0:
		return scalars[r.IntN(len(scalars))]
	case n == 1:
		return reflect.ArrayOf(r.IntN(4), randomGoType(r, depth-1))
	}
	fields := make([]reflect.StructField, r.IntN(6))
	for i := range fields {
		fields[i] = reflect.StructField{
			Name: string(rune('A' + i)), Type: randomGoType(r, depth-1),
		}
		if r.IntN(8) == 0 {
			fields[i].Tag = `memusage:"-"`
		}
	}
	return reflect.StructOf(fields)
}

func TestGoLayoutEqualsReflect(t *testing.T) {
	seed := seed.Of(t)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 5000 {
		typ := randomGoType(r, 4)
		size, align := Go().Sizeof(typ)
		require.Equal(t, uint64(typ.Size()), size, "%s", typ)
		require.Equal(t, uint64(typ.FieldAlign()), align, "%s", typ)
		shape := Go().Shape(Go().Bind(TypeOf(typ)))
		require.Equal(t, uint64(typ.Size())-leafBytes(typ), shape.Padding, "%s", typ)
	}
}

// leafBytes is what a Go type's scalars and headers take: all but its holes and tails.
func leafBytes(t reflect.Type) uint64 {
	switch {
	case t.Kind() == reflect.Array:
		return uint64(t.Len()) * leafBytes(t.Elem())
	case t.Kind() != reflect.Struct:
		return uint64(t.Size())
	}
	n := uint64(0)
	for i := range t.NumField() {
		n += leafBytes(t.Field(i).Type)
	}
	return n
}

type (
	endless struct {
		Kids []endless `memusage:"prevector=4"`
	}
	endlessMaybe struct {
		Next *endlessMaybe `memusage:"option"`
	}
	forest []forest
)

func TestTypesThatContainThemselves(t *testing.T) {
	require.ErrorContains(t, Check(reflect.TypeFor[endless]()), "no size")
	require.ErrorContains(t, Check(reflect.TypeFor[endlessMaybe]()), "no size")
	require.NoError(t, Check(reflect.TypeFor[forest]()))
	size, _ := Core().Sizeof(reflect.TypeFor[forest]())
	require.EqualValues(t, 24, size)
}
