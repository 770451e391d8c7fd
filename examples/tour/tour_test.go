package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
)

var update = flag.Bool("update-readme", false, "write the real answers into README.md")

// answer matches a console block of the README whose command is this program.
var answer = regexp.MustCompile("(?s)```console\n\\$ go run \\./examples/tour ([^\n]*)\n(.*?)```")

// TestReadmeShowsTheAnswers: the README shows what this program prints. The figures are those of one
// release on one architecture: the heaps of others differ.
func TestReadmeShowsTheAnswers(t *testing.T) {
	exact := memsize.Scan(0, memsize.OnHeap()).Exactness == "exact"
	if !exact || runtime.GOARCH != "amd64" || !strings.HasPrefix(runtime.Version(), "go1.26") {
		t.Skip("the README shows the heap of go1.26 on amd64, asked exactly")
	}
	program := filepath.Join(t.TempDir(), "tour")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	path := filepath.Join("..", "..", "README.md")
	readme, err := os.ReadFile(path)
	require.NoError(t, err)
	found := 0
	made := answer.ReplaceAllFunc(readme, func(block []byte) []byte {
		found++
		question := string(answer.FindSubmatch(block)[1])
		out, err := exec.Command(program, question).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return bytes.Join([][]byte{[]byte("```console\n$ go run ./examples/tour " + question + "\n"), out,
			[]byte("```")}, nil)
	})
	require.Equal(t, 5, found)
	if *update {
		require.NoError(t, os.WriteFile(path, made, 0o644))
		return
	}
	require.Equal(t, string(made), string(readme), "run go test ./examples/tour -update-readme")
}
