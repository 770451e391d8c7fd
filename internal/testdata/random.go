package testdata

import (
	"crypto/sha256"
	"math"
	"math/rand/v2"
)

// random draws from ChaCha8, whose output for a seed is fixed for good, and derives everything
// else by itself: the methods of rand.Rand may change what they make of the same source.
type random struct{ source *rand.ChaCha8 }

func newRandom(seed string) random {
	return random{rand.NewChaCha8(sha256.Sum256([]byte(seed)))}
}

// below is a number in [0, n). The bias of the modulus is of no matter here.
func (r random) below(n int) int { return int(r.source.Uint64() % uint64(n)) }

// between is a number in [low, high].
func (r random) between(low, high int) int { return low + r.below(high-low+1) }

// chance is true in percent of a hundred cases.
func (r random) chance(percent int) bool { return r.below(100) < percent }

// scattered is a number in [low, high] whose logarithm is evenly spread: amounts, fees.
func (r random) scattered(low, high float64) int64 {
	unit := float64(r.source.Uint64()>>11) / (1 << 53)
	return int64(math.Exp2(math.Log2(low) + unit*(math.Log2(high)-math.Log2(low))))
}

// bytes is n random bytes: hashes, keys, signatures.
func (r random) bytes(n int) []byte {
	b := make([]byte, n)
	r.source.Read(b) // never fails: the source is arithmetic
	return b
}

func (r random) hash() (h [32]byte) {
	r.source.Read(h[:])
	return h
}

func pick[T any](r random, choices ...T) T { return choices[r.below(len(choices))] }
