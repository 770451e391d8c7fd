package zoo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/bench/internal/page"
)

// The places in a page for the table of all shapes and for the summary.
const (
	beginTable   = "<!-- zoo: made by bench/zoo -->"
	endTable     = "<!-- zoo: end -->"
	beginSummary = "<!-- zoo in short: made by bench/zoo -->"
	endSummary   = "<!-- zoo in short: end -->"
)

// Main is the main function of a command that measures shapes. It returns the exit code.
func Main(shapes []Shape) int {
	var child, only, markdown, short, out, in string
	var rounds int
	flag.StringVar(&only, "only", "", "only shapes with one of these in their names or kinds (a,b)")
	flag.IntVar(&rounds, "rounds", 9, "rounds of each shape, of which the median is shown")
	flag.StringVar(&markdown, "markdown", "", "put the table into this page, and the summary")
	flag.StringVar(&short, "short", "", "put the summary into this page")
	flag.StringVar(&out, "out", "", "write the results into this file")
	flag.StringVar(&in, "in", "", "show the results in this file beside those that are measured")
	flag.StringVar(&child, "child", "", "measure one shape in this process")
	flag.Parse()
	if err := run(shapes, pages{markdown, short, in, out}, child, only, rounds); err != nil {
		fmt.Fprintln(os.Stderr, "zoo:", err)
		return 1
	}
	return 0
}

// pages are the names of files: pages for the tables, and results.
type pages struct{ markdown, short, in, out string }

func run(shapes []Shape, to pages, child, only string, rounds int) error {
	if child != "" {
		i := slices.IndexFunc(shapes, func(s Shape) bool { return s.Name == child })
		if i < 0 {
			return fmt.Errorf("no shape %q", child)
		}
		return measure(os.Stdout, shapes[i], rounds)
	}
	all, err := read(to.in)
	if err != nil {
		return err
	}
	for _, s := range chosen(shapes, only) {
		r, err := inProcess(s, rounds)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%-32s Heap %5.2f  Of %5.2f  Scan %5.2f\n", s.Name, r.Heap, r.Of, r.Scan)
		all = append(all, r)
	}
	if len(all) == 0 {
		return fmt.Errorf("no shape has %q in its name", only)
	}
	if err := save(to.out, all); err != nil {
		return err
	}
	return show(all, to)
}

// show prints the tables and puts them into pages.
func show(all []Result, to pages) error {
	var table, summary bytes.Buffer
	writeTable(&table, all)
	writeSummary(&summary, all)
	writeSharing(&summary, all)
	fmt.Printf("%s\n%s", table.String(), summary.String())
	if to.markdown != "" {
		if err := page.Put(to.markdown, beginTable, endTable, table.String()); err != nil {
			return err
		}
		if err := page.Put(to.markdown, beginSummary, endSummary, summary.String()); err != nil {
			return err
		}
	}
	if to.short != "" {
		return page.Put(to.short, beginSummary, endSummary, summary.String())
	}
	return nil
}

// read reads results, none without a name.
func read(name string) (all []Result, err error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return all, json.Unmarshal(text, &all)
}

// save writes results, none without a name.
func save(name string, all []Result) error {
	if name == "" {
		return nil
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

func chosen(shapes []Shape, only string) (list []Shape) {
	for _, s := range shapes {
		if slices.ContainsFunc(strings.Split(only, ","), func(word string) bool {
			return strings.Contains(s.Name, word) || s.Kind == word
		}) {
			list = append(list, s)
		}
	}
	return list
}

// inProcess measures a shape in a process of its own.
func inProcess(s Shape, rounds int) (r Result, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	c := exec.Command(self, "-child", s.Name, "-rounds", strconv.Itoa(rounds))
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return r, fmt.Errorf("%s: %w", s.Name, err)
	}
	return r, json.Unmarshal(out, &r)
}

// writeTable writes a row for each shape, the dearest first.
func writeTable(w io.Writer, all []Result) {
	slices.SortFunc(all, func(a, b Result) int { return cmp.Compare(b.worst(), a.worst()) })
	fmt.Fprint(w, "| structure | kind | objects | GC cycle, ns/object | `Heap` ÷ GC | `Of` ÷ GC | "+
		"`Scan` ÷ GC |\n|:---|:---|---:|---:|---:|---:|---:|\n")
	for _, r := range all {
		fmt.Fprintf(w, "| %s | %s | %d | %.1f | %.2f | %.2f | %.2f |\n", r.Name, r.Kind, r.Objects,
			r.Collection*1e9/float64(max(r.Objects, 1)), r.Heap, r.Of, r.Scan)
	}
}

// writeSharing writes what a walk takes of each shape in which memory is shared, and of its twin in which
// nothing is.
func writeSharing(w io.Writer, all []Result) {
	began := false
	for _, r := range all {
		i := slices.IndexFunc(all, func(twin Result) bool { return twin.Name == r.Name+copied })
		if i < 0 {
			continue
		}
		if !began {
			fmt.Fprint(w, "\n| shared | `Of`, ms | copied, ms | shared ÷ copied |\n|:---|---:|---:|---:|\n")
			began = true
		}
		shared, twin := 1e3*r.Of*r.Collection, 1e3*all[i].Of*all[i].Collection
		fmt.Fprintf(w, "| %s | %.1f | %.1f | %.2f |\n", r.Name, shared, twin, shared/twin)
	}
}

// reached tells whether a walk under core got to the data: behind an unsafe.Pointer it sees none, so
// that its time says nothing.
func (r Result) reached() bool { return 10*r.OfSays >= r.Bytes }

// worst is the dearest walk of a shape, in collections.
func (r Result) worst() float64 { return max(r.Heap, r.Of, r.Scan) }

// inShort is the geometric mean of ratios, the largest, and the per cent of them that are over 1.
func inShort(ratios []float64) (mean, worst, over float64) {
	for _, x := range ratios {
		mean += math.Log(x)
		if x > 1 {
			over += 100
		}
	}
	n := float64(len(ratios))
	return math.Exp(mean / n), slices.Max(ratios), over / n
}

// writeSummary writes the geometric mean, the worst and the share over one collection, for each kind of
// shape and for all. Under core it leaves out structures whose data lies behind an unsafe.Pointer.
func writeSummary(w io.Writer, all []Result) {
	fmt.Fprint(w, "| structures | walk | geometric mean | worst | over 1.0 |\n|:---|:---|---:|---:|---:|\n")
	kinds := []string{""}
	for _, r := range all {
		if !slices.Contains(kinds, r.Kind) {
			kinds = append(kinds, r.Kind)
		}
	}
	for _, kind := range kinds {
		rows := slices.DeleteFunc(slices.Clone(all), func(r Result) bool { return kind != "" && r.Kind != kind })
		name := fmt.Sprintf("%d of kind %s", len(rows), kind)
		if kind == "" {
			name = fmt.Sprintf("all %d", len(rows))
		}
		for _, walk := range []struct {
			name  string
			ratio func(Result) float64
		}{
			{"Heap", func(r Result) float64 { return r.Heap }},
			{"Of", func(r Result) float64 { return r.Of }},
			{"Scan", func(r Result) float64 { return r.Scan }},
		} {
			var ratios []float64
			for _, r := range rows {
				if walk.name == "Heap" || r.reached() {
					ratios = append(ratios, walk.ratio(r))
				}
			}
			if len(ratios) > 0 {
				mean, worst, over := inShort(ratios)
				fmt.Fprintf(w, "| %s | `%s` | %.2f | %.2f | %.0f %% |\n", name, walk.name, mean, worst, over)
			}
		}
	}
}
