package memsize

import (
	"fmt"
	"reflect"

	"github.com/bitcoin-mem/memsize/walker"
)

// variable is a root made by Var.
type variable struct{ at reflect.Value }

// Var is the variable that p points to as a root: Heap(Var(p)) is what *p owns. The block in which
// the variable lies belongs to the program, as that of a global does: it is neither charged nor
// followed, even where the value leads back to it. Var panics unless p is a pointer that is not nil.
func Var(p any) any {
	at := reflect.ValueOf(p)
	if at.Kind() != reflect.Pointer || at.IsNil() {
		panic(fmt.Sprintf("memsize: Var wants a pointer to a variable, as in Var(&cache), not %T", p))
	}
	return variable{at}
}

// root is the variable as a root of a walk.
func (v variable) root(name string) walker.Root {
	return walker.Root{Name: name, Type: v.at.Type().Elem(), At: v.at.UnsafePointer(), Owned: true}
}

// Fields are the fields of the struct that p points to, each as a Var under its name, for
// ScanRoots. It panics unless p is a pointer to a struct, not nil.
func Fields(p any) map[string]any {
	at := reflect.ValueOf(p)
	if at.Kind() != reflect.Pointer || at.IsNil() || at.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("memsize: Fields wants a pointer to a struct, as in Fields(&app), not %T", p))
	}
	fields := map[string]any{}
	t := at.Type().Elem()
	for i := range t.NumField() {
		if f := t.Field(i); f.Name != "_" {
			fields[f.Name] = variable{reflect.NewAt(f.Type, at.Elem().Field(i).Addr().UnsafePointer())}
		}
	}
	return fields
}
