package account

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/scratch"
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
	references
	ctx     context.Context
	paths   []string
	claimed []bool
	found   map[finding]*report.Saving
	types   map[reflect.Type]*structUse
	sizes   requestSizes
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
	var memory scratch.Memory
	defer memory.Free()
	refs, err := newReferences(ctx, nodes, g, &memory)
	if err != nil {
		return nil, err
	}
	w := &waste{references: refs, ctx: ctx, claimed: scratch.Slice[bool](&memory, int(g.Len())),
		found: map[finding]*report.Saving{}, types: map[reflect.Type]*structUse{}}
	w.name()
	for _, look := range []func(){w.equal, w.blocks, w.boxes, w.maps, w.structs} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		look()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
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

// claim claims a block for a kind of waste: so many bytes are saved at the place of a reference.
func (w *waste) claim(kind wasteKind, v, r uint32, bytes uint64, advice string) {
	w.claimed[v] = true
	w.add(kind, w.paths[w.node(r).ID], typeName(w.node(r)), 1, bytes, advice)
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
		if v%checkEvery == 0 && w.ctx.Err() != nil {
			return
		}
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
func (w *waste) single(v, r uint32) {
	h, elemSize := w.header(r), w.elemSize(r)
	if h.length < 0 || h.length > h.limit {
		return
	}
	base, has, pointers, size := w.bases[v], w.graph.Size(v), w.pointers[v], uintptr(h.length)*elemSize
	if h.data == base && w.sizes.fits(size, has, pointers) {
		return
	}
	need := uint64(block.Round(size, pointers))
	if size > 0 && size < 16 && !pointers {
		need = 16 // a tiny block, which it may share
	}
	whole := h.data == base || h.data == base+8 && pointers
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
func (w *waste) parts(v uint32, refs []uint32) {
	has := w.graph.Size(v)
	if w.pointers[v] || has < 64 || len(refs) > 64 {
		return
	}
	var need uint64
	for _, r := range refs {
		h := w.header(r)
		size := uintptr(h.length) * w.elemSize(r)
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
