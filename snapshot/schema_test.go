package snapshot

import (
	"bytes"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// Saved censuses follow the published schema, of whole streams and of parts; the schema is not so
// wide that anything does.
func TestSavedFollowsTheSchema(t *testing.T) {
	text, err := os.ReadFile("census.schema.json")
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("census.schema.json", document))
	schema, err := c.Compile("census.schema.json")
	require.NoError(t, err)
	for name, stream := range smallStreams(t) {
		for _, end := range []int{len(stream), len(stream) - 1, len(stream) / 2} {
			c, _ := Scan(t.Context(), bytes.NewReader(stream[:end]))
			saved := save(t, c)
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(saved))
			require.NoError(t, err)
			require.NoError(t, schema.Validate(value), "%s: %s", name, saved)
			object, ok := value.(map[string]any)
			require.True(t, ok)
			for _, key := range []string{"schema", "stream", "types", "sites"} {
				kept := object[key]
				delete(object, key)
				require.Error(t, schema.Validate(value), "without %s", key)
				object[key] = kept
			}
		}
	}
}
