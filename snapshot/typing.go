package snapshot

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/rules"
)

// typing turns wire types into Go types, with all that names and values tell.
type typing struct {
	hints    *hints
	evidence map[edge]*evidence
	breakers map[edge]bool
	accepted func(*wireType) bool // payloads that are gobs
	values   map[*wireType][]*place
	lengths  map[*wireType]map[uint64]bool // of payloads, for those that are recognised
	made     map[*wireType]*Type
	times    map[*wireType]bool // taken for time.Time
	pointers map[*Type]*Type
	basics   map[basic]*Type
}

// basic identifies a type that the stream does not define.
type basic struct {
	kind      reflect.Kind
	name, pkg string
}

// newTyping gathers what the places tell of their types and makes these.
func newTyping(places []*place, accepted func(*wireType) bool) *typing {
	y := &typing{
		hints: newHints(), evidence: gatherEvidence(places), accepted: accepted,
		values: make(map[*wireType][]*place), lengths: make(map[*wireType]map[uint64]bool),
		made: make(map[*wireType]*Type), times: make(map[*wireType]bool), pointers: make(map[*Type]*Type),
		basics: make(map[basic]*Type),
	}
	types := reachable(places)
	for _, t := range types {
		y.hints.own(t)
	}
	for _, p := range places {
		y.look(p)
	}
	y.hints.spread()
	y.breakers = y.cycleBreakers(types)
	for _, t := range types {
		y.made[t] = &Type{} // first all, for types refer to each other
	}
	for _, t := range types {
		y.fill(y.made[t], t)
	}
	return y
}

// reachable lists the types of all places and all that they refer to, in order.
func reachable(places []*place) []*wireType {
	seen := make(map[*wireType]bool)
	var list []*wireType
	note := func(t *wireType) {
		if t != nil && t.isComposite() && !seen[t] {
			seen[t] = true
			list = append(list, t)
		}
	}
	for _, p := range places {
		note(p.typ)
	}
	for next := 0; next < len(list); next++ {
		for _, f := range list[next].fields {
			note(f.typ)
		}
	}
	return list
}

// look takes what a place tells of types beyond its edge's evidence.
func (y *typing) look(p *place) {
	if p.boxes != nil {
		for i, q := range p.boxes.order {
			y.hints.registered(q.typ, p.boxes.names[i])
		}
	}
	if p.kind != wireOpaque {
		return
	}
	isOpen := p.payload.isOpen()
	if !isOpen && y.accepted(p.typ) {
		y.values[p.typ] = p.payload.values
	}
	if y.lengths[p.typ] == nil {
		y.lengths[p.typ] = make(map[uint64]bool)
	}
	list, _ := p.lengths.lengths()
	for _, l := range list[:min(len(list), 8)] {
		if l.Len > 0 || !isOpen { // else it was never seen
			y.lengths[p.typ][l.Len] = true
		}
	}
}

// stars is how many pointers stand at an edge, as far as that is proven.
func (y *typing) stars(e edge) int {
	if n := y.hints.edges[e].stars; n > 0 {
		return n
	}
	child := e.of.fields[e.field].typ
	if ev := y.evidence[e]; ev != nil && ev.absent > 0 && child != nil && child.isInline() {
		return 1
	}
	return 0
}

// fill makes t from the wire type w.
func (y *typing) fill(t *Type, w *wireType) {
	h := y.hints.types[w]
	t.Spec.Name, t.Spec.PkgPath = printable(h.name, maxShown), printable(h.pkg, maxShown)
	switch w.kind {
	case wireStruct:
		t.Spec.Kind = reflect.Struct
		for i, f := range w.fields {
			t.Spec.Fields = append(t.Spec.Fields, rules.Field{
				Name: printable(f.name, maxShown), Type: y.edgeType(edge{w, i}),
			})
		}
	case wireSlice:
		t.Spec.Kind, t.Spec.Elem = reflect.Slice, y.edgeType(edge{w, elemField})
	case wireArray:
		t.Spec.Kind, t.Spec.Elem, t.Spec.Len = reflect.Array, y.edgeType(edge{w, elemField}), int(w.length)
	case wireMap:
		t.Spec.Kind = reflect.Map
		t.Spec.Elem, t.Spec.Key = y.edgeType(edge{w, elemField}), y.edgeType(edge{w, keyField})
	case wireOpaque:
		y.fillOpaque(t, w)
	}
}

// fillOpaque makes the type of values that encode themselves: a struct of the values inside
// where the payload is a gob, time.Time where it is one, else the bytes of the payload.
func (y *typing) fillOpaque(t *Type, w *wireType) {
	t.Spec.Opaque = w.opaque
	switch values := y.values[w]; {
	case len(values) > 0:
		t.Spec.Kind = reflect.Struct
		for i, v := range values {
			name := "gob"
			if len(values) > 1 {
				name += strconv.Itoa(i)
			}
			held := y.placeType(v, edgeHint{})
			if y.breakers[edge{w, i}] {
				held = y.pointer(held, 1)
			}
			t.Spec.Fields = append(t.Spec.Fields, rules.Field{Name: name, Type: held})
		}
	case t.Name() == "Time" && (t.PkgPath() == "" || t.PkgPath() == "time") && y.allLengths(w, 15, 16):
		y.times[w] = true
		t.Spec.PkgPath, t.Spec.Kind = "time", reflect.Struct
		location := y.named(reflect.Struct, "Location", "time")
		t.Spec.Fields = []rules.Field{
			{Name: "wall", Type: y.named(reflect.Uint64, "", "")},
			{Name: "ext", Type: y.named(reflect.Int64, "", "")},
			{Name: "loc", Type: y.pointer(location, 1)},
		}
	default:
		t.Spec.Kind, t.Spec.Elem = reflect.Slice, y.named(reflect.Uint8, "", "")
	}
}

// allLengths tells whether all payloads of w have one of two lengths.
func (y *typing) allLengths(w *wireType, a, b uint64) bool {
	for n := range y.lengths[w] {
		if n != a && n != b {
			return false
		}
	}
	return len(y.lengths[w]) > 0
}

// edgeType is the type at an edge, pointers included.
func (y *typing) edgeType(e edge) *Type {
	stars := y.stars(e)
	if stars == 0 && y.breakers[e] {
		stars = 1
	}
	child := e.of.fields[e.field].typ
	if child == nil {
		return y.pointer(y.named(reflect.Struct, "undefined", ""), stars)
	}
	ev := evidence{}
	if y.evidence[e] != nil {
		ev = *y.evidence[e]
	}
	return y.pointer(y.base(child, y.hints.edges[e], ev, e.of.kind == wireArray), stars)
}

// placeType is the type at a place that no edge of a type leads to: a root, the dynamic type of
// an interface, a value inside a payload.
func (y *typing) placeType(p *place, h edgeHint) *Type {
	return y.pointer(y.base(p.typ, h, evidence{present: p.count, width: p.width}, false), h.stars)
}

// base is the type of a value without the pointers before it.
func (y *typing) base(w *wireType, h edgeHint, ev evidence, inArray bool) *Type {
	if w.isComposite() {
		return y.made[w]
	}
	name, pkg := printable(h.name, maxShown), printable(h.pkg, maxShown)
	switch w.kind {
	case wireBytes:
		return y.named(reflect.Slice, name, pkg)
	case wireString:
		if name == "string" {
			name = ""
		}
		return y.named(reflect.String, name, pkg)
	case wireInterface:
		return y.named(reflect.Interface, name, pkg)
	}
	kind, low, _ := numberKind(w, ev, inArray)
	if said, ok := basicKinds[h.name]; ok && h.pkg == "" && sameClass(said, w.kind) &&
		kindSize(said) >= low {
		return y.named(said, "", "")
	}
	return y.named(kind, name, pkg)
}

// sameClass tells whether gob sends numbers and texts of the Go kind as the wire kind.
func sameClass(kind reflect.Kind, wire wireKind) bool {
	switch {
	case kind == reflect.Bool:
		return wire == wireBool
	case kind >= reflect.Int && kind <= reflect.Int64:
		return wire == wireInt
	case kind >= reflect.Uint && kind <= reflect.Uintptr:
		return wire == wireUint
	case kind == reflect.Float32 || kind == reflect.Float64:
		return wire == wireFloat
	case kind == reflect.String:
		return wire == wireString
	}
	return kind >= reflect.Complex64 && kind <= reflect.Complex128 && wire == wireComplex
}

// named is the type of a kind with at most a name; one pointer per type. A slice is of bytes.
func (y *typing) named(kind reflect.Kind, name, pkg string) *Type {
	b := basic{kind, name, pkg}
	t := y.basics[b]
	if t == nil {
		t = &Type{Spec: gotype.Spec{Kind: kind, Name: name, PkgPath: pkg}}
		y.basics[b] = t
		if kind == reflect.Slice {
			t.Spec.Elem = y.named(reflect.Uint8, "", "")
		}
	}
	return t
}

// pointer is t behind some pointers.
func (y *typing) pointer(t *Type, stars int) *Type {
	for range stars {
		p := y.pointers[t]
		if p == nil {
			p = &Type{Spec: gotype.Spec{Kind: reflect.Pointer, Elem: t}}
			y.pointers[t] = p
		}
		t = p
	}
	return t
}

// widthNote names what was assumed of the number at an edge; empty if nothing was.
func (y *typing) widthNote(w *wireType, h edgeHint, ev evidence, inArray bool, t *Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Spec.Elem
	}
	if !w.isNumber() && w.kind != wireComplex || ev.present+ev.absent == 0 {
		return ""
	}
	if _, ok := basicKinds[h.name]; ok && h.pkg == "" {
		return ""
	}
	_, low, high := numberKind(w, ev, inArray)
	if low == high {
		return ""
	}
	return fmt.Sprintf("%d..%d bytes, assumed %d", low, high, kindSize(t.Kind()))
}

// kindSize is the size of a number in bytes on a 64-bit machine.
func kindSize(kind reflect.Kind) int {
	switch kind {
	case reflect.Bool, reflect.Int8, reflect.Uint8:
		return 1
	case reflect.Int16, reflect.Uint16:
		return 2
	case reflect.Int32, reflect.Uint32, reflect.Float32:
		return 4
	case reflect.Complex128:
		return 16
	}
	return 8
}
