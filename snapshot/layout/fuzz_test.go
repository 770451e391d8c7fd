package layout_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/mutate"
	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

func someLayouts(t testing.TB) (list []string) {
	for _, typ := range []reflect.Type{reflect.TypeFor[tagged](), reflect.TypeFor[testdata.Mempool](),
		reflect.TypeFor[map[string][3]*[]int16](), reflect.TypeFor[bytes.Buffer]()} {
		var b bytes.Buffer
		l := &layout.Layout{Type: rules.TypeOf(typ), Known: []rules.Type{rules.TypeOf(typ),
			rules.TypeOf(reflect.TypeFor[testdata.Tx]())}}
		text, err := l.MarshalJSON()
		require.NoError(t, err)
		b.Write(text)
		list = append(list, b.String())
	}
	return list
}

// checkChanged reads a layout some numbers of which were changed. What is read is written, and read
// as the same.
func checkChanged(t *testing.T, text string, edits []byte) (parsed bool) {
	if len(edits) > 2 && edits[0]%8 == 7 {
		text = mutate.Repeat(text, edits[1], edits[2])
	}
	l, err := layout.Parse([]byte(mutate.Numbers(text, edits[:min(len(edits), 16)])))
	if err != nil {
		require.ErrorIs(t, err, layout.ErrLayout)
		return false
	}
	first, err := l.MarshalJSON()
	require.NoError(t, err)
	again, err := layout.Parse(first)
	require.NoError(t, err)
	second, err := again.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, string(first), string(second))
	return true
}

// FuzzLayout: no layout panics or hangs; what is accepted is written and read as the same.
func FuzzLayout(f *testing.F) {
	list := someLayouts(f)
	for i := range list {
		f.Add(uint8(i), []byte{0, byte(i), 3, 0})
	}
	f.Fuzz(func(t *testing.T, which uint8, edits []byte) {
		checkChanged(t, list[int(which)%len(list)], edits)
	})
}

// TestChangedLayouts runs some of the inputs that FuzzLayout looks for, and holds how many are read.
func TestChangedLayouts(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	list, parsed, rounds := someLayouts(t), 0, 2000
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
