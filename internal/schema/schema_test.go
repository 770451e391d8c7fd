package schema_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/schema"
	"github.com/bitcoin-mem/memsize/snapshot"
)

var update = flag.Bool("update", false, "write the golden files anew")

// declarations scans a stream and returns its types, which must be Go that compiles and that
// gofmt leaves alone.
func declarations(t testing.TB, stream []byte) string {
	t.Helper()
	c, _ := snapshot.Scan(t.Context(), bytes.NewReader(stream))
	var out bytes.Buffer
	require.NoError(t, schema.Write(&out, c, "test.gob"))
	formatted, err := format.Source(out.Bytes())
	require.NoError(t, err, "%s", &out)
	require.Equal(t, string(formatted), out.String())
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, "schema.go", out.Bytes(), 0)
	require.NoError(t, err)
	if len(parsed.Imports) > 0 {
		require.Equal(t, `"time"`, parsed.Imports[0].Path.Value)
	}
	config := types.Config{Importer: timeOnly{}}
	_, err = config.Check("snapshot", fset, []*ast.File{parsed}, nil)
	require.NoError(t, err, "%s", &out)
	return out.String()
}

// timeOnly imports a package time of what declarations take from it.
type timeOnly struct{}

func (timeOnly) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, path)
	for _, name := range []string{"Time", "Location"} {
		n := types.NewTypeName(token.NoPos, p, name, nil)
		types.NewNamed(n, types.NewStruct(nil, nil), nil)
		p.Scope().Insert(n)
	}
	p.MarkComplete()
	return p, nil
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(v))
	return b.Bytes()
}

type person struct {
	Name   string
	Age    uint32
	Scores []float64
	Born   time.Time
	Boss   *person
	Tags   map[string]struct{ A, B int8 }
	Hash   [32]byte
	Any    any
	Raw    []byte
}

type height int16

type pair[K comparable, V any] struct {
	Key   K
	Value V
}

func TestGolden(t *testing.T) {
	gob.Register(height(0))
	boss := &person{Name: "b", Age: 300, Any: height(3), Hash: [32]byte{31: 200}}
	for name, v := range map[string]any{
		"person": []person{{Name: "a", Boss: boss, Born: time.Unix(1, 0), Any: "x",
			Tags: map[string]struct{ A, B int8 }{"k": {1, 2}}}},
		"generic": map[string]pair[string, []int]{"a": {"b", []int{1}}},
		"unnamed": [][]map[uint8]string{{{1: "x"}}},
		"scalar":  7,
	} {
		t.Run(name, func(t *testing.T) {
			got := declarations(t, encode(t, v))
			path := filepath.Join("testdata", name+".txt")
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err, "go test ./internal/schema -update writes it")
			require.Equal(t, string(want), got)
		})
	}
}

// Types that stand in comments alone need no package, and what encodes itself may be a key, which
// bytes cannot be.
func TestCompiles(t *testing.T) {
	gob.Register(time.Time{})
	now, addr := time.Unix(1, 0), netip.MustParseAddr("::1")
	type key struct {
		At   [2]netip.Addr
		Name string
	}
	for _, v := range []any{now, []any{now}, person{Any: now}, map[string]any{"a": now},
		map[netip.Addr]time.Time{addr: now}, map[key]int{{Name: "a"}: 1},
		[]map[netip.Addr][]netip.Addr{{addr: {addr}}}, map[*key]int{{}: 1}} {
		declarations(t, encode(t, v))
	}
	require.Regexp(t, `type \w+ string`, declarations(t, encode(t, map[netip.Addr]int{addr: 1})))
	require.Regexp(t, `type \w+ \[\]byte`, declarations(t, encode(t, map[int]netip.Addr{1: addr})))
}

// The project's own snapshots, and every prefix of a small one.
func TestFilesAndParts(t *testing.T) {
	for _, name := range []string{"utxo.gob", "mempool.gob", "sessions.gob"} {
		stream, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
		require.NoError(t, err)
		declarations(t, stream)
	}
	stream := encode(t, person{Name: "a", Any: "x", Born: time.Unix(1, 2)})
	for end := range stream {
		declarations(t, stream[:end])
	}
}

// Names that are no identifiers, and such as would break out of a comment or collide.
func TestHostileNames(t *testing.T) {
	type Field struct{ Aaaaa, Bbbbb int }
	stream := encode(t, []Field{{1, 2}})
	for why, row := range map[string]struct{ from, to, wants string }{
		"an escape":         {"Aaaaa", "A\x1b[2J", `named "A\x1b[2J"`},
		"a newline":         {"Aaaaa", "A\n}//", `named "A\n}//"`},
		"the same twice":    {"Aaaaa", "Bbbbb", "Bbbbb_2"},
		"a keyword":         {"Aaaaa", "break", "break_"},
		"a digit":           {"Aaaaa", "1abcd", "F1abcd"},
		"nothing usable":    {"Aaaaa", "+++++", "F "},
		"invalid UTF-8":     {"Aaaaa", "A\xff\xfe\xfdx", "A"},
		"a type's name":     {"Field", "int64", "int64_"},
		"a type's name, ()": {"Field", "A() {", "type A struct"},
		"a package":         {"Field", "time.", "type time_ struct"},
	} {
		got := declarations(t, bytes.ReplaceAll(stream, []byte(row.from), []byte(row.to)))
		require.Contains(t, got, row.wants, why)
		require.NotContains(t, got, "\x1b", why)
	}
}

// Types without names that double at each level must not double the declarations.
func TestNoExplosion(t *testing.T) {
	type l0 struct{ A, B map[string]map[int][]string }
	stream := encode(t, l0{})
	require.Less(t, len(declarations(t, stream)), 1000)
	var build func(depth int) any
	build = func(depth int) any {
		if depth == 0 {
			return map[string]any{}
		}
		return map[string]any{strings.Repeat("k", depth): build(depth - 1)}
	}
	gob.Register(map[string]any{})
	require.Less(t, len(declarations(t, encode(t, build(50)))), 1000)
}

func FuzzWrite(f *testing.F) {
	gob.Register([]any{})
	f.Add(encode(f, person{Name: "a", Any: "x"}))
	f.Add(encode(f, []any{1, "x", []any{2.5}}))
	f.Fuzz(func(t *testing.T, stream []byte) {
		c, _ := snapshot.Scan(t.Context(), bytes.NewReader(stream), snapshot.MaxMemory(1<<20))
		var out bytes.Buffer
		require.NoError(t, schema.Write(&out, c, "x"))
		_, err := parser.ParseFile(token.NewFileSet(), "", out.Bytes(), 0)
		require.NoError(t, err)
	})
}

func ExampleWrite() {
	type Coin struct {
		Height uint32
		Script []byte
	}
	var stream bytes.Buffer
	if err := gob.NewEncoder(&stream).Encode(map[string]*Coin{"a": {840_000, []byte("x")}}); err != nil {
		fmt.Println(err)
	}
	census, err := snapshot.Scan(context.Background(), &stream)
	if err != nil {
		fmt.Println(err)
	}
	if err := schema.Write(os.Stdout, census, "coins.gob"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// // The types of coins.gob, as far as its gob stream tells them.
	// //
	// // It has 1 value of type Value.
	// package snapshot
	//
	// type Value map[string]struct {
	// 	Height uint // 4..8 bytes, assumed 8
	// 	Script []byte
	// }
}
