package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/rules"
)

// invoke runs memsize with arguments.
func invoke(args ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestMallocTable(t *testing.T) {
	code, out, errs := invoke("malloc", "1", "24", "100", "1000", "131072", "18446744073709551615")
	require.Equal(t, exitOK, code, errs)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Equal(t, "what a request takes, in bytes", lines[0])
	require.Equal(t, append([]string{"request"}, malloc.Names()...), strings.Fields(lines[2]))
	require.Len(t, lines, 3+6)
	for i, n := range []uint64{1, 24, 100, 1000, 131072, 1<<64 - 1} {
		cells := strings.Fields(strings.ReplaceAll(lines[3+i], ",", ""))
		for column, name := range malloc.Names() {
			a, err := malloc.Lookup(name)
			require.NoError(t, err)
			require.Equal(t, a.Usage(n), parse(t, cells[1+column]), "%s, %d bytes", name, n)
		}
	}
	for _, line := range lines {
		require.Equal(t, len(lines[2]), max(len(line), len(lines[2])), "columns are aligned: %q", line)
	}
}

func parse(t *testing.T, s string) (n uint64) {
	t.Helper()
	for _, digit := range s {
		require.True(t, '0' <= digit && digit <= '9', s)
		n = 10*n + uint64(digit-'0')
	}
	return n
}

func TestMallocErrors(t *testing.T) {
	for _, row := range []struct {
		why, wants string
		args       []string
	}{
		{"nothing was asked", "needs requests", []string{"malloc"}},
		{"units are not read", `"1k" is not a number of bytes`, []string{"malloc", "1k"}},
		{"a request is not negative", "unknown flag", []string{"malloc", "-1"}},
		{"more than 64 bits", "2^64-1", []string{"malloc", "18446744073709551616"}},
	} {
		code, out, errs := invoke(row.args...)
		require.Equal(t, exitUsage, code, row.why)
		require.Empty(t, out, row.why)
		require.Contains(t, errs, row.wants, row.why)
	}
}

// The version in each allocator's line is that of the library that it is held against.
func TestMallocSources(t *testing.T) {
	code, out, errs := invoke("malloc", "--sources")
	require.Equal(t, exitOK, code, errs)
	require.Len(t, allocatorSources, len(malloc.Names()))
	for _, name := range malloc.Names() {
		require.Contains(t, out, name)
		require.NotEmpty(t, allocatorSources[name], name)
		require.Contains(t, out, allocatorSources[name])
		path := filepath.Join("..", "..", "testdata", "malloc", name+".csv")
		figures, err := os.ReadFile(path)
		if err != nil {
			require.NotContains(t, "glibc glibc32 jemalloc tcmalloc mimalloc", name, err)
			continue
		}
		// "# libc6 2.36-9+deb12u14 amd64"
		library := strings.Fields(strings.SplitN(string(figures), "\n", 2)[0])
		version := strings.FieldsFunc(library[2], func(r rune) bool { return r == '-' || r == '+' })
		require.Contains(t, allocatorSources[name], " "+version[0]+",", name)
	}
}

func TestModelsAreListed(t *testing.T) {
	code, out, errs := invoke("models")
	require.Equal(t, exitOK, code, errs)
	for _, name := range rules.Names() {
		base, allocator, other := strings.Cut(name, "+")
		if other {
			base += "+ALLOC "
		}
		line := ""
		for candidate := range strings.Lines(out) {
			if strings.HasPrefix(candidate, base) {
				line = candidate
				break
			}
		}
		require.NotEmpty(t, strings.TrimSpace(strings.TrimPrefix(line, base)), name)
		require.Contains(t, line, allocator)
	}
}
