package memsizeprom_test

import (
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	memsizeprom "github.com/bitcoin-mem/memsize/prometheus"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/watch"
)

// gather is what a scrape of a collector reports, by name.
func gather(t *testing.T, c prometheus.Collector) map[string]*dto.MetricFamily {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	require.NoError(t, err)
	byName := map[string]*dto.MetricFamily{}
	for _, f := range families {
		byName[f.GetName()] = f
	}
	return byName
}

// sum is the sum of the metrics that have the labels, and how many there are.
func sum(f *dto.MetricFamily, labels map[string]string) (total float64, n int) {
next:
	for _, m := range f.GetMetric() {
		has := map[string]string{}
		for _, l := range m.GetLabel() {
			has[l.GetName()] = l.GetValue()
		}
		for name, value := range labels {
			if has[name] != value {
				continue next
			}
		}
		total, n = total+m.GetGauge().GetValue(), n+1
	}
	return total, n
}

// two is a Watch of two roots that share something, under two models.
func two() (*watch.Watch, map[string]any) {
	shared := make([]byte, 1000)
	coins, index := map[string][]byte{"a": shared, "b": make([]byte, 200)}, [][]byte{shared}
	roots := map[string]any{"coins": &coins, "index": &index}
	w := watch.New(memsize.WithModels(rules.Go(), rules.Core()))
	w.Add("coins", &coins)
	w.Add("index", &index)
	return w, roots
}

func TestFigures(t *testing.T) {
	w, roots := two()
	got := gather(t, memsizeprom.NewCollector(w, memsizeprom.All(), memsizeprom.Budget(time.Minute)))
	all := memsize.ScanRoots(roots, memsize.WithModels(rules.Go(), rules.Core()))
	for name, v := range roots {
		want := memsize.ScanRoots(map[string]any{name: v}, memsize.WithModels(rules.Go(), rules.Core()))
		for _, m := range want.Models {
			labels := map[string]string{"root": name, "model": m.Name}
			total, n := sum(got["memsize_root_bytes"], labels)
			require.EqualValues(t, m.Total, total, "%v", labels)
			require.Equal(t, 5, n, "the parts")
			blocks, _ := sum(got["memsize_root_blocks"], labels)
			require.EqualValues(t, m.Blocks, blocks, "%v", labels)
			labels["part"] = "used"
			used, _ := sum(got["memsize_root_bytes"], labels)
			require.EqualValues(t, m.Used, used)
		}
	}
	total, _ := sum(got["memsize_root_bytes"], map[string]string{"root": "all", "model": "go"})
	require.EqualValues(t, all.Total, total)
	shared, _ := sum(got["memsize_shared_bytes"], nil)
	require.EqualValues(t, all.Shared, shared)
	for _, f := range all.Roots {
		only, _ := sum(got["memsize_root_retained_bytes"], map[string]string{"root": f.Name})
		require.EqualValues(t, f.Only, only)
	}
	for _, name := range []string{"memsize_root_walk_seconds", "memsize_root_age_seconds"} {
		_, n := sum(got[name], nil)
		require.Equal(t, 3, n, name)
	}
}

// The number of series does not depend on data.
func TestSeriesAreBounded(t *testing.T) {
	w, _ := two()
	large := map[int]map[string]any{}
	for i := range 1000 {
		large[i] = map[string]any{"x": i, "y": []int{i}}
	}
	w.Add("large", &large)
	got := gather(t, memsizeprom.NewCollector(w, memsizeprom.All(), memsizeprom.Budget(time.Minute)))
	const roots, models = 4, 2 // with all
	series := func(names ...string) (n int) {
		for _, name := range names {
			n += len(got[name].GetMetric())
		}
		return n
	}
	require.Equal(t, 6*roots*models, series("memsize_root_bytes", "memsize_root_blocks"))
	require.Equal(t, 3*roots-1, series("memsize_root_walk_seconds", "memsize_root_age_seconds",
		"memsize_root_retained_bytes"), "all retains nothing beside itself")
	count := 0
	for name := range got {
		count += series(name)
	}
	require.LessOrEqual(t, count, 6*roots*models+3*roots+3)
}

func TestConventions(t *testing.T) {
	w, _ := two()
	problems, err := testutil.CollectAndLint(memsizeprom.NewCollector(w, memsizeprom.All()))
	require.NoError(t, err)
	require.Empty(t, problems)
}

// walks counts the walks of a root.
func walks(w *watch.Watch, name string) int {
	s, _ := w.State(name)
	return len(s.Trend)
}

func TestMaxAge(t *testing.T) {
	w, _ := two()
	patient := memsizeprom.NewCollector(w)
	eager := memsizeprom.NewCollector(w, memsizeprom.MaxAge(time.Nanosecond))
	idle := memsizeprom.NewCollector(w, memsizeprom.NoWalks())
	require.Empty(t, gather(t, idle), "nothing is kept yet")
	for i, row := range []struct {
		c     prometheus.Collector
		walks int
	}{{patient, 1}, {patient, 1}, {eager, 2}, {eager, 3}, {idle, 3}} {
		require.NotEmpty(t, gather(t, row.c))
		require.Equal(t, row.walks, walks(w, "coins"), i)
		require.Equal(t, row.walks, walks(w, "index"), i)
	}
}

// A scrape walks no longer than its budget, and says how old its figures are.
func TestBudget(t *testing.T) {
	w := watch.New(memsize.OnHeap())
	pause := time.Duration(0)
	slow := watch.Within(func(walk func()) { time.Sleep(pause); walk() })
	w.Add("slow", &[]int{1}, watch.Lock(new(sync.Mutex)), slow)
	w.Add("quick", &[]int{1})
	c := memsizeprom.NewCollector(w, memsizeprom.MaxAge(time.Nanosecond), memsizeprom.Budget(100*time.Millisecond))
	require.NotEmpty(t, gather(t, c))

	pause = 500 * time.Millisecond
	gather(t, c) // finds out
	before := walks(w, "quick")
	for range 3 {
		began := time.Now()
		got := gather(t, c)
		require.Less(t, time.Since(began), pause, "a walk that would take too long is not begun")
		old, n := sum(got["memsize_root_age_seconds"], map[string]string{"root": "slow"})
		require.Equal(t, 1, n)
		require.Greater(t, old, pause.Seconds())
		_, n = sum(got["memsize_root_bytes"], map[string]string{"root": "slow"})
		require.Equal(t, 5, n, "what is kept is reported")
	}
	require.Greater(t, walks(w, "quick"), before, "others are walked")
	require.Equal(t, 1, walks(w, "slow"))
}

// Of a root that no budget allowed to be walked there is an estimate.
func TestEstimate(t *testing.T) {
	w := watch.New(memsize.OnHeap())
	list := make([][]byte, 1_000_000)
	for i := range list {
		list[i] = make([]byte, 100)
	}
	w.Add("large", memsize.Var(&list), watch.Budget(2*time.Millisecond))
	got := gather(t, memsizeprom.NewCollector(w))
	require.NotContains(t, got, "memsize_root_bytes")
	about, n := sum(got["memsize_root_estimated_bytes"], map[string]string{"root": "large"})
	require.Equal(t, 1, n)
	require.InEpsilon(t, float64(memsize.Heap(memsize.Var(&list))), about, 0.2)
}

func TestBusy(t *testing.T) {
	w := watch.New(memsize.OnHeap())
	inside, release := make(chan bool), make(chan bool)
	w.Add("slow", &[]int{1}, watch.Within(func(walk func()) { inside <- true; <-release; walk() }))
	w.Add("other", &[]int{1})
	go func() { _, _ = w.ScanRoot(t.Context(), "slow") }()
	<-inside
	require.Empty(t, gather(t, memsizeprom.NewCollector(w)), "a scrape does not wait for another walk")
	close(release)
}

func TestTeaches(t *testing.T) {
	require.Panics(t, func() { memsizeprom.NewCollector(nil) })
	require.Panics(t, func() { memsizeprom.MaxAge(0) })
	require.Panics(t, func() { memsizeprom.Budget(-1) })
	require.Empty(t, gather(t, memsizeprom.NewCollector(watch.New(), memsizeprom.All(), nil)), "no roots")
}

// No label comes from a value: not even where the reports have its keys.
func TestNoValuesInLabels(t *testing.T) {
	sessions := map[string][]byte{"secret": make([]byte, 1000)}
	w := watch.New(memsize.OnHeap(), memsize.WithBiggest(5))
	w.Add("sessions", &sessions)
	families := gather(t, memsizeprom.NewCollector(w))
	require.NotEmpty(t, families["memsize_root_bytes"].GetMetric())
	for name, family := range families {
		require.NotContains(t, family.String(), "secret", name)
	}
}
