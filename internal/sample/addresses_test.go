package sample

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A set of addresses says what a map says.
func TestAddresses(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var s addresses
	known := map[uintptr]bool{}
	for range 20_000 {
		a := uintptr(1 + r.IntN(15_000))
		require.Equal(t, !known[a], s.add(a))
		known[a] = true
	}
}
