package spelling

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNearest(t *testing.T) {
	commands := []string{"size", "layout", "merge", "diff", "schema", "models", "malloc"}
	for _, row := range []struct{ why, word, want string }{
		{"the word itself", "diff", "diff"},
		{"a letter left out", "schem", "schema"},
		{"a letter too many", "diffs", "diff"},
		{"another letter", "nerge", "merge"},
		{"two letters in the wrong order", "shcema", "schema"},
		{"the nearer of two", "modelc", "models"},
		{"another word", "utxo.gob", ""},
		{"a word that only ends alike", "backup-of-diff", ""},
		{"no word", "", ""},
		{"letters, not bytes", "größe", ""},
	} {
		require.Equal(t, row.want, Nearest(row.word, commands), row.why)
	}
	require.Equal(t, "größe", Nearest("grösse", []string{"größe"}), "ß for ss: two letters")
	require.Empty(t, Nearest("x", nil))
}

func TestType(t *testing.T) {
	require.Equal(t, "map[string]any", Type(reflect.TypeFor[map[string]any]()))
	require.Equal(t, "[]interface { String() string }", Type(reflect.TypeFor[[]interface{ String() string }]()))
}
