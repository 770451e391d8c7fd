package vet_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/vet"
)

func TestTags(t *testing.T) { analysistest.Run(t, analysistest.TestData(), vet.Analyzer, "tags") }

// What the analyzer reports is what memsize panics on: the two agree on these.
func TestAgreesWithRules(t *testing.T) {
	for tag, panics := range map[string]bool{`memusage:"vector<"`: true, `memusage:"unique_ptr"`: true, `memusage:"vector"`: false} {
		s := reflect.StructOf([]reflect.StructField{{Name: "F", Type: reflect.TypeFor[[]byte](), Tag: reflect.StructTag(tag)}})
		var wrong *rules.TagError
		require.Equal(t, panics, errors.As(rules.Check(s), &wrong), tag)
	}
}

// The command is a tool of go vet.
func TestVetTool(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a command and a module")
	}
	dir := t.TempDir()
	tool := filepath.Join(dir, "memsizevet")
	out, err := exec.Command("go", "build", "-o", tool, "../cmd/memsizevet").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module x\n\ngo 1.26\n"), 0o600))
	source := "package x\n\ntype T struct {\n\tF string `memusage:\"set\"`\n}\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.go"), []byte(source), 0o600))
	check := exec.Command("go", "vet", "-vettool="+tool, ".")
	check.Dir = dir
	out, err = check.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), `x.go:4:11: memusage tag "set" on string: set does not fit`)
}
