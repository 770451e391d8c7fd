package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// A section is a table of the page, with what is to be known to read it.
type section struct {
	title, about string
	needs        string // one of these contenders, which commas part
	table        func(*results) table.Writer
}

var sections = []section{
	{"Beside the garbage collector", aboutCollector, "go,core", (*results).besideCollector},
	{"One value, with a Sizer", aboutValues, "go,core", (*results).values},
	{"Beside other walks", aboutPeers, "size,reflect,reflect2,hand", (*results).besidePeers},
	{"By type, by path, by several models, without the runtime", aboutMore,
		"core-type,go-type,core-path,go-path,core+core-32,portable-core,portable-go",
		(*results).whatMoreCosts},
	{"Memory that a walk takes", aboutMemory, "core-cold,go-cold", (*results).memory},
}

// render writes the sections of which something was measured, in a format that is given a title,
// a text and a table.
func (r *results) render(format string, draw func(table.Writer) string) string {
	var b strings.Builder
	for _, s := range sections {
		if t := s.table(r); t.Length() > 0 && r.measured(s.needs) {
			t.SuppressEmptyColumns()
			fmt.Fprintf(&b, format, s.title, s.about, draw(t))
		}
	}
	return b.String()
}

// measured tells whether one of some contenders was measured on any graph.
func (r *results) measured(names string) bool {
	for _, w := range workloads {
		for _, by := range strings.Split(names, ",") {
			if r.of[nameOf(w.name, by)] != nil {
				return true
			}
		}
	}
	return false
}

const aboutCollector = `ns of CPU per object, and CPU divided by that of a whole GC cycle. *Reach* is
what is asked of *go*; *core* may take 1.5 times as much. *Least* is the ratio of the two least times,
which a busy machine disturbs less. ✗ marks a median that misses what is asked, ✗? one whose interval
reaches it.`

const aboutValues = `CPU of one call, and what *go* and *core* allocate. The goal is theirs, without
allocations.`

const aboutPeers = `ns of CPU per object. † at 10⁶ objects, with a stack of 1 GiB: at Go's default, of
512 MiB, it may die on such a list, and it dies on a longer one. *By hand* knows the type and that
nothing is shared.`

const aboutMore = `CPU divided by that of the plain *core* and *go*. *Paths* are those of Scan, with the
types: the only account that the package offers. *Types* are a walk without paths, put together from
the packages walker and report. *Two models* is Scan under *core* and *core-32*, divided by *core*
alone; *both* is Scan under *core* and *go*, divided by the sum of the two.`

const aboutMemory = `Bytes per object: what the graph takes, what the first walk allocates, what stays
in a pool for the next one. The limit is 4 % of the graph and 64 KiB.`

// each is the workloads that were measured, of graphs or of single values.
func (r *results) each(single bool) []workload {
	var measured []workload
	for _, w := range workloads {
		if w.single() == single && r.told(w.name, objects) > 0 {
			measured = append(measured, w)
		}
	}
	return measured
}

func (r *results) besideCollector() table.Writer {
	t := grid("graph", "objects", "GC cycle", "its mark",
		"go", "÷ GC", "least", "reach", "aim", "core", "÷ GC", "least")
	for _, w := range r.each(false) {
		t.AppendRow(table.Row{w.name, count(r.told(w.name, objects)),
			r.ns(w.name, collector), r.ns(w.name, marking),
			r.ns(w.name, "go"), r.ratio(w.name, "go", collector, w.floor),
			r.least(w.name, "go", collector), goalText(w.floor), goalText(w.aim),
			r.ns(w.name, "core"), r.ratio(w.name, "core", collector, w.floor*coreOver),
			r.least(w.name, "core", collector)})
	}
	return t
}

func (r *results) values() table.Writer {
	t := grid("value", "goal", "go", "core", "allocs", "size.Of", "reflect", "reflect2", "by hand")
	for _, w := range r.each(true) {
		row := table.Row{w.name, "≤ " + duration(w.limit.Seconds())}
		var mallocs []string
		for _, by := range []string{"go", "core"} {
			if m, ok := r.get(w.name, by, perWalk); ok {
				row = append(row, judged(limit{bound: w.limit.Seconds()}, m, duration(m.Center)))
			} else {
				row = append(row, "")
			}
			mallocs = append(mallocs, r.cell(w.name, by, allocs, count))
		}
		row = append(row, strings.Join(mallocs, ", "))
		for _, by := range []string{"size", "reflect", "reflect2", "hand"} {
			row = append(row, r.cell(w.name, by, perWalk, duration))
		}
		t.AppendRow(row)
	}
	return t
}

func (r *results) besidePeers() table.Writer {
	t := grid("graph", "go", "core", "size.Of", "÷ go", "goal", "reflect", "reflect2", "by hand")
	for _, w := range r.each(false) {
		goal := ""
		if w.peer > 0 {
			goal = "≥ " + figure(w.peer)
		}
		faster := ""
		if m, ok := r.compare(w.name, "size", "go"); ok {
			faster = judged(limit{w.peer, true}, m, figure(m.Center))
		}
		t.AppendRow(table.Row{w.name, r.ns(w.name, "go"), r.ns(w.name, "core"),
			r.deep(w, "size"), faster, goal, r.deep(w, "reflect"), r.deep(w, "reflect2"),
			r.ns(w.name, "hand")})
	}
	return t
}

// deep is the CPU per object of who recurses, marked where the graph was shorter for it.
func (r *results) deep(w workload, by string) string {
	text := r.ns(w.name, by)
	if w.chain && text != "" {
		text += " †"
	}
	return text
}

func (r *results) whatMoreCosts() table.Writer {
	t := grid("graph", "core: types", "paths", "two models", "go: types", "paths", "both",
		"portable core", "portable go")
	for _, w := range r.each(false) {
		t.AppendRow(table.Row{w.name,
			r.ratio(w.name, "core-type", "core", typeOver),
			r.ratio(w.name, "core-path", "core", pathOver),
			r.ratio(w.name, "core+core-32", "core-path", modelOver),
			r.ratio(w.name, "go-type", "go", typeOver),
			r.ratio(w.name, "go-path", "go", pathOver),
			r.both(w.name),
			r.ratio(w.name, "portable-core", "core", 0),
			r.ratio(w.name, "portable-go", "go", 0)})
	}
	return t
}

// both is a scan under two models that walk each, divided by two scans.
func (r *results) both(graph string) string {
	both, ok1 := r.get(graph, "core+go", perObject)
	core, ok2 := r.get(graph, "core-path", perObject)
	heap, ok3 := r.get(graph, "go-path", perObject)
	if !ok1 || !ok2 || !ok3 {
		return ""
	}
	return figure(both.Center / (core.Center + heap.Center))
}

func (r *results) memory() table.Writer {
	t := grid("graph", "itself", "limit", "go", "kept", "core", "kept",
		"size.Of", "reflect", "reflect2")
	for _, w := range r.each(false) {
		limit := r.memoryLimit(w.name)
		itself := r.told(w.name, heapBytes) / r.told(w.name, objects)
		row := table.Row{w.name, figure(itself), figure(limit.bound)}
		for _, by := range []string{"go", "core"} {
			taken := ""
			if m, ok := r.perEach(w.name, by+"-cold", allocated); ok {
				taken = judged(limit, m, figure(m.Center))
			}
			row = append(row, taken, r.bytesEach(w.name, by, pooled))
		}
		for _, by := range []string{"size", "reflect", "reflect2"} {
			row = append(row, r.bytesEach(w.name, by, allocated))
		}
		t.AppendRow(row)
	}
	return t
}

// perEach is a figure divided by the number of objects.
func (r *results) perEach(graph, by, unit string) (median, bool) {
	m, ok := r.get(graph, by, unit)
	return m.scaled(1 / max(r.number(graph, by, objects), 1)), ok
}

func (r *results) bytesEach(graph, by, unit string) string {
	m, ok := r.perEach(graph, by, unit)
	if !ok {
		return ""
	}
	return figure(max(m.Center, 0))
}

// ns is the CPU per object in nanoseconds.
func (r *results) ns(graph, by string) string {
	return r.cell(graph, by, perObject, func(x float64) string { return figure(x * 1e9) })
}

// ratio is the CPU of one contender over that of another, marked where it misses a limit other
// than 0.
func (r *results) ratio(graph, by, to string, bound float64) string {
	m, ok := r.compare(graph, by, to)
	if !ok {
		return ""
	}
	text := strings.TrimSpace(figure(m.Center) + " " + m.spread())
	if bound == 0 {
		return text
	}
	return judged(limit{bound: bound}, m, text)
}

// least is the ratio of the least times.
func (r *results) least(graph, by, to string) string {
	m, ok := r.compare(graph, by, to)
	if !ok {
		return ""
	}
	return figure(m.ofLeast)
}

// judged is the text of a measurement, with a mark if that misses a limit.
func judged(l limit, m median, text string) string {
	return strings.TrimSpace(l.judge(m) + " " + text)
}

func goalText(x float64) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", x)
}

// machine says where and how it was measured.
func (r *results) machine() string {
	least, most := math.MaxInt, 0
	for _, runs := range r.runs() {
		least, most = min(least, runs), max(most, runs)
	}
	runs := fmt.Sprintf("%d runs", most)
	if least < most {
		runs = fmt.Sprintf("%d runs, or %d where these did not tell whether a goal is met", least, most)
	}
	return fmt.Sprintf("%s, %s/%s, %s, one processor; medians of %s, with 95 %% intervals",
		r.config["go"], r.config["goos"], r.config["goarch"], r.config["cpu"], runs)
}

// runs is how often each graph was measured: at most, for a contender that takes very long runs less.
func (r *results) runs() map[string]int {
	runs := map[string]int{}
	for name, found := range r.of {
		graph, _, _ := strings.Cut(name, "/by=")
		runs[graph] = max(runs[graph], len(found.values[perWalk]))
	}
	return runs
}

// text is all tables for a terminal.
func (r *results) text() string {
	return r.render("%s\n%s\n\n%s\n\n", table.Writer.Render) + r.missed()
}
