package browsertest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// shelves is a value of which some places grow, shrink, come, go and stay.
type shelves struct{ Grown, Shrunk, Same, New, Gone []byte }

// The cells of a diff are as large as the larger side, and coloured by growth.
func TestDiffIsSizedByTheLargerSide(t *testing.T) {
	bytes := func(n int) []byte {
		if n == 0 {
			return nil
		}
		return make([]byte, n)
	}
	old := memsize.Scan(shelves{bytes(1024), bytes(8192), bytes(4096), nil, bytes(2048)}, memsize.OnHeap())
	new := memsize.Scan(shelves{bytes(2048), bytes(6144), bytes(4096), bytes(512), nil}, memsize.OnHeap())
	b := open(t, pageOfDiff(t, old, new, report.HTMLOptions{}), "", wide)
	type side struct {
		Weight float64
		Class  string
		Text   string
	}
	got := eval[map[string]side](b, `Object.fromEntries([...document.querySelectorAll('#map .cell.place')].map(e =>
		[e.cell.label, {Weight: e.cell.weight, Class: [...e.classList].find(c => /^g\d$/.test(c)), Text: e.textContent}]))`)
	for name, want := range map[string]side{
		".Grown":  {2048, "g7", ".Grown +1.00 KiB"},
		".Shrunk": {8192, "g2", ".Shrunk −2.00 KiB"},
		".Same":   {4096, "g4", ".Same ±0"},
		".New":    {512, "g8", ".New +512 B"},
		".Gone":   {2048, "g0", ".Gone −2.00 KiB"},
	} {
		require.Equal(t, want.Weight, got[name].Weight, name)
		require.Equal(t, want.Class, got[name].Class, name)
		require.Equal(t, want.Text, got[name].Text, name)
	}
	require.Equal(t, "−2.50 KiB", b.text("#total"))
	require.Contains(t, b.text("#words"), "15.0 KiB → 12.5 KiB")
	rows := b.text("#places")
	for _, want := range []string{"+100.0 %", "new", "gone", "−25.0 %"} {
		require.Contains(t, rows, want)
	}
	b.show("#by=change")
	require.NotContains(t, b.text("#map"), ".Same", "what did not change has no area")
	b.clean()
}

// All figures of the table of a diff are those of both reports.
func TestFiguresOfDiff(t *testing.T) {
	old, new := both(newService(100)), both(newService(300))
	b := open(t, pageOfDiff(t, old, new, report.HTMLOptions{}), "", wide)
	type key struct{ path, kind string } // some places share a path: a pointer and what it points to
	before, met := map[key]*report.Node{}, map[string]int{}
	for n := range old.Nodes() {
		before[key{n.Path, n.Type}] = n
	}
	for n := range new.Nodes() {
		o := before[key{n.Path, n.Type}]
		require.NotNil(t, o, "the values have the same places")
		nth := show.Count(uint64(met[n.Path]))
		met[n.Path]++
		b.run(do("location.hash = '#nth=" + nth + "&at=' + encodeURIComponent(" + quoted(n.Path) + ")"))
		want := "with all below\n" + show.Bytes(o.Total) + " → " + show.Bytes(n.Total)
		b.until("document.getElementById('here').innerText.includes(%s)", want)
		require.Contains(t, b.text("#here"), "own\n"+show.Bytes(o.Own)+" → "+show.Bytes(n.Own), n.Path)
		require.Contains(t, b.text("#here"), "count\n"+show.Count(o.Count)+" → "+show.Count(n.Count), n.Path)
	}
	b.clean()
}

// Retained sizes and savings are shown where a report has them, and are measures of the map.
func TestRetainedAndWaste(t *testing.T) {
	r := memsize.Scan(newService(300), memsize.OnHeap())
	for n := range r.Nodes() {
		n.Retained, n.RetainedExact = n.Total/2, n.Path == "root.Sessions"
		if n.Path == "root.Sessions" {
			n.Biggest = []report.Entry{{Key: `"user-1"`, Retained: 4321, Path: `root.Sessions["user-1"]`}}
		}
		if n.Path == "root.Sessions[].History" {
			r.Waste = append(r.Waste, report.Saving{Kind: "spare capacity", Path: n.Path, Type: n.Type, Count: n.Count,
				Bytes: 7000, Advice: "clip it"})
		}
	}
	r.Coverage = &report.Coverage{Held: r.Total, Live: 2 * r.Total, Since: 77}
	r.Tree.SharedBy = []report.Sharer{{Path: "other.Place", References: 12}}
	holders := []report.Chain{{Root: "root", Expr: `root.Log["user-1"].Next`, Steps: []report.Step{
		{Text: `.Log["user-1"]`, Type: "*main.entry", Only: true}, {Text: ".Next", Type: "*main.last"}}}}
	b := open(t, pageOf(t, r, report.HTMLOptions{Holders: holders}), "#by=retained", wide)
	require.Contains(t, b.text("#here"), "other.Place (12 ×)")
	require.Contains(t, b.text("#lists"), `root.Log["user-1"].Next`)
	require.Contains(t, b.text("#lists"), "*main.entry → *main.last (without it the value would be freed)")
	require.Contains(t, b.text("#map"), ".Sessions")
	require.Equal(t, "retained", eval[string](b, "document.getElementById('by').value"))
	require.Contains(t, b.text("#places"), "≥ ", "a lower bound is shown as one")
	require.Contains(t, b.text("#lists"), `root.Sessions["user-1"]`)
	require.Contains(t, b.text("#lists"), show.Bytes(4321))
	require.Contains(t, b.text("#notes"), "50.0 % of the "+show.Bytes(2*r.Total))
	b.show("#by=waste")
	require.Equal(t, []string{"root.Sessions[].History"}, eval[[]string](b,
		"[...new Set([...document.querySelectorAll('#map .cell:not(.parted)')].map(e => e.ariaLabel.match(/root\\S*?(?=,)/)[0]))]"))
	require.Contains(t, b.text("#lists"), "clip it")

	b = open(t, pageOf(t, r, report.HTMLOptions{NoValues: true, Holders: holders}), "", wide)
	require.NotContains(t, b.text("body"), "user-1")
	require.Contains(t, b.text("#lists"), show.Bytes(4321), "how large it is is told")
	require.Contains(t, b.text("#lists"), "*main.entry → *main.last")
	b.clean()
}
