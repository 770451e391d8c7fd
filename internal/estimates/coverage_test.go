package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/rules"
)

// The truth lies in the interval in 94 of 100 estimates of each family at least, by budgets of
// containers and of time: 10,000 values in the long test, some hundred in the short one.
func TestTruthLiesInTheInterval(t *testing.T) {
	graphs := 10_000
	if testing.Short() {
		graphs = 540
	}
	models := []*rules.Model{rules.Core(), rules.Go()}
	for _, model := range models {
		for i, f := range families {
			m := measure(f, uint64(i), model, graphs/len(models)/len(families), 7)
			for _, tally := range []tally{m.counted, m.timed} {
				require.GreaterOrEqual(t, float64(tally.held), 0.94*float64(tally.n), "%s under %s: %d of %d",
					f.name, model.Name(), tally.held, tally.n)
			}
			require.Greater(t, median(m.lows), 0.01, "%s under %s: an interval that says nothing", f.name,
				model.Name())
		}
	}
}

// The page says where its tables go.
func TestPageHasItsMarker(t *testing.T) {
	page, err := os.ReadFile("../../docs/estimate.md")
	require.NoError(t, err)
	require.Contains(t, string(page), marker)
}
