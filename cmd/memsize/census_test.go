package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/schemacheck"
)

// withoutName is an account without what says where it was read from.
func withoutName(t *testing.T, got outcome) map[string]any {
	t.Helper()
	var document map[string]any
	require.NoError(t, json.Unmarshal([]byte(got.out), &document))
	file, ok := document["file"].(map[string]any)
	require.True(t, ok)
	delete(file, "name")
	return document
}

// A saved census is read wherever a gob is, and gives the same account: plain or compressed, from
// a file or standard input, whole or partial, with the same exit code.
func TestCensusInsteadOfFile(t *testing.T) {
	utxo, err := os.ReadFile(snapshotFile("utxo.gob"))
	require.NoError(t, err)
	for _, row := range []struct {
		why  string
		file string
		code int
	}{
		{"whole", snapshotFile("sessions.gob"), exitOK},
		{"cut", writeFile(t, "cut.gob", utxo[:100_000]), exitInput},
	} {
		census := filepath.Join(t.TempDir(), "census.json")
		args := []string{"--output", "json", "--model", "core,crate"}
		file := memsizeCommand(nil, append(args, row.file, "--census", census)...)
		require.Equal(t, row.code, file.code, file.errs)
		saved := memsizeCommand(nil, append(args, census)...)
		require.Equal(t, row.code, saved.code, saved.errs)
		require.Equal(t, withoutName(t, file), withoutName(t, saved), row.why)
		data, err := os.ReadFile(census)
		require.NoError(t, err)
		require.Less(t, len(data), 100_000)
		in := memsizeCommand(bytes.NewReader(data), append(args, "-")...)
		require.Equal(t, withoutName(t, file), withoutName(t, in), row.why)
	}
}

// Files merged by way of their censuses are the files merged, and twice a file is twice its bytes.
func TestMerge(t *testing.T) {
	folder := t.TempDir()
	names := []string{snapshotFile("sessions.gob"), snapshotFile("mempool.gob")}
	var saved []string
	for i, name := range names {
		saved = append(saved, filepath.Join(folder, fmt.Sprint(i, ".json")))
		got := memsizeCommand(nil, name, "--census", saved[i])
		require.Equal(t, exitOK, got.code, got.errs)
	}
	all := filepath.Join(folder, "all.json")
	require.Equal(t, outcome{}, memsizeCommand(nil, "merge", saved[0], names[1], "-o", all))
	want := memsizeCommand(nil, "merge", names[0], names[1], "--output", "json")
	require.Equal(t, exitOK, want.code, want.errs)
	for _, args := range [][]string{{"merge", saved[0], saved[1]}, {all}, {"merge", all}} {
		got := memsizeCommand(nil, append(args, "--output", "json")...)
		require.Equal(t, exitOK, got.code, got.errs)
		require.Equal(t, withoutName(t, want), withoutName(t, got), args)
	}
	onOut := memsizeCommand(nil, "merge", saved[0], saved[1], "-o", "-")
	data, err := os.ReadFile(all)
	require.NoError(t, err)
	require.Equal(t, string(data), onOut.out)
	once := jsonTotal(t, memsizeCommand(nil, names[1], "--output", "json"))
	twice := jsonTotal(t, memsizeCommand(nil, "merge", names[1], names[1], "--output", "json"))
	require.Equal(t, 2*once, twice)
	text := memsizeCommand(nil, "merge", names[0], names[1])
	require.Contains(t, text.out, "sessions.gob and 1 more   gob")
}

// A file that cannot be read at all is not left out in silence; one that is cut is merged as far
// as it goes, and the account says that it is of a part.
func TestMergeOfBrokenFiles(t *testing.T) {
	good := writeFile(t, "good.gob", encoded(t, []string{strings.Repeat("x", 100)}))
	data := encoded(t, []string{strings.Repeat("y", 100), strings.Repeat("z", 1000)})
	cut := writeFile(t, "cut.gob", data[:200])
	got := memsizeCommand(nil, "merge", good, "missing.gob")
	require.Equal(t, exitInput, got.code)
	require.Empty(t, got.out)
	require.Contains(t, got.errs, "missing.gob: ")
	got = memsizeCommand(nil, "merge", good, cut)
	require.Equal(t, exitInput, got.code)
	require.Contains(t, got.out, "PARTIAL")
	require.Contains(t, got.errs, "cut.gob: byte ")
}

func TestDiff(t *testing.T) {
	type coin struct{ Script []byte }
	coins := func(n, size int) []byte {
		m := map[string]coin{}
		for i := range n {
			m[fmt.Sprint(i)] = coin{make([]byte, size)}
		}
		return encoded(t, m)
	}
	folder := t.TempDir()
	t.Chdir(folder)
	for name, data := range map[string][]byte{"old.gob": coins(100, 50), "new.gob": coins(110, 100),
		"other.gob": encoded(t, []string{"x"}), "cut.gob": coins(100, 50)[:500]} {
		require.NoError(t, os.WriteFile(name, data, 0o644))
	}
	model := []string{"--model", "core,crate"}
	for _, row := range []struct {
		why  string
		args []string
		code int
		errs string
	}{
		{"what changed", []string{"old.gob", "new.gob"}, exitOK, ""},
		{"nothing did", []string{"old.gob", "old.gob", "--threshold", "0%"}, exitOK, ""},
		{"beyond a share", []string{"old.gob", "new.gob", "--threshold", "5%"}, exitThreshold,
			"the limit is 5%"},
		{"within a share", []string{"old.gob", "new.gob", "--threshold", "100%"}, exitOK, ""},
		{"beyond bytes", []string{"old.gob", "new.gob", "--threshold", "1KiB"}, exitThreshold,
			"the limit is 1KiB"},
		{"within bytes", []string{"old.gob", "new.gob", "--threshold", "1MiB"}, exitOK, ""},
		{"one of two", []string{"old.gob", "new.gob", "--threshold", "1MiB", "--threshold",
			"[].Script=10%"}, exitThreshold, "the limit is [].Script=10%"},
		{"less is fine", []string{"new.gob", "old.gob", "--threshold", "0%"}, exitOK, ""},
		{"a place that is not there", []string{"old.gob", "new.gob", "--threshold", "[].Skript=1%"},
			exitUsage, "neither file has such a place"},
		{"no threshold", []string{"old.gob", "new.gob", "--threshold", "much"}, exitUsage,
			"want a share such as 5%"},
		{"a broken file goes first", []string{"cut.gob", "new.gob", "--threshold", "0%"}, exitInput,
			"cut.gob: byte "},
		{"standard input twice", []string{"-", "-"}, exitUsage, "only one of the two"},
		{"no such file", []string{"old.gob", "missing.gob"}, exitInput, "missing.gob"},
	} {
		got := memsizeCommand(strings.NewReader(""), append(append([]string{"diff"}, model...),
			row.args...)...)
		require.Equal(t, row.code, got.code, "%s\n%s%s", row.why, got.out, got.errs)
		require.Contains(t, got.errs, row.errs, row.why)
	}
	all := append([]string{"diff", "old.gob", "new.gob"}, model...)
	checkGolden(t, folder, "diff.txt", memsizeCommand(nil, all...).out)
	checkGolden(t, folder, "diff_type.txt", memsizeCommand(nil, append(all, "--by", "type")...).out)
	checkGolden(t, folder, "diff.md", memsizeCommand(nil, append(all, "--output", "md",
		"--threshold", "5%", "--bytes")...).out)
	got := memsizeCommand(nil, append(all, "--output", "json", "--threshold", "5%")...)
	checkGolden(t, folder, "diff.json", got.out)
	require.Equal(t, exitThreshold, got.code)
}

// source is this folder, as it was before a test went elsewhere.
var source, _ = os.Getwd()

// checkGolden compares text with a file of testdata, in which folder is left out.
func checkGolden(t *testing.T, folder, name, text string) {
	t.Helper()
	if folder != "" {
		text = strings.ReplaceAll(text, folder+string(filepath.Separator), "")
	}
	path := filepath.Join(source, "testdata", name)
	if *updateGolden {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./cmd/memsize -update writes it")
	require.Equal(t, string(want), text, "%s: if this is better, run go test ./cmd/memsize -update", name)
}

// The other forms of an account, of a project's own snapshot.
func TestFormsAreGolden(t *testing.T) {
	on64Bits(t)
	data, err := os.ReadFile(snapshotFile("sessions.gob"))
	require.NoError(t, err)
	for name, args := range map[string][]string{
		"sessions.md":          {"-", "--output", "md", "--depth", "3"},
		"sessions_package.txt": {"-", "--by", "package"},
		"sessions_type.txt":    {"-", "--by", "type", "--bytes"},
		"sessions_type.md":     {"-", "--by", "type", "--output", "md"},
		"sessions_schema.txt":  {"schema", "-"},
	} {
		if args[0] == "-" {
			args = append(args, "--model", "core,crate")
		}
		got := memsizeCommand(bytes.NewReader(data), args...)
		require.Equal(t, exitOK, got.code, got.errs)
		checkGolden(t, "", name, got.out)
	}
}

// go tool pprof reads the profile of a snapshot, and finds the total of each model.
func TestProfile(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("NOT RUN: there is no go command")
	}
	got := memsizeCommand(nil, snapshotFile("sessions.gob"), "--output", "pprof", "--model", "core,crate")
	require.Equal(t, exitOK, got.code, got.errs)
	path := writeFile(t, "sessions.pb.gz", []byte(got.out))
	for _, model := range []string{"core", "crate"} {
		total := jsonTotal(t, memsizeCommand(nil, snapshotFile("sessions.gob"), "--output", "json",
			"--model", model))
		cmd := exec.Command(goTool, "tool", "pprof", "-top", "-unit=B", "-sample_index="+model, path)
		cmd.Env = append(os.Environ(), "PPROF_TMPDIR="+t.TempDir())
		top, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", top)
		require.Contains(t, string(top), fmt.Sprintf("%dB total", total))
	}
	got = memsizeCommand(nil, snapshotFile("sessions.gob"), snapshotFile("utxo.gob"), "--output", "pprof")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.errs, "memsize merge")
}

// slowly gives data in pieces, and calls f before one of them.
type slowly struct {
	data []byte
	at   int
	f    func()
}

func (s *slowly) Read(b []byte) (int, error) {
	if len(s.data) == 0 {
		return 0, io.EOF
	}
	if s.at--; s.at == 0 {
		s.f()
	}
	n := copy(b, s.data[:min(len(s.data), 64<<10)])
	s.data = s.data[n:]
	return n, nil
}

// What was read until a signal or a time limit is shown, and said to be a part.
func TestAccountSoFar(t *testing.T) {
	data, err := os.ReadFile(snapshotFile("utxo.gob"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	got := runUnder(ctx, &slowly{data, 20, cancel}, "-", "--model", "core")
	require.Equal(t, exitInterrupted, got.code, got.errs)
	require.Contains(t, got.out, "PARTIAL")
	require.Contains(t, got.out, "[].Script")
	require.Contains(t, got.errs, "interrupted")

	requireTimeLimit(t, func(limit time.Duration) io.Reader {
		return &slowly{data, 20, func() { time.Sleep(2 * limit) }}
	})
}

// requireTimeLimit runs the command on an input that outlasts its time limit. On a busy machine a
// short limit is over before anything is read: then it is tried with a longer one.
func requireTimeLimit(t *testing.T, input func(limit time.Duration) io.Reader) {
	t.Helper()
	for limit := 20 * time.Millisecond; ; limit *= 4 {
		got := memsizeCommand(input(limit), "-", "--model", "core", "--timeout", limit.String())
		require.Equal(t, exitLimit, got.code, got.errs)
		require.Contains(t, got.errs, "the time limit of "+limit.String()+" is reached")
		if got.out != "" || limit > time.Minute {
			require.Contains(t, got.out, "PARTIAL")
			return
		}
	}
}

// A time limit and a signal also end the wait for input that does not come.
func TestWaitingForInput(t *testing.T) {
	utxo, err := os.ReadFile(snapshotFile("utxo.gob"))
	require.NoError(t, err)
	requireTimeLimit(t, func(time.Duration) io.Reader {
		r, w := io.Pipe()
		t.Cleanup(func() { w.Close() })
		go w.Write(utxo[:100_000])
		return r
	})
	silent, nothing := io.Pipe()
	defer nothing.Close()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	got := runUnder(ctx, silent, "-")
	require.Equal(t, exitInterrupted, got.code, got.errs)
	require.Contains(t, got.errs, "interrupted")
}

// What a patient reader hands over is what it reads, whatever the sizes of either.
func TestPatientReader(t *testing.T) {
	data := make([]byte, 300_000)
	for i := range data {
		data[i] = byte(i * i)
	}
	broken := errors.New("disk on fire")
	for _, source := range []io.Reader{
		bytes.NewReader(data),
		iotest.OneByteReader(bytes.NewReader(data)),
		iotest.DataErrReader(bytes.NewReader(data)),
	} {
		p := newPatientReader(t.Context(), func() (io.Reader, error) { return source, nil })
		require.NoError(t, iotest.TestReader(p, data))
	}
	p := newPatientReader(t.Context(), func() (io.Reader, error) { return nil, broken })
	_, err := p.Read(make([]byte, 1))
	require.ErrorIs(t, err, broken)
}

// Every exit code is in --help.
func TestHelpListsExitCodes(t *testing.T) {
	help := strings.Join(strings.Fields(memsizeCommand(nil, "--help").out), " ")
	for code, text := range map[int]string{exitOK: "0 done", exitInput: "1 input broken",
		exitUsage: "2 usage", exitLimit: "3 a limit reached", exitThreshold: "4 a threshold of diff exceeded",
		exitInterrupted: "130 interrupted", exitTerminated: "143 terminated"} {
		require.True(t, strings.HasPrefix(text, fmt.Sprint(code)))
		require.Contains(t, help, text)
	}
}

// The JSON of a diff follows its schema.
func TestDiffFollowsTheSchema(t *testing.T) {
	schema, err := schemacheck.Load("diff.schema.json")
	require.NoError(t, err)
	utxo, mempool := snapshotFile("utxo.gob"), snapshotFile("mempool.gob")
	for _, row := range []struct {
		args []string
		code int
	}{
		{[]string{utxo, mempool, "--threshold", "Mempool=1B"}, exitThreshold},
		{[]string{mempool, utxo}, exitOK},
		{[]string{utxo, utxo}, exitOK},
	} {
		got := memsizeCommand(nil, append([]string{"diff", "--output", "json"}, row.args...)...)
		require.Equal(t, row.code, got.code, got.errs)
		require.NoError(t, schema.Check([]byte(got.out)))
		require.NoError(t, schema.CheckWithout([]byte(got.out), "schema", "exceeded", "total"))
	}
	got := memsizeCommand(nil, "diff", utxo, utxo, "--threshold", "Mempool=1B")
	require.Equal(t, exitUsage, got.code, "there is no Mempool")
}

// A census that the command saves follows its schema.
func TestCensusFollowsTheSchema(t *testing.T) {
	schema, err := schemacheck.Load(filepath.Join("..", "..", "snapshot", "census.schema.json"))
	require.NoError(t, err)
	for _, name := range []string{"utxo.gob", "mempool.gob", "sessions.gob"} {
		census := filepath.Join(t.TempDir(), "census.json")
		require.Equal(t, exitOK, memsizeCommand(nil, snapshotFile(name), "--census", census).code)
		text, err := os.ReadFile(census)
		require.NoError(t, err)
		require.NoError(t, schema.Check(text), name)
	}
}
