package oracle

import (
	"container/list"
	"reflect"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
)

// follow finds the references that are stored in v itself: v is one, or its fields and elements
// are. It recurses into the type only, never along a reference. v is addressable.
func (g *Graph) follow(owner *node, v reflect.Value, b rules.Binding) {
	if g.isPlain(v.Type()) {
		return
	}
	v = writable(v)
	reach := g.model.Reach(b)
	switch {
	case reach.Opaque != "":
		if !v.IsZero() {
			g.unpriced[slotOf(v)] = true
		}
		return
	case reach.Skip:
		return
	}
	owner.slots = append(owner.slots, v)
	switch v.Kind() {
	case reflect.Struct:
		g.followStruct(owner, v, b)
	case reflect.Array:
		for i := range v.Len() {
			g.follow(owner, v.Index(i), g.model.Elem(b))
		}
	case reflect.Pointer:
		target := v.UnsafePointer()
		if target == nil {
			g.empty(owner, v, b)
			return
		}
		g.pointer(owner, v, b, at(v.Type().Elem(), target))
	case reflect.Interface:
		g.followInterface(owner, v, b)
	case reflect.Slice:
		g.followSlice(owner, v, b)
	case reflect.String:
		g.followString(owner, v, b)
	case reflect.Map:
		g.followMap(owner, v, b)
	case reflect.Chan:
		g.followChan(owner, v, b)
	case reflect.Func, reflect.UnsafePointer:
		if !v.IsNil() {
			g.unpriced[slotOf(v)] = true
		}
	}
}

// empty charges what an empty container costs, where that is anything, at its slot.
func (g *Graph) empty(owner *node, v reflect.Value, b rules.Binding) {
	owner.charge(slotOf(v), v.Type().String(), g.usage(b, 0, 0))
}

// isPlain tells whether values of type t hold no reference at all, nor a list by value.
func (g *Graph) isPlain(t reflect.Type) bool {
	plain, known := g.plain[t]
	if known {
		return plain
	}
	switch t.Kind() {
	case reflect.Struct:
		plain = true
		for i := range t.NumField() {
			plain = plain && g.isPlain(t.Field(i).Type)
		}
	case reflect.Array:
		plain = t.Len() == 0 || g.isPlain(t.Elem())
	default:
		plain = t.Kind() <= reflect.Complex128
	}
	g.plain[t] = plain
	return plain
}

// followStruct follows every field, except in the two types that stand for something else.
func (g *Graph) followStruct(owner *node, v reflect.Value, b rules.Binding) {
	switch t := v.Type(); {
	case t == reflect.TypeFor[list.List]():
		g.followList(owner, v, b)
	case isAtomicPointer(t):
		target := atomicPointee(v)
		if target == nil {
			g.empty(owner, v, b)
			return
		}
		elem := t.Field(0).Type.Elem().Elem() // _ [0]*T
		g.pointer(owner, v, b, at(elem, target))
	default:
		for i := range v.NumField() {
			g.follow(owner, v.Field(i), g.model.Field(b, i))
		}
	}
}

func isAtomicPointer(t reflect.Type) bool {
	return t.PkgPath() == "sync/atomic" && strings.HasPrefix(t.Name(), "Pointer[")
}

// followList takes a list for a container of interfaces that owns no memory of Go's: what its
// elements hold is found in each element's Value.
func (g *Graph) followList(owner *node, v reflect.Value, b rules.Binding) {
	l := v.Addr().Interface().(*list.List)
	length := uint64(l.Len())
	owner.charge(slotOf(v), v.Type().String(), g.usage(b, length, length))
	if g.shallow {
		return
	}
	for e := l.Front(); e != nil; e = e.Next() {
		g.follow(owner, reflect.ValueOf(&e.Value).Elem(), g.model.Elem(b))
	}
}

// pointer adds the container of one element that owns target.
func (g *Graph) pointer(owner *node, v reflect.Value, b rules.Binding, target reflect.Value) {
	to := &node{kind: reflect.Pointer, binding: b, elem: target.Type(), len: 1, cap: 1}
	to.typ = v.Type().String()
	if v.Kind() == reflect.Interface {
		to.kind, to.typ = reflect.Interface, reflect.PointerTo(target.Type()).String()
	}
	to.lo = target.UnsafeAddr()
	to.hi = to.lo + target.Type().Size()
	to.live = to.hi
	to.content = func() { g.follow(to, target, g.model.Elem(b)) }
	g.reach(owner, slotOf(v), to)
}

// followInterface finds what an interface holds: a pointer is that pointer, anything else has an
// owner of its own, which the rules take for a pointer to it.
func (g *Graph) followInterface(owner *node, v reflect.Value, b rules.Binding) {
	if v.IsNil() {
		g.empty(owner, v, b)
		return
	}
	t := v.Elem().Type()
	direct := isDirect(t)
	held := g.model.Box(b, rules.TypeOf(t))
	content := stored(v, t, direct)
	switch {
	case t.Kind() == reflect.Pointer:
		g.follow(owner, content, held)
	case direct:
		owner.charge(slotOf(v), reflect.PointerTo(t).String(), g.usage(held, 1, 1))
		if !g.shallow {
			g.follow(owner, content, g.model.Elem(held))
		}
	default:
		g.pointer(owner, v, held, content)
	}
}

// followSlice adds the container from the first element to the capacity, and follows the elements
// up to the length.
func (g *Graph) followSlice(owner *node, v reflect.Value, b rules.Binding) {
	to := &node{kind: reflect.Slice, binding: b, elem: v.Type().Elem(), len: v.Len(), cap: v.Cap()}
	if g.options.CapIsLen {
		to.cap = to.len
	}
	to.typ = v.Type().String()
	size := to.elem.Size()
	to.lo = address(v.UnsafePointer())
	to.hi = to.lo + uintptr(to.cap)*size
	to.live = to.lo + uintptr(to.len)*size
	to.content = func() {
		if g.isPlain(to.elem) {
			return
		}
		for i := range v.Len() {
			g.follow(to, v.Index(i), g.model.Elem(b))
		}
	}
	g.reach(owner, slotOf(v), to)
}

// followString adds the container of a string's bytes.
func (g *Graph) followString(owner *node, v reflect.Value, b rules.Binding) {
	to := &node{kind: reflect.String, binding: b, len: v.Len(), cap: v.Len()}
	to.typ, to.elem = v.Type().String(), reflect.TypeFor[byte]()
	to.lo = address(stringData(v))
	to.hi = to.lo + uintptr(to.len)
	to.live = to.hi
	g.reach(owner, slotOf(v), to)
}

// entry is a copy of a map's entry. The copies of one map are made once, so that the slots in
// them have one address each, whatever leads to the map.
type entry struct{ key, value reflect.Value }

// followMap adds a map, which its header word stands for, and follows values and, as the rules
// say, keys.
func (g *Graph) followMap(owner *node, v reflect.Value, b rules.Binding) {
	if v.IsNil() {
		g.empty(owner, v, b)
		return
	}
	to := &node{kind: reflect.Map, binding: b, len: v.Len(), cap: v.Len()}
	to.header(v)
	to.content = func() {
		keys := g.model.Reach(b).Keys
		for _, e := range g.entries(v) {
			if keys {
				g.follow(to, e.key, g.model.Key(b))
			}
			g.follow(to, e.value, g.model.Elem(b))
		}
	}
	g.reach(owner, slotOf(v), to)
}

// entries is the content of the map v, copied the first time that it is asked for.
func (g *Graph) entries(v reflect.Value) []entry {
	id := address(v.UnsafePointer())
	entries, known := g.maps[id]
	if !known {
		for iter := v.MapRange(); iter.Next(); {
			e := entry{reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()}
			e.key.Set(iter.Key())
			e.value.Set(iter.Value())
			entries = append(entries, e)
		}
		g.maps[id] = entries
	}
	return entries
}

// followChan adds a channel, which its header word stands for, and follows what waits in it.
func (g *Graph) followChan(owner *node, v reflect.Value, b rules.Binding) {
	if v.IsNil() {
		g.empty(owner, v, b)
		return
	}
	to := &node{kind: reflect.Chan, binding: b, len: v.Len(), cap: v.Cap()}
	to.header(v)
	to.content = func() {
		for _, elem := range queued(v) {
			g.follow(to, elem, g.model.Elem(b))
		}
	}
	g.reach(owner, slotOf(v), to)
}

// header makes the first word of what v refers to the extent.
func (n *node) header(v reflect.Value) {
	n.typ = v.Type().String()
	n.lo = address(v.UnsafePointer())
	n.hi = n.lo + 1
	n.live = n.hi
}
