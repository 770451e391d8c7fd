package account

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/walker"
)

// wasteKind is a way in which memory is wasted. The kinds are looked for in this order: a block that one
// has claimed is of no interest to those after it, so that no byte is claimed twice, and the savings may
// be made in any order.
type wasteKind uint8

const (
	equalStrings wasteKind = iota
	equalBytes
	pinnedPart
	spareRoom
	boxedValues
	fewInMap
	oneInSlice
	fieldOrder
)

var wasteNames = [...]string{"equal strings", "equal bytes", "pinned by a part", "spare capacity",
	"boxed values", "map of at most one", "slices of at most one", "order of fields"}

// waste looks for savings in the graph of a walk.
type waste struct {
	ctx     context.Context
	graph   *walker.Graph
	nodes   []*walker.Node
	paths   []string
	first   []uint32 // of the references to each vertex: see refs
	list    []reference
	claimed []bool
	found   map[finding]*report.Saving
	types   map[reflect.Type]*structUse
}

// reference is one reference to a block.
type reference struct {
	node uint32 // with its flags
	slot uintptr
	from uint32
}

// finding is what savings are summed up by.
type finding struct {
	kind wasteKind
	path string
	typ  string
}

// Waste is what could be saved in the values of a walk by path, whose graph was recorded with Slots and
// finished, the largest saving first. It returns the context's error when that is done.
func Waste(ctx context.Context, nodes []*walker.Node, g *walker.Graph) ([]report.Saving, error) {
	w := &waste{ctx: ctx, graph: g, nodes: nodes, claimed: make([]bool, g.Len()),
		found: map[finding]*report.Saving{}, types: map[reflect.Type]*structUse{}}
	w.name()
	w.collect()
	for _, look := range []func(){w.equal, w.blocks, w.boxes, w.maps, w.structs} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		look()
	}
	list := []report.Saving{}
	for _, s := range w.found {
		if s.Bytes > 0 {
			list = append(list, *s)
		}
	}
	slices.SortFunc(list, func(a, b report.Saving) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind))
	})
	return list, nil
}

// name finds the path of each node.
func (w *waste) name() {
	w.paths = make([]string, len(w.nodes))
	for i, n := range w.nodes {
		w.paths[i] = n.Step
		if n.Parent != nil {
			w.paths[i] = w.paths[n.Parent.ID] + n.Step
		}
	}
}

// collect gathers the references to each vertex, but for those to a container's own.
func (w *waste) collect() {
	n := w.graph.Len()
	w.first = make([]uint32, n+2)
	w.each(func(_ uint32, _ int, e walker.Edge) { w.first[e.To+2]++ })
	for i := 1; i < len(w.first); i++ {
		w.first[i] += w.first[i-1]
	}
	w.list = make([]reference, w.first[len(w.first)-1])
	w.each(func(from uint32, i int, e walker.Edge) {
		w.list[w.first[e.To+1]] = reference{e.Node, w.graph.Slot(from, i), from}
		w.first[e.To+1]++
	})
}

// each calls f with each reference of the program's.
func (w *waste) each(f func(from uint32, i int, e walker.Edge)) {
	for v := range w.graph.Len() {
		for i, e := range w.graph.Edges(v) {
			if e.Node&walker.Internal == 0 {
				f(v, i, e)
			}
		}
	}
}

// refs are the references to a vertex.
func (w *waste) refs(v uint32) []reference { return w.list[w.first[v]:w.first[v+1]] }

// node is the place of a reference.
func (w *waste) node(r reference) *walker.Node { return w.nodes[r.node&walker.IDs] }

// typed tells whether the type of each of some references is known, and is of one kind.
func (w *waste) typed(refs []reference, kinds ...reflect.Kind) bool {
	for _, r := range refs {
		n := w.node(r)
		if r.node&walker.Untyped != 0 || n.Boxed || n.Unfollowed() || !slices.Contains(kinds, n.Type.Kind()) {
			return false
		}
	}
	return len(refs) > 0
}

// header is what a reference of a string or slice says.
func (w *waste) header(r reference) text {
	if w.node(r).Type.Kind() == reflect.String {
		return stringAt(r.slot)
	}
	return sliceAt(r.slot)
}

// elem is the type of the elements of a string or slice.
func elem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.String {
		return reflect.TypeFor[byte]()
	}
	return t.Elem()
}

// claim claims a block for a kind of waste: so many bytes are saved at the place of a reference.
func (w *waste) claim(kind wasteKind, v uint32, r reference, bytes uint64, advice string) {
	w.claimed[v] = true
	w.add(kind, w.paths[r.node&walker.IDs], typeName(w.node(r)), 1, bytes, advice)
}

func (w *waste) add(kind wasteKind, path, typ string, count, bytes uint64, advice string) {
	key := finding{kind, path, typ}
	s := w.found[key]
	if s == nil {
		s = &report.Saving{Kind: wasteNames[kind], Path: path, Type: typ, Advice: advice}
		w.found[key] = s
	}
	s.Count += count
	s.Bytes += bytes
}

// blocks looks for spare capacity, and for parts that keep a whole block alive.
func (w *waste) blocks() {
	for v := range w.graph.Len() {
		refs := w.refs(v)
		if w.claimed[v] || !w.typed(refs, reflect.String, reflect.Slice) {
			continue
		}
		if len(refs) == 1 {
			w.single(v, refs[0])
		} else {
			w.parts(v, refs)
		}
	}
}

// single looks at a block that one string or slice leads to.
func (w *waste) single(v uint32, r reference) {
	base, has, h, t := w.graph.Base(v), w.graph.Size(v), w.header(r), elem(w.node(r).Type)
	known, ok := block.Of(pointerTo(h.data))
	if !ok || h.length < 0 || h.length > h.limit {
		return
	}
	size := uintptr(h.length) * t.Size()
	need := uint64(block.Round(size, known.Pointers))
	if size > 0 && size < 16 && !known.Pointers {
		need = 16 // a tiny block, which it may share
	}
	whole := h.data == base || h.data == base+8 && known.Pointers
	switch saved := has - min(need, has); {
	case saved == 0 || w.leadsOn(v, h.data, h.data+size):
	case !whole || w.node(r).Type.Kind() == reflect.String:
		clone := "strings.Clone"
		if w.node(r).Type.Kind() == reflect.Slice {
			clone = "slices.Clone"
		}
		w.claim(pinnedPart, v, r, saved, clone+" what is kept: a part keeps the whole block alive")
	case h.length == 0:
		w.claim(spareRoom, v, r, saved, "set empty slices to nil")
	default:
		w.claim(spareRoom, v, r, saved, "slices.Clone when it is complete, or make it with the length that "+
			"it will have")
	}
}

// leadsOn tells whether references lie in a block outside a part of it: what these hold would go too.
func (w *waste) leadsOn(v uint32, lo, hi uintptr) bool {
	for i, e := range w.graph.Edges(v) {
		at := w.graph.Slot(v, i)
		if w.graph.IsEntry(e.To) {
			continue
		}
		if at < lo || at >= hi {
			return true
		}
	}
	return false
}

// parts looks at a block without pointers of which several strings or slices hold parts: copies of them
// may take less.
func (w *waste) parts(v uint32, refs []reference) {
	base, has := w.graph.Base(v), w.graph.Size(v)
	known, ok := block.Of(pointerTo(base))
	if !ok || known.Pointers || has < 64 || len(refs) > 64 {
		return
	}
	var need uint64
	for _, r := range refs {
		h := w.header(r)
		size := uintptr(h.length) * elem(w.node(r).Type).Size()
		if w.node(r).Type.Kind() == reflect.Slice || size < 16 {
			return // slices may be meant to share; what tiny copies take is not known
		}
		need += uint64(block.Round(size, false))
	}
	if need < has {
		w.claim(pinnedPart, v, refs[0], has-need, "strings.Clone what is kept: parts keep the "+
			"whole block alive")
	}
}
