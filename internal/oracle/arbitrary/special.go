package arbitrary

import (
	"container/list"
	"reflect"
	"strings"
	"sync/atomic"
	"weak"
)

// special fills types whose words must not be chosen one by one. It tells whether v was one.
func (b *builder) special(v reflect.Value, depth int) bool {
	t := v.Type()
	if value, ok := opaques[t]; ok {
		if b.chance(70) {
			v.Set(reflect.ValueOf(value()))
		}
		return true
	}
	switch {
	case t == reflect.TypeFor[list.List]():
		b.list(v.Addr().Interface().(*list.List), depth)
	case t == reflect.TypeFor[*list.Element]():
		if e := b.pick(b.lists); e.IsValid() {
			v.Set(e)
		}
	case t == reflect.TypeFor[atomic.Value]():
		if b.chance(70) {
			v.Addr().Interface().(*atomic.Value).Store(b.string())
		}
	case t == reflect.TypeFor[weak.Pointer[holes]]():
		if p := b.pick(b.places[reflect.TypeFor[holes]()]); p.IsValid() {
			v.Set(reflect.ValueOf(weak.Make(p.Addr().Interface().(*holes))))
		}
	case t.PkgPath() == "sync/atomic" && strings.HasPrefix(t.Name(), "Pointer["):
		b.atomicPointer(v)
	default:
		return false
	}
	return true
}

// list has some elements, one of which an iterator may name.
func (b *builder) list(l *list.List, depth int) {
	if depth > deepest {
		return
	}
	for range b.r.IntN(4) {
		e := l.PushBack(nil)
		b.iface(reflect.ValueOf(&e.Value).Elem(), depth+1)
		b.lists = append(b.lists, reflect.ValueOf(e))
	}
}

// atomicPointer fills the word v of an atomic.Pointer[T] as a *T. Its first field is [0]*T.
func (b *builder) atomicPointer(v reflect.Value) {
	p := reflect.New(v.Field(0).Type().Elem()).Elem()
	b.pointer(p)
	word := writable(v.FieldByName("v"))
	word.SetPointer(p.UnsafePointer())
}
