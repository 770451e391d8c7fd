package zoo

import (
	"encoding/json"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bitcoin-mem/memsize"
)

// Result is what was measured of one shape. Ratios are processor time divided by that of a collection.
type Result struct {
	Name, Kind       string
	Objects, Bytes   uint64  // that the shape added to the heap
	Collection       float64 // seconds of processor time, without those of a process that has no shape
	Heap, Of, Scan   float64 // ratios
	HeapSays, OfSays uint64  // bytes
}

// shortest is how long a measurement goes on at least, by repetition of what is measured.
const shortest = 10 * time.Millisecond

// measure builds a shape in this process and writes its Result as JSON.
func measure(out io.Writer, s Shape, rounds int) error {
	runtime.GOMAXPROCS(1)
	before := settled()
	idle := idleCollection(rounds)
	v := s.Build()
	after := settled()
	debug.SetGCPercent(-1)
	r := Result{Name: s.Name, Kind: s.Kind, Objects: after.HeapObjects - before.HeapObjects,
		Bytes: after.HeapAlloc - before.HeapAlloc}
	r.HeapSays, r.OfSays = memsize.Heap(v), memsize.Of(v)
	memsize.Scan(v)
	collection := newTask(runtime.GC)
	walks := []struct {
		task
		ratio *float64
		all   []float64
	}{
		{task: newTask(func() { memsize.Heap(v) }), ratio: &r.Heap},
		{task: newTask(func() { memsize.Of(v) }), ratio: &r.Of},
		{task: newTask(func() { memsize.Scan(v) }), ratio: &r.Scan},
	}
	var collections []float64
	for range rounds {
		runtime.GC() // what the walks before left behind
		gc := collection.seconds()
		gc = max(gc-idle, gc/20)
		collections = append(collections, gc)
		for i := range walks {
			walks[i].all = append(walks[i].all, walks[i].seconds()/gc)
		}
	}
	r.Collection = median(collections)
	for _, w := range walks {
		*w.ratio = median(w.all)
	}
	runtime.KeepAlive(v)
	return json.NewEncoder(out).Encode(r)
}

// idleCollection is the processor's time in seconds that a collection takes where there is no shape: it
// marks what the packages of the process keep, which a walk does not visit.
func idleCollection(rounds int) float64 {
	collection := newTask(runtime.GC)
	var all []float64
	for range rounds {
		all = append(all, collection.seconds())
	}
	return median(all)
}

// task is something to measure, and how often it is done for one measurement.
type task struct {
	run   func()
	times int
}

// newTask is a task done so often that a measurement is long enough.
func newTask(run func()) task {
	for t := (task{run, 1}); ; t.times *= 2 {
		if t.seconds()*float64(t.times) > shortest.Seconds() || t.times >= 1<<16 {
			return t
		}
	}
}

// seconds is the processor's time that the task takes, on average over one measurement.
func (t task) seconds() float64 {
	start := now()
	for range t.times {
		t.run()
	}
	return (now() - start).Seconds() / float64(t.times)
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// settled is the state of a heap without garbage.
func settled() (m runtime.MemStats) {
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m
}

// now is the processor's time that this process has used, all threads of it.
func now() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}
