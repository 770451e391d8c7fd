package main

import (
	"cmp"
	"os"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// clock is what one measurement reads before and after.
type clock struct {
	cpu  time.Duration // that this process has used, all threads of it
	wall time.Time
}

func now() clock {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return clock{time.Duration(t.Nano()), time.Now()}
}

// marked is the time for which the collector's workers have marked, in seconds. It counts a
// worker's time on its processor of Go's, whether or not the machine let it run.
func marked() float64 {
	samples := []metrics.Sample{
		{Name: "/cpu/classes/gc/mark/assist:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/dedicated:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/idle:cpu-seconds"},
	}
	metrics.Read(samples)
	var sum float64
	for _, s := range samples {
		sum += s.Value.Float64()
	}
	return sum
}

// processor is the name of this machine's processor, as Linux tells it.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	_, rest, _ := strings.Cut(string(text), "model name")
	line, _, _ := strings.Cut(rest, "\n")
	_, name, _ := strings.Cut(line, ":")
	return cmp.Or(strings.TrimSpace(name), runtime.GOARCH)
}
