package rules_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/rules"
)

// TestCauses tells for containers of every kind why their figure may be off on a Go heap.
func TestCauses(t *testing.T) {
	const part, tiny, history = rules.PartOfBlock, rules.TinyBlocks, rules.MapHistory
	for _, row := range []struct {
		why      string
		typ      reflect.Type
		len, cap uint64
		want     rules.Causes
	}{
		{"a pointer may be into an array", reflect.TypeFor[*[4]int64](), 1, 1, part},
		{"a byte shares a block", reflect.TypeFor[*byte](), 1, 1, part | tiny},
		{"a pointer word has a block", reflect.TypeFor[**byte](), 1, 1, part},
		{"a slice may be cut", reflect.TypeFor[[]byte](), 16, 16, part},
		{"a short one shares a block", reflect.TypeFor[[]byte](), 3, 15, part | tiny},
		{"a string", reflect.TypeFor[string](), 100, 100, part},
		{"a short string", reflect.TypeFor[string](), 1, 1, part | tiny},
		{"a map", reflect.TypeFor[map[byte]byte](), 1, 1, history},
		{"a set", reflect.TypeFor[map[byte]struct{}](), 1, 1, history},
		{"a channel says all", reflect.TypeFor[chan byte](), 0, 9, 0},
		{"no bytes", reflect.TypeFor[*struct{}](), 1, 1, part},
	} {
		p := rules.Go().NewPricer(rules.Go().Bind(rules.TypeOf(row.typ)))
		require.Equal(t, row.want, p.Causes(row.len, row.cap), row.why)
		core := rules.Core().NewPricer(rules.Core().Bind(rules.TypeOf(row.typ)))
		require.Zero(t, core.Causes(row.len, row.cap), "core is what its formulas say")
	}
	iface := rules.Go().Bind(rules.TypeOf(reflect.TypeFor[any]()))
	for _, row := range []struct {
		typ  reflect.Type
		want rules.Causes
	}{{reflect.TypeFor[int64](), tiny}, {reflect.TypeFor[[2]int64](), 0},
		{reflect.TypeFor[*int64](), part | tiny}} {
		box := rules.Go().NewPricer(rules.Go().Box(iface, rules.TypeOf(row.typ)))
		require.Equal(t, row.want, box.Causes(1, 1), "%v in an interface", row.typ)
	}
}

func TestCauseNames(t *testing.T) {
	all := rules.PartOfBlock | rules.TinyBlocks | rules.MapHistory
	require.Len(t, all.Names(), 3)
	require.Len(t, all.Why(), 3)
	text, err := json.Marshal(all)
	require.NoError(t, err)
	back := rules.TimerChannel // which is overwritten
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, all, back)
	require.NoError(t, json.Unmarshal([]byte(`["bad luck"]`), &back))
	require.Zero(t, back)
	require.Len(t, all.Each(), 3)
	require.Equal(t, "part of block, tiny blocks", (rules.PartOfBlock | rules.TinyBlocks).String())
	low, high := rules.Causes(0).Bounds()
	require.Equal(t, []float64{1, 1}, []float64{low, high}, "nothing is exact")
}

// TestPacked leaves to the allocator's packing what it packs, and nothing else.
func TestPacked(t *testing.T) {
	for _, row := range []struct {
		typ      reflect.Type
		len, cap uint64
		tiny     uint64
	}{
		{reflect.TypeFor[[]byte](), 3, 15, 15}, {reflect.TypeFor[[]byte](), 3, 16, 0},
		{reflect.TypeFor[string](), 7, 7, 7}, {reflect.TypeFor[*[3]byte](), 1, 1, 3},
		{reflect.TypeFor[*[3]byte](), 0, 0, 0}, {reflect.TypeFor[**byte](), 1, 1, 0},
		{reflect.TypeFor[map[byte]byte](), 0, 0, 0},
	} {
		p := rules.Go().NewPricer(rules.Go().Bind(rules.TypeOf(row.typ)))
		parts, tiny := p.Packed(row.len, row.cap)
		require.Equal(t, row.tiny, tiny, "%v of %d, %d", row.typ, row.len, row.cap)
		want := p.Usage(row.len, row.cap)
		if tiny > 0 {
			want.Rounding = 0
			require.Equal(t, tiny, parts.Total())
		}
		require.Equal(t, want, parts)
	}
}
