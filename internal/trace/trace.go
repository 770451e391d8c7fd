package trace

import (
	"container/list"
	"reflect"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/walker"
)

// Hop is one edge of a chain: number Edge of those of a vertex.
type Hop struct {
	From, Edge uint32
}

// A Tracer writes chains of the graph of one walk.
type Tracer struct {
	Graph *walker.Graph
	Nodes []*walker.Node
	Roots []walker.Root // in the order of the graph's
	Hide  bool          // keep keys out of expressions
}

// Chain is the chain of hops, the first of which is from vertex 0 to a root.
func (t *Tracer) Chain(hops []Hop) report.Chain {
	chain, _ := t.chain(hops)
	return chain
}

// To is the chain of hops that leads to the block of an address, down to the value of a type that lies
// there.
func (t *Tracer) To(hops []Hop, at uintptr, typ reflect.Type) report.Chain {
	chain, w := t.chain(hops)
	if inner, ok := w.ref.inner(at, typ); ok {
		chain.Expr = inner
	}
	return chain
}

// Entry is the chain of hops that leads to an entry, and its key or index.
func (t *Tracer) Entry(hops []Hop) (chain report.Chain, key string) {
	chain, w := t.chain(hops)
	if w.ref.typ == nil {
		return chain, ""
	}
	switch at := w.entry; w.ref.typ.Kind() {
	case reflect.Slice:
		c, ok := w.ref.element(at)
		if !ok {
			return chain, ""
		}
		chain.Expr = c.expr
		return chain, strings.TrimSuffix(c.expr[strings.LastIndexByte(c.expr, '[')+1:], "]")
	case reflect.Map:
		if t.Hide {
			return chain, ""
		}
		key, whole := Key(valueAt(w.ref.typ.Key(), at))
		text := key
		if !whole {
			text = "key"
		}
		chain.Expr = operand(w.ref.expr) + "[" + text + "]"
		return chain, key
	}
	return chain, ""
}

// ListEntry is the expression for element i of the container/list that lies at an address, in the block to
// which a chain of hops leads; "" where no expression leads to the list.
func (t *Tracer) ListEntry(hops []Hop, at uintptr, i int) string {
	chain, w := t.chain(hops)
	typ := reflect.TypeFor[*list.List]()
	expr, ok := chain.Expr, false
	if w.root && at-w.ref.at < w.ref.typ.Size() { // the root's own memory
		expr, ok = w.ref.down(at, typ)
	} else if inner, inside := w.ref.inner(at, typ); inside {
		expr, ok = inner, true
	} else {
		ok = w.ref.typ == typ
	}
	if !ok {
		return ""
	}
	return operand(strings.TrimPrefix(expr, "&")) + "[" + strconv.Itoa(i) + "]"
}

// way is where a chain has got to.
type way struct {
	ref   cursor  // the reference taken last, or the root
	root  bool    // it is the root
	block uintptr // the base of the block that it led to
	entry uintptr // the entry that was passed since, 0 for none
}

func (t *Tracer) chain(hops []Hop) (report.Chain, way) {
	root := t.Roots[hops[0].Edge]
	w := way{root: true, ref: cursor{typ: root.Type, at: uintptr(root.At), expr: root.Name, hide: t.Hide}}
	chain := report.Chain{Root: root.Name}
	for _, hop := range hops[1:] {
		edge, slot := t.Graph.Edges(hop.From)[hop.Edge], t.Graph.Slot(hop.From, int(hop.Edge))
		switch {
		case t.Graph.IsEntry(edge.To):
			w.entry = t.Graph.Base(edge.To)
			continue
		case edge.Node&walker.Internal != 0 && edge.Node&walker.Untyped == 0:
			continue // a map's tables are a part of it
		}
		w.ref.shorten()
		before := w.ref.expr
		w.step(t.Nodes[edge.Node&walker.IDs], edge, slot)
		w.block, w.entry, w.root = t.Graph.Base(edge.To), 0, false
		step := report.Step{Text: strings.TrimPrefix(w.ref.expr, before), Type: "(untyped)"}
		if w.ref.typ != nil {
			step.Type = w.ref.typ.String()
		}
		chain.Steps = append(chain.Steps, step)
	}
	chain.Expr = w.ref.expr
	return chain, w
}

// step takes a reference that lies at slot.
func (w *way) step(n *walker.Node, edge walker.Edge, slot uintptr) {
	content, at, ok := w.ref, slot, w.ref.typ != nil
	if ok && !w.root {
		content, at, ok = w.ref.follow(slot, w.entry)
	}
	if ok {
		if content, ok = content.to(at); ok {
			w.ref = content
			return
		}
	}
	w.ref.expr += w.ref.kind() + "+" + strconv.FormatUint(uint64(slot-w.block), 10)
	w.ref.typ, w.ref.at, w.ref.deref = nil, slot, false
	if edge.Node&walker.Untyped == 0 && !n.Boxed && !n.Unfollowed() {
		w.ref.typ = n.Type // the walk knew it
	}
}

// maxExpr is how long an expression may be; of longer ones the last part is kept.
const maxExpr = 2 << 10

// shorten cuts an expression that got too long: a list may have millions of steps.
func (c *cursor) shorten() {
	if len(c.expr) > maxExpr {
		c.expr = "…" + strings.ToValidUTF8(c.expr[len(c.expr)-maxExpr/2:], "")
	}
}

// kind is what a step into memory is called that no expression leads to.
func (c cursor) kind() string {
	if c.typ != nil {
		switch c.typ.Kind() {
		case reflect.Func:
			return ".(func)"
		case reflect.Chan:
			return ".(chan)"
		}
	}
	return ".(untyped)"
}

// inner is the expression for the value of a type at an address in what a pointer leads to: the pointer
// itself where it leads just there.
func (c cursor) inner(at uintptr, typ reflect.Type) (string, bool) {
	if c.typ == nil || c.typ == typ && (typ.Kind() != reflect.Slice && wordAt(c.at) == at) {
		return c.expr, false
	}
	if typ.Kind() != reflect.Pointer {
		return "", false
	}
	content, _, ok := c.follow(at, 0)
	if !ok {
		return "", false
	}
	return content.down(at, typ)
}

// down is the expression for a pointer of a type to an address in the value of a cursor.
func (content cursor) down(at uintptr, typ reflect.Type) (string, bool) {
	for content.typ != typ.Elem() {
		if at-content.at >= content.typ.Size() {
			return "", false
		}
		switch content.typ.Kind() {
		case reflect.Struct:
			f, ok := fieldAt(content.typ, at-content.at)
			if !ok {
				return "", false
			}
			content = content.inside(f.Type, f.Offset, "."+f.Name)
		case reflect.Array:
			size := content.typ.Elem().Size()
			i := (at - content.at) / size
			content = content.inside(content.typ.Elem(), i*size, "["+strconv.Itoa(int(i))+"]")
		default:
			return "", false
		}
	}
	if content.at != at {
		return "", false
	}
	if content.deref {
		return content.expr, true
	}
	return "&" + content.expr, true
}
