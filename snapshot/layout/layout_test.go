package layout_test

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

type tagged struct {
	Script []byte `memusage:"prevector=36"`
	Next   *tagged
	Flag   bool
	f      func()
	c      chan int
	a      [3]map[string]any
}

// TestSaved: what is written and read back has the same sizes in each world, and is written as
// the same bytes again.
func TestSaved(t *testing.T) {
	_ = []any{tagged{}.f, tagged{}.c, tagged{}.a}
	for _, typ := range []reflect.Type{reflect.TypeFor[tagged](), reflect.TypeFor[testdata.Sessions](),
		reflect.TypeFor[*testdata.Mempool](), reflect.TypeFor[testdata.CoinsMap](), reflect.TypeFor[int]()} {
		l := &layout.Layout{Origin: "test", GOARCH: "amd64", Type: rules.TypeOf(typ)}
		var first, second bytes.Buffer
		require.NoError(t, l.Write(&first))
		read, err := layout.Read(bytes.NewReader(first.Bytes()))
		require.NoError(t, err)
		require.NoError(t, read.Write(&second))
		require.Equal(t, first.String(), second.String())
		for _, name := range []string{"core", "core-32", "crate", "go", "go-386"} {
			m, err := rules.Lookup(name)
			require.NoError(t, err)
			require.Equal(t, m.Shape(m.Bind(l.Type)), m.Shape(m.Bind(read.Type)), "%s under %s", typ, name)
		}
		require.Equal(t, typ.String(), read.Type.String())
	}
}

func TestReadErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "not a memsize layout",
		`{"schema":"other"}`:                     "this version reads",
		`{"schema":"memsize-layout/1","type":1}`: "no type 1",
		`{"schema":"memsize-layout/1","known":[0]}`:                                                                                "no type 0",
		`{"schema":"memsize-layout/1","types":[{"kind":"slice"}]}`:                                                                 "no element",
		`{"schema":"memsize-layout/1","types":[{"kind":"slice","elem":2}]}`:                                                        "no element 2",
		`{"schema":"memsize-layout/1","types":[{"kind":"map","elem":1}]}`:                                                          "no key",
		`{"schema":"memsize-layout/1","types":[{"kind":"what"}]}`:                                                                  "no kind",
		`{"schema":"memsize-layout/1","types":[{"kind":"array","elem":1,"len":-1}]}`:                                               "no whole number",
		`{"schema":"memsize-layout/1","types":[{"kind":"array","elem":1,"len":2}]}`:                                                "contains itself",
		`{"schema":"memsize-layout/1","types":[{"kind":"struct","fields":[{"name":"A","type":1}]}]}`:                               "contains itself",
		`{"schema":"memsize-layout/1","types":[{"kind":"struct","fields":[{"name":"A","type":2,"memusage":"!"}]},{"kind":"int"}]}`: "field",
	} {
		_, err := layout.Parse([]byte(text))
		require.ErrorIs(t, err, layout.ErrLayout, text)
		require.ErrorContains(t, err, want, text)
	}
}

func TestLookup(t *testing.T) {
	l := &layout.Layout{Origin: "test"}
	for _, typ := range []reflect.Type{reflect.TypeFor[tagged](), reflect.TypeFor[testdata.Tx](),
		reflect.TypeFor[bytes.Buffer](), reflect.TypeFor[strings.Builder]()} {
		l.Known = append(l.Known, rules.TypeOf(typ))
	}
	for _, name := range []string{"Tx", "testdata.Tx", "github.com/bitcoin-mem/memsize/internal/testdata.Tx"} {
		found, err := l.Lookup(name)
		require.NoError(t, err)
		require.Equal(t, rules.TypeOf(reflect.TypeFor[testdata.Tx]()), found)
	}
	_, err := l.Lookup("testdata.tx")
	require.ErrorContains(t, err, "internal/testdata.Tx", "what is near")
	_, err = l.Lookup("Nothing")
	require.ErrorContains(t, err, "no type Nothing among 4")
}

// Types without a name are known by their literal.
func TestLiterals(t *testing.T) {
	item := &gotype.Type{Spec: gotype.Spec{Kind: reflect.Struct, Name: "Item", PkgPath: "example.org/shop"}}
	pair := &gotype.Type{Spec: gotype.Spec{Kind: reflect.Struct, Name: "Pair[string,int16]", PkgPath: "example.org/shop"}}
	twin := &gotype.Type{Spec: gotype.Spec{Kind: reflect.Struct, Name: "Twin", PkgPath: "example.org/a"}}
	other := &gotype.Type{Spec: gotype.Spec{Kind: reflect.Struct, Name: "Twin", PkgPath: "example.com/a"}}
	l := &layout.Layout{Known: []rules.Type{item, pair, twin, other}}
	wire := scanned(t, []int{1}).Roots[0].Type
	for name, wants := range map[string]string{
		"[]shop.Item":                         "[]shop.Item",
		"*[]shop.Item":                        "*[]shop.Item",
		"map[string]*shop.Item":               "map[string]*shop.Item",
		"[3]shop.Pair[string,int16]":          "[3]shop.Pair[string,int16]",
		"map[[2]int8]map[string]interface {}": "map[[2]int8]map[string]any",
		"[]shop.Unknown":                      "",
		"[]a.Twin":                            "", // of which there are two
		"[]struct { A int }":                  "",
		"[":                                   "",
		"[99999999999999999999]int":           "",
	} {
		if got := l.Dynamic(name, wire); wants == "" {
			require.Nil(t, got, name)
		} else {
			require.NotNil(t, got, name)
			require.Equal(t, wants, got.String())
		}
	}
}

// scanned is the census of a value's gob.
func scanned(t *testing.T, v any) *snapshot.Census {
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(v))
	c, err := snapshot.Scan(t.Context(), &b)
	require.NoError(t, err)
	return c
}

func FuzzParse(f *testing.F) {
	var b bytes.Buffer
	l := &layout.Layout{Type: rules.TypeOf(reflect.TypeFor[tagged]())}
	if err := l.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema":"memsize-layout/1","type":1,"types":[{"kind":"pointer","elem":1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := layout.Parse(text)
		if err != nil {
			return
		}
		if err := l.Write(&bytes.Buffer{}); err != nil { // sizes each type
			t.Fatal(err)
		}
	})
}

func ExampleRead() {
	var saved bytes.Buffer
	l := &layout.Layout{Origin: "this program", Type: rules.TypeOf(reflect.TypeFor[map[string]int32]())}
	if err := l.Write(&saved); err != nil {
		panic(err)
	}
	read, err := layout.Read(&saved)
	fmt.Println(read.Type, err)
	// Output: map[string]int32 <nil>
}
