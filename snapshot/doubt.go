package snapshot

import (
	"go/ast"
	"reflect"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/gotype"
)

// Doubt is what a stream leaves open of the Go type at a site. The zero Doubt leaves nothing open:
// the site's Type is the Go type, as far as memory goes. Four things are taken as read: types of
// one name and shape are one type; nothing is behind more pointers than one, unless a name says
// so; what calls itself Time, and encodes itself in 15 or 16 bytes, is a time.Time; and a number
// that takes more than four bytes on the wire takes eight in memory.
type Doubt struct {
	// Kinds are all kinds that a number may have, the narrowest first; nil where Type shows it.
	Kinds []reflect.Kind
	// Pointer tells that the value may be behind a pointer, and may not; Type shows one of these.
	Pointer bool
	// Opaque tells that the value encodes itself: nothing bounds what it owns, nor, where Type is
	// the wire's own, its size.
	Opaque bool
	// Fields tells that the struct may have fields that gob does not send.
	Fields bool
	// Unseen tells that the slice or array never had an element: Type shows no more of these than
	// the wire does.
	Unseen bool
}

// Open tells whether there is any doubt.
func (d Doubt) Open() bool {
	return d.Kinds != nil || d.Pointer || d.Opaque || d.Fields || d.Unseen
}

// doubtPart notes what is open at part i of the values at p, whose sites begin with first; q is
// the part's place, nil where no value has come by.
func (b *builder) doubtPart(p *place, i int, first *Site, q *place) {
	e, w := edge{p.typ, i}, p.typ.fields[i].typ
	said, isSaid := b.said(p, i)
	ev := b.evidence(p, i, q)
	shown := stars(first.Type)
	switch {
	case isSaid:
		first.Doubt.Pointer = said.stars != shown
	case b.typing.breakers[e]:
	case shown == 1 && w.isInline() && ev.absent > 0:
	default:
		first.Doubt.Pointer = true
	}
	v := value(first)
	kind, named := basicKinds[said.name]
	switch named = named && said.pkg == "" && sameClass(kind, w.kind); {
	case named && kind != v.Type.Kind():
		v.Doubt.Kinds = []reflect.Kind{kind}
	case !named:
		v.Doubt.Kinds = numberKinds(w, ev)
	}
}

// doubtValue notes what is open of values themselves: their site is s, their wire type w, their
// place p, nil where none has come by.
func (b *builder) doubtValue(s *Site, w *wireType, p *place) {
	s.Doubt.Fields = w.kind == wireStruct
	s.Doubt.Opaque = w.kind == wireOpaque && !b.typing.times[w]
	isRow := w.kind == wireSlice || w.kind == wireArray
	s.Doubt.Unseen = isRow && (p == nil || p.parts[elemField] == nil)
}

// doubtBox notes what is open of values in an interface, registered under a name that said h.
func (b *builder) doubtBox(first *Site, q *place, h edgeHint, name string) {
	kind, isBasic := basicKinds[h.name]
	isBasic = isBasic && h.pkg == "" && sameClass(kind, q.typ.kind)
	first.Doubt.Pointer = h.stars == 0 && !isBasic && !isLiteral(name)
	if !isBasic {
		value(first).Doubt.Kinds = numberKinds(q.typ, evidence{present: q.count, width: q.width})
	}
}

// evidence is what is known of part i at p: where p's type has a name, that of all its values,
// else of those at p alone, for types without a name that look alike need not be one.
func (b *builder) evidence(p *place, i int, q *place) evidence {
	if ev := b.typing.evidence[edge{p.typ, i}]; p.typ.name != "" && ev != nil {
		return *ev
	}
	var ev evidence
	if q != nil {
		ev.present, ev.width = q.count, q.width
	}
	if p.kind == wireStruct {
		ev.absent = p.absent(i)
	}
	return ev
}

// said is what the name of p's type says of part i, or that of a type which holds p's.
func (b *builder) said(p *place, i int) (e edgeHint, ok bool) {
	part := partOf(p.typ, i, b.exprOf(p))
	if part == nil {
		return e, false
	}
	e, _ = hintOf(part)
	return e, true
}

// exprOf is the Go type of the values at p, without pointers, as names have it; nil if they do not.
func (b *builder) exprOf(p *place) ast.Expr {
	if p.fold != nil {
		p = p.fold
	}
	if expr, known := b.exprs[p]; known {
		return expr
	}
	var expr ast.Expr
	switch {
	case isLiteral(p.typ.name):
		expr = parseType(p.typ.name)
	case p.typ.name != "" || p.parent == nil:
	case p.parent.boxes != nil:
		if name := p.parent.boxes.names[p.field]; isLiteral(name) {
			_, expr = hintOf(parseType(name))
		}
	case p.parent.kind != wireOpaque:
		if part := partOf(p.parent.typ, int(p.field), b.exprOf(p.parent)); part != nil {
			_, expr = hintOf(part)
		}
	}
	b.exprs[p] = expr
	return expr
}

// numberKinds are the kinds that a number may have which was sent so wide at the most; nil where
// it is none, or can have one kind only.
func numberKinds(w *wireType, e evidence) []reflect.Kind {
	var all []reflect.Kind
	switch w.kind {
	case wireInt:
		all = []reflect.Kind{reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int, reflect.Int64}
	case wireUint:
		all = []reflect.Kind{reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint, reflect.Uint64}
	case wireFloat:
		all = []reflect.Kind{reflect.Float32, reflect.Float64}
	case wireComplex:
		all = []reflect.Kind{reflect.Complex64, reflect.Complex128}
	default:
		return nil
	}
	_, low, high := numberKind(w, e, false)
	if low == high {
		return nil
	}
	return slices.DeleteFunc(all, func(k reflect.Kind) bool { return kindSize(k) < low })
}

// stars is how many pointers t begins with.
func stars(t *Type) (n int) {
	for ; t.Kind() == reflect.Pointer && n < gotype.MaxStars; t = t.Spec.Elem {
		n++
	}
	return n
}
