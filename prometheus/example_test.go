//go:build !386

package memsizeprom_test

import (
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcoin-mem/memsize"
	memsizeprom "github.com/bitcoin-mem/memsize/prometheus"
	"github.com/bitcoin-mem/memsize/watch"
)

// A program registers a collector of its live values, and serves the registry as ever.
func ExampleNewCollector() {
	var mu sync.Mutex
	sessions := map[string][]byte{"ann": make([]byte, 1000)}
	w := watch.New(memsize.OnHeap())
	w.Add("sessions", memsize.Var(&sessions), watch.Lock(&mu), watch.Budget(5*time.Second))

	registry := prometheus.NewRegistry()
	registry.MustRegister(memsizeprom.NewCollector(w, memsizeprom.MaxAge(30*time.Second),
		memsizeprom.Budget(5*time.Second)))

	families, err := registry.Gather() // as a scrape does
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range families {
		if f.GetName() == "memsize_root_bytes" {
			for _, m := range f.GetMetric() {
				fmt.Println(m.GetLabel()[1].GetValue(), m.GetGauge().GetValue())
			}
		}
	}
	// Output:
	// overhead 56
	// padding 0
	// rounding 48
	// spare 280
	// used 1040
}
