package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/gob"
	"encoding/json"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/schemacheck"
	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/rules"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// outcome is what a run of the command did.
type outcome struct {
	code      int
	out, errs string
}

// memsizeCommand runs the command as a shell would, with some standard input.
func memsizeCommand(in io.Reader, args ...string) outcome {
	return runUnder(context.Background(), in, args...)
}

func runUnder(ctx context.Context, in io.Reader, args ...string) outcome {
	var out, errs bytes.Buffer
	code := run(ctx, args, in, &out, &errs)
	return outcome{code, out.String(), errs.String()}
}

// snapshotFile is the path of one of the project's snapshots.
func snapshotFile(name string) string { return filepath.Join("..", "..", "testdata", name) }

// writeFile writes a file into the test's own folder and gives its path.
func writeFile(t *testing.T, name string, data []byte) string {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, data, 0o644))
	return path
}

// encoded is a value as gob.
func encoded(t *testing.T, v any) []byte {
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(v))
	return b.Bytes()
}

// on64Bits skips a test of output that says what decoding takes: on 32 bits it takes less.
func on64Bits(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("NOT RUN: the golden output is a 64-bit process's")
	}
}

// The output for real files, under models that do not depend on this machine.
func TestOutputIsGolden(t *testing.T) {
	on64Bits(t)
	for _, row := range []struct {
		golden string
		args   []string
	}{
		{"utxo.txt", []string{"utxo.gob"}},
		{"utxo_top.txt", []string{"utxo.gob", "--top", "3", "--bytes", "--all"}},
		{"sessions.txt", []string{"sessions.gob", "--depth", "3", "--top", "2"}},
		{"sessions_why.txt", []string{"sessions.gob", "--depth", "1", "--top", "0", "--why"}},
	} {
		t.Run(row.golden, func(t *testing.T) {
			data, err := os.ReadFile(snapshotFile(row.args[0]))
			require.NoError(t, err)
			args := append([]string{"-", "--model", "core,core-32,crate"}, row.args[1:]...)
			got := memsizeCommand(bytes.NewReader(data), args...)
			require.Equal(t, exitOK, got.code, got.errs)
			require.Empty(t, got.errs)
			path := filepath.Join("testdata", row.golden)
			if *updateGolden {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(path, []byte(got.out), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err, "go test ./cmd/memsize -update writes it")
			require.Equal(t, string(want), got.out,
				"%s: if this is better, run go test ./cmd/memsize -update", path)
		})
	}
}

// A file and the same bytes on standard input give the same account, compressed or not.
func TestStandardInput(t *testing.T) {
	data := encoded(t, map[string][]byte{"a": make([]byte, 100), "b": make([]byte, 200)})
	var compressed bytes.Buffer
	z := gzip.NewWriter(&compressed)
	_, err := z.Write(data)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	path := writeFile(t, "x.gob", data)
	file := memsizeCommand(nil, path)
	require.Equal(t, exitOK, file.code, file.errs)
	_, account, _ := strings.Cut(file.out, "\n")
	for _, in := range [][]byte{data, compressed.Bytes()} {
		got := memsizeCommand(bytes.NewReader(in), "-")
		require.Equal(t, exitOK, got.code, got.errs)
		require.True(t, strings.HasPrefix(got.out, "-   gob"), got.out)
		_, same, _ := strings.Cut(got.out, "\n")
		require.Equal(t, account, same)
	}
}

// Every exit code, and what is said with it.
func TestExitCodes(t *testing.T) {
	good := encoded(t, []string{strings.Repeat("x", 100), strings.Repeat("y", 5000)})
	done, cancel := context.WithCancel(context.Background())
	cancel()
	utxo, err := os.ReadFile(snapshotFile("utxo.gob"))
	require.NoError(t, err)
	for _, row := range []struct {
		why  string
		ctx  context.Context
		in   []byte
		args []string
		code int
		errs []string // in the message
		out  string   // in the output
	}{
		{"an account", nil, good, []string{"-"}, exitOK, nil, "[]string"},
		{"help is no error", nil, nil, []string{"--help"}, exitOK, nil, "Exit codes: 0 done"},
		{"no file: standard input", nil, good, nil, exitOK, nil, "[]string"},
		{"nothing at all", nil, nil, nil, exitInput, []string{"-: byte 0", "empty"}, ""},
		{"a flag that is not there", nil, good, []string{"-", "--modle", "core"}, exitUsage,
			[]string{"--modle", `did you mean "--model"`, "See memsize size --help"}, ""},
		{"a word that is nearly a command", nil, nil, []string{"shcema", "utxo.gob"}, exitInput,
			[]string{"shcema: no such file", "did you mean memsize schema?"}, ""},
		{"help as a command", nil, nil, []string{"help"}, exitInput,
			[]string{"did you mean memsize --help?"}, ""},
		{"an argument is missing, and whose", nil, nil, []string{"diff", "old.gob"}, exitUsage,
			[]string{"<new>", "See memsize diff --help"}, ""},
		{"the version", nil, nil, []string{"--version"}, exitOK, nil, "memsize "},
		{"a limit with a unit", nil, good, []string{"-", "--max-input", "1KB"}, exitLimit,
			[]string{"the limit of 1000 bytes"}, "PARTIAL"},
		{"a limit with a unit that is none", nil, good, []string{"-", "--max-input", "1KX"}, exitUsage,
			[]string{`"1KX" is not a number of bytes`, "100MB"}, ""},
		{"a limit beyond what there is", nil, good, []string{"-", "--max-input", "8EiB"}, exitUsage,
			[]string{`"8EiB"`}, ""},
		{"a negative limit", nil, good, []string{"-", "--max-input=-1"}, exitUsage,
			[]string{`"-1"`}, ""},
		{"a limit that reads nothing", nil, good, []string{"-", "--max-input", "0"}, exitUsage,
			[]string{"a limit of 0 bytes would read nothing", "leave it out"}, ""},
		{"no places", nil, good, []string{"-", "--max-sites", "0"}, exitUsage, []string{`"0"`}, ""},
		{"a negative time", nil, good, []string{"-", "--timeout=-1s"}, exitUsage,
			[]string{"--timeout cannot be negative"}, ""},
		{"a model that is not there, and which are", nil, good, []string{"-", "--model", "cor"},
			exitUsage, []string{`"cor"`, "core", "crate"}, ""},
		{"no model", nil, good, []string{"-", "--model="}, exitUsage, []string{"--model is empty"}, ""},
		{"an architecture that is not there", nil, good, []string{"-", "--model=go", "--arch=i386"},
			exitUsage, []string{`"i386"`, "386"}, ""},
		{"a rule that does not parse", nil, good, []string{"-", "--rule", "[]=vektor"}, exitUsage,
			[]string{"vektor", "[]=vektor"}, ""},
		{"a rule without a place", nil, good, []string{"-", "--rule", "[].A=vector"}, exitUsage,
			[]string{`no place "[].A"`, `"[]"`}, ""},
		{"a rule that does not fit, and what would", nil, good, []string{"-", "--rule", "[]=map"},
			exitUsage, []string{"map does not fit string", "vector"}, ""},
		{"a census and an account to one place", nil, good, []string{"-", "--census", "-"}, exitUsage,
			[]string{"merge"}, ""},
		{"waste in a form that has none", nil, good, []string{"-", "--waste", "--output", "md"},
			exitUsage, []string{"--waste is for text"}, ""},
		{"assumptions, whatever is shown of the account", nil, good, []string{"-", "--by", "type", "--why"},
			exitOK, nil, "assumed, because gob does not say"},
		{"an output that is not there", nil, good, []string{"-", "--output", "xml"}, exitUsage,
			[]string{"xml", "json"}, ""},
		{"an empty input", nil, nil, []string{"-"}, exitInput, []string{"-: byte 0"}, ""},
		{"no gob at all", nil, []byte("{\"a\": 1}, as JSON would have it"), []string{"-"},
			exitInput, []string{"-: byte "}, ""},
		{"cut short: what was read is shown", nil, good[:len(good)-100], []string{"-"}, exitInput,
			[]string{"-: byte "}, "PARTIAL"},
		{"no such file", nil, nil, []string{"no/such/file.gob"}, exitInput,
			[]string{"no/such/file.gob: "}, ""},
		{"a folder", nil, nil, []string{"."}, exitInput, []string{"directory"}, ""},
		{"a limit", nil, good, []string{"-", "--max-input", "1000"}, exitLimit,
			[]string{"-: byte "}, "PARTIAL"},
		{"stopped", done, utxo, []string{"-"}, exitInterrupted, []string{"interrupted"}, ""},
		{"bytes that are no number", nil, nil, []string{"malloc", "ten"}, exitUsage,
			[]string{`"ten"`}, ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			ctx := row.ctx
			if ctx == nil {
				ctx = context.Background()
			}
			got := runUnder(ctx, bytes.NewReader(row.in), row.args...)
			require.Equal(t, row.code, got.code, "%s%s", got.out, got.errs)
			require.Equal(t, row.code == exitOK, got.errs == "", got.errs)
			for _, part := range row.errs {
				require.Contains(t, got.errs, part)
			}
			require.Contains(t, got.out, row.out)
			if row.out == "" && row.code != exitInterrupted {
				require.Empty(t, got.out)
			}
		})
	}
}

// Broken input is named by file and byte: where exactly, the snapshot package's tests tell.
func TestBrokenInputIsLocated(t *testing.T) {
	data := encoded(t, []string{strings.Repeat("x", 1000)})
	path := writeFile(t, "cut.gob", data[:500])
	got := memsizeCommand(nil, path)
	require.Equal(t, exitInput, got.code)
	require.Regexp(t, `^memsize: .*cut\.gob: byte \d+, message \d+: \w+`, got.errs)
}

// A file's name is taken as it stands, whatever its bytes.
func TestNamesOfFiles(t *testing.T) {
	for _, name := range []string{"a b.gob", "a,b.gob", "a=b.gob", `a\,b.gob`, "\xff\x80.gob"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, encoded(t, []string{"x"}), 0o600); err != nil {
			t.Logf("a system that has no name %q: %v", name, err)
			continue
		}
		got := memsizeCommand(nil, path)
		require.Equal(t, exitOK, got.code, got.errs)
	}
}

// Several files: a line each, and a total; a broken one does not keep the others from being shown.
func TestSeveralFiles(t *testing.T) {
	good := writeFile(t, "good.gob", encoded(t, []string{"x"}))
	other := writeFile(t, "other.gob", encoded(t, map[string]int{"x": 1}))
	broken := writeFile(t, "broken.gob", []byte("nothing like gob"))
	got := memsizeCommand(nil, good, other, "--model", "core,core-golayout")
	require.Equal(t, exitOK, got.code, got.errs)
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	require.Len(t, lines, 4)
	require.Regexp(t, `^file \(2\) +size +values +core +core-golayout$`, lines[0])
	require.Regexp(t, `good\.gob +\d+ B +1 +48 B +32 B$`, lines[1])
	require.Regexp(t, `other\.gob +\d+ B +1 +192 B +176 B$`, lines[2])
	require.Regexp(t, `^total +\d+ B +2 +240 B +208 B$`, lines[3])

	got = memsizeCommand(nil, broken, good, "missing.gob", other)
	require.Equal(t, exitInput, got.code)
	require.Contains(t, got.errs, "broken.gob: byte ")
	require.Contains(t, got.errs, "missing.gob: ")
	require.Contains(t, got.out, "good.gob ")
	require.Contains(t, got.out, "other.gob ")
	require.Contains(t, got.out, "total ")
}

// JSON follows the schema, whatever the file, and has the figures of the text.
func TestJSONFollowsTheSchema(t *testing.T) {
	schema, err := schemacheck.Load(filepath.Join("..", "..", "report", "schema.json"))
	require.NoError(t, err)
	cut := encoded(t, []string{strings.Repeat("x", 1000), strings.Repeat("y", 1000)})
	drifted := encoded(t, struct{ A, Gone int }{1, 2})
	for _, row := range []struct {
		file  string
		flags string
		code  int
	}{
		{snapshotFile("utxo.gob"), "", exitOK}, {snapshotFile("mempool.gob"), "", exitOK},
		{snapshotFile("sessions.gob"), "", exitOK}, {writeFile(t, "cut.gob", cut[:1500]), "", exitInput},
		{writeFile(t, "two.gob", append(cut, cut...)), "", exitOK},
		{writeFile(t, "drifted.gob", drifted), "--type=../../internal/testdata:struct{A int}", exitOK},
	} {
		args := []string{row.file, "--output", "json", "--model", "core,crate"}
		if row.flags != "" {
			args = append(args, row.flags)
		}
		got := memsizeCommand(nil, args...)
		require.Equal(t, row.code, got.code, got.errs)
		require.NoError(t, schema.Check([]byte(got.out)), row.file)
		require.NoError(t, schema.CheckWithout([]byte(got.out), "schema", "total", "tree"))
		var value struct {
			Truncated       bool
			File            map[string]any
			Drift, Warnings []any
		}
		require.NoError(t, json.Unmarshal([]byte(got.out), &value))
		require.Equal(t, row.file, value.File["name"])
		require.Contains(t, value.File, "bytes")
		require.Equal(t, row.code != exitOK, value.Truncated)
		require.Equal(t, row.code == exitOK, value.File["decode"] != nil, "known of whole files only")
		require.Equal(t, strings.Contains(row.file, "two.gob"), len(value.Warnings) > 0)
		require.Equal(t, row.flags != "", len(value.Drift) > 0)
	}
}

// jsonTotal is the total in the command's JSON.
func jsonTotal(t *testing.T, got outcome) (total uint64) {
	require.Equal(t, exitOK, got.code, got.errs)
	var r struct{ Total uint64 }
	require.NoError(t, json.Unmarshal([]byte(got.out), &r))
	return r.Total
}

// coreModel prices the snapshot's coins with Core's scripts, inline up to 36 bytes.
var coreModel = rules.Core().With(rules.ForField[testdata.Coin]("Script", rules.Prevector(36)))

// Without rules the file costs what its Go twin does under the plain model.
func TestUTXOIsItsTwin(t *testing.T) {
	coins := testdata.UTXO(50_000)
	got := memsizeCommand(nil, snapshotFile("utxo.gob"), "--model", "core", "--output", "json")
	require.Equal(t, memsize.Of(coins, memsize.CapIsLen()), jsonTotal(t, got))
}

// With two rules it costs what Core's own CCoinsMap would: a pool_unordered_map of chunks of 256
// KiB, whose scripts of up to 36 bytes lie inside the entries.
func TestRulesGiveCoreCoinsMap(t *testing.T) {
	coins := struct {
		Map testdata.CoinsMap `memusage:"pool_unordered_map=262144"`
	}{testdata.UTXO(50_000)}
	want := memsize.Of(coins, memsize.WithModel(coreModel), memsize.CapIsLen())
	got := memsizeCommand(nil, snapshotFile("utxo.gob"), "--model", "core", "--output", "json",
		"--rule", ".=pool_unordered_map=262144", "--rule", "[].Script=prevector=36")
	require.Equal(t, want, jsonTotal(t, got))
}

// Nothing that a terminal acts upon reaches it, wherever it comes from: names of files, types and
// keys, rules, messages.
func TestTerminalEscapes(t *testing.T) {
	const evil = "\x1b[2J\x07\u202e"
	keys := map[string][]byte{evil + "a": make([]byte, 500), evil + "b": make([]byte, 5)}
	data := encoded(t, keys)
	typed := bytes.ReplaceAll(encoded(t, struct{ Field string }{strings.Repeat("x", 100)}),
		[]byte("Field"), []byte("F\x1b[2J"))
	for _, row := range []struct {
		why  string
		in   []byte
		args []string
	}{
		{"keys", data, []string{"-", "--all"}},
		{"names of fields", typed, []string{"-", "--all", "--why"}},
		{"a rule's path", data, []string{"-", "--rule", evil + "=vector"}},
		{"a rule", data, []string{"-", "--rule", "[]=" + evil}},
		{"a model", data, []string{"-", "--model", evil}},
		{"a file that is not there", nil, []string{"no-such-" + evil}},
		{"a file that is broken", nil, []string{writeFile(t, "a\x1b[2Jb.gob", data[:len(data)-9])}},
		{"a flag", nil, []string{"--" + evil}},
		{"a request", nil, []string{"malloc", evil}},
	} {
		t.Run(row.why, func(t *testing.T) {
			got := memsizeCommand(bytes.NewReader(row.in), row.args...)
			for _, text := range []string{got.out, got.errs} {
				require.NotContains(t, text, "\x1b")
				require.NotContains(t, text, "\x07")
				require.NotContains(t, text, "\u202e")
			}
		})
	}
}
