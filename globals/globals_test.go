package globals

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// program builds the test's program; go test links its own binary without debug information.
func program(t *testing.T, env []string, flags ...string) string {
	path := filepath.Join(t.TempDir(), "program")
	args := append([]string{"build", "-o", path}, flags...)
	build := exec.Command("go", append(args, "./testdata/program")...)
	build.Env = append(os.Environ(), env...)
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// TestRoots: the program's variables are found by name, and each holds what the program says of it; also
// in a position-independent executable.
func TestRoots(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" && runtime.GOOS != "windows" {
		t.Skip("not tried on " + runtime.GOOS)
	}
	modes := [][]string{nil}
	if !testing.Short() && runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		modes = append(modes, []string{"-buildmode=pie"})
	}
	for _, flags := range modes {
		var out, errs bytes.Buffer
		run := exec.Command(program(t, nil, flags...))
		run.Stdout, run.Stderr = &out, &errs
		require.NoError(t, run.Run(), "%v: %s%s", flags, &out, &errs)
		t.Logf("%v: %s", flags, &errs)
		var said struct {
			Totals map[string][2]uint64
			Want   map[string]uint64
		}
		require.NoError(t, json.Unmarshal(out.Bytes(), &said))
		require.Len(t, said.Want, 6)
		for name, want := range said.Want {
			require.Equal(t, want, said.Totals[name][0], name)
			require.Positive(t, want, name)
		}
		require.Zero(t, said.Totals["main.numbers"], "it has no pointers")
		require.NotZero(t, said.Totals["os.Args"])
		for name := range said.Totals {
			if strings.HasPrefix(name, "runtime.") {
				t.Errorf("%s is the runtime's", name)
			}
		}
		require.Less(t, said.Totals["main.index"][1], said.Totals["main.index"][0],
			"the strings are shared with main.sessions")
	}
}

// TestStripped: a program without debug information says what to do.
func TestStripped(t *testing.T) {
	for _, flags := range []string{"-ldflags=-s", "-ldflags=-w", "-ldflags=-s -w"} {
		out, err := exec.Command(program(t, nil, flags)).CombinedOutput()
		require.Error(t, err, flags)
		require.Contains(t, string(out), ErrNoDebugInfo.Error(), flags)
	}
}

// TestOtherSystems finds the variables in executables of other systems, by name, address and type. That
// they would be read there cannot be shown here.
func TestOtherSystems(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the standard library for other systems")
	}
	for _, system := range []string{"windows/amd64", "darwin/arm64", "linux/arm64", "linux/386", "freebsd/amd64"} {
		name, machine, _ := strings.Cut(system, "/")
		path := program(t, []string{"GOOS=" + name, "GOARCH=" + machine, "CGO_ENABLED=0"})
		data, err := debugInfo(path)
		require.NoError(t, err, system)
		found, err := read(data)
		require.NoError(t, err, system)
		typed := map[string]bool{}
		for _, v := range found.variables {
			_, ok := found.types[v.typ]
			typed[v.name] = ok && v.address != 0
		}
		for _, want := range []string{"main.sessions", "main.index", "main.mux", "main.inner",
			here + "anchor", here + "witness1", here + "witness2"} {
			require.True(t, typed[want], "%s: %s", system, want)
		}
	}
}

// TestOfNoProgram: what is no executable is refused with an error, whatever it is.
func TestOfNoProgram(t *testing.T) {
	for _, content := range []string{"", "text", "\x7fELF", "MZ", "\xcf\xfa\xed\xfe"} {
		path := filepath.Join(t.TempDir(), "x")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err := debugInfo(path)
		require.Error(t, err, "%q", content)
	}
	_, err := debugInfo("/nowhere")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestWitnesses: debug information that does not fit the running program is not believed.
func TestWitnesses(t *testing.T) {
	_, err := (&table{}).globals()
	require.ErrorContains(t, err, "unsupported")
}
