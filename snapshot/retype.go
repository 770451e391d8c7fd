package snapshot

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/rules"
)

// Layout knows the Go types behind those of a stream: from source, from a program, from what the
// writer noted. A nil answer means that it does not know; the wire's own type is taken then.
type Layout interface {
	// Root is the Go type into which a value at the top of the stream is decoded.
	Root(wire *Type) rules.Type
	// Dynamic is the type that was registered under name, for values in interfaces.
	Dynamic(name string, wire *Type) rules.Type
	// A Layout of types for 32-bit programs also has a method Is32() bool, which says so.
}

// Drift is a place where the stream and the Go types disagree.
type Drift struct {
	Path string `json:"path"` // as Site.Path writes it
	Text string `json:"text"`
	// Refused tells that encoding/gob refuses to decode the value because of it, as a whole. Other
	// disagreements it passes over.
	Refused bool `json:"refused,omitempty"`
}

// Retype is the census of the same values in the Go types that l knows: with pointers, widths,
// tags and the fields that gob does not send. Types meet as encoding/gob has it (compatibleType):
// pointers do not count, numbers agree by class, struct fields by name. Where they do not meet,
// Drift says so and the wire's type stands. c is not changed.
func (c *Census) Retype(l Layout) *Census {
	r := &retyping{layout: l, types: map[rules.Type]*Type{}, sites: map[*Site]*Site{},
		drifted: map[Drift]bool{}, assumed: map[*Site]bool{},
		owns: map[*Type]bool{}, numbers: map[*Site]bigNumber{}, word: 8}
	if a, ok := l.(interface{ Is32() bool }); ok && a.Is32() {
		r.word = 4
	}
	typed := *c
	typed.Roots, typed.Assumptions, typed.Drift = nil, nil, nil
	for _, root := range c.Roots {
		src := l.Root(root.Type)
		if src != nil && !gotype.Compatible(value(root).Type, src, gotype.Shapes) {
			r.drift(root, "the stream has %s, the layout %s: priced from the wire",
				root.Type, src)
			src = nil
		}
		at := spot{role: Root}
		typed.Roots = append(typed.Roots, r.match(at, root, r.convert(src, root.Type), 0))
	}
	typed.Drift = r.drifts
	typed.valueSites = make(map[*place]*Site, len(c.valueSites))
	typed.numbers, typed.word = r.numbers, r.word
	for p, s := range c.valueSites {
		if known := r.sites[s]; known != nil {
			typed.valueSites[p] = known
		}
	}
	// What is still priced from the wire keeps its assumptions.
	for _, a := range c.Assumptions {
		if r.keeps(c, a.Path) {
			typed.Assumptions = append(typed.Assumptions, a)
		}
	}
	typed.Assumptions = append(typed.Assumptions, r.assumptions...)
	return &typed
}

// retyping is the state of one Retype.
type retyping struct {
	layout      Layout
	types       map[rules.Type]*Type
	sites       map[*Site]*Site // the new value site of an old one, for folds
	drifts      []Drift
	drifted     map[Drift]bool
	assumed     map[*Site]bool // old sites whose type is still the wire's
	assumptions []Assumption
	zeros       int                 // sites of zero values
	cut         bool                // some of them were left out
	owns        map[*Type]bool      // see ownsMemory
	numbers     map[*Site]bigNumber // the words of each big.Int and big.Float
	word        uint64              // bytes of one: of a pointer, in the programs that the types are of
}

// spot is where a new site hangs.
type spot struct {
	parent *Site
	role   Role
	field  int
	step   string
}

// drift notes a disagreement at an old site, once.
func (r *retyping) drift(s *Site, format string, args ...any) {
	r.note(s, Drift{Text: fmt.Sprintf(format, args...)})
}

// refuse notes a disagreement because of which encoding/gob decodes nothing.
func (r *retyping) refuse(s *Site, format string, args ...any) {
	r.note(s, Drift{Text: fmt.Sprintf(format, args...), Refused: true})
}

func (r *retyping) note(s *Site, d Drift) {
	if d.Path = s.Path(); d.Path == "" {
		d.Path = "."
	}
	if !r.drifted[d] {
		r.drifted[d] = true
		r.drifts = append(r.drifts, d)
	}
}

// keeps tells whether an assumption about a path still stands: a site there is the wire's.
func (r *retyping) keeps(c *Census, path string) bool {
	for s := range c.Sites() {
		if r.assumed[s] && s.Path() == path {
			return true
		}
	}
	return false
}

// value is the site of the value itself, behind its pointers.
func value(s *Site) *Site {
	for s.Type.Kind() == reflect.Pointer && len(s.Children) > 0 {
		s = s.Children[0]
	}
	return s
}

// match makes the sites of old in the Go type src, or in the wire's if src is nil. extra zero
// values are there that the stream does not have.
func (r *retyping) match(at spot, old *Site, src *Type, extra uint64) *Site {
	v := value(old)
	isWire := src == nil || src == old.Type
	if isWire {
		r.assumed[old], r.assumed[v] = true, true
		src = old.Type
	}
	first, site, zeros := r.chain(at, old, src, extra)
	if isWire {
		site.Doubt = v.Doubt
		first.Doubt.Pointer = old.Doubt.Pointer
	}
	site.ExactLengths, site.Own, site.Width = v.ExactLengths, v.Own, v.Width
	site.Wire, site.Biggest, site.Folded = v.Wire, v.Biggest, v.Folded
	site.Claimed = v.Claimed
	if v.Fold != nil {
		site.Fold = r.sites[v.Fold]
		return first
	}
	r.sites[v] = site
	switch {
	case v.Type.Opaque() != "" && site.Type.Opaque() == "":
		r.payload(site, v)
	case v.Type.Opaque() != "":
		site.Lengths = slices.Clone(v.Lengths)
		r.wirePayload(site, v)
	default:
		r.content(site, v, zeros)
	}
	return first
}

// chain makes the sites of src's pointers and of the value behind them, and says how many zero
// values come on top of those of the stream. What the stream does not have is taken for a nil
// pointer: gob does not send a pointer to a zero value either.
func (r *retyping) chain(at spot, old *Site, src *Type, extra uint64) (first, site *Site, zeros uint64) {
	v := value(old)
	total, absent := saturate.Add(old.Count-old.Folded, extra), saturate.Add(old.Absent, extra)
	if src.Kind() != reflect.Pointer {
		zeros = extra
		if v != old { // a pointer by the wire, none in the Go type
			zeros, absent = absent, saturate.Add(v.Absent, absent)
		}
		site = newSite(at, src, saturate.Add(total, v.Folded), absent)
		if isFixed(src) {
			site.Absent = 0
		}
		return site, site, zeros
	}
	var nulls uint64 // interfaces that are there and hold nothing: so are the pointers to them
	if old.Type.Kind() == reflect.Interface && old.Role != Field {
		nulls, absent = old.Absent, extra
	}
	present := total - absent
	stars := 0
	for ; src.Kind() == reflect.Pointer && stars < gotype.MaxStars; stars++ {
		s := newSite(at, src, present, 0)
		s.ExactLengths, s.Lengths = true, lengthOne(present)
		if first == nil {
			s.Count, s.Absent, first = total, absent, s
		}
		s.Own, s.Wire = 0, v.Wire
		at, src = spot{parent: s, role: Pointee}, src.Spec.Elem
	}
	site = newSite(at, src, saturate.Add(present, v.Folded), 0)
	if v != old && !isFixed(src) { // an absent value behind a pointer that is there
		site.Absent = v.Absent
	}
	site.Absent += nulls
	return first, site, 0
}

// isFixed tells whether values of t are never absent.
func isFixed(t *Type) bool { return t.Kind() == reflect.Struct || t.Kind() == reflect.Array }

func newSite(at spot, t *Type, count, absent uint64) *Site {
	s := &Site{Parent: at.parent, Role: at.role, Field: at.field, Step: at.step, Type: t,
		Count: count, Absent: absent, ExactLengths: true}
	if at.parent != nil {
		at.parent.Children = append(at.parent.Children, s)
	}
	return s
}

// content makes what is in site, of which the stream has v.
func (r *retyping) content(site, v *Site, zeros uint64) {
	switch site.Type.Kind() {
	case reflect.Struct:
		r.fields(site, v, zeros)
	case reflect.Array:
		r.below(site, v, saturate.Mul(zeros, uint64(site.Type.Len())))
	case reflect.Interface:
		site.Lengths = slices.Clone(v.Lengths)
		r.boxes(site, v)
	case reflect.Slice, reflect.Map, reflect.String:
		site.Lengths = slices.Clone(v.Lengths)
		r.below(site, v, 0)
	default:
		r.fits(site, v)
	}
}

// fits notes numbers that are wider than their type.
func (r *retyping) fits(site, v *Site) {
	kind := site.Type.Kind()
	if kind >= reflect.Int && kind <= reflect.Uintptr && v.Width > kindSize(kind) {
		r.refuse(v, "numbers of %d bytes do not fit %s: decoding fails", v.Width, site.Type)
	}
}

// below makes the elements, keys and values of site.
func (r *retyping) below(site, v *Site, extra uint64) {
	for _, child := range v.Children {
		at, t := spot{site, child.Role, 0, child.Step}, site.Type.Spec.Elem
		if child.Role == Key {
			t = site.Type.Spec.Key
		}
		if t != nil {
			r.part(at, child, t, extra)
		}
	}
}

// part makes the sites of one part of a value, if it meets the Go type.
func (r *retyping) part(at spot, child *Site, t *Type, extra uint64) {
	if meets(child, t) {
		r.match(at, child, t, extra)
		return
	}
	r.refuse(child, "%s in the stream, %s in the layout: decoding fails; priced from the wire",
		child.Type, t)
	at.role = Payload
	r.match(at, child, nil, 0)
}

// meets tells whether the value at a site can be decoded into t, without looking at its fields.
func meets(s *Site, t rules.Type) bool {
	return gotype.Compatible(value(s).Type, t, gotype.Shapes)
}

// fields makes the fields of a struct: those of the stream by name, the others as zero values.
func (r *retyping) fields(site, v *Site, zeros uint64) {
	sent := make(map[string]*Site, len(v.Children))
	for _, child := range v.Children {
		if child.Role == Field {
			sent[v.Type.Spec.Fields[child.Field].Name] = child
		}
	}
	if disjoint(site, v) {
		r.refuse(v, "%s has none of the fields in the stream: decoding fails (no fields matched)", site.Type)
	}
	for i, f := range site.Type.Spec.Fields {
		at, t := spot{site, Field, i, "." + f.Name}, f.Type.(*Type)
		child := sent[f.Name]
		delete(sent, f.Name)
		switch {
		case child != nil:
			r.part(at, child, t, zeros)
		case site.Count > 0:
			if isSent(f) && len(v.Children) > 0 {
				r.drift(v, "field %s is not in the stream: it stays zero", f.Name)
			}
			r.zero(at, t, site.Count, 0)
		}
	}
	for _, child := range v.Children {
		if child.Role == Field && sent[v.Type.Spec.Fields[child.Field].Name] == child {
			r.drift(child, "%s has no such field: a decoder drops it", site.Type)
		}
	}
}

// disjoint tells whether encoding/gob finds no field in common and refuses for that: it looks where
// a value begins, at the top of a stream or in an interface, and not at structs in structs.
func disjoint(site, v *Site) bool {
	first := site
	for first.Role == Pointee && first.Parent != nil {
		first = first.Parent
	}
	if first.Role != Root && first.Role != Dynamic || len(v.Type.Spec.Fields) == 0 || len(site.Type.Spec.Fields) == 0 {
		return false
	}
	for _, f := range site.Type.Spec.Fields {
		same := func(w rules.Field) bool { return w.Name == f.Name }
		if isSent(f) && slices.ContainsFunc(v.Type.Spec.Fields, same) {
			return false
		}
	}
	return true
}

// isSent tells whether gob sends a field: exported, and no channel or function.
func isSent(f rules.Field) bool {
	t := gotype.Strip(f.Type)
	exported := f.Name != "" && strings.ToUpper(f.Name[:1]) == f.Name[:1] && f.Name[0] != '_'
	return exported && t.Kind() != reflect.Chan && t.Kind() != reflect.Func
}

// maxZeroDepth bounds structs in structs that no value was sent for, maxZeros the sites of all of
// them: few types can have exponentially many fields.
const (
	maxZeroDepth = 64
	maxZeros     = 1 << 14
)

// zero makes the sites of n zero values: they own nothing in Go, yet a map that is nil has a cost
// where it stands for an empty C++ one.
func (r *retyping) zero(at spot, t *Type, n uint64, depth int) {
	if r.zeros++; r.zeros > maxZeros || depth > maxZeroDepth {
		if !r.cut {
			r.cut = true
			r.drift(at.parent, "more than %d fields are not in the stream, or more than %d in each other: "+
				"from here on what they cost is not counted", maxZeros, maxZeroDepth)
		}
		return
	}
	site := newSite(at, t, n, n)
	switch {
	case t.Kind() == reflect.Struct:
		site.Absent = 0
		for i, f := range t.Spec.Fields {
			r.zero(spot{site, Field, i, "." + f.Name}, f.Type.(*Type), n, depth+1)
		}
	case t.Kind() == reflect.Array:
		site.Absent = 0
		if t.Len() > 0 && !isFlat(t.Spec.Elem.Kind()) {
			r.zero(spot{site, Elem, 0, "[]"}, t.Spec.Elem, saturate.Mul(n, uint64(t.Len())), depth+1)
		}
	}
}

// isFlat tells whether a kind holds no other memory.
func isFlat(k reflect.Kind) bool { return k <= reflect.Complex128 }

// boxes makes the dynamic types of an interface.
func (r *retyping) boxes(site, v *Site) {
	for _, child := range v.Children {
		at := spot{site, child.Role, child.Field, child.Step}
		name := strings.TrimSuffix(strings.TrimPrefix(child.Step, ".("), ")")
		t := r.layout.Dynamic(name, value(child).Type)
		if t != nil && !meets(child, t) {
			r.drift(child, "%s in the stream, %s in the layout: priced from the wire", child.Type, t)
			t = nil
		}
		r.match(at, child, r.convert(t, child.Type), 0)
	}
}

// convert is a layout's type as one of a census, whose names are escaped; nil for nil, and the
// wire's own where the layout gave that.
func (r *retyping) convert(t rules.Type, wire *Type) *Type {
	if t == nil || t == rules.Type(wire) {
		return wire
	}
	return r.copied(t)
}

// copied is t with its names escaped.
func (r *retyping) copied(t rules.Type) *Type {
	if made := r.types[t]; made != nil {
		return made
	}
	made := &Type{Spec: gotype.Spec{Kind: t.Kind(), Name: printable(t.Name(), maxShown),
		PkgPath: printable(t.PkgPath(), maxShown)}}
	r.types[t] = made
	switch t.Kind() {
	case reflect.Array:
		made.Spec.Len = t.Len()
	case reflect.Map:
		made.Spec.Key = r.copied(t.Key())
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			f.Name = printable(f.Name, maxShown)
			f.Type = r.copied(f.Type)
			made.Spec.Fields = append(made.Spec.Fields, f)
		}
	}
	if elem := t.Elem(); elem != nil {
		made.Spec.Elem = r.copied(elem)
	}
	return made
}
