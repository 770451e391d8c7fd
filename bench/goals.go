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

// goal is something asked of memsize, and what was measured.
type goal struct {
	graph, what     string
	measured, limit float64
	atLeast         bool // what is measured is to be at least the limit, not at most
	seconds         bool
}

func (g goal) met() bool {
	if g.atLeast {
		return g.measured >= g.limit
	}
	return g.measured <= g.limit
}

// texts are the limit and what was measured, for people.
func (g goal) texts() (limit, measured string) {
	bound := "≤ "
	if g.atLeast {
		bound = "≥ "
	}
	if g.seconds {
		return bound + duration(g.limit), duration(g.measured)
	}
	return bound + figure(g.limit), figure(g.measured)
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
	ratio := func(by, to string, limit float64, what string) {
		if m, ok := r.compare(w.name, by, to); ok {
			goals = append(goals, goal{graph: w.name, what: what, measured: m.Center, limit: limit})
		}
	}
	if w.floor > 0 {
		ratio("go", collector, w.floor, "go ÷ GC cycle")
		ratio("core", collector, w.floor*coreOver, "core ÷ GC cycle")
	}
	for _, model := range []string{"core", "go"} {
		ratio(model+"-type", model, typeOver, model+" by type ÷ "+model)
		ratio(model+"-path", model, pathOver, model+" by path ÷ "+model)
		cold := model + "-cold"
		if m, ok := r.get(w.name, cold, allocated); ok {
			limit := memoryPart*r.number(w.name, cold, heapBytes) + memoryBytes
			n := r.number(w.name, cold, objects)
			goals = append(goals, goal{graph: w.name, what: model + ", extra bytes per object",
				measured: m.Center / n, limit: limit / n})
		}
	}
	ratio("core+core-32", "core-path", modelOver, "two models ÷ one")
	if m, ok := r.compare(w.name, "size", "go"); ok && w.peer > 0 {
		goals = append(goals, goal{graph: w.name, what: "size.Of ÷ go", measured: m.Center,
			limit: w.peer, atLeast: true})
	}
	return goals
}

func (r *results) valueGoals(w workload) (goals []goal) {
	for _, by := range []string{"core", "go"} {
		if m, ok := r.get(w.name, by, perWalk); ok {
			goals = append(goals, goal{graph: w.name, what: by + ", CPU per call",
				measured: m.Center, limit: w.limit.Seconds(), seconds: true})
		}
		if m, ok := r.get(w.name, by, allocs); ok {
			goals = append(goals, goal{graph: w.name, what: by + ", allocations per call",
				measured: math.Floor(m.Center)}) // as testing.B counts
		}
	}
	return goals
}

// missed is a table of the goals that were missed, and how many were met.
func (r *results) missed() string {
	t := grid("missed", "", "asked", "measured")
	t.SetColumnConfigs(nil)
	met, all := 0, 0
	for _, g := range r.goals() {
		if all++; g.met() {
			met++
			continue
		}
		limit, measured := g.texts()
		t.AppendRow([]any{g.graph, g.what, limit, measured})
	}
	summary := fmt.Sprintf("%d of %d goals are met.\n", met, all)
	if met == all {
		return summary
	}
	return t.Render() + "\n\n" + summary
}
