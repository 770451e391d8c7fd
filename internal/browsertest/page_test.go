package browsertest

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// cell finds the cell of a place on the map, told by its path.
const cell = "[...document.querySelectorAll('#map .cell.place')].find(e => e.cell.at === e.cell.end && e.ariaLabel.includes(' ' + %s + ', '))"

// lit are the paths of the cells that a search lit up.
const lit = "[...new Set([...document.querySelectorAll('.cell.hit')].map(e => e.ariaLabel.match(/root\\S*?(?=,)/)[0]))]"

// For each place of an account, the page shows the figures that the JSON has, under each model.
func TestFiguresAreThoseOfTheJSON(t *testing.T) {
	accounts := map[string]*report.Report{"service": both(newService(300))}
	for _, name := range []string{"utxo.gob", "sessions.gob", "mempool.gob"} {
		accounts[name] = snapshotOf(t, name)
	}
	for name, r := range accounts {
		t.Run(name, func(t *testing.T) {
			b := open(t, pageOf(t, r, report.HTMLOptions{Title: name}), "", wide)
			met := map[string]int{}
			places := 0
			for n := range r.Nodes() {
				nth := met[n.Path]
				met[n.Path]++
				if places++; places > 60 {
					continue
				}
				b.run(do("location.hash = '#at='+encodeURIComponent(" + quoted(n.Path) +
					")+'&nth=" + show.Count(uint64(nth)) + "'"))
				here := b.whenHere(show.Count(n.Total))
				require.Contains(t, here, show.Bytes(n.Total), n.Path)
				require.Contains(t, here, "own\n"+show.Bytes(n.Own), n.Path)
				if n.Count > 0 {
					require.Contains(t, here, "count\n"+show.Count(n.Count), n.Path)
				}
				for _, part := range []struct {
					name  string
					bytes uint64
				}{{"used", n.Parts.Used}, {"spare", n.Parts.Spare}, {"padding", n.Parts.Padding},
					{"overhead", n.Parts.Overhead}, {"rounding", n.Parts.Rounding}} {
					if part.bytes > 0 {
						require.Contains(t, here, part.name+" "+show.Bytes(part.bytes), n.Path)
					}
				}
			}
			require.Greater(t, places, 1)
			for i, m := range r.Models {
				if i > 0 && r.Tree.Children[0].Models == nil { // they did not share a walk
					require.True(t, eval[bool](b, "document.querySelectorAll('[data-model]')[1].disabled"))
					continue
				}
				view := "#"
				if i > 0 {
					view = "#model=" + m.Name
				}
				b.show(view)
				here := b.whenHere(show.Count(m.Total))
				require.Contains(t, here, show.Bytes(m.Total))
				require.Equal(t, show.Bytes(m.Total), b.text("#total"), m.Name)
				for _, part := range []string{"used " + show.Bytes(m.Used), "spare " + show.Bytes(m.Spare),
					"overhead " + show.Bytes(m.Overhead)} {
					require.Contains(t, strings.ReplaceAll(b.text("#parts"), "\n", " "), part, m.Name)
				}
			}
			types := b.text("#lists")
			for _, f := range r.Types[:min(len(r.Types), 12)] {
				require.Contains(t, types, show.Bytes(f.Total), f.Type)
			}
			b.clean()
		})
	}
}

// whenHere is the text of the place that is shown, once it has a figure.
func (b *tab) whenHere(figure string) string {
	b.t.Helper()
	b.until("document.getElementById('here').innerText.includes(%s)", figure+" byte")
	return b.text("#here")
}

// A click zooms in, the way out is the path, the back button or a key, and each view has an address.
func TestZoomBackAndLinks(t *testing.T) {
	html := pageOf(t, both(newService(500)), report.HTMLOptions{})
	b := open(t, html, "", wide)
	require.Contains(t, b.text("#map"), ".Sessions")
	b.click(cell, "root.Sessions")
	b.until("document.querySelector('#path').innerText.includes('.Sessions')")
	require.Equal(t, "at=root.Sessions", b.view())
	first := b.text("#map")
	require.Contains(t, first, ".History")
	b.click("[...document.querySelectorAll('#places a')].find(e => e.innerText === '.Cart')")
	b.until("document.getElementById('here').innerText.startsWith('root.Sessions[].Cart')")
	require.Equal(t, "at=root.Sessions%5B%5D.Cart", b.view())

	other := open(t, html, "#"+b.view(), wide)
	require.Equal(t, b.text("#map"), other.text("#map"), "a link leads to the view")
	require.Equal(t, b.text("#places"), other.text("#places"))

	b.run(chromedp.NavigateBack())
	b.until("location.hash === '#at=root.Sessions'")
	require.Equal(t, first, b.text("#map"), "back is what was there")
	b.run(chromedp.NavigateForward())
	b.until("location.hash.endsWith('Cart')")
	b.click("document.querySelector('#path a')")
	b.until("location.hash === '' && document.querySelector('#here').innerText.startsWith('root')")
	b.run(chromedp.NavigateBack(), chromedp.NavigateBack(), chromedp.NavigateBack())
	b.until("location.hash === '' && document.querySelector('#map').innerText.includes('.Sessions')")

	b.click("document.querySelector('[data-view=icicle]')")
	b.until("document.querySelector('#map').classList.contains('icicle')")
	require.Equal(t, "view=icicle", b.view())
	b.run(chromedp.SetValue("#by", "unused"), do("document.getElementById('by').dispatchEvent(new Event('change'))"))
	b.until("location.hash.includes('by=unused')")
	b.show("#nonsense=%E0%A4%A&at=nowhere&from=-3&by=x&model=y")
	require.Contains(t, b.text("#here"), "root", "an address that is not ours shows the whole")
	b.clean()
	other.clean()
}

// A search lights up what it finds on the map, lists it, and is in the address.
func TestSearch(t *testing.T) {
	r := both(newService(500))
	b := open(t, pageOf(t, r, report.HTMLOptions{}), "", wide)
	b.write("history")
	b.until("document.getElementById('status').innerText.startsWith('2 places')")
	require.Equal(t, "find=history", b.view())
	require.ElementsMatch(t, []string{"root.Sessions[].History", "root.Recent[].History"},
		eval[[]string](b, "[...document.querySelectorAll('#places tbody td:first-child a')].map(e => e.innerText)"))
	require.ElementsMatch(t, []string{"root.Sessions[].History", "root.Recent[].History"}, eval[[]string](b, lit))
	b.show("#find=" + `%22[]uint8%22`)
	b.until("document.querySelector('.cell.hit')")
	var count uint64
	for n := range r.Nodes() {
		if n.Type == "[]uint8" {
			count++
		}
	}
	require.Contains(t, b.text("#status"), show.Count(count)+" place", "a type in quotes is that type")
	b.run(chromedp.Focus("#find"), chromedp.KeyEvent(kb.Escape))
	b.until("!document.querySelector('.cell.hit')")
	b.write("nothing like it")
	b.until("document.getElementById('status').innerText === 'nothing found'")
	b.clean()
}

// What a type's link finds are the places of the type.
func TestTypesLeadToPlaces(t *testing.T) {
	b := open(t, pageOf(t, both(newService(500)), report.HTMLOptions{}), "", wide)
	b.click("[...document.querySelectorAll('.list a')].find(e => e.innerText === 'map[string]bool')")
	b.until("document.querySelector('.cell.hit')")
	require.Equal(t, []string{"root.Sessions[].Seen"}, eval[[]string](b, lit))
	require.Contains(t, b.text("#places"), "root.Sessions[].Seen")
	b.clean()
}

// Another model has its own figures everywhere, and leaves out what is the first model's alone.
func TestModelSwitch(t *testing.T) {
	r := snapshotOf(t, "sessions.gob")
	b := open(t, pageOf(t, r, report.HTMLOptions{}), "#by=unused", wide)
	b.click("document.querySelector('[data-model=\"1\"]')")
	b.until("document.querySelector('[data-model=\"1\"]').ariaPressed === 'true'")
	require.Equal(t, "model=core", b.view(), "unused is of the first model alone")
	require.Contains(t, b.text("#words"), "as Bitcoin Core counts")
	sums := eval[[]float64](b, "[...document.querySelectorAll('.cell')].filter(e => e.ariaLevel === '1').map(e => e.cell.weight)")
	var sum float64
	for _, s := range sums {
		sum += s
	}
	require.InDelta(t, float64(r.Models[1].Total), sum, float64(r.Models[1].Total)/100,
		"the cells of the map are those of the model")
	b.clean()
}

// All can be reached without a mouse.
func TestKeyboard(t *testing.T) {
	b := open(t, pageOf(t, both(newService(500)), report.HTMLOptions{}), "", wide)
	focused := func() string {
		return eval[string](b, "document.activeElement.ariaLabel || document.activeElement.id")
	}
	on := func(label string) { b.until("document.activeElement.ariaLabel?.includes(' ' + %s + ',')", label) }
	b.run(chromedp.KeyEvent("/"))
	require.Equal(t, "find", focused())
	b.write("x")
	b.run(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Tab))
	on("root.Sessions") // the map is the next stop
	b.until("!document.getElementById('tip').hidden && document.getElementById('tip').innerText.includes('root.Sessions')")
	b.run(chromedp.KeyEvent(kb.ArrowRight))
	on("root.Sessions[]") // into it
	b.run(chromedp.KeyEvent(kb.ArrowLeft))
	on("root.Sessions") // out of it
	b.run(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter))
	b.until("location.hash === '#at=root.Sessions'")
	on("root.Sessions[]") // focus stays on the map
	b.run(chromedp.KeyEvent(kb.Backspace))
	b.until("location.hash === ''")
	b.run(chromedp.KeyEvent(kb.End))
	require.Equal(t, 1, eval[int](b, "document.querySelectorAll('#map [tabindex=\"0\"]').length"), "one stop")
	b.clean()
}

// Hovering tells all figures, and marks the line in the table.
func TestHover(t *testing.T) {
	r := both(newService(500))
	b := open(t, pageOf(t, r, report.HTMLOptions{}), "", wide)
	b.hover(cell, "root.Recent")
	b.until("!document.getElementById('tip').hidden")
	tip := b.text("#tip")
	for n := range r.Nodes() {
		if n.Path == "root.Recent" {
			for _, want := range []string{n.Type, show.Bytes(n.Total), show.Count(n.Total) + " bytes",
				show.Bytes(n.Own), "spare " + show.Bytes(n.Parts.Spare)} {
				require.Contains(t, tip, want)
			}
		}
	}
	require.Equal(t, "root.Recent", eval[string](b,
		"document.querySelector('#places tr.pointed a').title.split(' ')[0]"))
	b.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 3, 3))
	b.until("document.getElementById('tip').hidden")
	b.clean()
}

// Text on the map and in the tables is found by the browser's own search.
func TestTextIsText(t *testing.T) {
	b := open(t, pageOf(t, both(newService(500)), report.HTMLOptions{}), "", wide)
	for _, words := range []string{".History", "Sessions", "map[string]bool", "capacity beyond the length"} {
		require.True(t, eval[bool](b, with("getSelection().empty() || window.find(%s, false, false, true)", words)), words)
	}
	require.False(t, eval[bool](b, "window.find('no such words', false, false, true)"))
	require.Positive(t, eval[int](b, "[...document.querySelectorAll('#map .name')].filter(e => e.innerText === '.History').length"))
}
