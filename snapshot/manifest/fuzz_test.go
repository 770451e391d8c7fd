package manifest_test

import (
	"encoding/gob"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/fuzzing"
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

// changedManifests is the fuzz target of manifests some numbers of which were changed: the stream is
// priced by them.
func changedManifests(t testing.TB) (inputs int, check fuzzing.Check) {
	list := someManifests(t)
	return len(list), func(t *testing.T, in fuzzing.Input) (parsed bool) {
		w := list[in.Which%len(list)]
		m, err := manifest.Parse([]byte(fuzzing.Text(w.text, in.Edits)))
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
}

// FuzzManifest: no manifest panics, hangs, or makes a stream one that cannot be priced.
func FuzzManifest(f *testing.F) {
	inputs, check := changedManifests(f)
	fuzzing.Run(f, inputs, check)
}

// TestChangedManifests runs some of the inputs that FuzzManifest looks for.
func TestChangedManifests(t *testing.T) {
	_, check := changedManifests(t)
	fuzzing.Try(t, 2000, check)
}
