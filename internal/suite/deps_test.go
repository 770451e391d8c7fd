package suite_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The library drags nothing along: the standard library, reflect2, and us.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f",
		"{{if not .Standard}}{{.ImportPath}}{{end}}", "../..").Output()
	require.NoError(t, err)
	list := strings.Fields(string(out))
	require.Contains(t, list, "github.com/bitcoin-mem/memsize/walker", "the list is real")
	for _, path := range list {
		ours := path == "github.com/bitcoin-mem/memsize" ||
			strings.HasPrefix(path, "github.com/bitcoin-mem/memsize/")
		require.True(t, ours || path == "github.com/modern-go/reflect2", path)
	}
}

// What is for snapshots, profiles, the command and tests is in packages of its own.
func TestDependenciesOfTheStandardLibrary(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "../..").Output()
	require.NoError(t, err)
	for _, path := range strings.Fields(string(out)) {
		require.NotContains(t, []string{"encoding/gob", "net/http", "runtime/pprof", "testing",
			"flag", "os/exec"}, path)
	}
}

// Library and command build where Go does: with other pointers, other systems, and in a browser.
func TestCrossBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the standard library for five platforms")
	}
	for _, row := range []struct{ system, machine, tags string }{
		{"darwin", "arm64", ""}, {"windows", "amd64", ""}, {"linux", "arm64", ""},
		{"linux", "386", ""}, {"js", "wasm", ""}, {"js", "wasm", "memsize_portable"},
	} {
		build := exec.Command("go", "build", "-tags", row.tags, "../../...") // the command as well
		build.Env = append(os.Environ(), "GOOS="+row.system, "GOARCH="+row.machine,
			"CGO_ENABLED=0")
		out, err := build.CombinedOutput()
		require.NoError(t, err, "%v: %s", row, out)
	}
}
