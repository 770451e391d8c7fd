package golden_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/rules"
)

// goldenRow is one figure from a file in testdata/golden; the README there explains the columns.
// Bytes and elements throughout.
type goldenRow struct {
	text string // the row as it stands in the file

	// What was measured.
	Rule, How, Src string
	Elem, Key, Val string
	Len, Cap, N    int
	CapBits        int    `json:"cap_bits"`
	ChunkSize      int    `json:"chunk_size"`
	Request        uint64 // of malloc
	Nil, Sso, Some bool
	OuterLen       int   `json:"outer_len"`
	OuterCap       int   `json:"outer_cap"`
	InnerCaps      []int `json:"inner_caps"`
	InnerLens      []int `json:"inner_lens"`
	PointeeCaps    []int `json:"pointee_caps"`
	Index          []int // of pointees, -1 for nil

	// Sizes of types and nodes.
	Sizeof        uint64 // of the container itself
	ElemSize      uint64 `json:"elem_size"`
	ElemAlign     uint64 `json:"elem_align"`
	OptionSize    uint64 `json:"option_size"`
	NodeSize      uint64 `json:"node_size"`
	TreeNode      uint64 `json:"tree_node"`
	ListNode      uint64 `json:"list_node"`
	UnorderedNode uint64 `json:"unordered_node"`

	// Figures.
	Bytes, Shallow, Own uint64
	BytesDedup          uint64 `json:"bytes_dedup"`
	BytesIfDeep         uint64 `json:"bytes_if_deep"`
	NodeBytes           uint64 `json:"node_bytes"`
	TreeNodeBytes       uint64 `json:"tree_node_bytes"`
	ListNodeBytes       uint64 `json:"list_node_bytes"`
	BucketCount         uint64 `json:"bucket_count"`

	// The coins cache.
	Chunk         uint64
	ScriptLen     int    `json:"script_len"`
	CoinsBytes    uint64 `json:"coins_bytes"`
	MapBytes      uint64 `json:"map_bytes"`
	PlainMapBytes uint64 `json:"plain_map_bytes"`
	PlainBytes    uint64 `json:"plain_bytes"`

	// Buckets of unordered containers.
	Rehash uint64 `json:"rehash_when_inserting_element"`
	Primes []uint64
}

// goldenRows reads a file of testdata/golden.
func goldenRows(t testing.TB, name string) []goldenRow {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "golden", name+".jsonl.gz"))
	require.NoError(t, err)
	defer file.Close()
	text, err := gzip.NewReader(file)
	require.NoError(t, err)
	var rows []goldenRow
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row goldenRow
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		row.text = lines.Text()
		rows = append(rows, row)
	}
	require.NoError(t, lines.Err())
	return rows
}

// golden checks the rows of one file against one model.
type golden struct {
	*testing.T
	model *rules.Model
	// exact is the same model with an allocator that rounds nothing, so that the sizes of nodes
	// show through; nil where there is none.
	exact     *rules.Model
	allocator malloc.Allocator
	pointer   uint64
	row       goldenRow
	failures  int
}

// equal compares one figure of the row. A file with a wrong formula has hundreds of wrong rows:
// the first ones tell.
func (g *golden) equal(want, got uint64, what string) {
	g.Helper()
	if want == got {
		return
	}
	if g.failures++; g.failures <= 25 {
		g.Errorf("%s is %d, want %d: %s", what, got, want, g.row.text)
	}
}

// priced checks that v costs want, by itself and with all below it: the elements that rows are
// made of own nothing.
func (g *golden) priced(want uint64, v any, route string, overrides ...rules.Override) {
	g.Helper()
	model := memsize.WithModel(g.model.With(overrides...))
	g.equal(want, memsize.Dynamic(v, model), "Dynamic, "+route)
	g.equal(want, memsize.Of(v, model), "Of, "+route)
}

// container checks a container by a tag on a field, and by ForKind where the rule is r.
func (g *golden) container(want uint64, v reflect.Value, tag string, r rules.Rule) {
	g.Helper()
	g.priced(want, tagged(v, tag), "tag "+tag)
	if r != nil {
		g.priced(want, v.Interface(), "ForKind", rules.ForKind(v.Kind(), r))
	}
}

// increment checks IncrementalDynamicUsage of v.
func (g *golden) increment(want uint64, v reflect.Value, tag string) {
	g.Helper()
	got, err := memsize.Incremental(tagged(v, tag), memsize.WithModel(g.model))
	require.NoError(g, err, g.row.text)
	g.equal(want, got, "Incremental, tag "+tag)
}

// tagged is v as the field of a struct, under a memusage tag.
func tagged(v reflect.Value, tag string) any {
	box := reflect.New(taggedType(v.Type(), tag)).Elem()
	box.Field(0).Set(v)
	return box.Interface()
}

func taggedType(t reflect.Type, tag string) reflect.Type {
	field := reflect.StructField{Name: "F", Type: t}
	field.Tag = reflect.StructTag(`memusage:"` + tag + `"`)
	return reflect.StructOf([]reflect.StructField{field})
}

// run checks all rows: check says why a row has no counterpart in Go, or the empty string once it
// has compared the row's figures. How many rows of each kind are equal, and how many have no
// counterpart, is part of the test, so that no row and no kind of row drops out unseen.
func (g *golden) run(rows []goldenRow, check func(goldenRow) string,
	matched, missing map[string]int) {
	gotMatched, gotMissing := make(map[string]int), make(map[string]int)
	for _, row := range rows {
		g.row = row
		before := g.failures
		why := check(row)
		switch {
		case why != "":
			gotMissing[row.Rule+": "+why]++
		case g.failures == before:
			gotMatched[row.Rule]++
		}
	}
	if g.failures > 25 {
		g.Errorf("and %d more figures", g.failures-25)
	}
	require.Equal(g, matched, gotMatched, "rows whose figures are equal")
	require.Equal(g, missing, gotMissing, "rows without a Go counterpart")
	g.Logf("%d of %d rows equal to the byte; without a counterpart: %v",
		sum(gotMatched), len(rows), gotMissing)
}

func sum(counts map[string]int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}
