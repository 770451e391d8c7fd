// Command example is a program with metrics of what it holds: a cache that grows, at /metrics.
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/memsizehttp"
	memsizeprom "github.com/bitcoin-mem/memsize/prometheus"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/watch"
)

func main() {
	address := flag.String("address", "localhost:6060", "where to serve; port 0 is any")
	budget := flag.Duration("budget", 50*time.Millisecond, "how long a walk may hold a lock")
	flag.Parse()
	if err := serve(*address, *budget); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve serves the metrics and the debug page of a cache and an index of it.
func serve(address string, budget time.Duration) error {
	var mu sync.Mutex
	cache := map[string][]byte{}
	index := map[int]string{}
	w := watch.New(memsize.WithModels(rules.Go(), rules.Core()))
	w.Add("cache", &cache, watch.Lock(&mu), watch.Budget(budget))
	w.Add("index", &index, watch.Lock(&mu), watch.Budget(budget))

	registry := prometheus.NewRegistry()
	registry.MustRegister(memsizeprom.NewCollector(w, memsizeprom.MaxAge(time.Second),
		memsizeprom.Budget(2*budget), memsizeprom.All()))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.Handle("/debug/memsize/", memsizehttp.Handler(w))
	mux.HandleFunc("POST /fill", func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		for range 1000 {
			key := fmt.Sprintf("secret key %d", len(cache))
			cache[key] = make([]byte, 1000)
			index[len(index)] = key
		}
	})

	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}
