package trace

import (
	"reflect"
	"strconv"
	"strings"
)

// cursor is a place in memory: a value of a type, and the expression for it.
type cursor struct {
	typ  reflect.Type // nil: memory without a type
	at   uintptr
	expr string
	// deref tells that expr is a pointer to the value.
	deref bool
	kept  any // what keeps the memory at at alive: a copy of a map's value
	// hide tells to keep keys out of expressions.
	hide bool
}

// to is the cursor at the word at slot, which is a reference: with its type and expression. false where
// the type has none there.
func (c cursor) to(slot uintptr) (cursor, bool) {
	for c.typ != nil {
		if slot-c.at >= c.typ.Size() {
			return c, false
		}
		switch c.typ.Kind() {
		case reflect.Struct:
			if isAtomic(c.typ) {
				return c, true
			}
			f, ok := fieldAt(c.typ, slot-c.at)
			if !ok {
				return c, false
			}
			c = c.inside(f.Type, f.Offset, "."+f.Name)
		case reflect.Array:
			size := c.typ.Elem().Size()
			i := (slot - c.at) / size
			c = c.inside(c.typ.Elem(), i*size, "["+strconv.Itoa(int(i))+"]")
		case reflect.Interface:
			held, ok := c.value().dynamic()
			if !ok || !isDirect(held.typ) {
				return c.value(), ok
			}
			c = held // the word is the value itself
		case reflect.Pointer, reflect.Slice, reflect.String, reflect.Map, reflect.Chan, reflect.Func,
			reflect.UnsafePointer:
			return c.value(), true
		default:
			return c, false
		}
	}
	return c, false
}

// inside is the part of a cursor's value at an offset.
func (c cursor) inside(t reflect.Type, offset uintptr, text string) cursor {
	c.typ, c.at, c.expr, c.deref = t, c.at+offset, operand(c.expr)+text, false
	return c
}

// operand is an expression to which a selector or an index can be added.
func operand(expr string) string {
	if strings.HasPrefix(expr, "*") || strings.HasPrefix(expr, "&") {
		return "(" + expr + ")"
	}
	return expr
}

// value has the expression for the value itself.
func (c cursor) value() cursor {
	if c.deref {
		c.expr, c.deref = "*"+c.expr, false
	}
	return c
}

// fieldAt is the field of a struct at an offset.
func fieldAt(t reflect.Type, offset uintptr) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if f := t.Field(i); offset-f.Offset < f.Type.Size() {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// isAtomic tells whether t is a sync/atomic.Pointer.
func isAtomic(t reflect.Type) bool {
	return t.PkgPath() == "sync/atomic" && strings.HasPrefix(t.Name(), "Pointer[")
}

// atomicElem is what a sync/atomic.Pointer points to.
func atomicElem(t reflect.Type) reflect.Type { return t.Field(0).Type.Elem().Elem() }

// follow is the cursor at what the reference of a cursor leads to, where a type says that, and where
// the next reference lies there, which it needs to know: for a slice it tells the element, for a map
// with the address of a key (0 for none) the entry.
func (c cursor) follow(next, key uintptr) (cursor, uintptr, bool) {
	ok := true
	switch t := c.typ; t.Kind() {
	case reflect.Pointer:
		c.typ, c.at, c.deref = t.Elem(), wordAt(c.at), true
	case reflect.Struct: // an atomic pointer
		c.typ, c.at, c.deref = atomicElem(t), wordAt(c.at+t.Size()-wordSize), true
		c.expr = operand(c.expr) + ".Load()"
	case reflect.Slice:
		c, ok = c.element(next)
	case reflect.Map:
		return c.entry(next, key)
	case reflect.Interface:
		c, ok = c.dynamic()
	default:
		ok = false
	}
	return c, next, ok
}

// element is the element of a slice in which a word lies, within the capacity.
func (c cursor) element(next uintptr) (cursor, bool) {
	s, elem := sliceAt(c.at), c.typ.Elem()
	if elem.Size() == 0 || next < s.data {
		return c, false
	}
	i := int((next - s.data) / elem.Size())
	if i >= s.limit {
		return c, false
	}
	expr := operand(c.expr)
	if i >= s.length {
		expr += "[:cap(" + c.expr + ")]"
	}
	c.typ, c.at = elem, s.data+uintptr(i)*elem.Size()
	c.expr = expr + "[" + strconv.Itoa(i) + "]"
	return c, true
}

// dynamic is the value in an interface.
func (c cursor) dynamic() (cursor, bool) {
	v := valueAt(c.typ, c.at).Elem()
	if !v.IsValid() {
		return c, false
	}
	t := v.Type()
	c.expr = operand(c.expr) + ".(" + t.String() + ")"
	c.typ, c.at = t, c.at+wordSize
	if !isDirect(t) {
		c.at = wordAt(c.at)
	}
	return c, true
}

// entry is the value of a map's entry, or its key, in which the next reference lies. A value is copied,
// as nothing but the map knows where it lies: the reference is the word in the copy that is the same.
func (c cursor) entry(next, key uintptr) (cursor, uintptr, bool) {
	if key == 0 {
		return c, next, false
	}
	t := c.typ
	k := valueAt(t.Key(), key)
	if next-key < t.Key().Size() { // no expression leads to a key
		c.expr, c.typ, c.at = operand(c.expr)+"[key]", t.Key(), key
		return c, next, true
	}
	elem := valueAt(t, c.at).MapIndex(k)
	if !elem.IsValid() {
		return c, next, false
	}
	text, whole := Key(k)
	if c.hide || !whole {
		text = "key"
	}
	copied := reflect.New(t.Elem())
	copied.Elem().Set(elem)
	c.expr, c.typ, c.at, c.kept = operand(c.expr)+"["+text+"]", t.Elem(), copied.Pointer(), copied
	for at := c.at; at < c.at+t.Elem().Size(); at += wordSize {
		if wordAt(at) == wordAt(next) {
			if _, ok := c.to(at); ok {
				return c, at, true
			}
		}
	}
	return c, next, false
}
