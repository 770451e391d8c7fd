package report

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/show"
)

// Detail says how long the lists of a report may be.
type Detail uint8

// The details of a report. DetailMax leaves nothing out. DetailDefault keeps what a person may look at.
// With DetailMinimal the JSON stays under MinimalJSON bytes, for scripts.
const (
	DetailDefault Detail = iota
	DetailMinimal
	DetailMax
)

// MinimalJSON is how many bytes the JSON of a report has at most with DetailMinimal.
const MinimalJSON = 8 << 10

var detailNames = [...]string{"default", "minimal", "max"}

func (d Detail) String() string { return detailNames[d] }

// ParseDetail is the detail of a name: minimal, default or max. The error lists them.
func ParseDetail(name string) (Detail, error) {
	if i := slices.Index(detailNames[:], name); i >= 0 {
		return Detail(i), nil
	}
	return 0, fmt.Errorf("detail %q: choose minimal, default or max", name)
}

// lengths are how long each list may be; nodes are those of the tree.
type lengths struct{ nodes, types, biggest, waste, roots, others, text int }

var detailLengths = [...]lengths{
	DetailDefault: {nodes: 2000, types: 500, biggest: 20, waste: 100, roots: 500, others: 100, text: 1 << 10},
	DetailMinimal: {nodes: 12, types: 8, biggest: 3, waste: 5, roots: 8, others: 3, text: 120},
}

// WithDetail is the report with lists that are no longer than a detail allows: the largest of each are
// kept, and of the tree the nodes with the largest totals. Totals are those of everything. The report
// itself is unchanged, and returned with DetailMax.
func (r *Report) WithDetail(d Detail) *Report {
	if d == DetailMax {
		return r
	}
	for n := detailLengths[d]; ; n = n.half() {
		cut := r.cut(n)
		cut.Detail = d.String()
		if d != DetailMinimal || n.nodes <= 1 {
			return cut
		}
		if text, err := json.MarshalIndent(cut, "", "  "); err != nil || len(text) < MinimalJSON {
			return cut
		}
	}
}

func (n lengths) half() lengths {
	return lengths{max(n.nodes/2, 1), n.types / 2, n.biggest / 2, n.waste / 2, n.roots / 2, n.others / 2,
		max(n.text/2, 20)}
}

// cut is the report with lists of so many elements at most.
func (r *Report) cut(n lengths) *Report {
	c := *r
	c.Types = slices.Clone(firstOf(r.Types, n.types))
	for i := range c.Types {
		c.Types[i].Type = shorten(c.Types[i].Type, n.text)
	}
	c.Unaccounted = slices.Clone(firstOf(r.Unaccounted, n.others))
	for i := range c.Unaccounted {
		u := &c.Unaccounted[i]
		u.Path, u.Type = shorten(u.Path, n.text), shorten(u.Type, n.text)
	}
	c.Waste = slices.Clone(firstOf(r.Waste, n.waste))
	for i := range c.Waste {
		w := &c.Waste[i]
		w.Path, w.Type, w.Advice = shorten(w.Path, n.text), shorten(w.Type, n.text), shorten(w.Advice, n.text)
	}
	c.Roots = slices.Clone(largestRoots(r.Roots, n.roots))
	for i := range c.Roots {
		c.Roots[i].Name = shorten(c.Roots[i].Name, n.text)
	}
	c.Models = firstOf(r.Models, max(n.types, 1))
	c.Assumptions, c.Unbounded = firstOf(r.Assumptions, n.others), firstOf(r.Unbounded, n.others)
	c.Tree = r.cutTree(n)
	if d := firstOf(r.Dominators, n.nodes); len(d) > 0 {
		c.Dominators = slices.Clone(d)
		for i := range c.Dominators {
			c.Dominators[i].Path = shorten(c.Dominators[i].Path, n.text)
		}
	}
	return &c
}

// firstOf are the first n of a list.
func firstOf[T any](list []T, n int) []T { return list[:min(len(list), n)] }

// shorten is a text of at most n characters.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return show.Abbreviate(s, n)
}

// largestRoots are the n roots that hold most, in their order.
func largestRoots(roots []RootFigures, n int) []RootFigures {
	if n == 0 {
		return nil
	}
	if len(roots) <= n {
		return roots
	}
	sizes := make([]uint64, len(roots))
	for i, r := range roots {
		sizes[i] = r.Total
	}
	slices.Sort(sizes)
	var kept []RootFigures
	for _, r := range roots {
		if len(kept) < n && r.Total >= sizes[len(sizes)-n] {
			kept = append(kept, r)
		}
	}
	return kept
}

// cutTree is the tree with the n nodes of the largest totals: with a node come all those above it.
func (r *Report) cutTree(n lengths) *Node {
	if r.Tree == nil {
		return nil
	}
	kept := map[*Node]*Node{}
	for _, node := range r.Top(n.nodes, ByTotal) {
		kept[node] = nil
	}
	kept[r.Tree] = nil
	for node := range r.Nodes() {
		if _, ok := kept[node]; !ok {
			continue
		}
		c := kept[node]
		if c == nil {
			c = new(Node)
		}
		*c = *node
		c.Path, c.Step = shorten(node.Path, n.text), shorten(node.Step, n.text)
		c.Type, c.Children = shorten(node.Type, n.text), nil
		c.Biggest = slices.Clone(firstOf(node.Biggest, n.biggest))
		for i := range c.Biggest {
			e := &c.Biggest[i]
			e.Key, e.Path = shorten(e.Key, n.text), shorten(e.Path, n.text)
		}
		c.SharedBy = slices.Clone(firstOf(node.SharedBy, n.biggest))
		for i := range c.SharedBy {
			c.SharedBy[i].Path = shorten(c.SharedBy[i].Path, n.text)
		}
		kept[node] = c
		for _, child := range node.Children {
			if _, ok := kept[child]; ok {
				kept[child] = new(Node)
				c.Children = append(c.Children, kept[child])
			}
		}
	}
	return kept[r.Tree]
}
