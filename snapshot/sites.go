package snapshot

import (
	"go/ast"
	"maps"
	"reflect"
	"slices"
)

// census makes the Census of what has been scanned.
func (s *scanner) census() *Census {
	s.settle()
	s.order.end(s.offset())
	rejected := s.rejectedPayloads()
	accepted := func(t *wireType) bool { return !rejected[t] }
	places := s.walk(accepted)
	b := &builder{
		typing: newTyping(places, accepted),
		siteOf: make(map[*place]*Site, len(places)),
		noted:  make(map[edge]bool),
		exprs:  make(map[*place]ast.Expr),
	}
	c := &Census{
		Bytes: s.offset(), Messages: s.messages, Values: s.values, Encoders: s.encoders,
		Warnings: s.warnings, Types: len(b.typing.made),
		LargestMessage: s.largestMessage, NextLargest: s.nextLargest,
		LargestPayload: s.largestPayload, Deepest: s.deepestPoint(),
		Manifest: s.manifest, places: s.roots, biggest: s.biggest,
	}
	for _, root := range s.roots {
		c.Roots = append(c.Roots, b.add(nil, root, Root, 0, "", b.typing.placeType(root, edgeHint{}), 0))
	}
	for next := 0; next < len(b.order); next++ {
		b.children(b.order[next])
	}
	b.sumWire()
	c.Assumptions = b.assumptions
	c.order, c.valueSites = s.order, b.siteOf
	return c
}

// builder turns places into sites.
type builder struct {
	typing      *typing
	siteOf      map[*place]*Site // the site of the value itself, behind its pointers
	order       []*place         // that have a site, parents first
	sites       []*Site
	noted       map[edge]bool
	exprs       map[*place]ast.Expr
	assumptions []Assumption
}

// newSite hangs a site below parent.
func (b *builder) newSite(parent *Site, role Role, field int, step string, t *Type) *Site {
	site := &Site{Parent: parent, Role: role, Field: field, Step: step, Type: t, ExactLengths: true}
	if parent != nil {
		parent.Children = append(parent.Children, site)
	}
	b.sites = append(b.sites, site)
	return site
}

// add makes the sites of place p: one for each pointer before the value, and its own. absent
// values were not sent at all.
func (b *builder) add(parent *Site, p *place, role Role, field int, step string, t *Type,
	absent uint64) *Site {
	first, site := b.chain(parent, role, field, step, t, p.count-p.folded, absent)
	if site != first {
		absent = 0 // it is the pointer that is nil
	}
	site.Count, site.Absent, site.Folded = p.count+absent, absent, p.folded
	if p.fold != nil {
		site.Fold = b.siteOf[p.fold]
		return first
	}
	b.siteOf[p] = site
	b.order = append(b.order, p)
	b.doubtValue(site, p.typ, p)
	site.Own, site.Width = p.own, int(p.width)
	site.fractions = p.fractions()
	for _, entries := range slices.Sorted(maps.Keys(p.claimed)) {
		site.Claimed = append(site.Claimed, LengthCount{entries, p.claimed[entries]})
	}
	switch site.Type.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		site.Lengths, site.ExactLengths = p.lengths.lengths()
	case reflect.Interface:
		site.Absent += p.null
		site.Lengths = lengthOne(p.count - p.null)
	}
	if p.biggest != nil {
		for _, e := range p.biggest.sorted() {
			site.Biggest = append(site.Biggest, e.entry(p))
		}
	}
	return first
}

// chain makes the sites of the pointers at the head of t and the one behind them.
func (b *builder) chain(parent *Site, role Role, field int, step string, t *Type,
	present, absent uint64) (first, last *Site) {
	first = b.newSite(parent, role, field, step, t)
	last = first
	for ; last.Type.Kind() == reflect.Pointer; absent = 0 {
		last.Count, last.Absent, last.Lengths = present+absent, absent, lengthOne(present)
		last = b.newSite(last, Pointee, 0, "", last.Type.Spec.Elem)
	}
	return first, last
}

// lengthOne is the histogram of n pointers or interfaces that are not nil.
func lengthOne(n uint64) []LengthCount {
	if n == 0 {
		return nil
	}
	return []LengthCount{{Len: 1, Count: n}}
}

// children makes the sites below place p.
func (b *builder) children(p *place) {
	site := b.siteOf[p]
	switch {
	case p.boxes != nil:
		for i, q := range p.boxes.order {
			h := b.typing.hints.registered(q.typ, p.boxes.names[i])
			t := b.typing.placeType(q, h)
			name := p.boxes.names[i]
			first := b.add(site, q, Dynamic, i, ".("+printable(name, maxShown)+")", t, 0)
			b.doubtBox(first, q, h, name)
		}
	case p.kind == wireOpaque:
		b.payloads(site, p)
	default:
		for i := range p.parts {
			b.child(site, p, i)
		}
	}
}

// payloads makes the sites of the gob inside a payload.
func (b *builder) payloads(site *Site, p *place) {
	switch {
	case b.typing.times[p.typ]:
		b.note(edge{p.typ, 0}, site, "",
			"known by its name and the bytes of its payload")
		return
	case len(b.typing.values[p.typ]) == 0:
		b.note(edge{p.typ, 0}, site, "",
			"encodes itself ("+p.typ.opaque+"), taken as the bytes of its payload")
		return
	}
	b.note(edge{p.typ, 0}, site, "", "encodes itself as a gob ("+p.typ.opaque+
		"), taken as a struct of what that holds")
	if p.payload == nil {
		return // the stream ends before the first one here; there are others of its type
	}
	for i, q := range p.payload.values {
		f := site.Type.Spec.Fields[i]
		b.add(site, q, Field, i, "."+f.Name, f.Type.(*Type), 0)
	}
}

// child makes the site of one part of p. Fields that no value was sent for have a site too:
// they exist in memory.
func (b *builder) child(site *Site, p *place, i int) {
	q := p.parts[i]
	var first *Site
	switch {
	case p.kind == wireStruct:
		f, absent := site.Type.Spec.Fields[i], p.absent(i)
		t := f.Type.(*Type)
		if q == nil {
			first = b.unsent(site, p, i, t, absent)
		} else {
			first = b.add(site, q, Field, i, "."+f.Name, t, absent)
		}
	case q == nil:
		return
	case p.kind == wireMap && i == keyField:
		first = b.add(site, q, Key, 0, "[key]", site.Type.Spec.Key, 0)
	default:
		first = b.add(site, q, Elem, 0, "[]", site.Type.Spec.Elem, 0)
	}
	if p.typ.fields[i].typ != nil { // a type that the stream defines
		b.assume(p, i, first)
		b.doubtPart(p, i, first, q)
	}
}

// unsent makes the sites of a field of which no value was sent.
func (b *builder) unsent(site *Site, p *place, i int, t *Type, absent uint64) *Site {
	first, last := b.chain(site, Field, i, "."+site.Type.Spec.Fields[i].Name, t, 0, absent)
	if last == first {
		last.Count, last.Absent = absent, absent
	}
	if w := p.typ.fields[i].typ; w != nil {
		b.doubtValue(last, w, nil)
	}
	return first
}

// assume notes what was assumed of part i of p's type, once.
func (b *builder) assume(p *place, i int, site *Site) {
	e := edge{p.typ, i}
	if b.noted[e] {
		return
	}
	name := site.Step
	if p.kind == wireStruct {
		name = site.Step[1:]
	}
	if b.typing.breakers[e] {
		b.note(e, site, name, "assumed a pointer, for its type contains itself, or too many others")
	}
	note := b.typing.widthNote(p.typ.fields[i].typ, b.typing.hints.edges[e], *b.typing.evidence[e],
		p.kind == wireArray, site.Type)
	if note != "" {
		b.note(e, site, name, note)
	}
	b.noted[e] = true
}

// note adds an assumption unless the edge has been dealt with.
func (b *builder) note(e edge, site *Site, name, taken string) {
	if !b.noted[e] {
		b.assumptions = append(b.assumptions,
			Assumption{Path: site.Path(), Name: name, Type: site.Type.String(), Taken: taken})
	}
	b.noted[e] = true
}

// sumWire sums wire bytes from the leaves to the roots. Payloads that are gobs have been counted
// twice: as bytes, and as what is in them.
func (b *builder) sumWire() {
	for i := len(b.sites) - 1; i >= 0; i-- {
		site := b.sites[i]
		var below uint64
		for _, child := range site.Children {
			below += child.Wire
		}
		if site.Type.Opaque() != "" && len(site.Children) > 0 {
			site.Own -= min(site.Own, below)
		}
		site.Wire = site.Own + below
	}
}
