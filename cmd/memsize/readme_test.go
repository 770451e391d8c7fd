package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var updateReadme = flag.Bool("update-readme", false, "write the commands' real output into README.md")

// command matches a console block of the README whose command is ours.
var command = regexp.MustCompile("(?s)```console\n\\$ (go run \\./cmd/memsize[^\n]*)\n(.*?)```")

// The README shows what its commands print.
func TestReadmeShowsRealOutput(t *testing.T) {
	on64Bits(t)
	t.Chdir("../..")
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	found := 0
	made := command.ReplaceAllFunc(readme, func(block []byte) []byte {
		found++
		parts := command.FindSubmatch(block)
		line := string(parts[1])
		var out, errs bytes.Buffer
		code := run(context.Background(), words(line)[3:], strings.NewReader(""), &out, &errs)
		require.Equal(t, exitOK, code, "%s: %s", line, &errs)
		return []byte("```console\n$ " + line + "\n" + out.String() + "```")
	})
	require.GreaterOrEqual(t, found, 2)
	if *updateReadme {
		require.NoError(t, os.WriteFile("README.md", made, 0o644))
		return
	}
	require.Equal(t, string(made), string(readme), "run go test ./cmd/memsize -update-readme")
}

// words splits a line as a shell does, with single quotes.
func words(line string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`'([^']*)'|\S+`).FindAllStringSubmatch(line, -1) {
		if m[1] != "" {
			list = append(list, m[1])
		} else {
			list = append(list, m[0])
		}
	}
	return list
}
