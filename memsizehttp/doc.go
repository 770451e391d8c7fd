// Package memsizehttp is a debug page for the live values of a program: what each of them holds,
// where, and how that changes. It is to memsize what net/http/pprof is to profiles.
//
//	w := watch.New(memsize.OnHeap())
//	w.Add("sessions", &sessions, watch.Lock(&mu), watch.Budget(50*time.Millisecond))
//	mux.Handle("/debug/memsize/", memsizehttp.Handler(w))
//
// # Pages
//
// Below the path at which it is mounted:
//
//	/                    the roots: size, share, trend, age and cost of the last walk
//	/NAME                the report of a root; ?debug=1 as text
//	/NAME/json           the same as JSON (schema memsize/1)
//	/NAME/pprof          the same as a profile:
//	                     go tool pprof http://localhost:6060/debug/memsize/NAME/pprof
//	/NAME/diff           what changed since the baseline, or since the report before
//	                     (?against=baseline, ?against=previous); ?debug=1 as text
//	/all, /all/json, …   all roots in one account
//
// A POST to /NAME walks now; a POST to /NAME/baseline keeps the last report to compare with.
//
// # What a request may cost
//
// A walk locks what it walks. A GET serves the report that is kept, however old, and walks only if
// none is, or if MaxAge says that it is too old; never when a browser asks for another site or in
// advance. A walk is refused with 503 if the root's budget does not allow it; the answer, and the index
// until the next report, then have an estimate, which locks the root for about a tenth of its budget. A
// walk is refused with 429 and Retry-After while another one is under way; a GET then serves what is kept. A request that is
// given up stops its walk. How long a walk is expected to lock stands beside its button.
//
// # Who may ask
//
// Reports show keys and the names of types. Only requests from this machine that name it as
// localhost are served (so that no foreign web page can ask by a name that it made point here), and
// none that came through a proxy; all others only if AllowRemote says so. A POST from another
// site's page is refused. Nothing is registered on http.DefaultServeMux.
package memsizehttp
