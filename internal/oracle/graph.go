package oracle

import (
	"reflect"

	"github.com/bitcoin-mem/memsize/rules"
)

// identity tells containers apart while the graph is built: what is followed once must not be
// followed again. Extents, not identities, decide what is charged.
type identity struct {
	address  uintptr
	elem     reflect.Type
	binding  rules.Binding
	len, cap int
}

// node is one container.
type node struct {
	kind    reflect.Kind // Interface for a box
	typ     string       // the Go type; of a box, the pointer to what is in it
	binding rules.Binding
	lo, hi  uintptr // the extent; empty where the content lies inside the container
	live    uintptr // where the elements in use end
	// elem is the Go type of the elements in the extent; nil for maps and channels.
	elem     reflect.Type
	len, cap int
	price    rules.Parts // of this container alone, as if nothing overlapped it

	content func() // finds what the elements refer to
	edges   []*node
	leaves  []leaf
	slots   []reflect.Value // all that was looked at inside, structs and arrays too
}

// leaf is a charge that belongs to a slot, because nothing in Go's memory stands for it.
type leaf struct {
	slot uintptr
	offer
}

// Graph is all that a value refers to.
type Graph struct {
	model   *rules.Model
	options Options
	shallow bool

	root  *node // not a container: stands for the value itself
	nodes []*node
	known map[identity]*node
	stack []*node
	maps  map[uintptr][]entry
	plain map[reflect.Type]bool
	// unpriced is the slots that hold something without a price.
	unpriced map[uintptr]bool
}

// NewGraph follows v as far as m does.
func NewGraph(v any, m *rules.Model, o Options) *Graph { return newGraph(m, o, false, v) }

// newGraph follows the values themselves alone if shallow is set, else everything below them. A
// value is followed where it lies, in its own box: the graph may lead back there.
func newGraph(m *rules.Model, o Options, shallow bool, values ...any) *Graph {
	g := &Graph{
		model: m, options: o, shallow: shallow,
		root:  &node{},
		known: map[identity]*node{},
		maps:  map[uintptr][]entry{},
		plain: map[reflect.Type]bool{}, unpriced: map[uintptr]bool{},
	}
	for _, v := range values {
		if v != nil {
			g.followRoot(v)
		}
	}
	for len(g.stack) > 0 {
		last := len(g.stack) - 1
		n := g.stack[last]
		g.stack = g.stack[:last]
		n.content()
	}
	return g
}

// followRoot follows what v refers to itself.
func (g *Graph) followRoot(v any) {
	t := reflect.TypeOf(v)
	holder := reflect.New(reflect.TypeFor[any]()).Elem()
	holder.Set(reflect.ValueOf(v))
	g.follow(g.root, stored(holder, t, isDirect(t)), g.model.Bind(rules.TypeOf(t)))
}

// charge adds a price at a slot.
func (n *node) charge(slot uintptr, typ string, p rules.Parts) {
	if p != (rules.Parts{}) {
		n.leaves = append(n.leaves, leaf{slot, offer{p, typ}})
	}
}

// reach adds an edge from one container to another, which content describes, unless the extent is
// empty: then it is charged at its slot, and nothing can lie below it.
func (g *Graph) reach(from *node, slot uintptr, to *node) {
	if to.lo == to.hi {
		from.charge(slot, to.typ, g.price(to))
		return
	}
	id := identity{to.lo, to.elem, to.binding, to.len, to.cap}
	known := g.known[id]
	if known == nil {
		known = to
		known.price = g.price(known)
		if g.isInline(known) {
			known.hi = known.lo
		}
		g.known[id] = known
		g.nodes = append(g.nodes, known)
		if !g.shallow && known.content != nil {
			g.stack = append(g.stack, known)
		}
	}
	from.edges = append(from.edges, known)
}

// isInline tells whether the content lies inside the container (a short string, a prevector that
// has not spilled): then it owns nothing.
func (g *Graph) isInline(n *node) bool {
	reach := g.model.Reach(n.binding)
	elements := n.cap
	if reach.ByLen {
		elements = n.len
	}
	return reach.Inline > 0 && uint64(elements) <= reach.Inline
}

// price asks the rules what one container costs alone.
func (g *Graph) price(n *node) rules.Parts {
	return g.usage(n.binding, uint64(n.len), uint64(n.cap))
}

func (g *Graph) usage(b rules.Binding, length, capacity uint64) rules.Parts {
	return g.model.NewPricer(b).Usage(length, capacity)
}
