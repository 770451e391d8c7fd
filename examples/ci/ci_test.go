// Package ci is a job that compares the memory of two revisions; see memsize.yml.
package ci

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// snapshot is a file with the state of the program at a revision.
func snapshot(t *testing.T, program string, args ...string) string {
	out, err := exec.Command(program, args...).Output()
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "state.gob")
	require.NoError(t, os.WriteFile(name, out, 0o600))
	return name
}

// built is a program of a package.
func built(t *testing.T, pkg string) string {
	name := filepath.Join(t.TempDir(), "program")
	out, err := exec.Command("go", "build", "-o", name, pkg).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return name
}

// The job passes a change that costs little, fails one that does not, and says where it is.
func TestCompare(t *testing.T) {
	memsize, state := built(t, "github.com/bitcoin-mem/memsize/cmd/memsize"), built(t, "./state")
	base := snapshot(t, state)
	for _, row := range []struct {
		token string
		code  int
		says  string
	}{
		{"32", 0, "go"},
		{"33", 0, "Sessions"},
		{"512", 4, "Sessions"},
	} {
		summary := filepath.Join(t.TempDir(), "summary.md")
		c := exec.Command("./compare.sh", base, snapshot(t, state, "-token", row.token))
		c.Env = append(os.Environ(), "MEMSIZE="+memsize, "GITHUB_STEP_SUMMARY="+summary)
		out, err := c.CombinedOutput()
		var failed *exec.ExitError
		if row.code == 0 {
			require.NoError(t, err, "%s", out)
		} else {
			require.True(t, errors.As(err, &failed), "%s", out)
			require.Equal(t, row.code, failed.ExitCode(), "%s", out)
		}
		text, err := os.ReadFile(summary)
		require.NoError(t, err)
		require.Contains(t, string(text), row.says)
		require.True(t, strings.HasPrefix(string(text), "### Memory"))
		t.Logf("token %s:\n%s", row.token, text)
	}
}

// The job runs the script and the program that are here.
func TestJob(t *testing.T) {
	data, err := os.ReadFile("memsize.yml")
	require.NoError(t, err)
	all := string(data)
	require.Contains(t, all, "./examples/ci/compare.sh base.gob change.gob")
	require.Equal(t, 2, strings.Count(all, "go run ./examples/ci/state >"))
}
