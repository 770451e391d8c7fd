package heap_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/truth"
	"github.com/bitcoin-mem/memsize/rules"
)

// TestGo386 holds the model go-386 against what the same values take in a real 32-bit process. A
// 32-bit run of this test measures them and holds the committed table against that; a 64-bit run
// holds the model against the table.
func TestGo386(t *testing.T) {
	file := filepath.Join("testdata", "goreleases", "cases-386.json")
	if runtime.GOARCH == "386" && *updateReleases {
		text, err := json.MarshalIndent(measureCases(t), "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o644))
		return
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var table map[string]uint64
	require.NoError(t, json.Unmarshal(text, &table))
	if runtime.GOARCH == "386" {
		compareCases(t, table, measureCases(t))
		return
	}
	require386(t, table)
}

// comparable386 tells whether a case is the same value on both architectures, and all its own: not
// what has as many elements as there are in so many bytes of words.
func comparable386(c heapCase) bool {
	return !c.around && c.name != "the last with header" && !strings.Contains(c.name, "big.")
}

func measureCases(t *testing.T) map[string]uint64 {
	defer truth.Quiet()()
	seen := map[string]uint64{}
	for _, c := range heapCases() {
		if comparable386(c) {
			bytes, err := c.Measure()
			require.NoError(t, err, c.name)
			seen[c.name] = bytes
		}
	}
	return seen
}

// compareCases requires the same figures, but of large maps, whose tables split as hashes fall, and
// of a sync.Map, whose trie does.
func compareCases(t *testing.T, want, seen map[string]uint64) {
	const splits = 0.5
	require.Len(t, seen, len(want))
	for _, c := range heapCases() {
		if comparable386(c) && (c.portable.cause == mapShape.cause || c.name == "sync.Map") {
			require.InEpsilon(t, want[c.name], seen[c.name], splits, c.name)
		} else if comparable386(c) {
			require.Equal(t, want[c.name], seen[c.name], c.name)
		}
	}
}

// require386 holds the model to the bounds that any modelled figure has.
func require386(t *testing.T, table map[string]uint64) {
	model, err := rules.Lookup("go-386")
	require.NoError(t, err)
	doc, err := os.ReadFile("docs/heap.md")
	require.NoError(t, err)
	equal := 0
	for _, c := range heapCases() {
		if !comparable386(c) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			v := c.Build()
			r := memsize.Scan(v, memsize.WithModel(model))
			require.Contains(t, table, c.name)
			requireBound(t, c, string(doc), table[c.name], r)
			if r.Total == table[c.name] {
				equal++
			}
			runtime.KeepAlive(v)
		})
	}
	t.Logf("%d of %d figures are equal to the byte", equal, len(table))
}
