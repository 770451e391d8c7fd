package memsizeprom

import "github.com/prometheus/client_golang/prometheus"

// The metrics. None has a label that depends on data: roots are named by the program, models and
// parts by package rules.
var (
	bytes = prometheus.NewDesc("memsize_root_bytes",
		"Bytes that a root holds, by cost model and by what they are for; the sum over the parts is all.",
		[]string{"root", "model", "part"}, nil)
	blocks = prometheus.NewDesc("memsize_root_blocks",
		"Blocks of memory that a root holds, by cost model.", []string{"root", "model"}, nil)
	retained = prometheus.NewDesc("memsize_root_retained_bytes",
		"Bytes that only this root holds, under the first model, as of the last walk of all roots.",
		[]string{"root"}, nil)
	estimated = prometheus.NewDesc("memsize_root_estimated_bytes",
		"About the bytes that a root holds, under the first model, where no budget allowed a walk yet.",
		[]string{"root"}, nil)
	walk = prometheus.NewDesc("memsize_root_walk_seconds",
		"Time for which the last walk of a root held its locks.", []string{"root"}, nil)
	age = prometheus.NewDesc("memsize_root_age_seconds",
		"Time since the walk that the figures of a root are from.", []string{"root"}, nil)
	shared = prometheus.NewDesc("memsize_shared_bytes",
		"Bytes that two or more roots hold, counted once, as of the last walk of all roots.", nil, nil)
	held = prometheus.NewDesc("memsize_heap_explained_bytes",
		"Bytes of the live heap that the roots hold together, as of the last walk of all roots.", nil, nil)
	live = prometheus.NewDesc("memsize_heap_live_bytes",
		"Bytes that the last garbage collection before the walk of all roots found live.", nil, nil)
)

// Describe sends the descriptions of all metrics.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{bytes, blocks, estimated, retained, walk, age, shared, held, live} {
		out <- d
	}
}
