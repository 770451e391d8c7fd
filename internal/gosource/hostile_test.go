package gosource

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the go command must not do for source that may be anybody's, it is told not to.
func TestSourceIsNotTrusted(t *testing.T) {
	t.Setenv("GOFLAGS", "-toolexec=/bin/false -tags=x -mod=mod")
	t.Setenv("GOPROXY", "https://example.com")
	t.Setenv("GONOPROXY", "example.com")
	t.Setenv("GOTOOLCHAIN", "auto")
	env := Config{Dir: t.TempDir(), Arch: "amd64"}.environment()
	for _, want := range []string{"GOPROXY=off", "GONOPROXY=none", "GOTOOLCHAIN=local", "CGO_ENABLED=0",
		"GOPACKAGESDRIVER=off", "GOVCS=*:off", "GOFLAGS=-buildvcs=false -tags=x -mod=readonly"} {
		name, _, _ := strings.Cut(want, "=")
		last := ""
		for _, e := range env {
			if strings.HasPrefix(e, name+"=") {
				last = e // the last one counts
			}
		}
		require.Equal(t, want, last)
	}
	vendored := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(vendored, "vendor"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(vendored, "vendor", "modules.txt"), nil, 0o600))
	require.NotContains(t, strings.Join(Config{Dir: vendored}.environment(), " "), "-mod=readonly")
	require.Contains(t, Config{Trust: true}.environment(), "GOPROXY=https://example.com")
}

// Types without end and expressions without end are errors, and soon.
func TestHostileSource(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/inf\n\ngo 1.24\n",
		"inf.go": "package inf\n\ntype G[X any] struct {\n\tp *G[G[X]]\n\tx X\n}\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	_, err := Load(t.Context(), ".:G[int]", Config{Dir: dir})
	require.ErrorContains(t, err, "instantiation cycle")
	for _, deep := range []string{"[]", "*", "map[int]"} {
		_, err = Load(t.Context(), ".:"+strings.Repeat(deep, 40_000)+"int", Config{Dir: dir})
		require.ErrorContains(t, err, "in each other")
		require.Less(t, len(err.Error()), 300)
	}
	_, err = Load(t.Context(), "main.Snapshot", Config{Dir: dir})
	require.ErrorContains(t, err, "main is the name of a package and not its import path")
}

// A directory of another module than the one that it is named from is loaded where it is.
func TestOtherModules(t *testing.T) {
	outside := t.TempDir()
	dir := filepath.Join(outside, "shop")
	require.NoError(t, os.Mkdir(dir, 0o755))
	for name, text := range map[string]string{
		"go.mod": "module example.com/shop\n\ngo 1.24\n", "shop.go": "package shop\n\ntype Item struct{ N int8 }\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	for _, expr := range []string{"./shop.Item", dir + ".Item", "./shop:[]Item"} {
		l, err := Load(t.Context(), expr, Config{Dir: outside})
		require.NoError(t, err, expr)
		require.Contains(t, l.Type.String(), "Item")
	}
}
