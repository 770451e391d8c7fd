package schemacheck_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/schemacheck"
)

func TestCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "schema.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"type": "object", "required": ["a"], "properties": {
		"a": {"type": "array", "items": {"$ref": "#/$defs/b"}}},
		"$defs": {"b": {"type": "object", "properties": {"b": {"type": "integer"}}}}}`), 0o644))
	s, err := schemacheck.Load(path)
	require.NoError(t, err)
	for text, want := range map[string]string{
		`{"a": []}`:                 "",
		`{"a": [{"b": 1}, {}]}`:     "",
		`{"a": [{"b": "1"}]}`:       "got string, want integer",
		`{"a": [{"b": 1, "c": 1}]}`: `does not describe "c"`,
		`{}`:                        "missing property 'a'",
		`{"a": [`:                   "EOF",
	} {
		err := s.Check([]byte(text))
		if want == "" {
			require.NoError(t, err, text)
			require.NoError(t, s.CheckWithout([]byte(text), "a"))
			require.ErrorContains(t, s.CheckWithout([]byte(text), "x"), "no \"x\"")
			continue
		}
		require.ErrorContains(t, err, want, text)
	}
	_, err = schemacheck.Load("missing.json")
	require.ErrorIs(t, err, os.ErrNotExist)
}
