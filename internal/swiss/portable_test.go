//go:build memsize_portable

package swiss_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/swiss"
)

const portable = true

func TestPortableKnowsNoLayout(t *testing.T) {
	_, ok := swiss.Layout(reflect.TypeFor[map[int]int]())
	require.False(t, ok)
}
