package rules

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/oracle/arbitrary"
	"github.com/bitcoin-mem/memsize/internal/seed"
)

// Where slots are those that a type shows, Over prices as NewPricer does, and structs and arrays
// laid out slot by slot are those that Shape lays out.
func TestSlotsAreShapes(t *testing.T) {
	seed := seed.Of(t)
	compared := 0
	for _, typ := range arbitrary.Types(rand.New(rand.NewPCG(seed, 0)), 300) {
		for _, name := range Names()[:7] {
			m, err := Lookup(name)
			require.NoError(t, err)
			if m.Check(typ) != nil {
				continue
			}
			b := m.Bind(TypeOf(typ))
			require.Equal(t, m.Shape(b).Size, m.Slot(b).Size(), "%s under %s", typ, name)
			require.Equal(t, m.Shape(b).Align, m.Slot(b).Align(), "%s under %s", typ, name)
			switch typ.Kind() {
			case reflect.Struct:
				if m.NewPricer(b).Rule() == nil { // no container/list.List
					require.Equal(t, m.Slot(b), structOf(m, b), "%s under %s", typ, name)
				}
			case reflect.Array:
				if b.Expr == nil {
					require.Equal(t, m.Slot(b), m.Slot(m.Elem(b)).Array(uint64(typ.Len())), "%s", typ)
				}
			case reflect.Slice, reflect.Map, reflect.Pointer, reflect.String:
				compared++
				pricer, slot := m.Over(b, shown(m, m.Key(b)), shown(m, m.Elem(b)))
				require.Equal(t, m.Slot(b), slot, "%s under %s", typ, name)
				for _, n := range []uint64{0, 1, 2, 15, 16, 1000} {
					want := m.NewPricer(b).Total(n, n)
					require.Equal(t, want, pricer.Usage(n, n).Total(), "%d in %s under %s", n, typ, name)
					require.Equal(t, want, pricer.Total(n, n), "%d in %s under %s", n, typ, name)
				}
			}
		}
	}
	require.Greater(t, compared, 300)
}

// shown is the slot of what a type shows.
func shown(m *Model, b Binding) Slot {
	switch {
	case b.Type == nil:
		return Slot{}
	case b.Type.Kind() == reflect.Pointer:
		return m.Slot(b).AsPointer()
	}
	return m.Slot(b)
}

// structOf lays a struct out field by field.
func structOf(m *Model, b Binding) Slot {
	s, last, n := Nothing(), Slot{}, 0
	for i := range b.Type.NumField() {
		if f := m.Field(b, i); m.Exists(f) {
			last = m.Slot(f)
			s, n = m.Append(s, last), n+1
		}
	}
	if isAlign64(b.Type) {
		return m.Slot(b)
	}
	return m.End(s, n, last)
}

// What a decoded container owns lies in its range, which only a Go heap leaves open.
func TestDecodedRange(t *testing.T) {
	for _, typ := range []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[[]int16](),
		reflect.TypeFor[[]*int](), reflect.TypeFor[*int8](), reflect.TypeFor[*string](),
		reflect.TypeFor[map[string]int](), reflect.TypeFor[map[int8]struct{}](),
		reflect.TypeFor[map[int][200]byte](), reflect.TypeFor[[][3]byte](),
	} {
		for _, name := range Names()[:7] {
			m, err := Lookup(name)
			require.NoError(t, err)
			p := m.NewPricer(m.Bind(TypeOf(typ)))
			for _, n := range []uint64{0, 1, 2, 7, 8, 9, 15, 16, 17, 896, 897, 1e4, 1e6, 12345678, 1 << 40} {
				if typ.Kind() == reflect.Pointer {
					n = min(n, 1)
				}
				least, most := p.DecodedRange(n)
				parts, tiny := p.Decoded(n)
				total := parts.Total()
				require.LessOrEqual(t, least, total, "%d in %s under %s", n, typ, name)
				require.GreaterOrEqual(t, most, total, "%d in %s under %s", n, typ, name)
				if m.world.asIf {
					require.Equal(t, least, most, "%d in %s under %s", n, typ, name)
				}
				if tiny > 0 {
					require.Equal(t, [2]uint64{tiny, 16}, [2]uint64{least, most})
				}
			}
		}
	}
}

// A pointer that no type shows makes a set a map, and bits elements.
func TestOverHiddenPointers(t *testing.T) {
	type pair struct{ shown, hidden reflect.Type }
	for _, row := range []pair{
		{reflect.TypeFor[[]bool](), reflect.TypeFor[[]*bool]()},
		{reflect.TypeFor[map[string]struct{}](), reflect.TypeFor[map[string]*struct{}]()},
		{reflect.TypeFor[[]string](), reflect.TypeFor[[]*string]()},
		{reflect.TypeFor[map[int8]int16](), reflect.TypeFor[map[int8]*int16]()},
	} {
		for _, name := range Names()[:7] {
			m, err := Lookup(name)
			require.NoError(t, err)
			for _, way := range [][2]reflect.Type{{row.shown, row.hidden}, {row.hidden, row.shown}} {
				from, to := m.Bind(TypeOf(way[0])), m.Bind(TypeOf(way[1]))
				got, slot := m.Over(from, shown(m, m.Key(to)), shown(m, m.Elem(to)))
				require.Equal(t, m.Slot(to), slot, "%s as %s under %s", way[0], way[1], name)
				for _, n := range []uint64{0, 1, 100} {
					want := m.NewPricer(to).Usage(n, n).Total()
					require.Equal(t, want, got.Usage(n, n).Total(), "%s as %s under %s", way[0], way[1], name)
				}
			}
		}
	}
}
