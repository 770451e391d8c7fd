package arbitrary

import (
	"context"
	"math"
	"reflect"
	"strings"
	"time"
	"unsafe"
)

// deepest bounds the recursion through interfaces that hold values that hold interfaces.
const deepest = 4

// fill writes a random value of its type to v.
func (b *builder) fill(v reflect.Value, depth int) {
	v = writable(v)
	if b.special(v, depth) || depth > deepest {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			b.fill(v.Field(i), depth)
		}
	case reflect.Array:
		for i := range v.Len() {
			b.fill(v.Index(i), depth)
		}
	case reflect.Pointer:
		b.pointer(v)
	case reflect.Slice:
		b.slice(v)
	case reflect.String:
		v.SetString(b.string())
	case reflect.Map:
		b.mapping(v)
	case reflect.Chan:
		b.channel(v)
	case reflect.Interface:
		b.iface(v, depth)
	case reflect.Func:
		b.function(v)
	case reflect.UnsafePointer:
		if b.chance(20) {
			v.SetPointer(unsafe.Pointer(new(int64)))
		}
	default:
		b.scalar(v)
	}
}

// scalar sets a number. Small ones matter: Go boxes them in a table of its own.
func (b *builder) scalar(v reflect.Value) {
	n := b.r.Uint64() >> b.r.IntN(64)
	switch {
	case v.CanInt():
		v.SetInt(int64(n))
	case v.CanUint():
		v.SetUint(n)
	case v.CanFloat():
		v.SetFloat([]float64{0, 1.5, math.Inf(1), math.NaN(), float64(n)}[b.r.IntN(5)])
	case v.CanComplex():
		v.SetComplex(complex(float64(n), 1))
	default:
		v.SetBool(n%2 == 0)
	}
}

// pointer leads to nothing, to memory that is there already, or to new memory.
func (b *builder) pointer(v reflect.Value) {
	elem := v.Type().Elem()
	if b.chance(15) {
		return
	}
	if elem.Kind() == reflect.Array && b.chance(50) && b.pointIntoSlice(v) {
		return
	}
	if elem.Kind() == reflect.Struct && b.chance(30) && b.pointToTwin(v) {
		return
	}
	place := b.pick(b.places[elem])
	if b.budget > 0 && (!place.IsValid() || b.chance(45)) {
		place = b.allocate(elem)
	}
	if place.IsValid() {
		v.Set(place.Addr().Convert(v.Type()))
	}
}

// pointIntoSlice makes v, a pointer to an array, lead to elements of a longer one.
func (b *builder) pointIntoSlice(v reflect.Value) bool {
	t := v.Type().Elem()
	s := b.pick(b.arrays[t.Elem()])
	if !s.IsValid() || s.Len() < t.Len() || t.Len() == 0 {
		return false
	}
	i := b.r.IntN(s.Len() - t.Len() + 1)
	v.Set(reflect.NewAt(t, s.Index(i).Addr().UnsafePointer()).Convert(v.Type()))
	return true
}

// pointToTwin makes v, a pointer to a struct without a name, lead to one whose tags differ.
func (b *builder) pointToTwin(v reflect.Value) bool {
	elem := v.Type().Elem()
	for _, t := range b.types {
		if t == elem || t.Kind() != reflect.Struct || t.Name() != "" || elem.Name() != "" {
			continue
		}
		place := b.pick(b.places[t])
		if place.IsValid() && place.Addr().CanConvert(v.Type()) {
			v.Set(place.Addr().Convert(v.Type()))
			return true
		}
	}
	return false
}

// slice is nil, empty, a part of an array that is there already, or a new array.
func (b *builder) slice(v reflect.Value) {
	if b.chance(12) {
		return
	}
	elem := v.Type().Elem()
	s := b.pick(b.arrays[elem])
	if b.budget > 0 && (!s.IsValid() || b.chance(45)) {
		s = b.newArray(elem)
	}
	if !s.IsValid() {
		return
	}
	if b.chance(70) {
		s = b.part(s)
	}
	v.Set(s.Convert(v.Type()))
}

// part is a slice of the slice s.
func (b *builder) part(s reflect.Value) reflect.Value {
	n := s.Len()
	i := b.r.IntN(n + 1)
	j := i + b.r.IntN(n-i+1)
	return s.Slice3(i, j, j+b.r.IntN(n-j+1))
}

// newArray is a slice over a new array. All of it is filled, also what its slices will not reach.
func (b *builder) newArray(elem reflect.Type) reflect.Value {
	b.budget--
	n := b.r.IntN(9)
	if elem.Kind() == reflect.Uint8 {
		n = b.r.IntN(60)
	}
	s := reflect.MakeSlice(reflect.SliceOf(elem), n, n)
	b.array(s)
	b.pending = append(b.pending, func() {
		for i := range n {
			b.fill(s.Index(i), 0)
		}
	})
	return s
}

// string is a literal, new bytes, part of another string, or a view of a byte slice.
func (b *builder) string() string {
	switch n := b.r.IntN(10); {
	case n == 0:
		return ""
	case n == 1:
		return "a literal that is longer than fifteen bytes"
	case n < 6 && len(b.strings) > 0:
		s := b.strings[b.r.IntN(len(b.strings))]
		i := b.r.IntN(len(s) + 1)
		return s[i : i+b.r.IntN(len(s)-i+1)]
	case n == 6:
		if s := b.pick(b.arrays[reflect.TypeFor[byte]()]); s.IsValid() && s.Len() > 0 {
			i := b.r.IntN(s.Len())
			return unsafe.String((*byte)(s.Index(i).Addr().UnsafePointer()), b.r.IntN(s.Len()-i+1))
		}
	}
	s := strings.Repeat("x", b.r.IntN(50))
	s = strings.Clone(s)
	b.strings = append(b.strings, s)
	return s
}

// mapping is nil, a map that is there already, or a new one, whose entries come later: they may
// hold the map itself.
func (b *builder) mapping(v reflect.Value) {
	if b.reuse(v) {
		return
	}
	t := v.Type()
	m := reflect.MakeMap(t)
	b.headers[t] = append(b.headers[t], m)
	n := b.r.IntN(6)
	if b.chance(10) {
		n = b.r.IntN(40)
	}
	b.pending = append(b.pending, func() {
		for range n {
			key, elem := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			b.hashable = true
			b.fill(key, 1)
			b.hashable = false
			b.fill(elem, 1)
			m.SetMapIndex(key, elem)
		}
	})
	v.Set(m)
}

// channel is nil, a channel that is there already, or a new one, filled later.
func (b *builder) channel(v reflect.Value) {
	if b.reuse(v) {
		return
	}
	t := v.Type()
	c := reflect.MakeChan(t, b.r.IntN(5))
	b.headers[t] = append(b.headers[t], c)
	b.pending = append(b.pending, func() {
		turns := b.r.IntN(c.Cap() + 1) // so that the queue begins anywhere in its ring
		for range turns {
			c.Send(reflect.Zero(t.Elem()))
			c.Recv()
		}
		for range b.r.IntN(c.Cap() + 1) {
			if !FillsChannels {
				return
			}
			elem := reflect.New(t.Elem()).Elem()
			b.fill(elem, 1)
			c.Send(elem)
		}
	})
	v.Set(c)
}

// reuse sets v, a map or channel, to nil or to one that is there, unless a new one is due.
func (b *builder) reuse(v reflect.Value) bool {
	if b.chance(15) {
		return true
	}
	there := b.pick(b.headers[v.Type()])
	if b.budget > 0 && (!there.IsValid() || b.chance(50)) {
		b.budget--
		return false
	}
	if there.IsValid() {
		v.Set(there)
	}
	return true
}

// iface holds nothing, what another interface holds (its box is shared then), or a new value.
func (b *builder) iface(v reflect.Value, depth int) {
	if b.chance(10) {
		return
	}
	if b.chance(25) && !b.hashable {
		if other := b.pick(b.anys); other.IsValid() && other.Type() == v.Type() {
			v.Set(other)
			return
		}
	}
	t := b.dynamic(v.Type())
	if t == nil {
		return
	}
	held := reflect.New(t).Elem()
	b.fill(held, depth+1)
	if b.chance(5) {
		held = reflect.Zero(t) // all that is zero shares a box
	}
	v.Set(held)
	if !v.IsNil() && !b.hashable {
		b.anys = append(b.anys, v)
	}
}

// dynamic is a type for an interface of type t to hold; nil if none was found.
func (b *builder) dynamic(t reflect.Type) reflect.Type {
	for range 20 {
		var held reflect.Type
		switch {
		case t.NumMethod() > 0:
			held = speakers[b.r.IntN(len(speakers))]
		case b.chance(30):
			held = scalars[b.r.IntN(len(scalars))]
		case b.chance(30):
			held = leaves[b.r.IntN(len(leaves))]
		case b.chance(40):
			held = reflect.PointerTo(b.anyType())
		case b.chance(50) || b.hashable:
			held = b.anyType()
		default: // a type that memory is there for
			held = reflect.SliceOf(b.anyType())
		}
		if held.Kind() != reflect.Interface && held.Implements(t) &&
			(!b.hashable || held.Comparable()) {
			return held
		}
	}
	return nil
}

// function is nil or a closure.
func (b *builder) function(v reflect.Value) {
	if b.chance(50) {
		n := new(int)
		v.Set(reflect.ValueOf(func() { *n++ }).Convert(v.Type()))
	}
}

// opaques is values of types that other packages keep to themselves.
var opaques = map[reflect.Type]func() any{
	reflect.TypeFor[time.Time]():      func() any { return time.Now() },
	reflect.TypeFor[*time.Location](): func() any { return time.FixedZone("here", 3600) },
	reflect.TypeFor[reflect.Type]():   func() any { return reflect.TypeFor[int]() },
	reflect.TypeFor[context.Context](): func() any {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return ctx
	},
}
