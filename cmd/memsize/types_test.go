package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Where encoding/gob refuses a file as a whole, the command says so and fails; what it passes over
// is listed, and no failure.
func TestRefusedTypes(t *testing.T) {
	file := writeFile(t, "data.gob", encoded(t, struct{ A, B int }{1, 2}))
	for _, row := range []struct {
		typ  string
		code int
		errs string
	}{
		{"struct{ X, Y int }", exitInput, "has none of the fields in the stream: decoding fails"},
		{"struct{ A string; B int }", exitInput, "int in the stream, string in the layout: decoding fails"},
		{"struct{ a, b, B int8 }", exitOK, "A: struct"},
		{"struct{ B, C int }", exitOK, "field C is not in the stream: it stays zero"},
		{"struct{ A, B int }", exitOK, ""},
	} {
		got := memsizeCommand(nil, file, "--type", "./testdata/shop:"+row.typ)
		require.Equal(t, row.code, got.code, "%s: %s", row.typ, got.errs)
		require.Contains(t, got.errs, row.errs)
		if row.code == exitInput {
			require.Contains(t, got.errs, "encoding/gob refuses to decode this")
			require.Contains(t, got.out, "encoding/gob refuses to decode it into these types")
			require.NotContains(t, got.out, "once decoded")
		}
		json := memsizeCommand(nil, file, "--output", "json", "--type", "./testdata/shop:"+row.typ)
		require.Equal(t, row.code, json.code)
		if row.code == exitInput {
			require.Contains(t, json.out, `"refused": true`)
			require.NotContains(t, json.out, `"decode"`)
		}
	}
}

// A slice of a program's type is found by its name and without, and what does not fit is not said
// to come from the program.
func TestTypesOfAProgram(t *testing.T) {
	program := shopd(t, "amd64")
	type Item struct {
		Name   string
		Script []byte
	}
	file := writeFile(t, "items.gob", encoded(t, []Item{{"a", nil}, {"b", []byte("x")}}))
	got := memsizeCommand(nil, file, "--binary", program, "--type-name", "[]shop.Item")
	require.Equal(t, exitOK, got.code, got.errs)
	require.Contains(t, got.out, "type []shop.Item · types from binary")
	got = memsizeCommand(nil, file, "--binary", program, "--type-name", "shop.Item")
	require.Contains(t, got.errs, "priced from the wire")
	require.Contains(t, got.out, "types from the wire")
	layout := memsizeCommand(nil, "layout", "--binary", program)
	require.Equal(t, exitOK, layout.code, layout.errs)
	require.NotContains(t, layout.out, "go.shape.")
}

// A file that claims to be a program, or a layout, and is none.
func TestNoPrograms(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"elf": "\x7fELF\x02\x01\x01", "text": "hello", "empty": ""} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
		require.Equal(t, exitUsage, memsizeCommand(nil, "layout", "--binary", path).code)
		require.Equal(t, exitUsage, memsizeCommand(nil, snapshotFile("utxo.gob"), "--layout", path).code)
	}
}

// A broken file tells what decoding it would cost before encoding/gob sees that it is broken: 26 bytes
// can make it ask for gigabytes.
func TestClaims(t *testing.T) {
	file := writeFile(t, "claim.gob", []byte("\x0d\x7f\x04\x01\x02\xff\x80\x00\x01\x0c\x01\x04\x00\x00"+
		"\x0b\xff\x80\x00\xfc\x3f\xff\xff\xff\x01\x61\x02"))
	got := memsizeCommand(nil, file)
	require.Equal(t, exitInput, got.code, got.errs)
	require.Contains(t, got.out, "of Go memory before it fails, for 1,073,741,823 entries that a map claims to have")
	require.Contains(t, memsizeCommand(nil, file, "--output", "json").out, `"claim": {`)
}
