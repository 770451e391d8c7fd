package price_test

import (
	"bytes"
	"encoding/gob"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// FuzzPriceCensus: a saved census that is accepted can be priced, whatever it counts: figures
// saturate, and the parts are those of the total.
func FuzzPriceCensus(f *testing.F) {
	type node struct {
		Next *node
		M    map[string][]byte
		Any  any
	}
	for _, v := range []any{7, []string{"a", "b"}, node{&node{}, map[string][]byte{"k": {1}}, "x"}} {
		var stream, saved bytes.Buffer
		require.NoError(f, gob.NewEncoder(&stream).Encode(v))
		c, err := snapshot.Scan(f.Context(), &stream)
		require.NoError(f, err)
		require.NoError(f, c.Save(&saved))
		f.Add(saved.Bytes())
	}
	f.Add([]byte(`{"schema":"memsize-census/1","stream":{"values":1},"types":[{"kind":"slice","elem":2},` +
		`{"kind":"int"}],"sites":[{"type":1,"count":1,"lengths":[[4611686018427387904,1]]}]}`))
	models := []*rules.Model{rules.Core(), rules.Crate(), rules.Go()}
	f.Fuzz(func(t *testing.T, saved []byte) {
		c, err := snapshot.Scan(t.Context(), bytes.NewReader(saved), snapshot.MaxMemory(1<<20))
		if err != nil {
			return
		}
		r, err := price.Price(c, models, nil)
		require.NoError(t, err)
		for _, m := range r.Models {
			require.Equal(t, m.Parts.Total(), m.Total)
		}
	})
}
