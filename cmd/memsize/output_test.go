package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// text writes a text.
func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// filesIn are the names in a folder: what was written beside and left there would show.
func filesIn(t *testing.T, dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A file is replaced as a whole or not at all, and nothing is left beside it.
func TestSaveReplacesWholeFiles(t *testing.T) {
	std := &streams{making: newUnfinished()}
	dir := t.TempDir()
	name := filepath.Join(dir, "census.json")
	require.NoError(t, std.save(name, text("new")))
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Chmod(name, 0o640))
	}
	full := errors.New("no space left on device")
	err := std.save(name, func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Repeat("half of it", 1e5))
		return errors.Join(err, full)
	})
	require.ErrorIs(t, err, full)
	require.ErrorContains(t, err, "census.json")
	requireText(t, "new", name)
	require.NoError(t, std.save(name, text("newer")))
	requireText(t, "newer", name)
	if runtime.GOOS != "windows" {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o640), info.Mode().Perm(), "the mode is kept")
	}
	require.Equal(t, []string{"census.json"}, filesIn(t, dir))
	require.ErrorContains(t, std.save(dir, text("x")), "is a directory")
	require.ErrorContains(t, std.save(filepath.Join(dir, "nowhere", "x"), text("x")), "no such")
}

func requireText(t *testing.T, want, name string) {
	t.Helper()
	got, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

// The file that links lead to is replaced, and the links stay; it need not exist.
func TestSaveFollowsLinks(t *testing.T) {
	std := &streams{making: newUnfinished()}
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "far"), 0o755))
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip("NOT RUN: there are no symbolic links here: ", err)
		}
	}
	link("two", "one")
	link(filepath.Join("far", "file"), "two")
	link("far", "folder")
	link(filepath.Join("folder", "..", "beside"), "round")
	link("loop", "loop")
	for name, real := range map[string]string{"one": "far/file", "folder/x": "far/x", "round": "beside"} {
		for _, content := range []string{"first", "second"} { // at first there is no file behind
			require.NoError(t, std.save(filepath.Join(dir, name), text(content)))
			requireText(t, content, filepath.Join(dir, real))
		}
	}
	info, err := os.Lstat(filepath.Join(dir, "one"))
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeSymlink)
	require.ErrorContains(t, std.save(filepath.Join(dir, "loop"), text("x")), "loop")
	require.Equal(t, []string{"beside", "far", "folder", "loop", "one", "round", "two"}, filesIn(t, dir))
	require.Equal(t, []string{"file", "x"}, filesIn(t, filepath.Join(dir, "far")))
}

// Once the command has to stop, what is not finished goes, and nothing else begins.
func TestUnfinishedFilesGo(t *testing.T) {
	std := &streams{making: newUnfinished()}
	dir := t.TempDir()
	name := filepath.Join(dir, "census.json")
	err := std.save(name, func(io.Writer) error {
		require.Len(t, filesIn(t, dir), 1)
		std.making.close()
		require.Empty(t, filesIn(t, dir))
		return nil
	})
	require.ErrorIs(t, err, errStopped)
	require.ErrorIs(t, std.save(name, text("x")), errStopped)
	require.Empty(t, filesIn(t, dir))
}

// An input is never written over, by whatever name.
func TestOutputsAreNoInputs(t *testing.T) {
	data := encoded(t, []string{"x"})
	layout := memsizeCommand(nil, "layout", shopType)
	require.Equal(t, exitOK, layout.code, layout.errs)
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.WriteFile("in.gob", data, 0o644))
	require.NoError(t, os.Link("in.gob", "hard.gob"))
	require.NoError(t, os.Symlink("in.gob", "soft.gob"))
	require.NoError(t, os.Symlink(dir, "folder"))
	require.NoError(t, os.WriteFile("types.layout", []byte(layout.out), 0o644))
	for _, args := range [][]string{
		{"in.gob", "--census", "in.gob"},
		{"in.gob", "--census", "./in.gob"},
		{"in.gob", "--census", "hard.gob"},
		{"soft.gob", "--census", "hard.gob"},
		{"in.gob", "--census", "folder/soft.gob"},
		{"in.gob", "--census", "types.layout", "--layout", "types.layout"},
		{"merge", "hard.gob", "-o", "soft.gob"},
		{"merge", "in.gob", "in.gob", "-o", "in.gob"},
	} {
		got := memsizeCommand(nil, args...)
		require.Equal(t, exitUsage, got.code, args)
		require.Contains(t, got.errs, "the output would overwrite it", args)
		require.Empty(t, got.out)
		requireText(t, string(data), "in.gob")
		requireText(t, layout.out, "types.layout")
	}
	for _, args := range [][]string{{"-", "--census", "hard.gob"}, {"--census", "in.gob"},
		{"merge", "-", "-o", "soft.gob"}} {
		in, err := os.Open("in.gob")
		require.NoError(t, err)
		got := memsizeCommand(in, args...)
		require.NoError(t, in.Close())
		require.Equal(t, exitUsage, got.code, args)
		requireText(t, string(data), "in.gob")
	}
}

// Standard output is an output too: memsize in.gob >> in.gob.
func TestStandardOutputIsNoInput(t *testing.T) {
	data := encoded(t, []string{"x"})
	name := writeFile(t, "in.gob", data)
	for _, args := range [][]string{{name}, {"-"}, {"diff", name, name}, {"schema", name},
		{"merge", name, "-o", "/dev/stdout"}} {
		in, err := os.Open(name)
		require.NoError(t, err)
		out, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		require.NoError(t, err)
		code, _ := start(t, in, out, args...).wait(t)
		require.NoError(t, errors.Join(in.Close(), out.Close()))
		require.Equal(t, exitUsage, code, args)
		requireText(t, string(data), name)
	}
}

// The census of a part does not replace what may be the census of the whole.
func TestPartsReplaceNothing(t *testing.T) {
	data := encoded(t, []string{strings.Repeat("x", 1000), strings.Repeat("y", 1000)})
	census := filepath.Join(t.TempDir(), "census.json")
	got := memsizeCommand(nil, writeFile(t, "whole.gob", data), "--census", census)
	require.Equal(t, exitOK, got.code, got.errs)
	whole, err := os.ReadFile(census)
	require.NoError(t, err)
	cut := writeFile(t, "cut.gob", data[:1500])
	got = memsizeCommand(nil, cut, "--census", census)
	require.Equal(t, exitInput, got.code)
	require.Contains(t, got.errs, "is kept as it was")
	require.Contains(t, got.out, "PARTIAL")
	requireText(t, string(whole), census)
}
