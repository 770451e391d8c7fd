package layout_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/fuzzing"
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

// changedLayouts is the fuzz target of layouts some numbers of which were changed. What is read is
// written, and read as the same.
func changedLayouts(t testing.TB) (inputs int, check fuzzing.Check) {
	list := someLayouts(t)
	return len(list), func(t *testing.T, in fuzzing.Input) (parsed bool) {
		l, err := layout.Parse([]byte(fuzzing.Text(list[in.Which%len(list)], in.Edits)))
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
}

// FuzzLayout: no layout panics or hangs; what is accepted is written and read as the same.
func FuzzLayout(f *testing.F) {
	inputs, check := changedLayouts(f)
	fuzzing.Run(f, inputs, check)
}

// TestChangedLayouts runs some of the inputs that FuzzLayout looks for.
func TestChangedLayouts(t *testing.T) {
	_, check := changedLayouts(t)
	fuzzing.Try(t, 2000, check)
}
