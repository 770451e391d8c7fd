package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"time"

	"golang.org/x/perf/benchfmt"
)

// The names of what is measured, in the lines that a process hands over.
const (
	perObject  = "sec/object" // CPU
	perWalk    = "sec/op"     // CPU
	overGC     = "gc-ratio"   // CPU, divided by that of a GC cycle in the same round
	overMark   = "mark-ratio" // CPU, divided by that of the cycle's mark
	allocated  = "B/op"
	allocs     = "allocs/op"
	found      = "found-B/op" // what the contender says that the graph takes
	pooled     = "pooled-B"   // what stays allocated after a walk, until the next but one GC cycle
	heapBytes  = "heap-bytes"
	heapBlocks = "heap-objects"
	objects    = "objects"
	process    = "process" // which contenders shared it
	caches     = "caches"  // of the machine, as L2=BYTES
)

// shortest is how long a measurement goes on at least, by repetition of what is measured.
const shortest = 20 * time.Millisecond

// tooLong is the CPU time after which a contender rests: what takes seconds for one value is
// measured less often.
const tooLong = 30 * time.Second

// measure builds a workload in this process, sends the contenders through it in turn and writes
// what they take in the format of Go's benchmarks.
func measure(e *emitter, w workload, chosen []contender, n, runs int) error {
	for _, c := range chosen {
		if c.name != collector && portableBuild != (c.when&portable != 0) {
			return fmt.Errorf("%s is not for this build", c.name)
		}
	}
	runtime.GOMAXPROCS(1)
	before := settled()
	unlimited := debug.SetMemoryLimit(buildLimit)
	g := w.build(n)
	debug.SetMemoryLimit(unlimited)
	after := settled()
	g.compile()
	debug.SetGCPercent(-1)
	if after.HeapObjects <= before.HeapObjects {
		return errors.New("nothing was built")
	}
	e.configure(heapBlocks, strconv.FormatUint(after.HeapObjects-before.HeapObjects, 10))
	e.configure(heapBytes, strconv.FormatUint(after.HeapAlloc-before.HeapAlloc, 10))
	stop, err := profiled(e.profile)
	if err != nil {
		return err
	}
	e.alive = after.HeapAlloc
	err = errors.Join(rounds(e, g, chosen, runs), stop())
	if err != nil {
		return err
	}
	for _, c := range chosen {
		if c.name == "core" || c.name == "go" {
			e.emit(c.name, 1, benchfmt.Value{Value: kept(c, g), Unit: pooled})
		}
	}
	runtime.KeepAlive(g)
	return e.err
}

// profiled profiles the processor's time into a file until stop is called; no file for "". The
// contenders are told apart by the label by.
func profiled(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	out, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return out.Close()
	}, nil
}

// settled is the state of a heap without garbage.
func settled() (m runtime.MemStats) {
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m
}

// kept is how many bytes a contender keeps in pools.
func kept(c contender, g graph) float64 {
	empty := settled()
	c.run(g)
	runtime.GC() // a pool lives through one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) - float64(empty.HeapAlloc)
}

func rounds(e *emitter, g graph, chosen []contender, runs int) error {
	repeat := make([]int, len(chosen))
	spent := make([]float64, len(chosen))
	for i, c := range chosen {
		repeat[i] = c.repetitions(g, e.objects)
	}
	for range runs {
		var gc sample
		for i, c := range chosen {
			if i > 0 && c.when&cold != 0 && chosen[0].name == collector {
				c.before = nil // the collector comes first and has collected twice
			}
			if spent[i] > tooLong.Seconds() {
				continue
			}
			s := c.take(g, repeat[i])
			spent[i] += s.cpu * float64(repeat[i])
			if c.name == collector {
				gc = s
				if err := e.onlyGraph(s); err != nil {
					return err
				}
			}
			e.sample(c, s, gc, repeat[i])
		}
	}
	return e.err
}

// repetitions is how often a contender is to run for one measurement. It runs to know, which what
// takes long anyway is spared.
func (c *contender) repetitions(g graph, objects int) int {
	if objects >= 1e7 && g.sizer == nil {
		return 1
	}
	for times := 1; ; times *= 2 {
		s := c.take(g, times)
		if s.cpu*float64(times) > shortest.Seconds() || c.when&cold != 0 {
			return times
		}
	}
}

// sample is what one walk took.
type sample struct {
	cpu, mark      float64 // seconds
	bytes, mallocs float64
	found          uint64
	alive          uint64 // bytes on the heap afterwards
}

// take measures a contender that runs a number of times: what each took on average.
func (c *contender) take(g graph, times int) sample {
	if c.before != nil {
		c.before(g)
	}
	done := make(chan sample)
	go pprof.Do(context.Background(), pprof.Labels("by", c.name), func(context.Context) {
		done <- c.timed(g, times) // with a stack of its own, which ends with it
	})
	return <-done
}

func (c *contender) timed(g graph, times int) (s sample) {
	var m0, m1 runtime.MemStats
	runtime.ReadMemStats(&m0)
	mark, start := marked(), now()
	for range times {
		s.found = c.run(g)
	}
	end := now()
	mark = marked() - mark
	runtime.ReadMemStats(&m1)
	count := float64(times)
	cpu, wall := end.cpu-start.cpu, end.wall.Sub(start.wall)
	s.cpu = cpu.Seconds() / count
	// The metric is of time that passed: take the part of it in which this process could run.
	running := min(1, float64(cpu)/float64(wall))
	s.mark = mark / count * running
	s.alive = m1.HeapAlloc
	s.bytes = float64(m1.TotalAlloc-m0.TotalAlloc) / count
	s.mallocs = float64(m1.Mallocs-m0.Mallocs) / count
	return s
}

// emitter writes results.
type emitter struct {
	out       *benchfmt.Writer
	graph     string
	collector string // its name in this process: each has its own
	objects   int
	alive     uint64 // bytes on the heap when the graph was built
	profile   string // a file for a profile of all rounds; none for ""
	config    []benchfmt.Config
	err       error
}

// newEmitter writes for one of the processes that share a graph: common, deep or portable.
func newEmitter(out io.Writer, graph, where string, n int) *emitter {
	e := &emitter{out: benchfmt.NewWriter(out), graph: graph, collector: collector, objects: n}
	if where != common {
		e.collector += "-" + where
	}
	e.configure(process, where)
	e.configure("goos", runtime.GOOS)
	e.configure("goarch", runtime.GOARCH)
	e.configure("cpu", processor())
	e.configure("go", runtime.Version())
	e.configure(caches, cacheSizes())
	e.configure(objects, strconv.Itoa(n))
	return e
}

// onlyGraph is an error if more is alive after a collection than the graph: the collector would not
// be measured on that alone.
func (e *emitter) onlyGraph(s sample) error {
	limit := e.alive + e.alive/50 + 1<<20
	if e.profile != "" {
		limit += 8 << 20 // the profiler's own
	}
	if s.alive > limit {
		return fmt.Errorf("%d bytes are alive after a collection, of which %d were built",
			s.alive, e.alive)
	}
	return nil
}

func (e *emitter) configure(key, value string) {
	e.config = append(e.config, benchfmt.Config{Key: key, Value: []byte(value), File: true})
}

// sample writes what a contender took; for the collector also what its mark took.
func (e *emitter) sample(c contender, s, gc sample, times int) {
	values := []benchfmt.Value{
		{Value: s.cpu, Unit: perWalk},
		{Value: s.cpu / float64(e.objects), Unit: perObject},
	}
	if c.name == collector {
		e.emit(e.collector, times, values...)
		if e.collector != collector {
			return
		}
		e.emit(marking, times,
			benchfmt.Value{Value: s.mark / float64(e.objects), Unit: perObject})
		return
	}
	if gc.cpu > 0 && gc.mark > 0 {
		values = append(values,
			benchfmt.Value{Value: s.cpu / gc.cpu, Unit: overGC},
			benchfmt.Value{Value: s.cpu / gc.mark, Unit: overMark})
	}
	values = append(values,
		benchfmt.Value{Value: s.bytes, Unit: allocated},
		benchfmt.Value{Value: s.mallocs, Unit: allocs},
		benchfmt.Value{Value: float64(s.found), Unit: found})
	e.emit(c.name, times, values...)
}

func (e *emitter) emit(by string, times int, values ...benchfmt.Value) {
	name := nameOf(e.graph, by)
	r := &benchfmt.Result{Config: e.config, Name: benchfmt.Name(name), Iters: times, Values: values}
	if err := e.out.Write(r); err != nil && e.err == nil {
		e.err = err
	}
}
