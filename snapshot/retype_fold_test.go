package snapshot_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

type chained struct {
	Name string
	Next *chained
}

// TestPointersAboveFolds: what a fold counts at its ancestor is not pointed to from above the
// ancestor: three elements of which one leads to two more are five blocks, not eight.
func TestPointersAboveFolds(t *testing.T) {
	v := []*chained{{"a", &chained{"b", &chained{"c", nil}}}, {"d", nil}, {"e", nil}}
	type holder struct{ All []*chained } // by its name the stream tells of the pointers
	named := holder{v}
	c, err := snapshot.Scan(context.Background(), encode(t, named))
	require.NoError(t, err)
	site := c.Roots[0].Children[0]
	for site.Type.Kind() != reflect.Struct {
		site = site.Children[0]
	}
	require.EqualValues(t, 5, site.Count)
	require.EqualValues(t, 2, site.Folded)
	r, err := price.Price(c, []*rules.Model{rules.Core()}, nil)
	require.NoError(t, err)
	require.Equal(t, memsize.Of(named), r.Total, "from the wire alone")
}
