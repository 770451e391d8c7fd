package memsizetest

import (
	"container/list"
	"flag"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

type session struct {
	User string
	Data []byte
}

func sessions(n int) []session {
	list := make([]session, n)
	for i := range list {
		list[i] = session{strings.Repeat("u", 20), make([]byte, 100)}
	}
	return list
}

func TestAtMost(t *testing.T) {
	v := sessions(10)
	total := memsize.Heap(v)
	for _, row := range []struct {
		size, says string
		opts       []memsize.Option
	}{
		{"64KiB", "", nil},
		{uintText(total), "", nil},
		{uintText(total - 1), "1 B more than", nil},
		{"288", fmt.Sprintf("holds %s, %s more than the 288 B that it may", figure(total), figure(total-288)), nil},
		{"288", "most of it at root[].Data, []uint8: 1,120 B in 10 values", nil},
		{"288", "╰╴[].User  string", nil},
		{uintText(memsize.Of(v)), "", []memsize.Option{memsize.WithModel(rules.Core())}},
		{uintText(memsize.Of(v) - 1), "where (core)", []memsize.Option{memsize.WithModel(rules.Core())}},
		{"much", `"much" is no size`, nil},
	} {
		said := verdict("T", func(t testing.TB) { AtMost(t, v, row.size, row.opts...) })
		if row.says == "" {
			require.Empty(t, said, row.size)
		}
		require.Contains(t, said, row.says, row.size)
	}
}

func uintText(n uint64) string { return strconv.FormatUint(n, 10) }

func TestPerElement(t *testing.T) {
	build := func(n int) any { return sessions(n) }
	require.Empty(t, verdict("T", func(t testing.TB) { PerElement(t, build, 1000, "190") }))
	said := verdict("T", func(t testing.TB) { PerElement(t, build, 1000, "150") })
	each := fmt.Sprintf("an element costs %.1f B, more than the 150 B", float64(memsize.Heap(sessions(1000)))/1000)
	require.Contains(t, said, each)
	require.Contains(t, said, "root[].Data", "and says where")
	require.Contains(t, verdict("T", func(t testing.TB) { PerElement(t, build, 0, "150") }), "at least one element")

	fixed := func(n int) any { return [2][]byte{make([]byte, 1<<20), make([]byte, 16*n)} }
	require.Empty(t, verdict("T", func(t testing.TB) { PerElement(t, fixed, 64, "16") }),
		"what no element has is not charged to them")
	empty := func(n int) any { return nil }
	require.Empty(t, verdict("T", func(t testing.TB) { PerElement(t, empty, 1, "0") }))
}

func TestAgree(t *testing.T) {
	v := sessions(10)
	total := memsize.Heap(v)
	tenth := 100 * float64(total/10) / float64(total)
	for _, row := range []struct {
		claimed   uint64
		tolerance float64
		says      string
	}{
		{total, 0, ""},
		{total + total/100, 0.02, ""},
		{total - total/100, 0.02, ""},
		{total - total/10, 0.05, fmt.Sprintf("missing (%.1f %%, tolerated 5.0 %%)", tenth)},
		{total + total/10, 0.05, fmt.Sprintf("too much (%.1f %%, tolerated 5.0 %%)", tenth)},
		{0, 0.5, "missing (100.0 %"},
		{total, -1, "a tolerance is a share"},
		{total, math.NaN(), "a tolerance is a share"},
	} {
		said := verdict("T", func(t testing.TB) { Agree(t, v, row.claimed, row.tolerance) })
		if row.says == "" {
			require.Empty(t, said)
		}
		require.Contains(t, said, row.says)
	}
	require.Contains(t, verdict("T", func(t testing.TB) { Agree(t, nil, 5, 0.5) }), "holds 0 B")
	require.Empty(t, verdict("T", func(t testing.TB) { Agree(t, nil, 0, 0) }))
}

func TestReport(t *testing.T) {
	require.NoError(t, flag.Set("test.benchtime", "1x"))
	defer func() { require.NoError(t, flag.Set("test.benchtime", "1s")) }()
	measured := func(v any, opts ...memsize.Option) map[string]float64 {
		return testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
			}
			Report(b, v, opts...)
		}).Extra
	}
	v := sessions(10)
	total := float64(memsize.Heap(v))
	require.Equal(t, map[string]float64{"live-B": total, "B/elem": total / 10}, measured(v))
	require.Equal(t, float64(memsize.Heap(&v))/10, measured(&v)["B/elem"], "a pointer's slice, with its header")
	l := list.New()
	l.PushBack(1)
	l.PushBack(2)
	require.Equal(t, float64(memsize.Heap(l))/2, measured(l)["B/elem"], "a value that has a length")
	require.NotContains(t, measured(&struct{ a, b int }{}), "B/elem")
	require.Equal(t, float64(memsize.Of(v)), measured(v, memsize.WithModel(rules.Core()))["live-B"])
}

// The package needs what memsize needs, and package testing.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f",
		"{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "github.com/bitcoin-mem/memsize/report")
	for _, path := range strings.Fields(string(out)) {
		require.True(t, strings.HasPrefix(path, "github.com/bitcoin-mem/memsize") ||
			path == "github.com/modern-go/reflect2", path)
	}
}
