package walker

import (
	"container/list"
	"fmt"
	"reflect"
	"strings"
)

// opKind is what an operation does with the word or header at its offset.
type opKind uint8

const (
	opPointer opKind = iota
	opSlice
	opString
	opMap
	opInterface
	opChan
	opList        // an inline container/list.List
	opArray       // an inline array whose elements lead somewhere
	opUnaccounted // closures, unsafe.Pointer, opaque types: counted, not followed
)

var opNames = [...]string{"pointer", "slice", "string", "map", "interface", "chan", "list",
	"array", "unaccounted"}

func (k opKind) String() string { return opNames[k] }

// op is one step of a plan: a word of a value that leads somewhere.
type op struct {
	kind   opKind
	offset uintptr
	typ    reflect.Type // of the container
	place  Place
	follow Follow
	step   string // path from the value to the container: ".Coins", ".Header.Next", ""
	reason string // opUnaccounted
}

// plain tells whether the operation is on pointers to memory of its own of which nil costs nothing.
func (o *op) plain() bool {
	if o.kind != opPointer || o.follow.NilCosts || o.follow.Inline > 0 {
		return false
	}
	pointee, _, ok := atomicPointer(o.typ)
	if !ok {
		pointee = o.typ.Elem()
	}
	return pointee.Size() > 0
}

// plan is a type compiled for one place: the operations for every word that leads somewhere, in
// order of offset, nested structs flattened. It is immutable.
type plan struct {
	place Place
	typ   reflect.Type
	size  uintptr
	ops   []op
	// unstable tells that some operation keeps a pointer into the value itself (not only to what
	// the value points to), so the value must stay where it is until the walk is done.
	unstable bool
	base     reflect.Type // the type below wrappers of the same size: see baseType
	// hidden are the types of what lies in fields that are not followed: a pointer from
	// elsewhere may lead there.
	hidden []reflect.Type
	// arrayed are the base types of the elements of arrays in the value: a slice from elsewhere
	// may lie over them. arrays are the plans of the elements of arrays that have operations.
	arrayed []reflect.Type
	arrays  []*plan
}

// leaf tells that nothing lies below values of this plan.
func (p *plan) leaf() bool { return len(p.ops) == 0 }

// String prints the plan, an operation a line.
func (p *plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: %d bytes\n", p.typ, p.size)
	for _, o := range p.ops {
		fmt.Fprintf(&b, "  +%-4d %-11v %s %v\n", o.offset, o.kind, o.step, o.typ)
	}
	return b.String()
}

var (
	listType     = reflect.TypeFor[list.List]()
	anyType      = reflect.TypeFor[any]()
	rawWordTypes = map[reflect.Kind]string{
		reflect.Func:          "func: closures have no C++ twin",
		reflect.UnsafePointer: "unsafe.Pointer: what it points to has no type",
	}
)

// compile makes the plan for values of type t at a place.
func compile(policy Policy, t reflect.Type, place Place) *plan {
	c := compiler{policy: policy, plan: &plan{place: place, typ: t, size: t.Size()}}
	c.value(t, place, 0, "")
	c.plan.base = baseType(t)
	return c.plan
}

type compiler struct {
	policy Policy
	plan   *plan
}

// value appends the operations for a value of type t at an offset.
func (c *compiler) value(t reflect.Type, place Place, offset uintptr, step string) {
	f := c.policy.Follow(place)
	if f.Skip {
		c.hide(t)
		return
	}
	o := op{offset: offset, typ: t, place: place, follow: f, step: step}
	if f.Opaque != "" {
		o.kind, o.reason = opUnaccounted, f.Opaque
		c.emit(o)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		c.structure(t, o)
	case reflect.Array:
		c.array(t, o)
	case reflect.Pointer:
		o.kind = opPointer
		c.emit(o)
	case reflect.Slice:
		o.kind = opSlice
		c.emit(o)
	case reflect.String:
		o.kind = opString
		c.emit(o)
	case reflect.Map:
		o.kind = opMap
		c.emit(o)
	case reflect.Interface:
		o.kind = opInterface
		c.plan.unstable = true
		c.emit(o)
	case reflect.Chan:
		o.kind = opChan
		c.emit(o)
	case reflect.Func, reflect.UnsafePointer:
		o.kind, o.reason = opUnaccounted, rawWordTypes[t.Kind()]
		c.emit(o)
	}
}

// hide notes the types that lie in a field which is not followed.
func (c *compiler) hide(t reflect.Type) {
	c.plan.hidden = append(c.plan.hidden, baseType(t))
	switch t.Kind() {
	case reflect.Array:
		c.hide(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			c.hide(t.Field(i).Type)
		}
	}
}

func (c *compiler) emit(o op) { c.plan.ops = append(c.plan.ops, o) }

// structure appends the operations of a struct's fields, or the one of a struct type that stands
// for a container.
func (c *compiler) structure(t reflect.Type, o op) {
	if t == listType && o.follow.List {
		o.kind = opList
		c.emit(o)
		return
	}
	if _, word, ok := atomicPointer(t); ok {
		o.kind = opPointer
		o.offset += word
		c.emit(o)
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		c.value(f.Type, c.policy.Field(o.place, i), o.offset+f.Offset, o.step+"."+f.Name)
	}
}

// array appends an operation that runs the elements' plan, where that plan does anything. One
// element is as good as a field.
func (c *compiler) array(t reflect.Type, o op) {
	if t.Len() == 0 {
		return
	}
	elem := c.policy.Elem(o.place)
	c.plan.arrayed = append(c.plan.arrayed, baseType(t.Elem()))
	if t.Len() == 1 {
		c.value(t.Elem(), elem, o.offset, o.step+"[]")
		return
	}
	elements := compile(c.policy, t.Elem(), elem)
	if elements.leaf() {
		c.plan.hidden = append(c.plan.hidden, elements.hidden...)
		return
	}
	c.plan.arrays = append(c.plan.arrays, elements)
	o.kind = opArray
	c.plan.unstable = true
	c.emit(o)
}

// atomicPointer tells whether t is a sync/atomic.Pointer, what it points to, and at what offset
// its word lies. The pointee's type is in its first field, which is there for go vet.
func atomicPointer(t reflect.Type) (pointee reflect.Type, offset uintptr, ok bool) {
	if t.PkgPath() != "sync/atomic" || !strings.HasPrefix(t.Name(), "Pointer[") {
		return nil, 0, false
	}
	word, ok := t.FieldByName("v")
	if !ok || word.Type.Kind() != reflect.UnsafePointer || t.NumField() == 0 {
		return nil, 0, false
	}
	marker := t.Field(0).Type
	if marker.Kind() != reflect.Array || marker.Elem().Kind() != reflect.Pointer {
		return nil, 0, false
	}
	return marker.Elem().Elem(), word.Offset, true
}

// baseType unwraps arrays, and structs that hold one member of their own size, down to what lies
// at their beginning. Values of types with unlike bases cannot begin and end together (short of
// unsafe casts).
func baseType(t reflect.Type) reflect.Type {
unwrap:
	for {
		switch t.Kind() {
		case reflect.Array:
			if t.Size() == 0 {
				return t
			}
			t = t.Elem()
			continue
		case reflect.Struct:
			for i := range t.NumField() {
				if f := t.Field(i).Type; f.Size() == t.Size() && f.Size() > 0 {
					t = f
					continue unwrap
				}
			}
		}
		return t
	}
}

// elementType unwraps arrays: an array costs what its elements do.
func elementType(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Array && t.Size() > 0 {
		t = t.Elem()
	}
	return t
}
