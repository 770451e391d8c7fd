package main

import (
	"fmt"
	"math"
)

// What is asked of memsize, as ratios.
const (
	coreOver  = 1.5 // core may cost more than go's floor by so much
	typeOver  = 1.2 // an account by type, over the total alone
	pathOver  = 1.4 // an account by path, over the total alone
	modelOver = 1.2 // two models of equal reach, over one

	// Memory that a walk may take: a part of the graph's, and some bytes.
	memoryPart, memoryBytes = 0.04, 64 << 10
)

// limit is what is asked of a measurement.
type limit struct {
	bound   float64
	atLeast bool // it is to be as much at least, not at most
}

// Marks of what misses a limit: clearly, or by a median whose interval reaches the limit.
const (
	missed  = "✗"
	unclear = "✗?"
)

// judge is the mark of a measurement; "" for one that is as asked.
func (l limit) judge(m median) string {
	center := m.Center
	nearest, farthest := m.bounds()
	bound := l.bound
	if l.atLeast {
		center, nearest, bound = -center, -farthest, -bound
	}
	switch {
	case center <= bound:
		return ""
	case nearest > bound:
		return missed
	}
	return unclear
}

// undecided tells whether what go takes beside the collector may be both, as asked and not: the limit
// lies in the interval, on whichever side of the median.
func (r *results) undecided(w workload) bool {
	m, ok := r.compare(w.name, "go", collector)
	return ok && !m.alone && !math.IsInf(m.Hi, 0) && m.Lo <= w.floor && w.floor <= m.Hi
}

// goal is something asked of memsize, and what was measured.
type goal struct {
	graph, what string
	measured    median
	limit       limit
	seconds     bool
}

// texts are the limit and what was measured, for people.
func (g goal) texts() (bound, measured string) {
	show, sign := figure, "≤ "
	if g.seconds {
		show = duration
	}
	if g.limit.atLeast {
		sign = "≥ "
	}
	return sign + show(g.limit.bound), show(g.measured.Center)
}

// goals are all that can be told from what was measured.
func (r *results) goals() []goal {
	var goals []goal
	for _, w := range workloads {
		if w.single() {
			goals = append(goals, r.valueGoals(w)...)
		} else {
			goals = append(goals, r.graphGoals(w)...)
		}
	}
	return goals
}

func (r *results) graphGoals(w workload) (goals []goal) {
	ratio := func(by, to string, l limit, what string) {
		if m, ok := r.compare(w.name, by, to); ok && l.bound > 0 {
			goals = append(goals, goal{graph: w.name, what: what, measured: m, limit: l})
		}
	}
	ratio("go", collector, limit{bound: w.floor}, "go ÷ GC cycle")
	ratio("core", collector, limit{bound: w.floor * coreOver}, "core ÷ GC cycle")
	ratio("core+core-32", "core-path", limit{bound: modelOver}, "two models ÷ one")
	ratio("size", "go", limit{w.peer, true}, "size.Of ÷ go")
	for _, model := range []string{"core", "go"} {
		ratio(model+"-type", model, limit{bound: typeOver}, model+" by type ÷ "+model)
		ratio(model+"-path", model, limit{bound: pathOver}, model+" by path ÷ "+model)
		if m, ok := r.perEach(w.name, model+"-cold", allocated); ok {
			goals = append(goals, goal{graph: w.name, what: model + ", extra bytes per object",
				measured: m, limit: r.memoryLimit(w.name)})
		}
	}
	return goals
}

// memoryLimit is the bytes that a walk may take per object.
func (r *results) memoryLimit(graph string) limit {
	bytes := memoryPart*r.told(graph, heapBytes) + memoryBytes
	return limit{bound: bytes / max(r.told(graph, objects), 1)}
}

func (r *results) valueGoals(w workload) (goals []goal) {
	for _, by := range []string{"core", "go"} {
		if m, ok := r.get(w.name, by, perWalk); ok {
			goals = append(goals, goal{graph: w.name, what: by + ", CPU per call",
				measured: m, limit: limit{bound: w.limit.Seconds()}, seconds: true})
		}
		if m, ok := r.get(w.name, by, allocs); ok {
			m.Center = math.Floor(m.Center) // as testing.B counts
			goals = append(goals, goal{graph: w.name, what: by + ", allocations per call", measured: m})
		}
	}
	return goals
}

// missed is a table of the goals that were missed, and how many were met.
func (r *results) missed() string {
	t := grid("missed", "", "asked", "measured", "", "least")
	t.SetColumnConfigs(nil)
	met, all := 0, 0
	for _, g := range r.goals() {
		all++
		mark := g.limit.judge(g.measured)
		if mark == "" {
			met++
			continue
		}
		bound, measured := g.texts()
		least := ""
		if g.measured.ofLeast > 0 {
			least = figure(g.measured.ofLeast)
		}
		t.AppendRow([]any{g.graph, g.what, bound, mark + " " + measured, g.measured.spread(), least})
	}
	summary := fmt.Sprintf("%d of %d goals are met.\n", met, all)
	if met == all {
		return summary
	}
	return t.Render() + "\n\n" + summary
}
