package gobinary

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/dwarftest"
	"github.com/bitcoin-mem/memsize/internal/fuzzing"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// changedPrograms is the fuzz target of programs whose debug information describes random types, and was
// changed: what is read of one can be priced, and is written and read as the same.
func changedPrograms(t *testing.T, in fuzzing.Input) (parsed bool) {
	r := rand.New(rand.NewPCG(in.Seed, uint64(in.Which)))
	info, abbrev := dwarftest.Random(r), dwarftest.Abbreviations()
	edits := in.Edits[:min(len(in.Edits), 16)]
	var anywhere []byte
	for ; len(edits) >= 4; edits = edits[4:] {
		if edits[3] >= 0xf8 { // a few are of the tables and of the headers
			anywhere = append(anywhere, edits[:4]...)
			continue
		}
		info.Change(edits)
	}
	file := dwarftest.ELF(dwarftest.Section{Name: ".debug_abbrev", Data: abbrev},
		dwarftest.Section{Name: ".debug_info", Data: info.Bytes()})
	for ; len(anywhere) > 0; anywhere = anywhere[4:] {
		file[(int(anywhere[0])<<8|int(anywhere[1]))%len(file)] += anywhere[2]
	}
	l, err := load(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return false
	}
	for _, m := range []*rules.Model{rules.Core(), rules.Crate(), rules.Go()} {
		m = m.With() // a copy, for a model keeps what it knows of types
		for _, known := range l.Known {
			m.Shape(m.Bind(known))
			_ = known.String()
		}
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

// FuzzProgram: no debug information panics or hangs; the types that are accepted can be priced.
func FuzzProgram(f *testing.F) { fuzzing.Run(f, 20, changedPrograms) }

// TestChangedPrograms runs some of the inputs that FuzzProgram looks for.
func TestChangedPrograms(t *testing.T) { fuzzing.Try(t, 2000, changedPrograms) }
