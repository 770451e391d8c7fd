package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strconv"
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

// cacheSizes are the larger caches of this machine's processor, as Linux tells them: L2=BYTES
// L3=BYTES.
func cacheSizes() string {
	var sizes []string
	folders, err := filepath.Glob("/sys/devices/system/cpu/cpu0/cache/index*")
	if err != nil {
		return ""
	}
	for _, folder := range folders {
		level, err1 := os.ReadFile(filepath.Join(folder, "level"))
		text, err2 := os.ReadFile(filepath.Join(folder, "size"))
		kib, err3 := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(string(text)), "K"))
		l := strings.TrimSpace(string(level))
		if err := cmp.Or(err1, err2, err3); err == nil && l != "1" {
			sizes = append(sizes, fmt.Sprintf("L%s=%d", l, kib<<10))
		}
	}
	return strings.Join(sizes, " ")
}
