package gobinary_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/gobinary"
	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/rules"
)

// build compiles the generator of our snapshots for a platform.
func build(t *testing.T, goos, arch string, flags ...string) string {
	name := filepath.Join(t.TempDir(), "program")
	args := append([]string{"build", "-buildvcs=false", "-o", name}, flags...)
	c := exec.Command("go", append(args, "github.com/bitcoin-mem/memsize/internal/testdata/generate")...)
	c.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+arch, "CGO_ENABLED=0")
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return name
}

// TestEqualsReflect: a type of a program is the type that reflect shows of the same source.
func TestEqualsReflect(t *testing.T) {
	platforms := [][2]string{{"linux", "amd64"}}
	if !testing.Short() {
		platforms = append(platforms, [2]string{"linux", "386"}, [2]string{"windows", "amd64"},
			[2]string{"darwin", "arm64"})
	}
	for _, platform := range platforms {
		l, err := gobinary.Load(build(t, platform[0], platform[1]))
		require.NoError(t, err, platform)
		require.Equal(t, platform[1], l.GOARCH)
		require.Contains(t, l.GoVersion, "go1.")
		for name, typ := range map[string]reflect.Type{
			"testdata.CoinsMap": reflect.TypeFor[testdata.CoinsMap](),
			"testdata.Sessions": reflect.TypeFor[testdata.Sessions](),
			"testdata.Mempool":  reflect.TypeFor[testdata.Mempool](),
			"time.Time":         nil,
		} {
			found, err := l.Lookup(name)
			require.NoError(t, err, platform)
			if typ == nil {
				continue
			}
			equal(t, rules.TypeOf(typ), found, map[rules.Type]bool{})
		}
	}
}

// equal compares two type graphs.
func equal(t *testing.T, want, got rules.Type, seen map[rules.Type]bool) {
	if seen[want] {
		return
	}
	seen[want] = true
	require.Equal(t, want.Kind(), got.Kind(), "%s", want)
	if want.PkgPath() != "" {
		require.Equal(t, want.Name(), got.Name())
		require.Equal(t, want.PkgPath(), got.PkgPath())
	}
	switch want.Kind() {
	case reflect.Array:
		require.Equal(t, want.Len(), got.Len())
	case reflect.Map:
		equal(t, want.Key(), got.Key(), seen)
	case reflect.Struct:
		require.Equal(t, want.NumField(), got.NumField(), "%s", want)
		for i := range want.NumField() {
			require.Equal(t, want.Field(i).Name, got.Field(i).Name, "%s", want)
			equal(t, want.Field(i).Type, got.Field(i).Type, seen)
		}
	}
	if want.Elem() != nil {
		equal(t, want.Elem(), got.Elem(), seen)
	}
}

func TestErrors(t *testing.T) {
	_, err := gobinary.Load(build(t, "linux", "amd64", "-ldflags=-w"))
	require.ErrorIs(t, err, gobinary.ErrNoDebug)
	_, err = gobinary.Load("gobinary.go")
	require.ErrorContains(t, err, "no ELF")
	_, err = gobinary.Load("nowhere")
	require.ErrorContains(t, err, "no such file")
}
