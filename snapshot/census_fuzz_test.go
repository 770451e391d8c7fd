package snapshot

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/fuzzing"
)

// savedCensuses are saved censuses of streams of every kind, without the sample of the order of values,
// which is compressed, and some that were cut.
func savedCensuses(t testing.TB) (list []string) {
	for _, stream := range sortedStreams(t) {
		for _, end := range []int{len(stream), len(stream) * 3 / 4} {
			c, _ := Scan(t.Context(), bytes.NewReader(stream[:end]))
			c.order = order{}
			if len(c.Roots) > 0 {
				list = append(list, string(save(t, c)))
			}
		}
	}
	return list
}

// sortedStreams are smallStreams in an order that is always the same.
func sortedStreams(t testing.TB) (list [][]byte) {
	all := smallStreams(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[name])
	}
	return list
}

// changedCensuses is the fuzz target of saved censuses some numbers of which were changed.
func changedCensuses(t testing.TB) (inputs int, check fuzzing.Check) {
	list := savedCensuses(t)
	return len(list), func(t *testing.T, in fuzzing.Input) (parsed bool) {
		o := defaults()
		o.maxMemory = 4 << 20
		saved := fuzzing.Text(list[in.Which%len(list)], in.Edits)
		c, err := load(t.Context(), strings.NewReader(saved), o)
		require.Equal(t, err != nil, c.Incomplete)
		if len(c.Roots) == 0 {
			return false
		}
		checkFinite(t, c)
		checkSaved(t, c)
		return true
	}
}

// FuzzCensus: no saved census panics or hangs; what is accepted is saved and read as the same.
func FuzzCensus(f *testing.F) {
	inputs, check := changedCensuses(f)
	fuzzing.Run(f, inputs, check)
}

// TestChangedCensuses runs some of the inputs that FuzzCensus looks for.
func TestChangedCensuses(t *testing.T) {
	_, check := changedCensuses(t)
	fuzzing.Try(t, 1000, check)
}
