package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

// confidence is that of the intervals around medians.
const confidence = 0.95

// nameOf is the name of a benchmark: what was walked, and by whom.
func nameOf(graph, by string) string {
	return "Walk/graph=" + strings.ReplaceAll(graph, " ", "_") + "/by=" + by
}

// results are measurements by the names of their benchmarks, as read from their files.
type results struct {
	growth bool              // of graphs of many sizes: these are part of the names
	config map[string]string // of all: the machine and the Go version
	of     map[string]*result
}

// result is what was measured of one contender on one graph.
type result struct {
	config map[string]string
	values map[string][]float64 // by unit
}

func newResults() *results {
	return &results{config: map[string]string{}, of: map[string]*result{}}
}

// read adds what a file in the format of Go's benchmarks holds. A benchmark that is there replaces
// what an earlier file had of it.
func (r *results) read(in io.Reader, file string) error {
	fresh := map[string]bool{}
	for lines := benchfmt.NewReader(in, file); ; {
		if !lines.Scan() {
			return lines.Err()
		}
		switch record := lines.Result().(type) {
		case *benchfmt.SyntaxError:
			return record
		case *benchfmt.Result:
			name := r.key(record)
			if !fresh[name] {
				fresh[name] = true
				r.of[name] = &result{config: map[string]string{}, values: map[string][]float64{}}
			}
			r.add(r.of[name], record)
		}
	}
}

func (r *results) add(to *result, record *benchfmt.Result) {
	for _, c := range record.Config {
		to.config[c.Key] = string(c.Value)
		r.config[c.Key] = string(c.Value)
	}
	for _, v := range record.Values {
		to.values[v.Unit] = append(to.values[v.Unit], v.Value)
	}
}

// take reads what a process wrote, and keeps a copy.
func (r *results) take(lines []byte, raw io.Writer, from string) error {
	if _, err := raw.Write(lines); err != nil {
		return err
	}
	return r.read(bytes.NewReader(lines), from)
}

// readFiles adds the files that were kept of earlier runs.
func (r *results) readFiles(files []string) error {
	for _, file := range files {
		in, err := os.Open(file)
		if err != nil {
			return err
		}
		err = r.read(in, filepath.Base(file))
		if err := in.Close(); err != nil {
			return err
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// median is the middle of some measurements, with the interval in which it lies.
type median struct {
	benchmath.Summary
	least, most float64 // of all measurements
	ofLeast     float64 // for a ratio: that of the two least times
	alone       bool    // has no interval
}

// get is the median of a unit; false where it was not measured.
func (r *results) get(graph, by, unit string) (median, bool) {
	found := r.of[nameOf(graph, by)]
	if found == nil || len(found.values[unit]) == 0 {
		return median{}, false
	}
	return medianOf(found.values[unit]), true
}

func medianOf(values []float64) median {
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	summary := benchmath.AssumeNothing.Summary(sample, confidence)
	return median{Summary: summary, least: slices.Min(values), most: slices.Max(values)}
}

// compare is the CPU time of one contender divided by that of another: round by round where they
// ran in the same process, else of the medians, without an interval. By object, for who recurses
// may have fewer of them.
func (r *results) compare(graph, by, to string) (median, bool) {
	a, b := r.of[nameOf(graph, by)], r.of[nameOf(graph, to)]
	if a == nil || b == nil {
		return median{}, false
	}
	above, below := a.values[perObject], b.values[perObject]
	if len(above) == 0 || len(below) == 0 {
		return median{}, false
	}
	if a.config[process] != b.config[process] || len(above) != len(below) {
		ratio := medianOf(above).Center / medianOf(below).Center
		exact := benchmath.Summary{Center: ratio, Lo: ratio, Hi: ratio}
		return median{Summary: exact, alone: true}, true
	}
	var ratios []float64
	for i := range above {
		ratios = append(ratios, above[i]/below[i])
	}
	m := medianOf(ratios)
	m.ofLeast = slices.Min(above) / slices.Min(below)
	return m, true
}

// bounds are the interval; the extremes where there is none.
func (m median) bounds() (lo, hi float64) {
	if math.IsInf(m.Hi, 0) {
		return m.least, m.most
	}
	return m.Lo, m.Hi
}

// scaled is the median of all measurements times a factor.
func (m median) scaled(by float64) median {
	m.Center, m.Lo, m.Hi = m.Center*by, m.Lo*by, m.Hi*by
	m.least, m.most = m.least*by, m.most*by
	return m
}

// spread is the interval in per cent of the median, "" where there can be none.
func (m median) spread() string {
	if m.alone || m.Center == 0 {
		return ""
	}
	lo, hi := m.bounds()
	below, above := math.Round(100*(1-lo/m.Center)), math.Round(100*(hi/m.Center-1))
	if below == above {
		return fmt.Sprintf("± %.0f %%", below)
	}
	return fmt.Sprintf("-%.0f…+%.0f %%", below, above)
}

// number is what a contender was told of its graph, such as its objects.
func (r *results) number(graph, by, key string) float64 {
	found := r.of[nameOf(graph, by)]
	if found == nil {
		return 0
	}
	n, err := strconv.ParseFloat(found.config[key], 64)
	if err != nil {
		return 0
	}
	return n
}

// told is what most contenders were told of a graph.
func (r *results) told(graph, key string) float64 {
	for _, c := range contenders {
		if n := r.number(graph, c.name, key); n > 0 {
			return n
		}
	}
	return 0
}
