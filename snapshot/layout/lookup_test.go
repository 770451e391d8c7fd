package layout_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// Types are found by the names that people give them, and so are those made of them.
func TestNamesOfTypes(t *testing.T) {
	named := func(pkg, name string) rules.Type {
		return &gotype.Type{Spec: gotype.Spec{Kind: reflect.Struct, Name: name, PkgPath: pkg}}
	}
	l := &layout.Layout{Origin: "binary prog", Known: []rules.Type{
		named("main", "Record"), named("example.com/shop", "Item"), named("example.org/shop", "Cart"),
		named("example.com/a", "Twice"), named("example.com/b", "Twice"),
		named("example.com/shop", "Pair[string,example.com/shop.Item]"),
		&gotype.Type{Spec: gotype.Spec{Kind: reflect.Slice, Elem: &gotype.Type{Spec: gotype.Spec{Kind: reflect.Struct, Name: "Record", PkgPath: "main"}}}},
	}}
	for name, want := range map[string]string{
		"Record": "main.Record", "main.Record": "main.Record", "example.com/shop.Item": "shop.Item",
		"shop.Cart": "shop.Cart", "[]main.Record": "[]main.Record", "[]Record": "[]main.Record",
		"map[string]*shop.Item": "map[string]*shop.Item", "[3][]byte": "[3][]uint8",
		"map[main.Record][]map[int]any":             "map[main.Record][]map[int]any",
		"Pair[string,shop.Item]":                    "shop.Pair[string,example.com/shop.Item]",
		"shop.Pair[string, example.com/shop.Item]":  "shop.Pair[string,example.com/shop.Item]",
		"[]shop.Pair[string,example.com/shop.Item]": "[]shop.Pair[string,example.com/shop.Item]",
		"example.com/b.Twice":                       "b.Twice",
	} {
		got, err := l.Lookup(name)
		require.NoError(t, err, name)
		require.Equal(t, want, got.String(), name)
	}
	for name, want := range map[string]string{
		"Nope": "has no type Nope", "[]Nope": "has no type Nope", "Twice": "several types Twice",
		"record": "it has main.Record", "map[string": "a bracket is missing", "[x]int": "no length",
		"[99999999999999999999]int": "no length", "Pair[int]": "it has example.com/shop.Pair",
		strings.Repeat("[]", 40_000) + "int": "longer than any",
	} {
		_, err := l.Lookup(name)
		require.ErrorContains(t, err, want, name)
	}
}
