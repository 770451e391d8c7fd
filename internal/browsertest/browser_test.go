// Package browsertest opens the pages of package report in a real browser, headless Chromium, and
// uses them as a person would. The tests say NOT RUN where no browser is found; MEMSIZE_BROWSER names
// one that is not in the PATH.
package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// browser is the one browser of all tests; its error says why there is none.
var browser = sync.OnceValues(func() (context.Context, error) {
	path := os.Getenv("MEMSIZE_BROWSER")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path == "" {
			path, _ = exec.LookPath(name)
		}
	}
	if path == "" {
		return nil, fmt.Errorf("NOT RUN: no Chromium in the PATH: apt-get install chromium, or name " +
			"one in MEMSIZE_BROWSER; the pages are NOT tested")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(2*time.Minute),
		chromedp.Flag("disable-background-networking", true))
	all, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(all)
	stopBrowser = stop
	_, err := chromedp.Run(ctx, chromedp.Title())
	return ctx, err
})

var stopBrowser = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stopBrowser()
	os.Exit(code)
}

// screen is what a page is opened on.
type screen struct {
	width, height int64
	dark          bool
}

var wide, narrow = screen{width: 1280, height: 900}, screen{width: 400, height: 800}

// tab is a page that is open.
type tab struct {
	t     *testing.T
	ctx   context.Context
	url   string // of the file
	mu    sync.Mutex
	asked []string // addresses that were asked for
	wrong []string // exceptions, violations of the policy, and what else the browser complains of
}

// open writes a page to a file and opens it there, at a view that is told after the #.
func open(t *testing.T, html []byte, view string, s screen) *tab {
	t.Helper()
	root, err := browser()
	if root == nil {
		t.Skip(err)
	}
	require.NoError(t, err, "the browser starts")
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, html, 0o600))
	ctx, closeTab := chromedp.NewContext(root)
	t.Cleanup(closeTab)
	_, err = chromedp.Run(ctx, chromedp.Title())
	require.NoError(t, err, "a tab opens")
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, url: "file://" + file}
	require.NoError(t, chromedp.Listen(ctx, b.listen))
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	call(b, page.Enable, page.EnableParams{})
	call(b, performance.Enable, performance.EnableParams{})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	b.run(chromedp.EmulateViewport(s.width, s.height), chromedp.Navigate(b.url+view))
	b.until("document.querySelector('#places tbody tr')")
	return b
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, e.ExceptionDetails.Text+e.ExceptionDetails.Exception.Description)
	case *log.EventEntryAdded:
		b.wrong = append(b.wrong, e.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		b.wrong = append(b.wrong, "dialog: "+e.Message)
	}
}

func (b *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, actions...))
}

// call is a command of the browser's protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	require.NoError(b.t, err)
	return result
}

// eval is what an expression of JavaScript is in the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	require.NoError(b.t, err, expression)
	return value
}

// with is an expression with strings in it, as strings of JavaScript.
func with(expression string, args ...string) string {
	for _, a := range args {
		expression = strings.Replace(expression, "%s", quoted(a), 1)
	}
	return expression
}

// do runs a statement of JavaScript in the page.
func do(statement string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](statement)
}

// text is what a person reads in the elements that a selector finds.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, with("[...document.querySelectorAll(%s)].map(e => e.innerText).join('\\n')", selector))
}

// view is what the address tells after the #.
func (b *tab) view() string {
	b.t.Helper()
	return strings.TrimPrefix(eval[string](b, "location.hash"), "#")
}

// until waits for an expression to hold.
func (b *tab) until(expression string, args ...string) {
	b.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if eval[bool](b, "!!("+with(expression, args...)+")") {
			return
		}
		if time.Now().After(end) {
			b.mu.Lock()
			defer b.mu.Unlock()
			require.Fail(b.t, "never holds: "+expression, "%v, %v", args, b.wrong)
		}
	}
}

// show goes to a view as if its address were typed.
func (b *tab) show(view string) {
	b.t.Helper()
	b.run(do("location.hash = " + quoted(view)))
	b.until("document.getElementById('places').rows.length > 0")
	time.Sleep(30 * time.Millisecond)
}

// middle is where the first line of the element is that an expression finds, once it is in sight.
func (b *tab) middle(expression string) (x, y float64) {
	b.t.Helper()
	at := eval[[]float64](b, "(() => { const e = "+expression+"; if (!e) return []; "+
		"e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); "+
		"return [r.x + r.width / 2, r.y + Math.min(r.height / 2, 9)] })()")
	require.Len(b.t, at, 2, "not there: "+expression)
	return at[0], at[1]
}

// click clicks on an element, as a mouse does.
func (b *tab) click(expression string, args ...string) {
	b.t.Helper()
	x, y := b.middle(with(expression, args...))
	b.run(chromedp.MouseClickXY(x, y))
}

// hover moves the mouse over an element.
func (b *tab) hover(expression string, args ...string) {
	b.t.Helper()
	x, y := b.middle(with(expression, args...))
	b.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
}

// write writes into the search as a person does, from nothing.
func (b *tab) write(text string) {
	b.t.Helper()
	b.run(do("document.getElementById('find').focus(); document.getElementById('find').select()"))
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// clean holds that nothing but the page itself was asked for, and nothing went wrong.
func (b *tab) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(b.t, b.wrong)
	require.NotEmpty(b.t, b.asked, "the requests are listened to")
	for _, address := range b.asked {
		if strings.HasPrefix(address, "data:") { // the icon, which is in the page
			continue
		}
		u, err := url.Parse(address)
		require.NoError(b.t, err)
		u.Fragment = ""
		require.Equal(b.t, b.url, u.String())
	}
}

// quoted is s as a string of JavaScript.
func quoted(s string) string {
	q := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\u2028", `\u2028`,
		"\u2029", `\u2029`).Replace(s)
	return `"` + q + `"`
}
