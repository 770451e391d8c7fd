package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// growing are the graphs whose growth is measured: in random order, the worst for the caches.
var growing = []string{"list random", "tree random", "map[uint64]*T"}

// growers are who is measured.
const growers = "gc,core,go"

// step is a size of a graph, and how often it is measured: seldom where it takes minutes.
type step struct{ n, runs int }

// steps are the sizes up to a largest.
func steps(largest int) []step {
	var steps []step
	for n := 1000; n <= largest; n *= 10 {
		for _, n := range []int{n, 3 * n} {
			s := step{n, 7}
			switch {
			case n > largest:
				continue
			case n > 3e7:
				s.runs = 1
			case n > 1e7:
				s.runs = 2
			case n > 1e6:
				s.runs = 4
			}
			steps = append(steps, s)
		}
	}
	return steps
}

// largest is how far a graph grows.
const largest = 1e8

// buildLimit is the memory that a graph may take while it is built, in bytes: the collector then
// runs as often as it must. A graph that is larger is built all the same, slowly.
const buildLimit = 10 << 30

// grown is the name of a benchmark with a graph's size.
func grown(by string, n int) string { return fmt.Sprintf("%s/n=%d", by, n) }

// measureGrowth measures graphs of all sizes.
func (r *results) measureGrowth(progress io.Writer, s settings, raw io.Writer) error {
	picked, err := pick(growers)
	if err != nil {
		return err
	}
	for _, name := range growing {
		if !strings.Contains(name, s.workloads) {
			continue
		}
		for _, step := range steps(cmp.Or(s.n, largest)) {
			fmt.Fprintf(progress, "%s, %s objects\n", name, count(float64(step.n)))
			g := group{contenders: picked, n: step.n}
			lines, err := g.run(choose(name)[0], step.runs)
			if err == nil {
				err = r.take(lines, raw, name)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// key is the name under which a measurement is kept: in growth, by size.
func (r *results) key(record *benchfmt.Result) string {
	if !r.growth {
		return record.Name.String()
	}
	return record.Name.String() + "/n=" + record.GetConfig(objects)
}
