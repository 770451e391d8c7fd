package main

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// TestNeighbours holds the search against trying every request.
func TestNeighbours(t *testing.T) {
	const limit = 3000
	for _, name := range malloc.Names() {
		a, err := malloc.Lookup(name)
		require.NoError(t, err)
		for asked := uint64(1); asked <= limit; asked++ {
			var less, saved, more uint64
			for n := asked; n > 0 && less == 0; n-- {
				if a.Usage(n) < a.Usage(asked) {
					less, saved = asked-n, a.Usage(asked)-a.Usage(n)
				}
			}
			for a.Usage(asked+more+1) == a.Usage(asked) {
				more++
			}
			gotLess, gotSaved, gotMore := neighbours(a, asked)
			require.Equal(t, [3]uint64{less, saved, more}, [3]uint64{gotLess, gotSaved, gotMore},
				"%s, %d bytes asked", name, asked)
		}
		less, _, more := neighbours(a, 1<<64-1)
		require.Zero(t, more, "%s: nothing is larger", name)
		require.LessOrEqual(t, less, uint64(1<<63), name)
	}
}

// 56 bytes take 80 under Core's formula, 48 take 64.
func TestAdvice(t *testing.T) {
	core := rules.Core().Allocator()
	for _, row := range []struct {
		why   string
		asked uint64
		want  string
	}{
		{"in the middle of a step", 56, "8 B less saves 16 a block (1.56 KiB); 8 B more is free"},
		{"at its end", 64, "16 B less saves 16 a block (1.56 KiB)"},
		{"nothing is smaller than 1", 1, "15 B more is free"},
	} {
		x := waste{asked: row.asked, blocks: 100}
		require.Equal(t, row.want, advice(x, core, show.Bytes), row.why)
	}
}

// wastedOn is a value with every kind of block: of elements, of pointees, and shared ones.
func wastedOn() any {
	type entry struct{ A, B, C, D, E uint64 }
	type all struct {
		Hash   map[uint32]entry
		Tree   map[uint32]entry    `memusage:"map"`
		Set    map[uint64]struct{} `memusage:"set"`
		Empty  map[struct{}]struct{}
		List   []entry `memusage:"list"`
		Shared *entry  `memusage:"shared_ptr"`
		Unique *entry
		Vector []entry
		Text   string
		Any    any
	}
	v := all{
		Hash: map[uint32]entry{}, Tree: map[uint32]entry{}, Set: map[uint64]struct{}{},
		Empty: map[struct{}]struct{}{{}: {}}, List: make([]entry, 7), Shared: &entry{},
		Unique: &entry{}, Vector: make([]entry, 3), Text: strings.Repeat("x", 100), Any: 7,
	}
	for i := range uint32(1000) {
		v.Hash[i], v.Set[uint64(i)] = entry{}, struct{}{}
		if i < 300 {
			v.Tree[i] = entry{}
		}
	}
	return v
}

// TestWasteSumsToRounding: no rounding is lost or told twice, whatever the model.
func TestWasteSumsToRounding(t *testing.T) {
	for _, name := range rules.Names() {
		m, err := rules.Lookup(name)
		require.NoError(t, err)
		r := memsize.Scan(wastedOn(), memsize.WithModel(m))
		for _, rows := range [][]waste{wasteByType(r), wasteByPlace(r)} {
			var sum uint64
			for i, x := range rows {
				sum += x.rounding
				require.NotZero(t, x.rounding)
				require.True(t, i == 0 || x.rounding <= rows[i-1].rounding, "%s: the most first", name)
				if x.asked > 0 {
					require.Equal(t, x.blocks*(x.taken-x.asked), x.rounding, "%s: %+v", name, x)
					require.Equal(t, m.Allocator().Usage(x.asked), x.taken, "%s: %+v", name, x)
				}
			}
			require.Equal(t, r.Parts.Rounding, sum, name)
		}
	}
}

// TestWasteCountsBlocks: what was put in is what is told of.
func TestWasteCountsBlocks(t *testing.T) {
	r := memsize.Scan(wastedOn())
	type blocks struct{ count, asked, taken uint64 }
	got := map[string]blocks{}
	for _, x := range wasteByType(r) {
		if x.asked > 0 {
			got[x.what] = blocks{x.blocks, x.asked, x.taken}
		}
	}
	want := map[string]blocks{ // under Core's formulas
		"map[uint32]main.entry":       {1000, 8 + 40 + 8, 80},
		"map[uint32]main.entry (map)": {300, 32 + 8 + 40, 96},
		"map[uint64]struct {} (set)":  {1000, 32 + 8, 64},
		"map[struct {}]struct {}":     {1, 8, 32},
		"[]main.entry (list)":         {7, 16 + 40, 80},
		"*main.entry (shared_ptr)":    {1, 40, 64},
		"*main.entry":                 {1, 40, 64},
		"any(int)":                    {1, 8, 32},
	}
	require.Equal(t, want, got)
}

func TestWasteOfASnapshot(t *testing.T) {
	file := filepath.Join("..", "..", "testdata", "utxo.gob")
	code, out, errs := invoke(file, "--waste", "--model", "core+glibc", "--bytes")
	require.Equal(t, exitOK, code, errs)
	require.Contains(t, out, "waste (core+glibc)")
	node := ""
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "CoinsMap ") && node == "" {
			node = line
		}
	}
	// A node: a pointer, a key of 36 bytes, a coin of 64 (the wire shows no narrower integers).
	require.Equal(t, []string{"CoinsMap", "800,000", "51.1", "50,000", "112", "128"},
		strings.Fields(node)[:6])
	require.Contains(t, node, "8 B less saves 16 a block (800,000); 8 B more is free")
}

func TestWasteWithoutSlop(t *testing.T) {
	file := filepath.Join("..", "..", "testdata", "utxo.gob")
	code, out, errs := invoke(file, "--waste", "--model", "libstdcxx+exact")
	require.Equal(t, exitOK, code, errs)
	require.True(t, strings.HasSuffix(out, " 0 B are rounded away by exact\n"), out)
}

// What is shown of a part says so.
func TestWasteOfAPart(t *testing.T) {
	file := filepath.Join("..", "..", "testdata", "mempool.gob")
	code, out, _ := invoke(file, "--waste", "--model", "core", "--max-input", "300000")
	require.Equal(t, exitLimit, code)
	require.Contains(t, out, "\nPARTIAL: ")
	require.Contains(t, out, "\nwaste (core): ")
}

// What could be saved in what decoding makes is shown beside what is rounded away, and is in the JSON.
func TestWasteOnceDecoded(t *testing.T) {
	var stream bytes.Buffer
	single := map[string]map[string]uint64{}
	for i := range 50 {
		single[fmt.Sprint("number ", i)] = map[string]uint64{"key": uint64(i)}
	}
	require.NoError(t, gob.NewEncoder(&stream).Encode(single))
	file := filepath.Join(t.TempDir(), "single.gob")
	require.NoError(t, os.WriteFile(file, stream.Bytes(), 0o600))
	text := memsizeCommand(nil, file, "--waste")
	require.Contains(t, text.out, "once decoded (go)")
	require.Regexp(t, `map of at most one +\S+ KiB +50 +value\[\]: make it a pointer to a struct`, text.out)
	var account struct{ Waste []report.Saving }
	require.NoError(t, json.Unmarshal([]byte(memsizeCommand(nil, file, "--waste", "--output", "json").out), &account))
	require.Len(t, account.Waste, 1)
	require.Equal(t, uint64(50), account.Waste[0].Count)
	require.NotContains(t, memsizeCommand(nil, file, "--output", "json").out, `"waste"`, "unless it was asked for")
}
