package rules

import "reflect"

// Shape is what a value bound as b takes inside its owner, in bytes; zero for what does not exist
// there ("-"). Padding counts the holes and tails of b and of the structs and arrays inside it. It
// panics with a *TagError where a tag does not fit, or where a type would contain itself.
func (m *Model) Shape(b Binding) Shape { return m.layoutOf(b).Shape }

func (m *Model) layoutOf(b Binding) layout {
	if l, ok := m.layouts.Load(b); ok {
		return l.(layout)
	}
	l, _ := m.layoutWithin(b, trail{})
	return l
}

// trail is the types that are being laid out: a type that contains itself has no size. Go has no such
// types, but a prevector or an option of its own owner is one.
type trail map[Binding]struct{}

// layoutWithin lays out b inside the types of path. finite is false where a rule of someone's own
// was asked about an element that contains it, whose size it was not told: such a layout depends
// on where the walk began and is not kept.
func (m *Model) layoutWithin(b Binding, path trail) (l layout, finite bool) {
	if l, ok := m.layouts.Load(b); ok {
		return l.(layout), true
	}
	if _, within := path[b]; within {
		return layout{}, false
	}
	path[b] = struct{}{}
	l, finite = m.layOut(b, path)
	delete(path, b)
	if finite {
		m.layouts.Store(b, l)
	}
	return l, finite
}

func (m *Model) layOut(b Binding, path trail) (layout, bool) {
	rule, _ := m.resolve(b)
	switch {
	case formOf(rule) == formSkip && m.world.asIf:
		return layout{}, true
	case rule != nil && !m.world.goLayout && formOf(rule) != formSkip:
		return m.layOutContainer(b, rule, path)
	}
	switch k := b.Type.Kind(); k {
	case reflect.Struct:
		return m.layOutStruct(b, path)
	case reflect.Array:
		elem, finite := m.layoutWithin(m.Elem(b), path)
		return array(elem, uint64(b.Type.Len())), finite
	case reflect.String, reflect.Interface, reflect.Slice, reflect.Pointer, reflect.Map,
		reflect.Chan:
		return m.world.goHeader(k), true
	default:
		return m.world.scalar(k), true
	}
}

// layOutContainer asks the rule for its header. Only headers that hold their elements need to
// know them, which is also what keeps this finite.
func (m *Model) layOutContainer(b Binding, rule Rule, path trail) (layout, bool) {
	r, ours := rule.(*builtin)
	holds := !ours || r.form == formPrevector || r.form == formOption
	p, finite := m.placeOf(b, holds, path)
	if ours && !finite {
		panic(tagError(b.Type, "", r.String(), "a value that holds its own owner inline has "+
			"no size; unique_ptr or vector would fit"))
	}
	return m.headerAt(rule, p), ours || finite
}

// headerAt is the header of a container over the elements of a place.
func (m *Model) headerAt(rule Rule, at *place) layout {
	if r, ours := rule.(*builtin); ours {
		return m.world.containers.inline(r, at.container())
	}
	shape := rule.Inline(at.container())
	checkShape(rule, shape)
	return layout{Shape: shape}
}

func (m *Model) layOutStruct(b Binding, path trail) (layout, bool) {
	finite := true
	fields := make([]layout, 0, b.Type.NumField())
	for i := range b.Type.NumField() {
		f := m.Field(b, i)
		if m.world.asIf && m.skips(f) {
			continue
		}
		l, ok := m.layoutWithin(f, path)
		finite = finite && ok
		fields = append(fields, l)
	}
	if isAlign64(b.Type) && m.world.goLayout {
		return layout{Shape: Shape{Align: 8}}, true
	}
	return m.world.record.of(fields), finite
}

// skips tells whether b does not exist under as-if models.
func (m *Model) skips(b Binding) bool {
	rule, _ := m.resolve(b)
	return formOf(rule) == formSkip
}

// isAlign64 recognises the marker that aligns sync/atomic's 64-bit types to 8 bytes also on
// 32-bit machines (cmd/compile/internal/types, isAtomicStdPkg).
func isAlign64(t Type) bool {
	return t.Name() == "align64" &&
		(t.PkgPath() == "sync/atomic" || t.PkgPath() == "internal/runtime/atomic")
}

// placeOf is what formulas ask about b. The element's and the key's layouts are worked out only
// where they are needed.
func (m *Model) placeOf(b Binding, elements bool, path trail) (*place, bool) {
	p := &place{world: m.world, kind: b.Type.Kind(), fat: b.Type.Kind() == reflect.Interface}
	if !elements {
		p.bits = m.isBits(b)
		return p, true
	}
	finite := true
	if key := m.Key(b); key.Type != nil {
		p.key, finite = m.layoutWithin(key, path)
	}
	if elem := m.Elem(b); elem.Type != nil && !isSetType(b.Type) {
		var ok bool
		p.elem, ok = m.layoutWithin(elem, path)
		finite = finite && ok
	}
	if p.kind == reflect.String {
		p.elem = plain(1, 1)
	}
	p.bits = m.isBits(b)
	p.slowHash = m.isSlowHash(b)
	p.times = isTimes(b.Type)
	return p, finite
}

// isTimes tells whether t is a channel as timers have them.
func isTimes(t Type) bool {
	return t.Kind() == reflect.Chan && t.Elem().Name() == "Time" && t.Elem().PkgPath() == "time"
}

// isBits tells whether b is a std::vector<bool>: a slice of bool whose elements have no rule.
func (m *Model) isBits(b Binding) bool {
	if b.Type.Kind() != reflect.Slice || b.Type.Elem().Kind() != reflect.Bool {
		return false
	}
	rule, _ := m.resolve(m.Elem(b))
	return rule == nil
}

// container is the question about an empty container at p.
func (p *place) container() Container {
	return Container{Key: p.key.Shape, Elem: p.elem.Shape, place: p}
}
