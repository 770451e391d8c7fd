package snapshot

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/mutate"
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

// checkChangedCensus reads a saved census some numbers of which were changed.
func checkChangedCensus(t *testing.T, saved string, edits []byte) (parsed bool) {
	if len(edits) > 2 && edits[0]%8 == 7 {
		saved = mutate.Repeat(saved, edits[1], edits[2])
	}
	saved = mutate.Numbers(saved, edits[:min(len(edits), 16)])
	o := defaults()
	o.maxMemory = 4 << 20
	c, err := load(t.Context(), strings.NewReader(saved), o)
	require.Equal(t, err != nil, c.Incomplete)
	if len(c.Roots) == 0 {
		return false
	}
	checkFinite(t, c)
	checkSaved(t, c)
	return true
}

// FuzzCensus: no saved census panics or hangs; what is accepted is saved and read as the same.
func FuzzCensus(f *testing.F) {
	list := savedCensuses(f)
	for i := range list {
		f.Add(uint8(i), []byte{0, byte(i), 3, 0})
	}
	f.Fuzz(func(t *testing.T, which uint8, edits []byte) {
		checkChangedCensus(t, list[int(which)%len(list)], edits)
	})
}

// TestChangedCensuses runs some of the inputs that FuzzCensus looks for, and holds how many are read.
func TestChangedCensuses(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	list, parsed, rounds := savedCensuses(t), 0, 1000
	for i := range rounds {
		edits := make([]byte, 4)
		for i := range edits {
			edits[i] = byte(r.Uint32())
		}
		if checkChangedCensus(t, list[i%len(list)], edits) {
			parsed++
		}
	}
	t.Logf("%d inputs: %d read", rounds, parsed)
	require.Greater(t, 2*parsed, rounds)
}
