package arbitrary

import (
	"math/rand/v2"
	"reflect"
	"unsafe"
)

// builder fills memory with random values. What it allocates it remembers, so that references
// can lead to it from anywhere, also before it is filled: that is how cycles come about.
type builder struct {
	r      *rand.Rand
	types  []reflect.Type
	budget int // containers that may still be allocated

	places   map[reflect.Type][]reflect.Value // memory that pointers may lead to, by its type
	arrays   map[reflect.Type][]reflect.Value // slices over whole arrays, by their element
	headers  map[reflect.Type][]reflect.Value // maps and channels, by their type
	strings  []string
	anys     []reflect.Value // interface values: to copy one is to share its box
	lists    []reflect.Value // *list.Element
	pending  []func()        // memory still to be filled
	hashable bool            // set while a map's key is filled
}

// Roots is a random graph, given by the values at its roots.
func Roots(r *rand.Rand, types []reflect.Type, size int) []any {
	b := &builder{
		r: r, types: types, budget: size,
		places:  map[reflect.Type][]reflect.Value{},
		arrays:  map[reflect.Type][]reflect.Value{},
		headers: map[reflect.Type][]reflect.Value{},
	}
	b.types = b.few(types)
	var roots []any
	for range 1 + r.IntN(5) {
		root := b.allocate(b.anyType())
		if r.IntN(2) == 0 {
			root = root.Addr()
		}
		roots = append(roots, root)
	}
	if b.chance(25) {
		roots = append(roots, b.views()...)
	}
	b.finish()
	for i, root := range roots {
		roots[i] = root.(reflect.Value).Interface()
	}
	return roots
}

// views is some slices of one array.
func (b *builder) views() []any {
	array := b.newArray(b.anyType())
	var views []any
	for range 2 + b.r.IntN(3) {
		views = append(views, b.part(array))
	}
	return views
}

// few is a small choice of types, so that the places of one graph are often of the same type: any,
// or neighbours, which may be relatives.
func (b *builder) few(types []reflect.Type) []reflect.Type {
	few := make([]reflect.Type, 2+b.r.IntN(5))
	if b.chance(40) {
		i := b.r.IntN(len(types) - len(few))
		return types[i : i+len(few)]
	}
	for i := range few {
		few[i] = types[b.r.IntN(len(types))]
	}
	return few
}

func (b *builder) anyType() reflect.Type { return b.types[b.r.IntN(len(b.types))] }

// chance is true p times in 100.
func (b *builder) chance(p int) bool { return b.r.IntN(100) < p }

// finish fills what is pending, in random order, until nothing is.
func (b *builder) finish() {
	for len(b.pending) > 0 {
		i, last := b.r.IntN(len(b.pending)), len(b.pending)-1
		next := b.pending[i]
		b.pending[i] = b.pending[last]
		b.pending = b.pending[:last]
		next()
	}
}

// allocate is new memory of type t, to be filled later.
func (b *builder) allocate(t reflect.Type) reflect.Value {
	b.budget--
	v := reflect.New(t).Elem()
	b.remember(v)
	b.pending = append(b.pending, func() { b.fill(v, 0) })
	return v
}

// remember makes v, its fields and its elements places that references may lead to.
func (b *builder) remember(v reflect.Value) {
	t := v.Type()
	if t.PkgPath() != "" && t.PkgPath() != reflect.TypeFor[empty]().PkgPath() {
		return // nobody points into a time.Time
	}
	b.places[t] = append(b.places[t], v)
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			b.remember(writable(v.Field(i)))
		}
	case reflect.Array:
		b.array(v.Slice(0, v.Len()))
	}
}

// array makes the elements of the slice s places, and s one to take slices of.
func (b *builder) array(s reflect.Value) {
	elem := s.Type().Elem()
	b.arrays[elem] = append(b.arrays[elem], s)
	for i := range min(s.Len(), 8) {
		b.remember(s.Index(i))
	}
}

// writable is v without the read-only mark of unexported fields.
func writable(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// pick is a random element of s, or the zero Value.
func (b *builder) pick(s []reflect.Value) reflect.Value {
	if len(s) == 0 {
		return reflect.Value{}
	}
	return s[b.r.IntN(len(s))]
}
