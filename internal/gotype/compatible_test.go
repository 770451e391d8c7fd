package gotype_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/rules"
)

func made(s gotype.Spec) *gotype.Type { return &gotype.Type{Spec: s} }

// Types of maps whose keys are maps, and so on, are compared once each, however many ways lead there.
func TestNestedMapsAreComparedOnce(t *testing.T) {
	nested := func(innermost reflect.Kind) *gotype.Type {
		m := made(gotype.Spec{Kind: innermost})
		for range 64 {
			m = made(gotype.Spec{Kind: reflect.Map, Key: m, Elem: m})
		}
		return m
	}
	require.True(t, gotype.Compatible(nested(reflect.Int8), nested(reflect.Int64), gotype.Shapes))
	require.False(t, gotype.Compatible(nested(reflect.Int8), nested(reflect.Uint8), gotype.Shapes))
}

// What meets by shape need not meet by fields.
func TestDepths(t *testing.T) {
	structOf := func(names ...string) *gotype.Type {
		s := gotype.Spec{Kind: reflect.Struct}
		for _, name := range names {
			s.Fields = append(s.Fields, rules.Field{Name: name, Type: made(gotype.Spec{Kind: reflect.Int})})
		}
		return made(s)
	}
	opaque := made(gotype.Spec{Kind: reflect.Slice, Name: "Time", Opaque: "GobEncoder"})
	for _, row := range []struct {
		wire, t        *gotype.Type
		shapes, fields bool
		why            string
	}{
		{structOf("A"), structOf("A", "B"), true, true, "what is not sent stays zero"},
		{structOf("A", "B"), structOf("A"), true, false, "what has no field is dropped"},
		{structOf("A"), made(gotype.Spec{Kind: reflect.Pointer, Elem: structOf("A")}), true, true, "pointers do not count"},
		{opaque, structOf("wall"), true, false, "a payload tells nothing, but the name does"},
		{opaque, made(gotype.Spec{Kind: reflect.Struct, Name: "Time"}), true, true, "the same name"},
		{structOf("A"), made(gotype.Spec{Kind: reflect.Slice, Elem: structOf("A")}), false, false, "another kind"},
		{made(gotype.Spec{Kind: reflect.Array, Len: 2, Elem: structOf()}),
			made(gotype.Spec{Kind: reflect.Array, Len: 3, Elem: structOf()}), false, false, "another length"},
	} {
		require.Equal(t, row.shapes, gotype.Compatible(row.wire, row.t, gotype.Shapes), row.why)
		require.Equal(t, row.fields, gotype.Compatible(row.wire, row.t, gotype.Fields), row.why)
	}
}

// A type that holds itself is made first, and told what it is when the others are there.
func ExampleType() {
	node, next := &gotype.Type{}, &gotype.Type{}
	next.Spec = gotype.Spec{Kind: reflect.Pointer, Elem: node}
	node.Spec = gotype.Spec{Kind: reflect.Struct, Name: "Node", PkgPath: "example.com/list",
		Fields: []rules.Field{{Name: "Next", Type: next}}}
	fmt.Println(node, node.Field(0).Type, gotype.Strip(next) == node)
	// Output: list.Node *list.Node true
}
