package snapshot

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/schemacheck"
)

// Saved censuses follow the published schema, of whole streams and of parts; the schema is not so
// wide that anything does.
func TestSavedFollowsTheSchema(t *testing.T) {
	schema, err := schemacheck.Load("census.schema.json")
	require.NoError(t, err)
	for name, stream := range smallStreams(t) {
		for _, end := range []int{len(stream), len(stream) - 1, len(stream) / 2} {
			c, _ := Scan(t.Context(), bytes.NewReader(stream[:end]))
			saved := save(t, c)
			require.NoError(t, schema.Check(saved), "%s: %s", name, saved)
			require.NoError(t, schema.CheckWithout(saved, "schema", "stream", "types", "sites"))
		}
	}
}
