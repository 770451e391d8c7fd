package property_test

import (
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/oracle"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/rules"
)

// The same memory may be held as values of several types without unsafe: Go converts pointers
// between types that differ in names and tags only.
type (
	followed struct {
		P *int64
		N int64
	}
	leftOut struct {
		P *int64 `memusage:"-"`
		N int64
	}
	aroundLeftOut struct {
		N int64
		B leftOut
		A [3]leftOut
	}
	vectorOf struct {
		B []byte
		N int64
	}
	prevectorOf struct {
		B []byte `memusage:"prevector=28"`
		N int64
	}
	script         []byte
	namedPrevector struct {
		script `memusage:"prevector=28"`
	}
	namedPointer    *int64
	aroundPointer   struct{ A, B namedPointer }
	pointerToShared struct {
		P **int64 `memusage:"unique_ptr<shared_ptr>"`
	}
	aroundAtomic struct {
		N int64
		A atomic.Pointer[int64]
	}
	pointerToAtomic struct {
		P *atomic.Pointer[int64] `memusage:"unique_ptr<shared_ptr>"`
	}
)

// inAnyOrder requires what the oracle says of all walks, whatever they meet first.
func inAnyOrder(t *testing.T, model *rules.Model, roots ...any) {
	t.Helper()
	want := oracle.Of(roots, model, oracle.Options{}).Total()
	for range 2 {
		for _, o := range []memsize.Option{nil, suite.NoBrief(), suite.NoBlockMarks(), suite.Sorted()} {
			require.Equal(t, want, memsize.Of(roots, memsize.WithModel(model.With()), o), "%T", roots[0])
		}
		require.Equal(t, want, memsize.Scan(roots, memsize.WithModel(model)).Total)
		slices.Reverse(roots)
	}
}

func TestMemoryUnderTypesThatConvert(t *testing.T) {
	core := rules.Core().With()
	one := &leftOut{P: new(int64)}
	inAnyOrder(t, core, one, (*followed)(one))
	many := &aroundLeftOut{B: *one, A: [3]leftOut{*one, {P: new(int64)}, {}}}
	inAnyOrder(t, core, many, (*followed)(&many.B))
	inAnyOrder(t, core, many, (*followed)(&many.A[1]))
	inAnyOrder(t, core, []aroundLeftOut{*many, *many}, (*followed)(&many.A[1]))
	short := &prevectorOf{B: make([]byte, 20)}
	inAnyOrder(t, core, short, (*vectorOf)(short))
	named := &namedPrevector{make(script, 20)}
	inAnyOrder(t, core, named, (*[]byte)(&named.script))
	pointers := &aroundPointer{A: new(int64)}
	inAnyOrder(t, core, pointers, &pointerToShared{(**int64)(&pointers.A)})
}

// The word of an atomic.Pointer under two rules.
func TestAtomicPointerUnderTwoRules(t *testing.T) {
	v := &aroundAtomic{}
	v.A.Store(new(int64))
	inAnyOrder(t, rules.Core().With(), v, &pointerToAtomic{&v.A})
}

// A vector of what is left out is not as large as a pointee or an array of it.
func TestElementsThatAreLeftOut(t *testing.T) {
	v := [1][]byte{make([]byte, 20)}
	model := rules.Core().With(rules.ForType[[]byte](rules.Skip()))
	inAnyOrder(t, model, struct{ P *[1][]byte }{&v}, struct{ S [][]byte }{v[:]})
	inAnyOrder(t, model, struct{ P *[]byte }{&v[0]}, struct{ S [][]byte }{v[:]})
}

// Types that convert share memory on the heap as well.
func TestHeapUnderTypesThatConvert(t *testing.T) {
	v := &aroundLeftOut{B: leftOut{P: new(int64)}}
	want := memsize.Heap(v) + memsize.Heap(new(int64)) + memsize.Heap(new([2]any))
	for _, pair := range [][2]any{{v, (*followed)(&v.B)}, {(*followed)(&v.B), v}} {
		require.Equal(t, want, memsize.Heap(&pair), "%T first", pair[0])
	}
}

// Compiler and linker give values that are made of the same bytes one box, whatever their types: one
// for all that is zero, one for each constant.
func TestConstantsShareBoxes(t *testing.T) {
	type (
		ints    struct{ A, B int64 }
		words   struct{ A, B, C, D int }
		longs   struct{ A, B, C, D int64 }
		array   struct{ A [4]int64 }
		withMap struct {
			M map[int64]int64
			N int64
		}
	)
	large := rules.Core().With(rules.ForType[[]byte](rules.Prevector(64)))
	inAnyOrder(t, large, []any{[]int64(nil), []byte(nil)})
	core, narrow := rules.Core().With(), rules.Core().With()
	inAnyOrder(t, core, []any{ints{}, withMap{}})
	inAnyOrder(t, core, []any{ints{}, reflect.Zero(reflect.TypeFor[withMap]()).Interface()})
	if ilp32, err := rules.Lookup("core-32"); err == nil {
		narrow = ilp32.With()
	}
	inAnyOrder(t, narrow, []any{words{7, 8, 9, 10}, longs{7, 8, 9, 10}, array{[4]int64{7, 8, 9, 10}}})
}
