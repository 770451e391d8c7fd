package walker

import (
	"container/list"
	"fmt"
	"reflect"
	"slices"
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
	base   reflect.Type // of typ: see baseType
	place  Place
	follow Follow
	step   string // path from the value to the container: ".Coins", ".Header.Next", ""
	reason string // opUnaccounted
	beside string // what each of the containers has elsewhere
	bound  any    // what is equal where values are bound alike: see bound
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
	base     reflect.Type // stands for the types of values in the same memory: see baseType
	// byKind tells that each place in the value says no more than the kind of its type.
	byKind bool
	// leftOut tells that the value, or the elements of the array that it is, are left out. How large they
	// are is for each container to say then.
	leftOut bool
	// hidden are the types of what lies in fields that are not followed: a pointer from
	// elsewhere may lead there.
	hidden []reflect.Type
	// arrayed are the base types of the elements of arrays in the value: a slice from elsewhere
	// may lie over them. arrays are the plans of the elements.
	arrayed []reflect.Type
	arrays  []*plan
	// members are the structs in the value, and the value itself if it is one.
	members []member
}

// member is a struct in a value: by its base type, and the operations that are for its fields.
type member struct {
	base   reflect.Type
	offset uintptr
	ops    []op
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
	c := compiler{policy: policy, plan: &plan{place: place, typ: t, size: t.Size(), byKind: true}}
	c.value(t, place, 0, "")
	c.plan.base = baseType(t)
	for ; t.Kind() == reflect.Array; t = t.Elem() {
		place = policy.Elem(place)
	}
	c.plan.leftOut = policy.Follow(place).Skip
	return c.plan
}

type compiler struct {
	policy Policy
	plan   *plan
}

// value appends the operations for a value of type t at an offset.
func (c *compiler) value(t reflect.Type, place Place, offset uintptr, step string) {
	f := c.policy.Follow(place)
	c.plan.byKind = c.plan.byKind && f.ByKind
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

// bound is how a container of type t is bound at a place: the place, or where that says no more than
// the kind of the type, the type without its name.
func bound(t reflect.Type, place Place, f Follow) any {
	if f.ByKind {
		return unnamed(t)
	}
	return place
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

func (c *compiler) emit(o op) {
	o.base, o.bound = baseType(o.typ), bound(o.typ, o.place, o.follow)
	c.plan.ops = append(c.plan.ops, o)
}

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
	first := len(c.plan.ops)
	for i := range t.NumField() {
		f := t.Field(i)
		c.value(f.Type, c.policy.Field(o.place, i), o.offset+f.Offset, o.step+"."+f.Name)
	}
	if isHandle(t) {
		for i := range c.plan.ops[first:] {
			c.plan.ops[first+i].beside = handleReason
		}
	}
	if unwrap(t) == nil {
		ops := slices.Clip(c.plan.ops[first:])
		c.plan.members = append(c.plan.members, member{baseType(t), o.offset, ops})
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
	c.plan.arrays = append(c.plan.arrays, elements)
	c.plan.byKind = c.plan.byKind && elements.byKind
	if elements.leaf() {
		return
	}
	o.kind = opArray
	c.plan.unstable = true
	c.emit(o)
}

// isHandle tells whether t is a unique.Handle.
func isHandle(t reflect.Type) bool {
	return t.PkgPath() == "unique" && strings.HasPrefix(t.Name(), "Handle[")
}

const handleReason = "unique.Handle: what package unique keeps for each different value besides it"

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
