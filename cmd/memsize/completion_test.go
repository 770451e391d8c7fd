package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a shell is told that a command line could go on with.
func TestCompletion(t *testing.T) {
	for shell, wants := range map[string]string{"bash": "complete -o bashdefault", "zsh": "bashcompinit",
		"fish": "complete -c memsize"} {
		require.Contains(t, memsizeCommand(nil, "completion", shell).out, wants)
	}
	require.Equal(t, exitUsage, memsizeCommand(nil, "completion", "tcsh").code)
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.WriteFile("utxo.gob", nil, 0o600))
	require.NoError(t, os.Mkdir("old", 0o700))
	require.NoError(t, os.WriteFile(filepath.Join("old", "utxo.gob"), nil, 0o600))
	old := "old" + string(filepath.Separator)
	for _, row := range []struct {
		why, line string
		want      []string // among others where all is false
		all       bool
	}{
		{"a command or a file", "memsize ", []string{"diff", "merge", old, "utxo.gob"}, false},
		{"a command", "memsize mer", []string{"merge"}, true},
		{"a file", "memsize u", []string{"utxo.gob"}, true},
		{"a file in a folder", "memsize old" + string(filepath.Separator), []string{old + "utxo.gob"}, true},
		{"a flag of the default command", "memsize utxo.gob --tim", []string{"--timeout"}, true},
		{"a flag of a command", "memsize diff --thr", []string{"--threshold"}, true},
		{"no flag of another command", "memsize schema --thr", nil, true},
		{"a value of a list", "memsize diff --output ", []string{"json", "md", "text"}, false},
		{"a value behind =", "memsize --output=j", []string{"json"}, true},
		{"a model", "memsize utxo.gob --model core-3", []string{"core-32"}, true},
		{"a folder that is not there", "memsize nowhere/", nil, true},
		{"an argument of a list", "memsize completion f", []string{"fish"}, true},
		{"nothing", "", []string{"diff"}, false},
	} {
		t.Setenv("COMP_LINE", row.line)
		got := memsizeCommand(nil)
		require.Equal(t, exitOK, got.code)
		list := strings.Fields(got.out)
		if row.all {
			require.ElementsMatch(t, row.want, list, row.why)
		} else {
			require.Subset(t, list, row.want, row.why)
		}
	}
	t.Setenv("COMP_LINE", "memsize mergeXYZ")
	t.Setenv("COMP_POINT", "11")
	require.Equal(t, "merge\n", memsizeCommand(nil).out, "what is behind the cursor does not count")
}
