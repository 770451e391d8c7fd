// Command bench compares memsize with the garbage collector, which must visit the same objects, and
// with other walks: one process for each graph, with only that graph alive, on one processor, the
// contenders in turn, by the processor's time that they use.
//
//	go run .                      every graph and contender: the tables of docs/speed.md
//	go run . -quick               smaller graphs, three runs
//	go run . -list                the graphs and the contenders
//	go run . -workload 'tree seq' -contenders gc,core,go -runs 6    a look at one
//	go run . -workload JSON -contenders go -profile go.pprof        and where its time goes
//
// Other sizers are compared for their figures in the folder accuracy, encoding/gob in the folder
// gob.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/bitcoin-mem/memsize/bench/internal/page"
)

// settings are what the command line asks for.
type settings struct {
	workloads  string
	contenders string
	n, runs    int
	quick      bool
	out        string
	in         string
	markdown   bool
	listing    bool
	growth     string
	profile    string
	reasons    bool
	child      bool
	deep       bool
}

func main() {
	var s settings
	flag.StringVar(&s.workloads, "workload", "",
		"only graphs with one of these in their names (a,b)")
	flag.StringVar(&s.contenders, "contenders", "",
		"only these, by name (a,b); gc gives the ratios")
	flag.IntVar(&s.n, "n", 0, "objects in each graph, instead of as many as it has in the table")
	flag.IntVar(&s.runs, "runs", 0,
		"measured runs of each contender, 10 if not given; an interval needs 6")
	flag.BoolVar(&s.quick, "quick", false, "small graphs, which the caches may hold, and 3 runs")
	flag.BoolVar(&s.listing, "list", false, "list the graphs and the contenders")
	flag.StringVar(&s.out, "out", "", "also write all measurements to this file, for benchstat")
	flag.StringVar(&s.in, "in", "", "show what these files hold (a,b) instead of measuring")
	flag.StringVar(&s.profile, "profile", "", "also profile the processor's time into this file")
	flag.BoolVar(&s.markdown, "markdown", false,
		"put the tables into the Markdown files named after the options")
	flag.StringVar(&s.growth, "growth", "",
		"measure graphs of 1,000 to n objects, and plot to this file, .svg or .png")
	flag.BoolVar(&s.reasons, "reasons", false,
		"profile go and core: the functions in which the time goes")
	flag.BoolVar(&s.child, "child", false, "measure one workload in this process")
	flag.BoolVar(&s.deep, "deep", false, "for -child: with a stack as large as Go allows")
	flag.Parse()
	if err := run(os.Stdout, s, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, s settings, files []string) error {
	if s.runs == 0 {
		s.runs = 10
		if s.quick {
			s.runs = 3
		}
	}
	if s.markdown && len(files) == 0 {
		return errors.New("-markdown needs the files to write to, after all options")
	}
	chosen := choose(s.workloads)
	if len(chosen) == 0 {
		return fmt.Errorf("no graph has %q in its name: -list lists them", s.workloads)
	}
	picked, err := pick(s.contenders)
	if err != nil {
		return err
	}
	switch {
	case s.listing:
		return listAll(out)
	case s.child:
		return child(out, s, picked)
	case s.reasons:
		return explain(out, s, chosen, files)
	}
	r := newResults()
	r.growth = s.growth != ""
	err = r.collect(out, s, chosen, picked)
	switch {
	case r.growth && err == nil:
		return r.plot(s.growth)
	case len(r.of) > 0 && !r.growth && (len(chosen) > 1 || s.in != ""):
		fmt.Fprintf(out, "%s\n\n%s", r.machine(), r.text())
	}
	if s.markdown && err == nil {
		return r.put(files)
	}
	return err
}

// explain shows where the time goes.
func explain(out io.Writer, s settings, chosen []workload, files []string) error {
	text, err := reasons(os.Stderr, s, chosen)
	if err != nil {
		return err
	}
	if !s.markdown {
		_, err = io.WriteString(out, text)
	}
	for _, file := range files {
		err = errors.Join(err, page.Put(file, beginReasons, endReasons, text))
	}
	return err
}

// collect measures, or reads what was measured before.
func (r *results) collect(out io.Writer, s settings, chosen []workload, picked []contender) error {
	if s.in != "" {
		return r.readFiles(strings.Split(s.in, ","))
	}
	raw := io.Discard
	if s.out != "" {
		file, err := os.Create(s.out)
		if err != nil {
			return err
		}
		defer file.Close()
		raw = file
	}
	if r.growth {
		return r.measureGrowth(out, s, raw)
	}
	return r.measureAll(out, raw, s, chosen, picked)
}

func listAll(out io.Writer) error {
	graphs := grid("graph", "objects")
	for _, w := range workloads {
		graphs.AppendRow(table.Row{w.name, count(float64(w.n))})
	}
	who := grid("contender", "")
	who.SetColumnConfigs(nil) // all to the left
	for _, c := range contenders {
		who.AppendRow(table.Row{c.name, c.about})
	}
	_, err := fmt.Fprintf(out, "%s\n\n%s\n", graphs.Render(), who.Render())
	return err
}
