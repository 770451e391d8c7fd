package browsertest

import (
	"math"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// A page of 100,000 places is there within a second of a processor's work, with at most 2,000 cells; what is too
// small to be drawn is a cell of its own that leads to it.
func TestManyPlaces(t *testing.T) {
	r := many(100_000)
	page := pageOf(t, r, report.HTMLOptions{})
	require.Less(t, len(page), 10<<20)
	best := math.Inf(1)
	var b *tab
	for range 5 { // the least of some runs
		b = open(t, page, "", wide)
		for _, m := range call(b, performance.GetMetrics, cdp.Empty{}).Metrics {
			if m.Name == "ThreadTime" { // of the processor, in the page's thread
				best = min(best, m.Value)
			}
		}
		if best < 1 {
			break
		}
	}
	t.Logf("%d bytes, %.2f s of work until it is drawn", len(page), best)
	require.Less(t, best, 1.0, "seconds")
	require.Positive(t, best)
	for _, view := range []string{"#", "#view=icicle", "#by=own", "#by=own&view=icicle"} {
		b.show(view)
		n := eval[int](b, "document.querySelectorAll('#map .cell').length")
		require.LessOrEqual(t, n, 2000, view)
		require.Greater(t, n, 50, view)
	}
	b.show("#")
	b.until("document.querySelector('#map .cell.more')")
	more := eval[map[string]float64](b, `(() => { const c = [...document.querySelectorAll('#map .cell.more')].map(e => e.cell)
		.find(c => c.at === 0); return {n: c.rest.length, weight: c.weight, from: c.from} })()`)
	require.Greater(t, more["n"], 1.0)
	var all, rest uint64
	for _, c := range r.Tree.Children {
		all += c.Total
	}
	for _, c := range r.Tree.Children[int(more["from"]):] {
		rest += c.Total
	}
	require.Equal(t, float64(rest), more["weight"], "the cell is as large as what it stands for")
	b.click("[...document.querySelectorAll('#map .cell.more')].find(e => e.cell.at === 0)")
	b.until("location.hash.startsWith('#from=')")
	require.Positive(t, eval[int](b, "document.querySelectorAll('#map .cell.place').length"))
	b.until("document.getElementById('path').innerText.includes('on')")
	b.click("document.querySelector('#path a')")
	b.until("location.hash === ''")

	b.write("Field99999")
	b.until("document.getElementById('status').innerText.startsWith('1 place')")
	require.Positive(t, eval[int](b, "document.querySelectorAll('.cell.hit, .cell.holds').length"), "lit, however deep it lies")
	b.clean()
}

// Beyond the number of places that a page holds, the rest is summed up: nothing is lost.
func TestFoldedPlaces(t *testing.T) {
	r := many(3000)
	b := open(t, pageOf(t, r, report.HTMLOptions{Places: 500}), "", wide)
	require.Equal(t, show.Bytes(r.Total), b.text("#total"))
	require.Contains(t, b.text("#here"), show.Count(r.Total)+" bytes", "all places sum to the total")
	require.Less(t, eval[int](b, "JSON.parse(document.getElementById('data').textContent).places.parent.length"), 1000)
	b.clean()
}
