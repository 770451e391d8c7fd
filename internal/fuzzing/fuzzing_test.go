package fuzzing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/fuzzing"
)

// Inputs of a trial are the same each time, and most of them have edits.
func TestTry(t *testing.T) {
	trial := func() (all []fuzzing.Input, edited int) {
		fuzzing.Try(t, 100, func(_ *testing.T, in fuzzing.Input) bool {
			if len(in.Edits) > 0 {
				edited++
			}
			all = append(all, in)
			return true
		})
		return all, edited
	}
	first, edited := trial()
	again, _ := trial()
	require.Equal(t, first, again)
	require.Greater(t, edited, 50)
}

// The target of this package is fuzzed as those of formats are: it finds what Text must never do.
func FuzzText(f *testing.F) {
	texts := []string{`{"a":[1,23],"b":4}`, `[]`, ``}
	fuzzing.Run(f, len(texts), func(t *testing.T, in fuzzing.Input) bool {
		text := texts[in.Which%len(texts)]
		changed := fuzzing.Text(text, in.Edits)
		require.LessOrEqual(t, len(changed), 8*len(text)+4*30, "edits are few and small")
		return true
	})
}
