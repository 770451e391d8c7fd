package memsizehttp

import (
	"net/http"
	"strings"
	"time"

	"github.com/bitcoin-mem/memsize/watch"
)

// handler serves the pages of a Watch.
type handler struct {
	watch  *watch.Watch
	allow  func(*http.Request) bool
	maxAge time.Duration
	origin *http.CrossOriginProtection
}

// An Option changes what a Handler does.
type Option func(*handler)

// AllowRemote serves requests for which guard says true, besides those from this machine: the guard
// must tell who asks, for instance by a token or a client certificate.
func AllowRemote(guard func(*http.Request) bool) Option {
	if guard == nil {
		panic("memsizehttp: AllowRemote wants a function that tells whom to allow")
	}
	return func(h *handler) { h.allow = guard }
}

// MaxAge is how old a kept report may be before a GET refreshes it, budget allowing. Without it a
// kept report is served however old it is.
func MaxAge(age time.Duration) Option {
	if age <= 0 {
		panic("memsizehttp: a MaxAge is more than nothing; without it, a GET does not refresh")
	}
	return func(h *handler) { h.maxAge = age }
}

// Handler serves the debug page of the roots of w. It may be mounted anywhere: as the handler of a
// pattern that ends in a slash, or behind http.StripPrefix.
func Handler(w *watch.Watch, opts ...Option) http.Handler {
	if w == nil {
		panic("memsizehttp: no Watch: take watch.New(memsize.OnHeap()), and Add what is to be seen")
	}
	h := &handler{watch: w, origin: http.NewCrossOriginProtection()}
	for _, set := range opts {
		if set != nil {
			set(h)
		}
	}
	return h
}

// ServeHTTP serves what package memsizehttp lists.
func (h *handler) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	secure(rw.Header())
	if !local(r) && (h.allow == nil || !h.allow(r)) {
		http.Error(rw, "memsize: only requests from this machine to localhost are served; "+
			"memsizehttp.AllowRemote lets others in", http.StatusForbidden)
		return
	}
	name, view, _ := strings.Cut(below(r), "/")
	c := &call{handler: h, rw: rw, r: r, name: name}
	switch s, known := h.watch.State(name); {
	case name == "" && view == "":
		c.only(c.index, http.MethodGet, http.MethodHead)
	case !known:
		c.fail(http.StatusNotFound, "there is no root called "+quoted(name))
	default:
		c.state = s
		c.root(view)
	}
}

// secure sets what a browser must not do with any answer.
func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// below is the path below where the handler is mounted, without a slash before it.
func below(r *http.Request) string {
	path := r.URL.Path
	if i := strings.IndexByte(r.Pattern, '/'); i >= 0 && strings.HasSuffix(r.Pattern, "/") {
		path = strings.TrimPrefix(path, r.Pattern[i:len(r.Pattern)-1])
	}
	return strings.TrimPrefix(path, "/")
}

// call is one request for a root, for all of them, or for the index.
type call struct {
	*handler
	rw    http.ResponseWriter
	r     *http.Request
	name  string
	state watch.State
}

// root serves a view of a root.
func (c *call) root(view string) {
	switch view {
	case "":
		if c.r.Method == http.MethodPost {
			c.posted(c.walk)
			return
		}
		c.only(c.page, http.MethodGet, http.MethodHead, http.MethodPost)
	case "baseline":
		if c.r.Method == http.MethodPost {
			c.posted(c.keep)
			return
		}
		c.only(nil, http.MethodPost)
	case "json":
		c.only(c.json, http.MethodGet, http.MethodHead)
	case "pprof":
		c.only(c.pprof, http.MethodGet, http.MethodHead)
	case "diff":
		c.only(c.diff, http.MethodGet, http.MethodHead)
	default:
		c.fail(http.StatusNotFound, "a root has the views json, pprof and diff, not "+quoted(view))
	}
}

// only calls f if the method is one of those that are allowed.
func (c *call) only(f func(), methods ...string) {
	for _, m := range methods {
		if m == c.r.Method && f != nil {
			f()
			return
		}
	}
	c.rw.Header().Set("Allow", strings.Join(methods, ", "))
	c.fail(http.StatusMethodNotAllowed, c.r.Method+" is not allowed here")
}
