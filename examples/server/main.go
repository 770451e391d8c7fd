// Command server is a small service that keeps three things in memory, each under its own lock: the
// sessions of its users, an index of documents and a hub of subscribers. It shows at
// /debug/memsize/ what they hold. README.md walks from "my service eats 2 GB" to the line of code.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/memsizehttp"
	"github.com/bitcoin-mem/memsize/watch"
)

// app is all that the service keeps.
type app struct {
	sessions sessions
	index    index
	hub      hub
}

// watched names what the app keeps, with the locks that guard it.
func (a *app) watched() *watch.Watch {
	w := watch.New(memsize.OnHeap())
	w.Add("sessions", memsize.Var(&a.sessions.byID), watch.Lock(a.sessions.mu.RLocker()),
		watch.Budget(2*time.Second))
	w.Add("index", memsize.Var(&a.index.words), watch.Lock(&a.index.mu), watch.Budget(time.Second))
	w.Add("hub", memsize.Var(&a.hub), watch.Within(a.hub.still))
	return w
}

// handler serves the app and its debug page.
func (a *app) handler(w *watch.Watch) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(rw http.ResponseWriter, r *http.Request) {
		body, err := readAll(r)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		if err := a.sessions.login(body); err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("POST /documents/{id}", func(rw http.ResponseWriter, r *http.Request) {
		body, err := readAll(r)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		a.index.add(r.PathValue("id"), body)
		a.hub.publish("new document: " + r.PathValue("id"))
	})
	mux.Handle("/debug/memsize/", memsizehttp.Handler(w))
	return mux
}

func main() {
	address := flag.String("address", "localhost:6060", "where to serve")
	users := flag.Int("users", 0, "how many users log in at the start, to have something to see")
	flag.Parse()
	a := new(app)
	w := a.watched()
	server := &http.Server{Addr: *address, Handler: a.handler(w), ReadHeaderTimeout: 10 * time.Second}
	go a.simulate(*users)
	fmt.Printf("http://%s/debug/memsize/\n", *address)
	go func() {
		for range time.Tick(time.Minute) {
			slog.Info("memory", "live", w) // the newest figures; nothing is walked for that
		}
	}()
	if err := server.ListenAndServe(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
