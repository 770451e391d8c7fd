package price_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// declarer writes random declarations of Go types: with names, for these are what a stream tells
// least of, and with pointers and widths that it does not tell.
type declarer struct {
	*rand.Rand
	hidden  bool // with fields that are not sent
	b       strings.Builder
	names   []string
	keys    []string // those that can be keys of maps
	current string   // the struct that is being declared; empty where it cannot refer to itself
}

// program is a Go program that makes values of random types, and says what they cost once they
// are decoded.
func (d *declarer) program(types int) string {
	d.b.WriteString("package main\n\nimport \"time\"\n\n")
	for i := range types {
		name := fmt.Sprintf("T%d", i)
		switch d.IntN(8) {
		case 0:
			fmt.Fprintf(&d.b, "type %s []%s\n", name, d.elem(2))
		case 1:
			fmt.Fprintf(&d.b, "type %s map[%s]%s\n", name, d.key(), d.elem(2))
		case 2:
			fmt.Fprintf(&d.b, "type %s [%d]%s\n", name, 1+d.IntN(3), d.key())
			d.keys = append(d.keys, name)
		case 3:
			fmt.Fprintf(&d.b, "type %s %s\n", name, d.scalar())
			d.keys = append(d.keys, name)
		case 4:
			// No pointers: one to a zero is lost, and keys that differ in it alone become one.
			fmt.Fprintf(&d.b, "type %s struct { A %s; B %s }\n", name, d.scalar(), d.scalar())
			d.keys = append(d.keys, name)
		default:
			d.structType(name)
		}
		d.names = append(d.names, name)
	}
	d.b.WriteString("\nvar _ time.Time\n\nvar samples = []sample{\n")
	for _, name := range d.names {
		if d.IntN(3) == 0 {
			name = "[]" + name // that a field of name may have as well
		}
		fmt.Fprintf(&d.b, "\tof[%s](),\n", name)
	}
	d.b.WriteString("}\n")
	return d.b.String()
}

func (d *declarer) structType(name string) {
	d.current = name
	fmt.Fprintf(&d.b, "type %s struct {\n", name)
	n := 1 + d.IntN(6)
	if d.IntN(25) == 0 {
		n = 150 // so many that ways to lay them out are joined
	}
	for i := range n {
		fmt.Fprintf(&d.b, "\tF%d %s\n", i, d.elem(2))
		if d.hidden && d.IntN(3) == 0 {
			fmt.Fprintf(&d.b, "\tf%d %s\n", i, d.scalar())
		}
	}
	d.b.WriteString("}\n")
	d.current = ""
}

var scalarNames = []string{"bool", "int8", "int16", "int32", "int64", "int", "uint8", "uint16",
	"uint32", "uint64", "uint", "uintptr", "float32", "float64", "complex64", "complex128", "string"}

func (d *declarer) scalar() string { return scalarNames[d.IntN(len(scalarNames))] }

// key is a type that can be compared, and does not lead back to itself.
func (d *declarer) key() string {
	switch n := d.IntN(10); {
	case n < 3 && len(d.keys) > 0:
		return d.keys[d.IntN(len(d.keys))]
	case n < 4:
		return fmt.Sprintf("[%d]%s", d.IntN(40), d.scalar())
	case n < 5:
		return "*" + d.scalar()
	}
	return d.scalar()
}

// elem is any type, a third of the time behind a pointer.
func (d *declarer) elem(depth int) string {
	star := ""
	if d.IntN(3) == 0 {
		star = "*"
	}
	switch n := d.IntN(12); {
	case d.current != "" && n == 0:
		return []string{"*", "[]", "[]*", "map[string]", "map[int8]*"}[d.IntN(5)] + d.current
	case n == 1:
		return star + "any"
	case n == 2 && d.IntN(3) == 0:
		return star + "time.Time"
	case n == 3 && d.IntN(3) == 0:
		return star + "struct{}"
	case n < 6 && len(d.names) > 0:
		return star + d.names[d.IntN(len(d.names))]
	case depth > 0 && n == 6:
		return star + "[]" + d.elem(depth-1)
	case depth > 0 && n == 7:
		return star + "map[" + d.key() + "]" + d.elem(depth-1)
	case depth > 0 && n == 8:
		return fmt.Sprintf("%s[%d]%s", star, d.IntN(4), d.key())
	case n == 9:
		return star + "[]byte"
	}
	return star + d.scalar()
}

// decodedTruth is what a value of a random type was, on the wire and in memory.
type decodedTruth struct {
	Type   string
	Stream []byte
	Totals map[string]uint64 // by model, of the decoded values
}

// truths runs the program of a seed.
func truths(t *testing.T, seed uint64, types int, hidden bool) (list []decodedTruth) {
	d := &declarer{Rand: rand.New(rand.NewPCG(seed, 0)), hidden: hidden}
	decoder := runProgram(t, seed, d.program(types), "decoded/main.go", "decoded/filler.go")
	for decoder.More() {
		var one decodedTruth
		require.NoError(t, decoder.Decode(&one))
		list = append(list, one)
	}
	return list
}

// runProgram runs a Go program of types and of files below testdata, and decodes what it prints.
func runProgram(t *testing.T, seed uint64, types string, files ...string) *json.Decoder {
	dir := t.TempDir()
	args := []string{"run", filepath.Join(dir, "types.go")}
	require.NoError(t, os.WriteFile(args[1], []byte(types), 0o600))
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		require.NoError(t, err)
		args = append(args, filepath.Join(dir, filepath.Base(file)))
		require.NoError(t, os.WriteFile(args[len(args)-1], text, 0o600))
	}
	command := exec.Command("go", append(args, fmt.Sprint(seed))...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	require.NoError(t, command.Run(), "seed %d: %s\n%s", seed, &errs, types)
	return json.NewDecoder(&out)
}

// TestBoundsHoldTheTruth makes random Go types, whose values encoding/gob encodes and decodes: what
// the decoded values cost must lie within the bounds that the stream alone proves.
func TestBoundsHoldTheTruth(t *testing.T) {
	seed := seed.Of(t)
	types := 150
	if testing.Short() {
		types = 80
	}
	for _, hidden := range []bool{false, true} {
		checked, tight := 0, 0
		for _, one := range truths(t, seed, types, hidden) {
			census, err := snapshot.Scan(context.Background(), bytes.NewReader(one.Stream))
			require.NoError(t, err)
			for model, want := range one.Totals {
				m, err := rules.Lookup(model)
				require.NoError(t, err)
				r, err := price.Price(census, []*rules.Model{m}, nil)
				require.NoError(t, err)
				if model == "go" && r.Models[0].Bounds == nil {
					continue // a figure by model, not a bound
				}
				why := fmt.Sprintf("seed %d, hidden %v: %s under %s is %d\n%s", seed, hidden, one.Type,
					model, want, text(t, r))
				low, high := boundsOf(r)
				require.LessOrEqual(t, low, r.Total, why)
				require.GreaterOrEqual(t, high, r.Total, why)
				require.LessOrEqual(t, low, want, why)
				if !hidden {
					require.GreaterOrEqual(t, high, want, why)
				}
				checked++
				if low == high {
					tight++
				}
			}
		}
		t.Logf("%d figures, %d of them exactly known", checked, tight)
		require.Greater(t, checked, types)
	}
}

// boundsOf is the bounds of the total; itself where nothing is open.
func boundsOf(r *report.Report) (low, high uint64) {
	b := r.Models[0].Bounds
	if b == nil {
		return r.Total, r.Total
	}
	if b.Max == nil {
		return b.Min, math.MaxUint64
	}
	return b.Min, *b.Max
}

// branch holds what it is held by: a list of branches.
type branch struct {
	Fruits int64
	Kids   []branch
	ByName map[string]branch
}

// A place that folds back to a list, rather than to a struct, is as large as a list, and so are the
// structs around it, which a map has room for whether they are there or not.
func TestBoundsOfListsInThemselves(t *testing.T) {
	leaf := branch{Fruits: math.MaxInt64}
	twig := branch{math.MinInt64, []branch{leaf}, map[string]branch{"leaf": leaf, "other": leaf}}
	v := []branch{twig, {1, []branch{twig, leaf}, map[string]branch{"twig": twig}}}
	for _, m := range append(slices.Clone(asIf), rules.Go()) {
		r, err := price.Price(scan(t, v), []*rules.Model{m}, nil)
		require.NoError(t, err)
		options := []memsize.Option{memsize.WithModel(m)}
		if !m.IsGoHeap() {
			options = append(options, memsize.CapIsLen())
		}
		want := memsize.Of(decoded(t, v), options...)
		low, high := boundsOf(r)
		require.LessOrEqual(t, low, want, m.Name())
		require.GreaterOrEqual(t, high, want, m.Name())
		shown := r.Models[0].Shown
		require.LessOrEqual(t, shown.Min, want, m.Name())
		require.GreaterOrEqual(t, *shown.Max, want, m.Name())
	}
}

// What a broken stream is taken for lies within its bounds too, wherever it ends: before the first
// element of an array, for one.
func TestBoundsOfPartsOfStreams(t *testing.T) {
	type row struct {
		Sums  [200]int64
		Names [3]string
		Codes map[string][]byte
	}
	v := []row{{Names: [3]string{"one", "seven", "fifteen"}, Codes: map[string][]byte{
		"a key": make([]byte, 5), "another": make([]byte, 9), "x": make([]byte, 14)}}}
	models := append(slices.Clone(asIf), rules.Go())
	for stream := encoded(v); len(stream) > 0; stream = stream[:len(stream)-1] {
		census, _ := snapshot.Scan(context.Background(), bytes.NewReader(stream))
		r, err := price.Price(census, models, nil)
		require.NoError(t, err)
		for i, m := range r.Models {
			low, high := boundsOf(&report.Report{Total: m.Total, Models: r.Models[i : i+1]})
			require.LessOrEqual(t, low, m.Total, "%d bytes under %s", len(stream), m.Name)
			require.GreaterOrEqual(t, high, m.Total, "%d bytes under %s", len(stream), m.Name)
		}
	}
}

// Small blocks of a Go heap share blocks of 16 bytes, which are whole however they are shared out
// to the lengths and the places of what is in them.
func TestSharedBlocksAreWhole(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 0))
		var list [4]string // 64 bytes
		for i := range list {
			list[i] = strings.Repeat("x", 2+r.IntN(13))
		}
		priced, err := price.Price(scan(t, list[:]), []*rules.Model{rules.Go()}, nil)
		require.NoError(t, err)
		require.Zero(t, priced.Total%16, list)
		require.LessOrEqual(t, priced.Total, uint64(64+16*len(list)), list)
	}
}

// Fields that are not sent can make a value cheaper: beyond 128 bytes a Go map keeps it outside of
// its slots, of which it has eight for one entry.
func TestHiddenFieldsBeyondTheTurn(t *testing.T) {
	type hides struct {
		A, B, C string
		D, E, F []byte
		hidden  [72]byte
	}
	_ = hides{}.hidden
	v := map[string]hides{"key": {A: "text"}}
	r, err := price.Price(scan(t, v), []*rules.Model{rules.Go()}, nil)
	require.NoError(t, err)
	low, _ := boundsOf(r)
	want := memsize.Heap(decoded(t, v))
	require.Greater(t, r.Total, want+want/2, "else this tests nothing")
	require.LessOrEqual(t, low, want)
}
