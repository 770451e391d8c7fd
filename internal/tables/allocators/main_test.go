package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../../.."

// TestDocumentIsWhatIsMade: the committed tables are those of today's models and figures.
func TestDocumentIsWhatIsMade(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, document))
	require.NoError(t, err)
	made, err := render(text, filepath.Join(root, figures))
	require.NoError(t, err)
	require.Equal(t, string(made), string(text), "run go run ./internal/tables/allocators")
	for _, c := range []string{"libstdcxx+glibc", "core+glibc", "jemalloc"} {
		require.Contains(t, string(made), c)
	}
}

// TestTablesAreReplaced: an old table goes, what stands around it stays.
func TestTablesAreReplaced(t *testing.T) {
	const begin = "<!-- table x: made by go run ./internal/tables/allocators -->\n"
	const end = "<!-- end of table x -->\n"
	for _, row := range []struct{ why, text, want string }{
		{"a first table", "a\n" + begin + end + "b\n", "a\n" + begin + "new\n" + end + "b\n"},
		{"an old table", begin + "old\n" + end, begin + "new\n" + end},
		{"no place", "a\n", ""},
		{"no end", begin, ""},
		{"two places", begin + end + begin + end, ""},
	} {
		got, err := replace([]byte(row.text), "x", "new\n")
		if row.want == "" {
			require.ErrorContains(t, err, "has no place", row.why)
			continue
		}
		require.NoError(t, err, row.why)
		require.Equal(t, row.want, string(got), row.why)
	}
}

// TestErrorsAreSigned: too much is plus, too little is minus, nothing is told from little.
func TestErrorsAreSigned(t *testing.T) {
	require.Equal(t, "equal", difference(32, 32))
	require.Equal(t, "+50.0 %", difference(48, 32))
	require.Equal(t, "-50.0 %", difference(16, 32))
	require.Equal(t, "+0.04 %", difference(2501, 2500))
	require.Equal(t, "+32 bytes", difference(32, 0))
	require.Equal(t, "equal", difference(0, 0))
}

func TestEveryStructureHasALine(t *testing.T) {
	c, err := compareAll(filepath.Join(root, figures))
	require.NoError(t, err)
	require.Len(t, strings.Split(strings.TrimSpace(c.structures()), "\n"), 2+len(c.list))
	require.Len(t, strings.Split(strings.TrimSpace(c.summary()), "\n"), 2+len(pairs))
	seen := map[string]bool{}
	for _, s := range c.list {
		require.False(t, seen[s.String()], "%s is there twice", s)
		seen[s.String()] = true
	}
}
