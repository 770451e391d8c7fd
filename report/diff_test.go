package report_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// shelf is a value that can grow in several places.
type shelf struct {
	Names []string
	Books map[string][]byte
	Next  *shelf
	Any   any
}

func randomShelf(r *rand.Rand, depth int) *shelf {
	s := &shelf{Books: map[string][]byte{}}
	for range r.IntN(4) {
		s.Names = append(s.Names, strings.Repeat("n", r.IntN(40)))
		s.Books[strings.Repeat("b", r.IntN(40))] = make([]byte, r.IntN(200))
	}
	if depth > 0 && r.IntN(3) > 0 {
		s.Next = randomShelf(r, depth-1)
	}
	if r.IntN(2) > 0 {
		s.Any = make([]uint64, r.IntN(20))
	}
	return s
}

// The changes by type sum to that of the total; backwards a diff is the same with its sides
// changed; nothing is listed that did not change, and nothing that did is missing.
func TestCompareAddsUp(t *testing.T) {
	seed := seed.Of(t)
	r := rand.New(rand.NewPCG(seed, 1))
	models := memsize.WithModels(rules.Core(), rules.Crate())
	for range 300 {
		old, new := memsize.Scan(randomShelf(r, 3), models), memsize.Scan(randomShelf(r, 3), models)
		d := report.Compare(old, new)
		require.Equal(t, old.Total, d.Total.Old)
		require.Equal(t, new.Total, d.Total.New)
		require.Len(t, d.Models, 2)
		require.Equal(t, new.Models[1].Total, d.Models[1].New)
		var byType int64
		for _, c := range d.Types {
			byType += int64(c.New) - int64(c.Old)
			require.False(t, c.Old == c.New && c.OldCount == c.NewCount, c.Name)
		}
		require.Equal(t, int64(new.Total)-int64(old.Total), byType)
		back := report.Compare(new, old)
		require.Len(t, back.Paths, len(d.Paths))
		for i, c := range d.Paths {
			b := back.Paths[i]
			require.Equal(t, []any{c.Name, c.Old, c.New}, []any{b.Name, b.New, b.Old})
		}
		same := report.Compare(old, old)
		require.Empty(t, same.Types)
		require.Empty(t, same.Paths)
		for _, o := range []report.TextOptions{{}, {All: true, Bytes: true}} {
			var text bytes.Buffer
			require.NoError(t, d.WriteText(&text, o))
			require.NoError(t, d.WriteMarkdown(&text, o))
		}
	}
}

func TestThresholds(t *testing.T) {
	grown := report.Change{Name: "total", Old: 1000, New: 1050}
	for _, row := range []struct {
		why, threshold string
		change         report.Change
		exceeded       bool
	}{
		{"just the share that is allowed", "5%", grown, false},
		{"a little more", "4.9%", grown, true},
		{"just the bytes that are allowed", "50", grown, false},
		{"one byte more", "49B", grown, true},
		{"units", "1KiB", grown, false},
		{"nothing may grow, and does", "0%", grown, true},
		{"what shrinks is never too much", "0%", report.Change{Old: 1000, New: 10}, false},
		{"what is new grows beyond any share", "1000000%", report.Change{New: 1}, true},
		{"what stays is no growth", "0", report.Change{Old: 5, New: 5}, false},
	} {
		limit, err := report.ParseThreshold(row.threshold)
		require.NoError(t, err, row.why)
		_, exceeded := (&report.Diff{Total: row.change}).Exceeded(limit)
		require.Equal(t, row.exceeded, exceeded, row.why)
		// The same for a path.
		limit, err = report.ParseThreshold("Coins[].Script=" + row.threshold)
		require.NoError(t, err, row.why)
		row.change.Name = "Coins[].Script"
		_, exceeded = (&report.Diff{Paths: []report.Change{row.change}}).Exceeded(limit)
		require.Equal(t, row.exceeded, exceeded, row.why)
		_, exceeded = (&report.Diff{}).Exceeded(limit)
		require.False(t, exceeded, "a path that did not change")
	}
	for _, bad := range []string{"", "x", "-1", "-5%", "5 %%", "1XiB", "NaN%", "Inf%", "16EiB",
		"1.5MiB", "99999999999999999999"} {
		_, err := report.ParseThreshold(bad)
		require.ErrorContains(t, err, "want a share such as 5%", bad)
	}
}

func FuzzParseThreshold(f *testing.F) {
	for _, s := range []string{"5%", "1MiB", "a=b=7 kB", "[].X=0.5%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if limit, err := report.ParseThreshold(s); err == nil {
			require.False(t, math.IsNaN(limit.Percent) || limit.Percent < 0)
			require.True(t, limit.Of || limit.Percent == 0)
		}
	})
}

// What comes from data stays text in Markdown, in its cell.
func TestMarkdownEscapes(t *testing.T) {
	d := report.Compare(
		&report.Report{Model: "core", Tree: &report.Node{}},
		&report.Report{Model: "core", Total: 9, Tree: &report.Node{Path: "a|b<img>\n@all *x*", Total: 9}})
	var out bytes.Buffer
	require.NoError(t, d.WriteMarkdown(&out, report.TextOptions{All: true}))
	require.Contains(t, out.String(), `a\|b&lt;img&gt;\\n&#64;all \*x\*`)
	require.NotContains(t, out.String(), "<img>")
}
