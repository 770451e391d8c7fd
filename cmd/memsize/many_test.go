package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Many files at once give the account that they give one after the other, to the byte.
func TestJobs(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for i := range 20 {
		data := encoded(t, map[string][]string{fmt.Sprint("key", i): {strings.Repeat("x", i*100)}})
		require.NoError(t, os.WriteFile(fmt.Sprintf("shard-%02d.gob", i), data, 0o644))
	}
	files, err := filepath.Glob("shard-*.gob")
	require.NoError(t, err)
	want := memsizeCommand(nil, append([]string{"merge", "--output", "json"}, files...)...)
	require.Equal(t, exitOK, want.code, want.errs)
	for _, args := range [][]string{
		{"merge", "--jobs", "4", "shard-*.gob"}, {"shard-*.gob", "--jobs", "1"}, {"shard-*.gob", "--jobs", "7"},
	} {
		got := memsizeCommand(nil, append(args, "--output", "json")...)
		require.Equal(t, exitOK, got.code, got.errs)
		require.Equal(t, want.out, got.out, args)
	}
	table := memsizeCommand(nil, "shard-*.gob")
	require.Contains(t, table.out, "file (20)")
	require.NoError(t, os.WriteFile("shard-07.gob", []byte("nothing like gob"), 0o644))
	got := memsizeCommand(nil, "shard-*.gob", "--jobs", "3")
	require.Equal(t, exitInput, got.code)
	require.Contains(t, got.errs, "shard-07.gob")
	require.Empty(t, got.out, "no account lacks a file in silence")
	got = memsizeCommand(nil, "nothing-*.gob")
	require.Equal(t, exitInput, got.code)
	require.Contains(t, got.errs, "nothing-*.gob: no file matches")
	require.NoError(t, os.WriteFile("[a]*.gob", encoded(t, []string{"x"}), 0o644))
	require.Equal(t, exitOK, memsizeCommand(nil, "[a]*.gob").code, "a name that is a file is no pattern")
}

// A file that cannot be read has a row among the others.
func TestFailedFilesHaveRows(t *testing.T) {
	good := writeFile(t, "good.gob", encoded(t, []string{"x"}))
	got := memsizeCommand(nil, good, "missing.gob", "missing.too")
	require.Equal(t, exitInput, got.code)
	require.Contains(t, got.out, "file (1 of 3)")
	require.Regexp(t, `missing\.gob +not read`, got.out)
	require.Regexp(t, `missing\.too +not read`, got.out)
}

// Keys of values are in no form of an account that must not show them, nor in a census that is saved.
func TestNoValues(t *testing.T) {
	file := writeFile(t, "secret.gob", encoded(t, map[string][]byte{"secret-a": make([]byte, 9), "secret-b": make([]byte, 9000)}))
	census := filepath.Join(t.TempDir(), "census.json")
	require.Equal(t, exitOK, memsizeCommand(nil, file, "--census", census).code)
	quiet := filepath.Join(t.TempDir(), "quiet.json")
	for _, in := range []string{file, census} {
		for _, output := range []string{"text", "json", "md", "html"} {
			require.Equal(t, output != "md", strings.Contains(memsizeCommand(nil, in, "--output", output).out, "secret-b"), output)
			got := memsizeCommand(nil, in, "--output", output, "--no-values", "--census", quiet)
			require.Equal(t, exitOK, got.code, got.errs)
			require.NotContains(t, got.out, "secret-")
			data, err := os.ReadFile(quiet)
			require.NoError(t, err)
			require.NotContains(t, string(data), "secret-")
		}
	}
}

// The page is one file for a browser.
func TestPage(t *testing.T) {
	got := memsizeCommand(nil, snapshotFile("sessions.gob"), "--output", "html")
	require.Equal(t, exitOK, got.code, got.errs)
	require.Contains(t, got.out, "<!doctype html>")
	require.Contains(t, got.out, "needs 1.2")
	got = memsizeCommand(nil, "diff", snapshotFile("sessions.gob"), snapshotFile("mempool.gob"), "--output", "html")
	require.Equal(t, exitOK, got.code, got.errs)
	require.Contains(t, got.out, "<!doctype html>")
}

// What grew over several files, in the order given.
func TestDiffOfMany(t *testing.T) {
	t.Chdir(t.TempDir())
	type state struct{ Leak, Steady []string }
	var names []string
	for i := range 4 {
		s := state{Steady: []string{strings.Repeat("s", 100)}}
		for range 10 * (i + 1) {
			s.Leak = append(s.Leak, strings.Repeat("l", 50))
		}
		names = append(names, fmt.Sprint(i, ".gob"))
		require.NoError(t, os.WriteFile(names[i], encoded(t, s), 0o644))
	}
	got := memsizeCommand(nil, append([]string{"diff"}, names...)...)
	require.Equal(t, exitOK, got.code, got.errs)
	require.Contains(t, got.out, "Leak")
	require.NotContains(t, got.out, "Steady")
	for _, output := range []string{"json", "md"} {
		got = memsizeCommand(nil, append([]string{"diff", "--output", output}, names...)...)
		require.Equal(t, exitOK, got.code, got.errs)
		require.Contains(t, got.out, "Leak")
	}
	require.Equal(t, exitThreshold, memsizeCommand(nil, append([]string{"diff", "--threshold", "1%"}, names...)...).code,
		"from the first to the last")
	require.Equal(t, exitUsage, memsizeCommand(nil, "diff", names[0]).code)
}

// A number below 0 is taken for a flag by many; what is meant is said.
func TestNegativeNumbers(t *testing.T) {
	for _, args := range [][]string{{"--depth", "-1"}, {"--depth=-1"}, {"--top", "-5"}} {
		got := memsizeCommand(nil, append(args, snapshotFile("utxo.gob"))...)
		require.Equal(t, exitUsage, got.code)
		require.Contains(t, got.errs, "cannot be negative")
	}
}
