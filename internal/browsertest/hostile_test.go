package browsertest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// hostile are names that a page must show as text, whoever wrote the data.
var hostile = []string{
	`</script><script>window.hacked = 1</script>`,
	`<img src=x onerror="window.hacked = 2">`,
	`"><svg onload=window.hacked=3>`,
	`javascript:window.hacked=4`,
	"line\u2028separator\u2029paragraph",
	"right\u202eto left\u2066marks\u200f",
	"null\x00bell\aescape\x1b[31m\x7f",
	"broken \xff\xfe utf-8 \xed\xa0\x80",
	"{{7*7}} ${7*7} %7B &lt;b&gt; <!-- -->",
	"שלום עולם العربية",
	"__proto__", "constructor", "toString",
	"🏴‍☠️ 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 é",
	strings.Repeat("long", 5000),
}

// hostileReport has these names wherever a name can be.
func hostileReport() *report.Report {
	places := []account.Place{{Parent: -1, Step: "root", Type: "*main.T", Root: true, Sums: []account.Sum{{Count: 1, Total: 8, Parts: rules.Parts{Used: 8}}}}}
	for i, name := range hostile {
		places = append(places, account.Place{Parent: 0, Step: "." + name, Type: "map[string]" + name, Rule: name,
			Sums:    []account.Sum{{Count: 1, Total: uint64(1000 - i), Parts: rules.Parts{Used: uint64(1000 - i)}}},
			Biggest: []report.Entry{{Key: name, Bytes: 5, Path: "root[" + name + "]"}}})
	}
	r := account.Build([]string{"go"}, places)
	r.Truncated, r.Exactness = true, "exact"
	for _, name := range hostile {
		r.Reason = name
		r.Roots = append(r.Roots, report.RootFigures{Name: name, Total: 1})
		r.Waste = append(r.Waste, report.Saving{Kind: name, Path: "root." + name, Type: name, Bytes: 1, Advice: name})
		r.Unaccounted = append(r.Unaccounted, report.Unaccounted{Path: name, Type: name, Reason: name, Count: 1})
		r.Unbounded = append(r.Unbounded, report.Unbounded{Path: name, Type: name, Reason: name})
		r.Assumptions = append(r.Assumptions, name)
	}
	return r
}

// Names stay text, on every part of the page, and nothing in them acts.
func TestHostileNames(t *testing.T) {
	r := hostileReport()
	for _, name := range hostile {
		options := report.HTMLOptions{Title: name, Notes: hostile, Links: []report.HTMLLink{{Name: name, URL: "?" + "x"}}}
		for kind, page := range map[string][]byte{
			"report": pageOf(t, r, options), "diff": pageOfDiff(t, hostileReport(), r, options),
		} {
			if kind == "diff" && name != hostile[0] {
				continue
			}
			b := open(t, page, "", wide)
			shown := show.Printable(show.Abbreviate(name, 600))
			require.Equal(t, shown, eval[string](b, "document.getElementById('title').textContent"), kind)
			require.Contains(t, eval[string](b, "document.body.textContent"), shown)
			require.Equal(t, 2, eval[int](b, "document.scripts.length"))
			require.Zero(t, eval[int](b, "document.querySelectorAll('img, svg, iframe, object').length"))
			require.True(t, eval[bool](b, "window.hacked === undefined"))
			require.Empty(t, eval[[]string](b, `document.body.textContent.match(/.{0,9}[\u0000-\u0008\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029].{0,9}/g) || []`), "marks that act are written out")
			b.clean()
		}
	}
}

// Each hostile place can be found, linked to and gone to.
func TestHostilePlaces(t *testing.T) {
	b := open(t, pageOf(t, hostileReport(), report.HTMLOptions{}), "", wide)
	b.run(do("document.querySelector('#more').hidden || document.querySelector('#more').click()"))
	links := eval[[]string](b, "[...document.querySelectorAll('#places tbody a')].map(e => e.getAttribute('href'))")
	require.Greater(t, len(links), len(hostile))
	for _, link := range links[1:] {
		b.run(do("location.hash = " + quoted(link)))
		b.until("document.getElementById('here').textContent.startsWith('root.') || document.getElementById('here').textContent.startsWith('…')")
		b.run(do("location.hash = ''"))
		b.until("document.getElementById('here').textContent.startsWith('root *main')")
	}
	for _, name := range hostile[:len(hostile)-1] {
		b.write(show.Printable(name))
		b.until("document.getElementById('status').textContent.includes(' place')")
	}
	require.True(t, eval[bool](b, "window.hacked === undefined"))
	b.clean()
}

// A violation of the page's policy is seen by these tests, and prevented by the policy.
func TestPolicyActs(t *testing.T) {
	b := open(t, pageOf(t, hostileReport(), report.HTMLOptions{}), "", wide)
	b.run(do("{const s = document.createElement('script'); s.textContent = 'window.hacked = 5'; document.body.append(s)}"))
	b.run(do("{const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'}"))
	b.run(do("fetch('http://127.0.0.1:9/').catch(() => {})"))
	b.until("true")
	require.True(t, eval[bool](b, "window.hacked === undefined"))
	b.mu.Lock()
	defer b.mu.Unlock()
	require.NotEmpty(t, b.wrong, "the browser says that it did not run these")
}
