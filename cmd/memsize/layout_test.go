package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/snapshot/manifest"
)

// runCommand runs the command and returns what it printed.
func runCommand(t *testing.T, want int, args ...string) (out, errs string) {
	var o, e bytes.Buffer
	require.Equal(t, want, run(context.Background(), args, nil, &o, &e), "%v: %s", args, &e)
	return o.String(), e.String()
}

// figures are what the tests of layouts look at in the JSON form.
type figures struct {
	Total       uint64 `json:"total"`
	Models      []report.ModelFigures
	Assumptions []string
	Unbounded   []report.Unbounded
	Drift       []struct{ Path, Text string }
	File        struct {
		Layout string
		Decode struct{ Model string }
	}
}

func sized(t *testing.T, args ...string) (f figures, errs string) {
	return sizedUnder(t, "core", args...)
}

func sizedUnder(t *testing.T, model string, args ...string) (f figures, errs string) {
	out, errs := runCommand(t, exitOK, append(args, "--output", "json", "--model", model)...)
	require.NoError(t, json.Unmarshal([]byte(out), &f))
	return f, errs
}

// TestLayoutSources: each source of types says so, and gives what the live value costs.
func TestLayoutSources(t *testing.T) {
	pool := testdata.NewMempool(50)
	dir := t.TempDir()
	file, saved := filepath.Join(dir, "pool.gob"), filepath.Join(dir, "layout.json")
	var stream bytes.Buffer
	require.NoError(t, manifest.Write(&stream, *pool))
	require.NoError(t, os.WriteFile(file, stream.Bytes(), 0o600))
	const typ = "github.com/bitcoin-mem/memsize/internal/testdata.Mempool"
	want := memsize.Of(*pool, memsize.CapIsLen())

	got, errs := sized(t, file)
	require.Equal(t, want, got.Total, "the manifest is found without a flag")
	require.Contains(t, got.File.Layout, "manifest (when written: core ")
	require.Empty(t, errs)

	got, _ = sized(t, file, "--type", typ)
	require.Equal(t, want, got.Total)
	require.Contains(t, got.File.Layout, "source "+typ)

	text, _ := runCommand(t, exitOK, "layout", typ)
	require.NoError(t, os.WriteFile(saved, []byte(text), 0o600))
	got, _ = sized(t, file, "--layout", saved)
	require.Equal(t, want, got.Total)
	require.Contains(t, got.File.Layout, saved)
	got, _ = sized(t, file, "--layout", saved, "--type-name", "testdata.Mempool")
	require.Equal(t, want, got.Total)
}

// TestLayoutDrift: types that do not fit are warnings, and errors under --strict.
func TestLayoutDrift(t *testing.T) {
	const other = "github.com/bitcoin-mem/memsize/internal/testdata:struct{ Height uint32; Lost string }"
	got, errs := sized(t, "../../testdata/mempool.gob", "--type", other)
	require.NotEmpty(t, got.Drift)
	require.Contains(t, errs, "Transactions: struct")
	runCommand(t, exitInput, "../../testdata/mempool.gob", "--type", other, "--strict")
}

func TestLayoutErrors(t *testing.T) {
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"../../testdata/mempool.gob", "--type", "./nowhere.T"}, "nowhere"},
		{[]string{"../../testdata/mempool.gob", "--binary", "layout.go"}, "no ELF"},
		{[]string{"../../testdata/mempool.gob", "--layout", "layout.go"}, "not a memsize layout"},
		{[]string{"../../testdata/mempool.gob", "--layout", "nowhere"}, "no such file"},
		{[]string{"../../testdata/mempool.gob", "--type", "time.Time", "--layout", "nowhere"},
			"--type and --layout can't be used together"},
		{[]string{"../../testdata/mempool.gob", "--type-name", "time.Time"}, "--binary or --layout"},
		{[]string{"layout", "time.Time", "--type-name", "time.Time"}, "--binary or --layout"},
		{[]string{"layout"}, "name a type"},
		{[]string{"layout", "time.Nothing"}, "undefined: Nothing"},
	} {
		_, errs := runCommand(t, exitUsage, row.args...)
		require.Contains(t, errs, row.want, "%v", row.args)
	}
}

// TestUnbounded: where a type encodes itself there is no most, and it is said why.
func TestUnbounded(t *testing.T) {
	type account struct {
		Owner   string
		Balance *big.Int
	}
	accounts := []account{{"a", big.NewInt(7)}, {"b", big.NewInt(8)}}
	file := writeFile(t, "accounts.gob", encoded(t, accounts))
	got, _ := sized(t, file)
	require.Nil(t, got.Models[0].Bounds.Max)
	require.LessOrEqual(t, got.Models[0].Bounds.Min, got.Total)
	require.Len(t, got.Unbounded, 1)
	require.Equal(t, "[].Balance", got.Unbounded[0].Path)
	text, _ := runCommand(t, exitOK, file, "--why")
	require.Regexp(t, `core +at least \d+ B +at least \d+ B`, text)
	require.Contains(t, text, "without a bound\n  [].Balance GobEncoder: encodes itself")
}
