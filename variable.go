package memsize

import (
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/walker"
)

// variable is a root made by Var, or by Fields: then it is a field of owner.
type variable struct {
	at    reflect.Value
	owner reflect.Type
	field int
}

// Var is the variable that p points to as a root: Heap(Var(p)) is what *p owns. The block in which
// the variable lies belongs to the program, as that of a global does: it is neither charged nor
// followed, even where the value leads back to it. Var panics unless p is a pointer that is not nil.
// A Var inside other data is an ordinary value.
func Var(p any) any {
	at := reflect.ValueOf(p)
	if at.Kind() != reflect.Pointer || at.IsNil() {
		panic(fmt.Sprintf("memsize: Var wants a pointer to a variable, as in Var(&cache), not %T", p))
	}
	return variable{at: at}
}

// root is the variable as a root of a walk.
func (v variable) root(name string) walker.Root {
	return walker.Root{Name: name, Type: v.at.Type().Elem(), At: v.at.UnsafePointer(), Owned: true,
		Owner: v.owner, Field: v.field}
}

// Fields are the fields of the struct that p points to, each as a Var under its name, for
// ScanRoots. Blank fields are left out; the others keep their tags and ForField rules. Together with the
// struct's own block they hold what Heap(p) says, where nothing leads back to the struct. It panics
// unless p is a pointer to a struct, not nil.
func Fields(p any) map[string]any {
	at := reflect.ValueOf(p)
	if at.Kind() != reflect.Pointer || at.IsNil() || at.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("memsize: Fields wants a pointer to a struct, as in Fields(&app), not %T", p))
	}
	fields := map[string]any{}
	t := at.Type().Elem()
	for i := range t.NumField() {
		if f := t.Field(i); f.Name != "_" {
			field := reflect.NewAt(f.Type, at.Elem().Field(i).Addr().UnsafePointer())
			fields[f.Name] = variable{field, t, i}
		}
	}
	return fields
}

// variables are the roots of a scan by name: a pointer into a block that holds more than what it points
// to is the variable there, and named is what these are called.
func variables(roots map[string]any) (all map[string]any, named []string) {
	all = make(map[string]any, len(roots))
	for name, v := range roots {
		all[name] = v
		at := reflect.ValueOf(v)
		if at.Kind() != reflect.Pointer || at.IsNil() {
			continue
		}
		if t := at.Type().Elem(); !isTimer(t) && inLarger(at.UnsafePointer(), t.Size()) {
			all[name] = variable{at: at}
			named = append(named, name)
		}
	}
	return all, named
}

// isTimer tells whether t is time.Timer or time.Ticker, whose blocks the runtime makes: more is behind
// the value than its type says.
func isTimer(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Timer]() || t == reflect.TypeFor[time.Ticker]()
}

// inLarger tells whether the size bytes at p lie in a block that holds more; false where that is not
// known.
func inLarger(p unsafe.Pointer, size uintptr) bool {
	const tiny = 16 // values below share blocks if they have no pointers
	b, ok := block.Of(p)
	switch {
	case !ok || size == 0 || !b.Pointers && size < tiny && b.Size == tiny:
		return false
	case block.Round(size, b.Pointers) != b.Size:
		return true
	}
	header := b.Size - size
	if page, ok := block.PageOf(p); ok {
		header = page.Header()
	}
	return uintptr(p)-uintptr(b.Base) > header || moreBehind(b, uintptr(p)-uintptr(b.Base)+size)
}

// moreBehind tells whether the collector sees a pointer in a block from an offset on.
func moreBehind(b block.Block, offset uintptr) bool {
	const word = unsafe.Sizeof(uintptr(0))
	for at := (offset + word - 1) &^ (word - 1); at+word <= b.Limit(); at += word {
		if b.HasPointer(at) {
			return true
		}
	}
	return false
}
