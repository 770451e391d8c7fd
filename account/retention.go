package account

import (
	"cmp"
	"context"
	"slices"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/walker"
)

// Retention has what the places, types and roots of a walk retain.
type Retention struct {
	*Dominators
	nodes  []*walker.Node
	paths  []string          // by group of places
	byPath map[string]uint32 // the group of what is shown at a path
	places Grouping
	held   []Retained // by group of places
}

// markedPlaces is how many of the largest places get an exact figure, beside the fields of the roots;
// markedMost how many in all.
const (
	markedPlaces = 32
	markedMost   = 96
)

// Retain works out what is retained in a report of a walk by path, whose graph was finished, and
// writes it there. roots are the names of the graph's roots in order. It returns the context's error
// when that is done.
func Retain(ctx context.Context, r *report.Report, nodes []*walker.Node, g *walker.Graph,
	roots []string) (*Retention, error) {
	d, err := NewDominators(ctx, g)
	if err != nil {
		return nil, err
	}
	k := &Retention{Dominators: d, nodes: nodes, byPath: map[string]uint32{}}
	k.group()
	if k.held, err = d.Groups(ctx, &k.places, len(k.paths)-1); err != nil {
		return nil, err
	}
	k.write(r, roots)
	r.Dominators = k.tree()
	if err := k.mark(ctx, r); err != nil {
		return nil, err
	}
	if err := k.sharers(ctx, r); err != nil {
		return nil, err
	}
	return k, k.types(ctx, r)
}

// untypedStep is the step to what no type describes.
const untypedStep = ".(untyped)"

// group makes a group of the references at each node, and one of those without a type that it leads to.
// A closure or the like is met as what no type describes.
func (k *Retention) group() {
	n := len(k.nodes)
	k.places, k.paths = NewGrouping(n), make([]string, 2*n+1)
	for i, node := range k.nodes {
		typed, untyped := uint32(i)+1, uint32(n+i)+1
		path := node.Step
		if node.Parent != nil {
			path = k.paths[node.Parent.ID+1] + path
		}
		k.paths[typed], k.paths[untyped] = path, path+untypedStep
		k.places.Typed[i], k.places.Untyped[i] = typed, untyped
		if node.Unfollowed() {
			k.places.Typed[i] = untyped
		}
		k.byPath[path], k.byPath[path+untypedStep] = typed, untyped
	}
}

// write writes what each place retains.
func (k *Retention) write(r *report.Report, roots []string) {
	vertex := map[string]uint32{}
	for i, name := range roots {
		vertex[name] = uint32(i) + 1
	}
	for n := range r.Nodes() {
		group := k.byPath[n.Path]
		if k.held[group].References == 0 || group == 0 { // a value that no reference leads to
			n.Retained, n.RetainedExact = k.Dominators.Retained(vertex[n.Path]), vertex[n.Path] != 0
			continue
		}
		n.Retained, n.RetainedExact = k.held[group].Bytes, k.held[group].Exact
	}
}

// mark finds the exact figure for the fields of the roots and the largest places.
func (k *Retention) mark(ctx context.Context, r *report.Report) error {
	for _, n := range k.toMark(r) {
		bytes, err := k.Without(ctx, &k.places, k.byPath[n.Path])
		if err != nil {
			return err
		}
		n.Retained, n.RetainedExact = bytes, true
	}
	return nil
}

// toMark are the places of which only a bound is known, the fields of roots first.
func (k *Retention) toMark(r *report.Report) (list []*report.Node) {
	fields := map[*report.Node]bool{}
	for n := range r.Nodes() {
		if n == r.Tree || k.isRoot(n) {
			for _, c := range n.Children {
				fields[c] = true
			}
		}
	}
	for _, n := range append(sortedFields(fields), r.Top(markedPlaces, report.ByTotal)...) {
		if !n.RetainedExact && n.Count > 0 && len(list) < markedMost && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// sortedFields are nodes, the largest first.
func sortedFields(fields map[*report.Node]bool) (list []*report.Node) {
	for n := range fields {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b *report.Node) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Path, b.Path))
	})
	return list
}

// isRoot tells whether a node of the tree is a root.
func (k *Retention) isRoot(n *report.Node) bool {
	for group := k.byPath[n.Path]; group > 0 && int(group) <= len(k.nodes); {
		node := k.nodes[group-1]
		for node.Parent != nil && node.Step == "" {
			node = node.Parent
		}
		return node.Parent == nil
	}
	return false
}

// types writes what each type retains.
func (k *Retention) types(ctx context.Context, r *report.Report) error {
	number := map[string]uint32{}
	for i, t := range r.Types {
		number[t.Type] = uint32(i) + 1
	}
	groups := NewGrouping(len(k.nodes))
	groups.Folded = true
	for i, n := range k.nodes {
		groups.Typed[i], groups.Untyped[i] = number[typeName(n)], number[untypedType]
		if n.Unfollowed() {
			groups.Typed[i] = number[untypedType]
		}
	}
	held, err := k.Groups(ctx, &groups, len(r.Types))
	if err != nil {
		return err
	}
	for i := range r.Types {
		t, h := &r.Types[i], held[i+1]
		t.Retained, t.RetainedExact = h.Bytes, h.Exact
	}
	return nil
}

// untypedType names what no type describes.
const untypedType = "(untyped)"

// sharedPlaces is how many places are told by whom they are shared, sharersMost by how many of these.
const (
	sharedPlaces = 32
	sharersMost  = 5
)

// sharers tells of the largest places that retain less than half of what they hold by what other
// places that is held as well.
func (k *Retention) sharers(ctx context.Context, r *report.Report) error {
	var list []*report.Node
	bits := make([]uint32, len(k.paths)) // by group: the bit of a place
	for _, n := range r.Top(2*sharedPlaces, report.ByTotal) {
		group := k.byPath[n.Path]
		if n.Count == 0 || n.Retained >= n.Total/2 || len(list) == sharedPlaces || bits[group] != 0 {
			continue
		}
		bits[group] = 1 << len(list)
		list = append(list, n)
	}
	if len(list) == 0 {
		return nil
	}
	targets := make([]uint32, k.graph.Len())
	err := k.eachReference(ctx, func(e walker.Edge, group uint32) { targets[e.To] |= bits[group] })
	if err != nil {
		return err
	}
	counts := make([]map[uint32]uint64, len(list))
	for i := range counts {
		counts[i] = map[uint32]uint64{}
	}
	err = k.eachReference(ctx, func(e walker.Edge, group uint32) {
		for i := range list {
			if targets[e.To]>>i&1 != 0 && bits[group]>>i&1 == 0 {
				counts[i][group]++
			}
		}
	})
	for i, n := range list {
		n.SharedBy = k.named(counts[i])
	}
	return err
}

// eachReference calls f with every reference that can go, and its group.
func (k *Retention) eachReference(ctx context.Context, f func(e walker.Edge, group uint32)) error {
	for v := range k.graph.Len() {
		if v%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !k.reached(v) {
			continue
		}
		for _, e := range k.graph.Edges(v) {
			if group := k.places.of(e); group != 0 {
				f(e, group)
			}
		}
	}
	return nil
}

// named are the groups with the most references, by path.
func (k *Retention) named(counts map[uint32]uint64) (list []report.Sharer) {
	for group, n := range counts {
		list = append(list, report.Sharer{Path: k.paths[group], References: n})
	}
	slices.SortFunc(list, func(a, b report.Sharer) int {
		return cmp.Or(cmp.Compare(b.References, a.References), cmp.Compare(a.Path, b.Path))
	})
	return list[:min(len(list), sharersMost)]
}
