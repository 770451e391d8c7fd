package memsizeprom

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/watch"
)

// Option changes what a collector does.
type Option func(*collector)

// MaxAge is how old a root's figures may be before a scrape walks it again: one minute, unless
// said.
func MaxAge(age time.Duration) Option {
	if age <= 0 {
		panic("memsizeprom: a MaxAge is more than nothing; NoWalks is for a program that walks by itself")
	}
	return func(c *collector) { c.maxAge = age }
}

// Budget is the longest that a scrape may walk, all its walks together: 100 ms, unless said. Each
// root's own budget holds besides.
func Budget(longest time.Duration) Option {
	if longest <= 0 {
		panic("memsizeprom: a Budget is more than nothing; NoWalks is for a program that walks by itself")
	}
	return func(c *collector) { c.budget = longest }
}

// NoWalks has scrapes report what is kept, and walk nothing.
func NoWalks() Option { return func(c *collector) { c.idle = true } }

// All has scrapes also walk all roots in one account, as root "all": what they share, what only
// each of them holds, and how much of the live heap they explain is known from that. It takes all
// locks.
func All() Option { return func(c *collector) { c.all = true } }

// collector makes metrics of a Watch.
type collector struct {
	watch          *watch.Watch
	maxAge, budget time.Duration
	idle, all      bool
}

// NewCollector is a collector of the figures of w's roots, to be registered once. It is safe for
// concurrent scrapes, of which one walks. It panics without a Watch.
func NewCollector(w *watch.Watch, opts ...Option) prometheus.Collector {
	if w == nil {
		panic("memsizeprom: no Watch: take watch.New(memsize.OnHeap()), and Add what is to be seen")
	}
	c := &collector{watch: w, maxAge: time.Minute, budget: 100 * time.Millisecond}
	for _, set := range opts {
		if set != nil {
			set(c)
		}
	}
	return c
}

// Collect sends the metrics of all roots.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	if !c.idle {
		c.refresh()
	}
	all, _ := c.watch.State(watch.All)
	for _, s := range append(c.watch.Roots(), all) {
		if s.Last.Report == nil && s.Name != watch.All && !c.idle {
			c.estimate(out, s.Name)
		}
		collect(out, s)
	}
	if r := all.Last.Report; r != nil {
		gauge(out, shared, float64(r.Shared))
		for _, f := range r.Roots {
			gauge(out, retained, float64(f.Only), f.Name)
		}
		if v := r.Coverage; v != nil {
			gauge(out, held, float64(v.Held))
			gauge(out, live, float64(v.Live))
		}
	}
}

// refresh walks what is too old, the oldest first, for as long as the budget lasts. What a walk is
// refused for is no error: the figures that are kept say their age.
func (c *collector) refresh() {
	ctx, cancel := context.WithTimeout(context.Background(), c.budget)
	defer cancel()
	deadline, _ := ctx.Deadline()
	for _, s := range c.due() {
		if ctx.Err() != nil {
			return
		}
		if s.Known && s.Expected.Time > time.Until(deadline) {
			continue // another may be cheaper
		}
		if _, err := c.watch.ScanRoot(ctx, s.Name); errors.Is(err, watch.ErrBusy) {
			return
		}
	}
}

// estimate sends about what a root holds, of which nothing is kept: no budget allowed a walk.
func (c *collector) estimate(out chan<- prometheus.Metric, root string) {
	e, err := c.watch.Estimate(context.Background(), root, max(c.budget/10, time.Millisecond))
	if err == nil {
		gauge(out, estimated, float64(e.Bytes), root)
	}
}

// due are the roots whose reports are too old, the oldest first.
func (c *collector) due() []watch.State {
	states := c.watch.Roots()
	if all, _ := c.watch.State(watch.All); c.all && len(states) > 0 {
		states = append(states, all)
	}
	states = slices.DeleteFunc(states, func(s watch.State) bool {
		return s.Last.Report != nil && time.Since(s.Last.At) <= c.maxAge
	})
	slices.SortStableFunc(states, func(a, b watch.State) int {
		return cmp.Or(a.Last.At.Compare(b.Last.At), cmp.Compare(a.Name, b.Name))
	})
	return states
}

// collect sends the metrics of one root.
func collect(out chan<- prometheus.Metric, s watch.State) {
	r := s.Last.Report
	if r == nil {
		return
	}
	for _, m := range r.Models {
		for part, n := range parts(m) {
			gauge(out, bytes, float64(n), s.Name, m.Name, part)
		}
		gauge(out, blocks, float64(m.Blocks), s.Name, m.Name)
	}
	gauge(out, walk, s.Last.Cost.Time.Seconds(), s.Name)
	gauge(out, age, time.Since(s.Last.At).Seconds(), s.Name)
}

// parts are the five parts of a model's figure, in bytes by name.
func parts(m report.ModelFigures) map[string]uint64 {
	return map[string]uint64{"used": m.Used, "spare": m.Spare, "padding": m.Padding,
		"overhead": m.Overhead, "rounding": m.Rounding}
}

func gauge(out chan<- prometheus.Metric, d *prometheus.Desc, value float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}
