package manifest_test

import (
	"encoding/gob"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/mutate"
	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/manifest"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// written is a value's manifest, and the census of its stream.
type written struct {
	text   string
	census *snapshot.Census
}

func someManifests(t testing.TB) (list []written) {
	gob.Register(testdata.OutPoint{})
	for _, v := range []any{&node{Script: []byte("script"), Any: testdata.OutPoint{}, Next: &node{}},
		testdata.NewMempool(3), testdata.UTXO(3), []int16{1}, map[string][2][]uint8{"key": {{1}}}} {
		m, err := manifest.Make(v)
		require.NoError(t, err)
		text, err := json.Marshal(m)
		require.NoError(t, err)
		list = append(list, written{string(text), scan(t, write(t, v))})
	}
	return list
}

// checkChanged reads a manifest some numbers of which were changed, and prices its stream by it.
func checkChanged(t *testing.T, w written, edits []byte) (parsed bool) {
	text := w.text
	if len(edits) > 2 && edits[0]%8 == 7 {
		text = mutate.Repeat(text, edits[1], edits[2])
	}
	m, err := manifest.Parse([]byte(mutate.Numbers(text, edits[:min(len(edits), 16)])))
	if err != nil {
		return false
	}
	typed := w.census.Retype(m.Layout)
	for _, model := range []*rules.Model{rules.Core(), rules.Crate(), rules.Go()} {
		_, err := price.Price(typed, []*rules.Model{model}, nil)
		require.NoError(t, err, "the tags have been checked")
	}
	return true
}

// FuzzManifest: no manifest panics, hangs, or makes a stream one that cannot be priced.
func FuzzManifest(f *testing.F) {
	list := someManifests(f)
	for i := range list {
		f.Add(uint8(i), []byte{0, byte(i), 3, 0})
	}
	f.Fuzz(func(t *testing.T, which uint8, edits []byte) {
		checkChanged(t, list[int(which)%len(list)], edits)
	})
}

// TestChangedManifests runs some of the inputs that FuzzManifest looks for, and holds how many are read.
func TestChangedManifests(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	list, parsed, rounds := someManifests(t), 0, 2000
	for i := range rounds {
		edits := make([]byte, 4+4*r.IntN(2))
		for i := range edits {
			edits[i] = byte(r.Uint32())
		}
		if checkChanged(t, list[i%len(list)], edits) {
			parsed++
		}
	}
	t.Logf("%d inputs: %d read", rounds, parsed)
	require.Greater(t, 2*parsed, rounds)
}
