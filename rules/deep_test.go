package rules_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/rules"
)

// nested is an array of one element, which is such an array itself: reflect's own name of a type that
// nests as deep takes gigabytes.
type nested struct {
	rules.Type
	inner rules.Type
}

func (n *nested) Name() string       { return "" }
func (n *nested) PkgPath() string    { return "" }
func (n *nested) String() string     { return "nested" }
func (n *nested) Kind() reflect.Kind { return reflect.Array }
func (n *nested) Len() int           { return 1 }
func (n *nested) Elem() rules.Type   { return n.inner }
func (n *nested) Key() rules.Type    { return nil }

func nest(depth int) rules.Type {
	t := rules.TypeOf(reflect.TypeFor[int64]())
	for range depth {
		t = &nested{t, t}
	}
	return t
}

// A type is laid out in time that is in proportion to how deep it nests: where each level looks at all
// that are around it, 30,000 levels take seconds.
func TestDeepTypesAreLinear(t *testing.T) {
	best, typ := time.Hour, nest(30_000)
	for range 3 {
		m, began := rules.Core().With(), time.Now()
		require.EqualValues(t, 8, m.Shape(m.Bind(typ)).Size)
		best = min(best, time.Since(began))
	}
	t.Log(best)
	require.Less(t, best, time.Second)
}
