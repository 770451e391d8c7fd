package sample

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The bounds of a mean hold as often as they say, for values of which most are 0 and few large, too.
func TestDeviation(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, chance := range []float64{0.5, 0.1, 0.01, 0.001} {
		wrong, rounds := 0, 2000
		for range rounds {
			var m moments
			for range 300 {
				x := 0.0
				if r.Float64() < chance {
					x = 1
				}
				m.add(x)
			}
			if m.mean()+m.deviation(1, 0.025) < chance {
				wrong++
			}
		}
		require.LessOrEqual(t, float64(wrong)/float64(rounds), 0.025, "chance %v", chance)
	}
	require.Equal(t, 5.0, new(moments).deviation(5, 0.1), "of nothing drawn nothing is known")
}

// So does the bound of a number of events, of which k were seen.
func TestMostEvents(t *testing.T) {
	require.InDelta(t, math.Log(1/0.05), mostEvents(0, 0.05), 1e-6)
	r := rand.New(rand.NewPCG(2, 2))
	for _, expected := range []float64{0.5, 3, 40, 1000} {
		wrong := 0
		const rounds = 2000
		for range rounds {
			k := 0.0 // Poisson, by the times between events
			for at := r.ExpFloat64(); at < expected; at += r.ExpFloat64() {
				k++
			}
			if mostEvents(k, 0.025) < expected {
				wrong++
			}
		}
		require.LessOrEqual(t, float64(wrong)/rounds, 0.025, "expected %v", expected)
	}
}

// distinct is no more than the truth for any sharing, and its slopes lie below it.
func TestDistinct(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 1000 {
		x, s, blocks := 0.0, 0.0, 0.0
		for range 1 + r.IntN(50) { // blocks, each of so many units
			units, cost := float64(1+r.IntN(20)), float64(1+r.IntN(3))
			x, s, blocks = x+units*cost, s+units*(units-1)/2*cost, blocks+cost
		}
		least, _ := distinct(x, s)
		require.LessOrEqual(t, least, blocks*(1+1e-9))
		for _, y := range []float64{0.1 * x, 0.9 * x, 3 * x} {
			at, _ := distinct(y, s)
			for _, z := range []float64{0.1 * y, y, 2 * y} { // the line through y lies below the function
				_, slope := distinct(y, s)
				there, _ := distinct(z, s)
				require.LessOrEqual(t, at+slope*(z-y), there+1e-9*z)
			}
		}
	}
	least, _ := distinct(10, 2)
	require.Equal(t, 8.0, least, "no more than what pairs share is lost")
}
