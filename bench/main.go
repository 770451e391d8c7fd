// Command bench compares memsize with the garbage collector: one process for each workload, with
// only that graph alive, on one processor, the contenders in turn. Other sizers are compared for
// their figures in the folder accuracy, encoding/gob in the folder gob.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

func main() {
	n := flag.Int("n", 1_000_000, "objects in a workload")
	runs := flag.Int("runs", 7, "counted runs of each contender")
	only := flag.Int("workload", -1, "run one workload in this process (by number)")
	flag.Parse()
	if *only >= 0 {
		measure(workloads[*only], *n, *runs)
		return
	}
	fmt.Printf("%s, %s/%s, one processor, %d objects, median of %d runs (CPU ns per object)\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, *n, *runs)
	fmt.Println("workload\tGC cycle\tcore\tratio\tcore by path\tratio")
	for i := range workloads {
		c := exec.Command(os.Args[0], "-n", strconv.Itoa(*n), "-runs", strconv.Itoa(*runs),
			"-workload", strconv.Itoa(i))
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		if err := c.Run(); err != nil {
			fmt.Fprintln(os.Stderr, workloads[i].name, err)
			os.Exit(1)
		}
	}
}

// contender is one way to go through a graph.
type contender struct {
	name string
	run  func(v any)
}

var sink uint64

var contenders = []contender{
	{"GC cycle", func(any) { runtime.GC() }},
	{"core", func(v any) { sink += memsize.Of(v) }},
	{"core by path", func(v any) { sink += memsize.Scan(v, memsize.WithModel(rules.Core())).Total }},
}

func measure(w workload, n, runs int) {
	runtime.GOMAXPROCS(1)
	v := w.build(n)
	runtime.GC()
	debug.SetGCPercent(-1)
	times := make([][]time.Duration, len(contenders))
	for range runs + 1 {
		for i, c := range contenders {
			before := cpu()
			c.run(v)
			times[i] = append(times[i], cpu()-before)
		}
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "%-20s", w.name)
	var base float64
	for i := range contenders {
		counted := times[i][1:] // the first is a warm-up
		slices.Sort(counted)
		median := float64(counted[len(counted)/2]) / float64(n)
		if i == 0 {
			base = median
			fmt.Fprintf(out, "\t%6.1f", median)
			continue
		}
		fmt.Fprintf(out, "\t%6.1f\t%5.2f×", median, median/base)
	}
	fmt.Fprintln(out)
	out.Flush()
	runtime.KeepAlive(v)
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
