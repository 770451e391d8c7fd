package browsertest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/memsizehttp"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/watch"
)

// debugged is a program with a debug page at /debug/memsize/. Its sessions grow with each call.
func debugged(t *testing.T) (address string, grow func()) {
	sessions, index := map[string][]byte{}, map[string][]string{}
	grow = func() {
		for range 100 {
			key := strings.Repeat("k", 10) + string(rune('a'+len(sessions)%26)) + strings.Repeat("x", len(sessions))
			sessions[key] = make([]byte, 1000)
			index["all"] = append(index["all"], key)
		}
	}
	grow()
	w := watch.New(memsize.OnHeap())
	w.Add("sessions", &sessions)
	w.Add("index", &index)
	w.Add("<b>bold</b>"[:7], &[]int{1}) // a name that is no element
	mux := http.NewServeMux()
	mux.Handle("/debug/memsize/", memsizehttp.Handler(w))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/debug/memsize/", grow
}

// visit opens an address, instead of a file.
func visit(t *testing.T, address string, s screen) *tab {
	b := open(t, []byte("<table id=places><tbody><tr><td>blank"), "", s)
	b.mu.Lock()
	b.asked, b.wrong = nil, nil
	b.mu.Unlock()
	b.run(chromedp.Navigate(address), chromedp.WaitReady("main, #places tbody tr"))
	return b
}

// quiet holds that nothing went wrong, and is what was asked for.
func (b *tab) quiet() []string {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(b.t, b.wrong)
	return append([]string(nil), b.asked...)
}

// served is the report of a root as the program serves it.
func served(t *testing.T, address string) (r report.Report) {
	answer, err := http.Get(address)
	require.NoError(t, err)
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &r), "%s", data)
	return r
}

// A person opens the index, walks, looks at a root and at what changed, and comes back. The figures
// are those of the JSON everywhere, and no request leaves the program.
func TestDebugPage(t *testing.T) {
	address, grow := debugged(t)
	b := visit(t, address, wide)
	require.Contains(t, b.text("tbody"), "none yet")
	const walkAll = "document.querySelector('tfoot form button')"
	b.click(walkAll)
	b.until("(document.querySelector('tfoot .size')?.innerText ?? '–') != '–'")
	require.Equal(t, address, eval[string](b, "location.href"), "a walk leads back to the index")
	all := served(t, address+"all/json")
	require.Equal(t, show.Bytes(all.Total), b.text("tfoot .size"))
	for i, root := range []string{"sessions", "index"} {
		for _, f := range all.Roots {
			if f.Name == root {
				require.Equal(t, show.Bytes(f.Total), strings.Split(b.text("tbody .size"), "\n")[i], root)
			}
		}
	}
	require.Contains(t, b.text("tbody"), "<b>bold", "a name stays text")

	b.click("[...document.querySelectorAll('tbody a')].find(a => a.innerText == 'sessions')")
	b.until("document.getElementById('total')?.innerText")
	r := served(t, address+"sessions/json")
	require.Equal(t, show.Bytes(r.Total), b.text("#total"))
	b.run(do("history.back()"))
	b.until("document.querySelector('tfoot .size')")

	grow()
	b.click(walkAll)
	b.until("(document.querySelector('tfoot .size')?.innerText ?? %s) != %s", show.Bytes(all.Total), show.Bytes(all.Total))
	b.run(chromedp.Navigate(address + "all/diff"))
	b.until("document.getElementById('total')?.innerText")
	after := served(t, address+"all/json")
	require.Contains(t, b.text("#total"), show.Bytes(after.Total-all.Total))
	for _, asked := range b.quiet() {
		if !strings.HasPrefix(asked, "data:") {
			require.True(t, strings.HasPrefix(asked, address), asked)
		}
	}
}

// The index fits a telephone, and its links and buttons have names.
func TestDebugIndexFits(t *testing.T) {
	address, _ := debugged(t)
	for _, s := range []screen{wide, narrow, {width: 400, height: 800, dark: true}} {
		b := visit(t, address, s)
		require.LessOrEqual(t, eval[int64](b, "document.documentElement.scrollWidth"), s.width)
		require.Zero(t, eval[int](b, "[...document.querySelectorAll('a, button')].filter(e => !e.innerText.trim()).length"))
		require.Equal(t, "en", eval[string](b, "document.documentElement.lang"))
		b.quiet()
	}
}
