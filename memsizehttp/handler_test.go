package memsizehttp_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/memsizehttp"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/watch"
)

// request is a request from this machine, as a tool sends it.
func request(method, target string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:54321", "localhost:6060"
	return r
}

// answer is what a handler answers.
func answer(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	rw := httptest.NewRecorder()
	h.ServeHTTP(rw, r)
	return rw
}

// get is the answer to a GET of a tool.
func get(h http.Handler, target string) *httptest.ResponseRecorder {
	return answer(h, request("GET", target))
}

// browse is the answer to a request of a browser on the page itself.
func browse(h http.Handler, method, target string) *httptest.ResponseRecorder {
	r := request(method, target)
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return answer(h, r)
}

// two is a Watch of two roots that share something.
func two() *watch.Watch {
	shared := make([]byte, 1000)
	coins, index := map[string][]byte{"a": shared, "b": make([]byte, 200)}, [][]byte{shared}
	w := watch.New(memsize.OnHeap())
	w.Add("coins", memsize.Var(&coins))
	w.Add("index", memsize.Var(&index))
	return w
}

func TestRoutes(t *testing.T) {
	h := memsizehttp.Handler(two())
	for _, row := range []struct {
		method, target string
		status         int
		contentType    string
		says           string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", "What "},
		{"HEAD", "/", 200, "text/html; charset=utf-8", ""},
		{"POST", "/", 405, "text/plain; charset=utf-8", "POST is not allowed"},
		{"GET", "/coins/json", 200, "application/json", `"schema": "memsize/1"`},
		{"GET", "/coins?debug=1", 200, "text/plain; charset=utf-8", "coins, walked"},
		{"GET", "/coins/pprof", 200, "application/octet-stream", ""},
		{"GET", "/coins/diff", 404, "text/plain; charset=utf-8", "walk twice"},
		{"GET", "/coins/diff?against=yesterday", 400, "text/plain; charset=utf-8", "baseline or previous"},
		{"POST", "/coins", 200, "text/plain; charset=utf-8", "coins, walked just now"},
		{"GET", "/coins/diff?debug=1", 200, "text/plain; charset=utf-8", "the report before"},
		{"POST", "/coins/baseline", 204, "", ""},
		{"GET", "/coins/diff?debug=1", 200, "text/plain; charset=utf-8", "the baseline"},
		{"GET", "/coins/baseline", 405, "text/plain; charset=utf-8", ""},
		{"PUT", "/coins", 405, "text/plain; charset=utf-8", ""},
		{"POST", "/coins/json", 405, "text/plain; charset=utf-8", ""},
		{"GET", "/coins/xml", 404, "text/plain; charset=utf-8", "json, pprof and diff"},
		{"GET", "/coins", 200, "text/html; charset=utf-8", "<title>coins"},
		{"GET", "/coins/diff", 200, "text/html; charset=utf-8", "<title>coins"},
		{"GET", "/stamps", 404, "text/plain; charset=utf-8", `"stamps"`},
		{"GET", "/all?debug=1", 200, "text/plain; charset=utf-8", "two or more of them"},
		{"GET", "/all/json", 200, "application/json", `"roots"`},
	} {
		a := answer(h, request(row.method, row.target))
		require.Equal(t, row.status, a.Code, "%s %s: %s", row.method, row.target, a.Body)
		require.Equal(t, row.contentType, a.Header().Get("Content-Type"), "%s %s", row.method, row.target)
		require.Contains(t, a.Body.String(), row.says, "%s %s", row.method, row.target)
		require.Equal(t, "nosniff", a.Header().Get("X-Content-Type-Options"))
	}
}

// The figures of all views are those of the library.
func TestViewsAgree(t *testing.T) {
	w := two()
	h := memsizehttp.Handler(w)
	var r report.Report
	require.NoError(t, json.Unmarshal(get(h, "/all/json").Body.Bytes(), &r))
	last, _ := w.Last()
	want, err := last.JSON()
	require.NoError(t, err)
	require.JSONEq(t, string(want), get(h, "/all/json").Body.String())

	p, err := profile.Parse(get(h, "/all/pprof").Body)
	require.NoError(t, err)
	var sum int64
	for _, s := range p.Sample {
		sum += s.Value[0]
	}
	require.EqualValues(t, r.Total, sum)
	require.Contains(t, get(h, "/all?debug=1").Body.String(), show.Bytes(r.Total))
	page := browse(h, "GET", "/").Body.String()
	for _, root := range r.Roots {
		require.Contains(t, page, show.Bytes(root.Total))
	}
	require.Contains(t, page, show.Bytes(r.Shared))
}

// mounts are the ways in which a handler may be mounted, and where it is then.
func mounts(h http.Handler) map[string]http.Handler {
	pattern, methods, stripped, bare := new(http.ServeMux), new(http.ServeMux), new(http.ServeMux), new(http.ServeMux)
	pattern.Handle("/debug/memsize/", h)
	methods.Handle("localhost/all/", h) // a path that looks like one of ours
	stripped.Handle("/a/b/", http.StripPrefix("/a/b", h))
	bare.Handle("/c/", http.StripPrefix("/c/", h))
	return map[string]http.Handler{"/debug/memsize/": pattern, "/all/": methods, "/a/b/": stripped,
		"/c/": bare, "/": h}
}

var links = regexp.MustCompile(`(href|action)="([^"]*)"`)

// Every link of the index leads somewhere, wherever it is mounted and whatever roots are called.
func TestLinks(t *testing.T) {
	names := []string{"coins", "with space", "a:b", "what?", "100%", "#1", "Ünïcode", "<script>alert(1)",
		`"quoted" & 'so'`, "dot.json", "json", "back\\slash", "bell\a", "right\u202eleft"}
	w := watch.New(memsize.OnHeap())
	for _, name := range names {
		w.Add(name, &[]int{1})
	}
	for range 2 { // so that there are diffs
		for _, name := range append(names, watch.All) {
			_, err := w.ScanRoot(t.Context(), name)
			require.NoError(t, err)
		}
	}
	for at, h := range mounts(memsizehttp.Handler(w)) {
		body := browse(h, "GET", at).Body.String()
		require.NotContains(t, body, "<script", "nothing of ours is a script")
		require.NotContains(t, body, "\a")
		base, err := url.Parse("http://localhost" + at)
		require.NoError(t, err)
		seen := 0
		for _, found := range links.FindAllStringSubmatch(body, -1) {
			link, err := base.Parse(html.UnescapeString(found[2]))
			require.NoError(t, err, found[2])
			if link.Scheme != "http" {
				continue
			}
			seen++
			if found[1] == "href" {
				require.Equal(t, 200, get(h, link.RequestURI()).Code, "%s at %s", found[2], at)
				continue
			}
			a := browse(h, "POST", link.RequestURI())
			require.Equal(t, 303, a.Code, "%s at %s", found[2], at)
			back, err := link.Parse(a.Header().Get("Location"))
			require.NoError(t, err)
			require.Equal(t, at, back.Path, "a button leads back to the index")
		}
		require.Equal(t, 7*(len(names)+1), seen, "five links and two buttons each")
	}
}

func TestAccess(t *testing.T) {
	w := two()
	local := memsizehttp.Handler(w)
	remote := memsizehttp.Handler(w, memsizehttp.AllowRemote(func(r *http.Request) bool {
		return r.Header.Get("Authorization") == "Bearer secret"
	}))
	for _, row := range []struct {
		from, host, header, value string
		status                    int
		why                       string
	}{
		{"127.0.0.1:1", "localhost:6060", "", "", 200, ""},
		{"127.0.0.1:1", "LOCALHOST.", "", "", 200, "names are names"},
		{"127.8.9.1:1", "127.0.0.1:6060", "", "", 200, "all of 127 is this machine"},
		{"[::1]:1", "[::1]:6060", "", "", 200, ""},
		{"[::1]:1", "[::1]", "", "", 200, "without a port"},
		{"[::ffff:127.0.0.1]:1", "debug.localhost", "", "", 200, ""},
		{"192.0.2.1:1", "localhost:6060", "", "", 403, "another machine, whatever it says"},
		{"127.0.0.1:1", "evil.example:6060", "", "", 403, "a name made to point here"},
		{"127.0.0.1:1", "localhost.evil.example", "", "", 403, ""},
		{"127.0.0.1:1", "notlocalhost", "", "", 403, ""},
		{"127.0.0.1:1", "", "", "", 403, "no host"},
		{"127.0.0.1:1", "192.0.2.1", "", "", 403, ""},
		{"@", "localhost", "", "", 403, "a socket says not who asks"},
		{"127.0.0.1:1", "localhost", "X-Forwarded-For", "192.0.2.1", 403, "a proxy on this machine"},
		{"127.0.0.1:1", "localhost", "Forwarded", "for=192.0.2.1", 403, ""},
		{"192.0.2.1:1", "srv.example", "Authorization", "Bearer wrong", 403, ""},
	} {
		for _, target := range []string{"/", "/coins", "/stamps"} {
			r := request("GET", target)
			r.RemoteAddr, r.Host = row.from, row.host
			if row.header != "" {
				r.Header.Set(row.header, row.value)
			}
			status := row.status
			if status == 200 && target == "/stamps" {
				status = 404
			}
			require.Equal(t, status, answer(local, r).Code, "%+v", row)
			require.Equal(t, status, answer(remote, r).Code, "%+v", row)
			r.Header.Set("Authorization", "Bearer secret")
			require.NotEqual(t, 403, answer(remote, r).Code, "the guard says yes: %+v", row)
		}
	}
}

// walks counts the walks of a root.
func walks(w *watch.Watch, name string) int {
	s, _ := w.State(name)
	return len(s.Trend)
}

func TestOtherSitesMakeNoWalk(t *testing.T) {
	w := two()
	h := memsizehttp.Handler(w, memsizehttp.MaxAge(time.Nanosecond))
	for _, row := range []struct {
		method, header, value string
		status, walks         int
	}{
		{"GET", "Sec-Fetch-Site", "cross-site", 503, 0},
		{"GET", "Sec-Fetch-Site", "same-site", 503, 0},
		{"GET", "Sec-Purpose", "prefetch;prerender", 503, 0},
		{"GET", "Purpose", "prefetch", 503, 0},
		{"POST", "Sec-Fetch-Site", "cross-site", 403, 0},
		{"POST", "Sec-Fetch-Site", "same-site", 403, 0},
		{"POST", "Origin", "https://evil.example", 403, 0},
		{"POST", "Origin", "null", 403, 0},
		{"GET", "Sec-Fetch-Site", "none", 200, 1},
		{"GET", "Sec-Fetch-Site", "same-origin", 200, 2},
		{"GET", "Sec-Fetch-Site", "cross-site", 200, 2},
		{"POST", "Sec-Fetch-Site", "same-origin", 200, 3},
		{"POST", "Origin", "http://localhost:6060", 200, 4},
		{"POST", "Origin", "https://evil.example", 403, 4},
	} {
		r := request(row.method, "/coins")
		r.Header.Set(row.header, row.value)
		require.Equal(t, row.status, answer(h, r).Code, "%+v", row)
		require.Equal(t, row.walks, walks(w, "coins"), "%+v", row)
	}
	r := request("POST", "/coins/baseline")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	require.Equal(t, 403, answer(h, r).Code)
}

func TestMaxAge(t *testing.T) {
	w := two()
	h, eager := memsizehttp.Handler(w), memsizehttp.Handler(w, memsizehttp.MaxAge(time.Nanosecond))
	patient := memsizehttp.Handler(w, memsizehttp.MaxAge(time.Hour))
	for i, row := range []struct {
		h     http.Handler
		walks int
	}{{h, 1}, {h, 1}, {patient, 1}, {eager, 2}, {eager, 3}, {h, 3}} {
		a := get(row.h, "/coins/json")
		require.Equal(t, 200, a.Code)
		require.Equal(t, row.walks, walks(w, "coins"), i)
		require.NotEmpty(t, a.Header().Get("Age"))
		_, err := http.ParseTime(a.Header().Get("Last-Modified"))
		require.NoError(t, err)
	}
	for _, target := range []string{"/", "/stamps"} {
		get(eager, target)
		require.Equal(t, 3, walks(w, "coins"), "%s walks nothing", target)
	}
}

func TestBusy(t *testing.T) {
	w := watch.New(memsize.OnHeap())
	inside, release := make(chan bool), make(chan bool)
	w.Add("slow", &[]int{1}, watch.Within(func(walk func()) {
		inside <- true
		<-release
		walk()
	}))
	w.Add("kept", &[]int{1})
	h := memsizehttp.Handler(w, memsizehttp.MaxAge(time.Nanosecond))
	require.Equal(t, 200, get(h, "/kept").Code)
	done := make(chan int)
	go func() { done <- get(h, "/slow").Code }()
	<-inside
	for _, r := range []*http.Request{request("GET", "/slow"), request("GET", "/all"), request("POST", "/kept")} {
		a := answer(h, r)
		require.Equal(t, 429, a.Code, "%s %s", r.Method, r.URL)
		require.Equal(t, "1", a.Header().Get("Retry-After"))
		require.Contains(t, a.Body.String(), "another walk is under way")
	}
	a := browse(h, "POST", "/kept")
	require.Equal(t, 429, a.Code)
	require.Contains(t, a.Body.String(), `role="alert">another walk is under way`, "a browser can go on from there")
	require.Equal(t, 200, get(h, "/kept").Code, "what is kept is served, though it is too old")
	require.Equal(t, 200, get(h, "/").Code)
	close(release)
	require.Equal(t, 200, <-done)
}

func TestBudget(t *testing.T) {
	w := watch.New(memsize.OnHeap())
	slow := watch.Within(func(walk func()) { time.Sleep(20 * time.Millisecond); walk() })
	w.Add("slow", &[]int{1}, watch.Lock(new(nothing)), slow, watch.Budget(10*time.Millisecond))
	h := memsizehttp.Handler(w)
	for range 2 {
		a := get(h, "/slow")
		require.Equal(t, 503, a.Code)
		require.NotEmpty(t, a.Header().Get("Retry-After"))
		require.Regexp(t, "budget (of|is) 10ms", a.Body.String())
		a = answer(h, request("POST", "/slow"))
		require.Equal(t, 503, a.Code)
		require.Contains(t, a.Body.String(), "its budget is 10ms: refused until")
	}
	require.Contains(t, browse(h, "GET", "/").Body.String(), "over budget: refused until")
}

// Of a root that no budget allows to walk the page tells about what it holds, and that this is estimated.
func TestEstimateWhereNoWalkIsAllowed(t *testing.T) {
	lists := make([][]byte, 200_000)
	for i := range lists {
		lists[i] = make([]byte, i%200)
	}
	w := watch.New()
	slow := watch.Within(func(walk func()) { time.Sleep(20 * time.Millisecond); walk() })
	w.Add("lists", &lists, watch.Lock(new(nothing)), slow, watch.Budget(10*time.Millisecond))
	h := memsizehttp.Handler(w)
	require.NotContains(t, get(h, "/").Body.String(), "estimated")
	a := get(h, "/lists")
	require.Equal(t, 503, a.Code)
	require.Regexp(t, `It holds about [\d.]+ MiB \(estimated: `, a.Body.String())
	require.Regexp(t, `<small>estimated .*: [\d.]+ [KM]iB `, browse(h, "GET", "/").Body.String())
	state, _ := w.State("lists")
	truth := memsize.Of(&lists)
	require.LessOrEqual(t, state.Estimated.Low, truth)
	require.GreaterOrEqual(t, state.Estimated.High, truth)
}

func TestGivenUp(t *testing.T) {
	w := two()
	r := request("GET", "/coins")
	ctx, cancel := contextOf(r)
	cancel()
	a := answer(memsizehttp.Handler(w), r.WithContext(ctx))
	require.Equal(t, 503, a.Code)
	require.Contains(t, a.Body.String(), "given up")
	require.Zero(t, walks(w, "coins"))
}

func TestBrokenGuard(t *testing.T) {
	w := watch.New(memsize.OnHeap())
	w.Add("broken", &[]int{1}, watch.Within(func(func()) {}))
	a := get(memsizehttp.Handler(w), "/broken")
	require.Equal(t, 500, a.Code)
	require.Contains(t, a.Body.String(), "called walk 0 times")
}

// The index loads nothing but its own style, which is the one that its policy allows.
func TestIndexPolicy(t *testing.T) {
	a := browse(memsizehttp.Handler(two()), "GET", "/")
	body := a.Body.String()
	_, style, _ := strings.Cut(body, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	policy := a.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.Contains(t, policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	require.NotContains(t, body, "style=", "which no policy of hashes allows")
	require.NotContains(t, body, "http://")
	require.NotContains(t, body, "https://")
}

func TestIndexTells(t *testing.T) {
	w := watch.New(memsize.OnHeap())
	h := memsizehttp.Handler(w)
	require.Contains(t, browse(h, "GET", "/").Body.String(), "No root was added")
	w.Add("plain", &[]int{1})
	w.Add("bounded", &[]int{1}, watch.Lock(new(nothing)), watch.Budget(time.Second))
	page := browse(h, "GET", "/").Body.String()
	require.Contains(t, page, "no lock was named")
	require.Contains(t, page, "locks for a time not yet known")
	require.Contains(t, page, "at most 1s")
	require.Equal(t, 200, get(h, "/bounded").Code)
	require.Contains(t, browse(h, "GET", "/").Body.String(), "locks for about ", "beside the button")
}

type nothing struct{}

func (*nothing) Lock()   {}
func (*nothing) Unlock() {}

func TestNotOnTheDefaultMux(t *testing.T) {
	for _, path := range []string{"/", "/debug/memsize/", "/debug/memsize", "/memsize"} {
		_, pattern := http.DefaultServeMux.Handler(request("GET", path))
		require.Empty(t, pattern, path)
	}
}

func TestHandlerTeaches(t *testing.T) {
	require.Panics(t, func() { memsizehttp.Handler(nil) })
	require.Panics(t, func() { memsizehttp.AllowRemote(nil) })
	require.Panics(t, func() { memsizehttp.MaxAge(0) })
	require.NotPanics(t, func() { memsizehttp.Handler(two(), nil) })
}
