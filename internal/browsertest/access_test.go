package browsertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// views are the pages and views that the checks of accessibility look at.
func views(t *testing.T) map[string]*tab {
	t.Helper()
	list := map[string]*tab{}
	r := both(newService(300))
	waste := *r
	waste.Waste = []report.Saving{{Kind: "spare capacity", Path: "root.Sessions[].History", Bytes: 5, Advice: "clip"}}
	waste.Truncated, waste.Reason = true, "a limit of the walk"
	o := report.HTMLOptions{Title: "service", Home: "./", Links: []report.HTMLLink{{Name: "text", URL: "?debug=1"}}}
	page, diff := pageOf(t, &waste, o), pageOfDiff(t, both(newService(200)), r, o)
	for _, dark := range []bool{false, true} {
		light := map[bool]string{false: "light ", true: "dark "}[dark]
		for _, width := range []int64{1280, 400} {
			s := screen{width, 900, dark}
			list[light+"treemap"+show.Count(uint64(width))] = open(t, page, "", s)
			list[light+"diff"+show.Count(uint64(width))] = open(t, diff, "", s)
		}
		list[light+"icicle"] = open(t, page, "#view=icicle", screen{1280, 900, dark})
		list[light+"search"] = open(t, page, "#find=history", screen{1280, 900, dark})
		list[light+"parts"] = open(t, page, "#at=root.Sessions%5B%5D.History", screen{1280, 900, dark})
	}
	return list
}

// Whoever hears the page hears a name for all that can be acted upon.
func TestAllHasNames(t *testing.T) {
	b := open(t, pageOf(t, both(newService(300)), report.HTMLOptions{Home: "./"}), "", wide)
	tree := call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	roles := map[string]int{}
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		role := strings.Trim(string(n.Role.Value), `"`)
		roles[role]++
		switch role {
		case "button", "link", "combobox", "searchbox", "treeitem", "tree", "columnheader", "region", "navigation":
			require.NotNil(t, n.Name, role)
			require.Greater(t, len(n.Name.Value), 2, "%s without a name: %s", role, n.NodeID)
		}
	}
	for _, role := range []string{"tree", "treeitem", "searchbox", "table", "columnheader", "link", "heading", "main"} {
		require.Positive(t, roles[role], role)
	}
	require.Equal(t, "en", eval[string](b, "document.documentElement.lang"))
	require.NotEmpty(t, eval[string](b, "document.title"))
	require.Empty(t, eval[[]string](b, `(() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
		return ids.filter((id, i) => ids.indexOf(id) !== i) })()`), "ids twice")
	require.Equal(t, 1, eval[int](b, "document.querySelectorAll('h1').length"))
}

// contrast lists the texts in sight whose contrast with what is behind them is below 4.5, or 3 for
// large ones (WCAG 2.2, 1.4.3). Colours are drawn on a canvas to have them as bytes.
const contrast = `(() => {
	const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
	const rgba = color => {
		canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1)
		return [...canvas.getImageData(0, 0, 1, 1).data].map((v, i) => i < 3 ? v : v / 255)
	}
	const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3])).concat(1)
	const behind = e => {
		const list = []
		let opacity = 1
		for (let x = e; x; x = x.parentElement) list.push(x)
		let color = rgba(getComputedStyle(document.body).backgroundColor)
		for (const x of list.reverse()) {
			if (x.classList.contains('cell')) for (const c of document.querySelectorAll('#map .cell')) { // cells are siblings
				const a = c.getBoundingClientRect(), b = x.getBoundingClientRect()
				if (c.compareDocumentPosition(x) & 4 && a.x <= b.x && a.y <= b.y && a.right >= b.right && a.bottom >= b.bottom) {
					color = over(rgba(getComputedStyle(c).backgroundColor), color)
				}
			}
			color = over(rgba(getComputedStyle(x).backgroundColor), color)
		}
		return color
	}
	const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0)
	const bad = []
	let seen = 0
	for (const e of document.querySelectorAll('body *')) {
		const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
		const box = e.getBoundingClientRect(), style = getComputedStyle(e)
		if (!own || !box.width || style.visibility === 'hidden' || e.closest('script, style, noscript, .hidden, [hidden], :disabled, option')) continue
		seen++
		let opacity = 1
		for (let x = e; x; x = x.parentElement) opacity *= +getComputedStyle(x).opacity
		const back = behind(e), ink = rgba(style.color)
		ink[3] *= opacity
		const a = light(over(ink, back)), b = light(back)
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.6 && +style.fontWeight >= 700
		if (ratio < (large ? 3 : 4.5)) bad.push(ratio.toFixed(2) + ' ' + e.tagName + '.' + e.className + ' ' + e.innerText.slice(0, 30))
	}
	if (seen < 20) bad.push('only ' + seen + ' texts were looked at')
	return bad
})()`

// All text can be read, in the dark and in the light.
func TestContrast(t *testing.T) {
	for name, b := range views(t) {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, eval[[]string](b, contrast))
		})
	}
}

// What has the focus is seen to have it, wherever the key leads.
func TestFocusIsSeen(t *testing.T) {
	b := open(t, pageOf(t, both(newService(300)), report.HTMLOptions{Home: "./"}), "", wide)
	stops := map[string]bool{}
	for range 25 {
		b.run(chromedp.KeyEvent(kb.Tab))
		stop := eval[string](b, `(() => { const e = document.activeElement, s = getComputedStyle(e);
			return e === document.body ? '' : (e.id || e.className || e.innerText) + '|' + (parseFloat(s.outlineWidth) >= 2 && s.outlineStyle !== 'none') })()`)
		if stop == "" {
			continue
		}
		name, seen, _ := strings.Cut(stop, "|")
		require.Equal(t, "true", seen, name)
		stops[name] = true
	}
	require.Greater(t, len(stops), 6)
}

// On a phone nothing is cut off: the page is as wide as the screen.
func TestNarrow(t *testing.T) {
	for _, name := range []string{"sessions.gob", "mempool.gob", "utxo.gob"} {
		b := open(t, pageOf(t, snapshotOf(t, name), report.HTMLOptions{Title: name}), "", narrow)
		require.LessOrEqual(t, eval[int](b, "document.documentElement.scrollWidth"), 400, name)
		require.GreaterOrEqual(t, eval[int](b, "document.querySelectorAll('#map .name').length"), 2, name)
		require.Empty(t, eval[[]string](b, `[...document.querySelectorAll('button, select, input')].filter(e =>
			e.offsetWidth && !e.closest('.hidden') && e.getBoundingClientRect().height < 24).map(e => e.outerHTML)`), "too small for a finger")
	}
}

// axe-core, the usual judge of such things, has nothing to say. It is fetched by npm into a folder
// that the test throws away.
func TestAxe(t *testing.T) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("NOT RUN: axe-core is fetched by npm, which is not here")
	}
	dir := t.TempDir()
	install := exec.Command("timeout", "60", npm, "install", "--no-save", "--ignore-scripts", "--prefix", dir, "axe-core@4.14.1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("NOT RUN: axe-core cannot be fetched: %s", out)
	}
	axe, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	require.NoError(t, err)
	for name, b := range views(t) {
		t.Run(name, func(t *testing.T) {
			b.run(do(string(axe) + ";void 0"))
			b.run(do("axe.run(document, {resultTypes: ['violations']}).then(r => { window.axed = r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 150) + ' ' + n.failureSummary.slice(0, 200))) })"))
			for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
				if eval[bool](b, "!!window.axed") {
					break
				}
			}
			require.Empty(t, eval[[]string](b, "window.axed.slice(0, 12)"))
		})
	}
}
