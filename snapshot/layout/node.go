package layout

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
)

// Node is a type made field by field, by those who read types from elsewhere. It implements
// [rules.Type]; once it is in use it must not change any more.
type Node struct {
	K      reflect.Kind
	N      string // name, with type arguments as reflect writes them; empty for unnamed types
	Pkg    string // import path; "main" for a program's own package
	E      *Node  // pointee, element, a map's value
	MapKey *Node
	Length int
	F      []rules.Field
}

var _ rules.Type = (*Node)(nil)

// Kind is the Go kind.
func (n *Node) Kind() reflect.Kind { return n.K }

// Name is N, but for basic types, whose name is their kind's.
func (n *Node) Name() string { return n.N }

// PkgPath is Pkg.
func (n *Node) PkgPath() string { return n.Pkg }

// Elem is E, nil where there is none.
func (n *Node) Elem() rules.Type { return orNil(n.E) }

// Key is MapKey, nil where there is none.
func (n *Node) Key() rules.Type { return orNil(n.MapKey) }

func orNil(n *Node) rules.Type {
	if n == nil {
		return nil
	}
	return n
}

// Len is the length of an array.
func (n *Node) Len() int { return n.Length }

// NumField is the number of fields, those without a name or unexported ones included.
func (n *Node) NumField() int { return len(n.F) }

// Field is the i-th field in source order.
func (n *Node) Field(i int) rules.Field { return n.F[i] }

// String is the type as Go source for people, cut where it gets long.
func (n *Node) String() string { return n.text(6) }

func (n *Node) text(depth int) string {
	switch {
	case n.N != "" && n.Pkg != "":
		return base(n.Pkg) + "." + n.N
	case n.N != "":
		return n.N
	case depth == 0:
		return "…"
	}
	switch n.K {
	case reflect.Pointer:
		return "*" + n.E.text(depth-1)
	case reflect.Slice:
		return "[]" + n.E.text(depth-1)
	case reflect.Array:
		return "[" + strconv.Itoa(n.Length) + "]" + n.E.text(depth-1)
	case reflect.Map:
		return "map[" + n.MapKey.text(depth-1) + "]" + n.E.text(depth-1)
	case reflect.Chan:
		return "chan " + n.E.text(depth-1)
	case reflect.Struct:
		return n.structText(depth - 1)
	case reflect.Interface:
		return "any"
	}
	return n.K.String()
}

func (n *Node) structText(depth int) string {
	var b strings.Builder
	b.WriteString("struct{")
	for i, f := range n.F {
		if i > 0 {
			b.WriteString("; ")
		}
		if b.Len() > 80 {
			b.WriteString("…")
			break
		}
		b.WriteString(f.Name + " " + f.Type.(*Node).text(depth))
	}
	return b.String() + "}"
}
