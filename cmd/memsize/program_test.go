package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// shopd is a program that writes snapshots, built for an architecture.
func shopd(t *testing.T, arch string, flags ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "shopd")
	args := append([]string{"build", "-buildvcs=false", "-o", name}, flags...)
	c := exec.Command("go", append(args, "./testdata/shopd")...)
	c.Env = append(os.Environ(), "GOARCH="+arch, "CGO_ENABLED=0")
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return name
}

// written is what a program wrote, and what its values cost once decoded: by type and model.
type written struct {
	plain, manifest string
	totals          map[string]map[string]uint64
}

func runShopd(t *testing.T, program string, models ...string) (w written) {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command(program, append([]string{dir}, models...)...).Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(out, &w.totals))
	w.plain, w.manifest = filepath.Join(dir, "plain.gob"), filepath.Join(dir, "manifest.gob")
	return w
}

const shopType = "./testdata/shop.Tagged"

// TestSourcesOfTypes takes the types of a user's program from each source there is: figures under
// the models of C++ are those of the decoded values, to the byte, with what their tags say; those
// of the Go heap are within a thousandth.
func TestSourcesOfTypes(t *testing.T) {
	program := shopd(t, runtime.GOARCH)
	w := runShopd(t, program, "core", "core-golayout", "libstdcxx", "go")
	saved := filepath.Join(t.TempDir(), "layout.json")
	text, _ := runCommand(t, exitOK, "layout", shopType)
	require.NoError(t, os.WriteFile(saved, []byte(text), 0o600))
	for _, row := range []struct {
		typ  string
		args []string
		// exact tells that all types are known, those of interfaces too.
		exact bool
	}{
		{"Tagged", []string{w.manifest}, true},
		{"Tagged", []string{w.plain, "--type", "./testdata/shopd:shop.Tagged"}, false},
		{"Tagged", []string{w.plain, "--type", shopType}, false},
		{"Tagged", []string{w.plain, "--layout", saved}, false},
		{"Snapshot", []string{w.plain, "--type", "./testdata/shop.Snapshot"}, false},
		{"Snapshot", []string{w.plain, "--binary", program}, true},
		{"Snapshot", []string{w.plain, "--binary", program, "--type-name", "shop.Snapshot"}, true},
	} {
		got, errs := sizedUnder(t, "core,core-golayout,libstdcxx,go", row.args...)
		require.Empty(t, errs, "%v", row.args)
		for _, m := range got.Models {
			want := w.totals[row.typ][m.Name]
			if m.Name == "go" {
				require.InEpsilon(t, want, m.Total, 0.001, "%v", row.args)
			} else {
				require.Equal(t, want, m.Total, "%v under %s", row.args, m.Name)
			}
			if row.exact {
				require.Nil(t, m.Bounds, "%v", row.args)
			}
		}
		if row.exact {
			require.Empty(t, got.Assumptions, "%v", row.args)
		}
	}
}

// TestProgramOfOtherTypes: where no type of a program fits, the account does not say that it comes
// from there, and is an error under --strict.
func TestProgramOfOtherTypes(t *testing.T) {
	program := shopd(t, runtime.GOARCH)
	got, errs := sized(t, snapshotFile("utxo.gob"), "--binary", program)
	require.Equal(t, "the wire", got.File.Layout)
	require.Contains(t, errs, "fits CoinsMap")
	_, errs = runCommand(t, exitInput, snapshotFile("utxo.gob"), "--binary", program, "--strict")
	require.Contains(t, errs, "disagree at 1 place")
}

// TestOtherArchitecture: what a 32-bit program holds after decoding is known on this machine.
func TestOtherArchitecture(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("only linux/amd64 runs programs of 386 as well")
	}
	program := shopd(t, "386")
	w := runShopd(t, program, "go-386")
	for _, row := range []struct {
		typ  string
		args []string
	}{
		{"Tagged", []string{w.manifest}},
		{"Tagged", []string{w.plain, "--type", shopType, "--arch", "386"}},
		{"Snapshot", []string{w.plain, "--binary", program}},
	} {
		for _, model := range []string{"go-386", "go"} {
			if model == "go" && len(row.args) == 1 {
				continue // go is this process, whoever wrote the stream
			}
			got, _ := sizedUnder(t, model, row.args...)
			require.InEpsilon(t, w.totals[row.typ]["go-386"], got.Total, 0.001, "%v", row.args)
			require.Equal(t, "go-386", got.Models[0].Name)
			if len(row.args) > 1 {
				require.Equal(t, "go-386", got.File.Decode.Model, "%v", row.args)
			}
		}
	}
}

// TestProgramsWithoutTypes: a program without debug information is a clear error.
func TestProgramsWithoutTypes(t *testing.T) {
	for _, flags := range []string{"-ldflags=-w", "-ldflags=-s"} {
		_, errs := runCommand(t, exitUsage, snapshotFile("utxo.gob"), "--binary",
			shopd(t, runtime.GOARCH, flags))
		require.Contains(t, errs, "no debug information")
		require.Contains(t, errs, "--type")
	}
}

// TestTypeExpressions: any type in any scope of a package, and what is none is said.
func TestTypeExpressions(t *testing.T) {
	for _, row := range []struct{ expr, wants string }{
		{"./testdata/shop:Index[Item]", ""},
		{"./testdata/shop:map[ID][]Pair[string, *Item]", ""},
		{"./testdata/shop.Pair[string,int]", ""},
		{"./testdata/shopd:shop.Pair[int, *note]", ""},
		{"./testdata/shop.Index", "Index is generic: write its type arguments, as in Index[int]"},
		{"./testdata/shop:Index[Nope]", "undefined: Nope"},
		{"./testdata/shop:Pair[[]int, int]", "comparable"},
		{"./testdata/shopd:main", "is no type"},
		{"./testdata/nothing.T", "testdata/nothing"},
	} {
		want := exitOK
		if row.wants != "" {
			want = exitUsage
		}
		_, errs := runCommand(t, want, "layout", row.expr)
		require.Contains(t, errs, row.wants, row.expr)
	}
}
