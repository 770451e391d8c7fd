package gosource

import (
	"fmt"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// nodes makes layout's types of the type checker's, each once.
type nodes struct {
	made   typeutil.Map
	broken bool // there was a type that the source does not define

	open    map[*types.TypeName]int // instances of each generic type that are being made
	endless string                  // why making nodes was given up
}

func newNodes() *nodes { return &nodes{open: map[*types.TypeName]int{}} }

// maxInstances is how many instances of one generic type may lead from one to the next: a type that
// leads to ever larger instances of itself has no end.
const maxInstances = 100

// node is the type as layout has it.
func (n *nodes) node(t types.Type) *layout.Node {
	t = types.Unalias(t)
	if known, ok := n.made.At(t).(*layout.Node); ok {
		return known
	}
	made := &layout.Node{}
	n.made.Set(t, made)
	if named, ok := t.(*types.Named); ok {
		if named.TypeArgs().Len() > 0 {
			n.open[named.Obj()]++
			defer func() { n.open[named.Obj()]-- }()
			if n.open[named.Obj()] > maxInstances && n.endless == "" {
				n.endless = fmt.Sprintf("%s leads to ever larger instances of itself, more than %d: no "+
					"compiler takes it", named.Obj().Name(), maxInstances)
			}
		}
		if n.endless != "" {
			made.K = reflect.Uintptr // which nobody will see
			return made
		}
		made.N, made.Pkg = name(named)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		made.K = kindOf(u.Kind())
		n.broken = n.broken || made.K == reflect.Invalid
	case *types.Pointer:
		made.K, made.E = reflect.Pointer, n.node(u.Elem())
	case *types.Slice:
		made.K, made.E = reflect.Slice, n.node(u.Elem())
	case *types.Array:
		made.K, made.E, made.Length = reflect.Array, n.node(u.Elem()), int(u.Len())
	case *types.Map:
		made.K, made.MapKey, made.E = reflect.Map, n.node(u.Key()), n.node(u.Elem())
	case *types.Chan:
		made.K, made.E = reflect.Chan, n.node(u.Elem())
	case *types.Signature:
		made.K = reflect.Func
	case *types.Struct:
		made.K, made.F = reflect.Struct, n.fields(u)
	default:
		made.K = reflect.Interface
	}
	return made
}

// fields are all fields of a struct, with the expressions of their memusage tags.
func (n *nodes) fields(s *types.Struct) []rules.Field {
	list := make([]rules.Field, s.NumFields())
	for i := range list {
		f := s.Field(i)
		list[i] = rules.Field{Name: f.Name(), Type: n.node(f.Type()),
			Tag: reflect.StructTag(s.Tag(i)).Get("memusage")}
	}
	return list
}

// name is the name and package path of a type as reflect has them: of a main package "main",
// type arguments with their paths.
func name(t *types.Named) (name, pkg string) {
	name = t.Obj().Name()
	qualify := func(p *types.Package) string {
		if p.Name() == "main" {
			return "main"
		}
		return p.Path()
	}
	for i := range t.TypeArgs().Len() {
		mark := ","
		if i == 0 {
			mark = "["
		}
		name += mark + types.TypeString(t.TypeArgs().At(i), qualify)
	}
	if t.TypeArgs().Len() > 0 {
		name += "]"
	}
	if t.Obj().Pkg() == nil {
		return name, ""
	}
	return name, qualify(t.Obj().Pkg())
}

// kindOf is the kind of a basic type. The two lists have the same order from Bool to Complex128.
func kindOf(k types.BasicKind) reflect.Kind {
	switch {
	case k == types.String:
		return reflect.String
	case k == types.UnsafePointer:
		return reflect.UnsafePointer
	case k >= types.Bool && k <= types.Complex128:
		return reflect.Bool + reflect.Kind(k-types.Bool)
	}
	return reflect.Invalid
}
