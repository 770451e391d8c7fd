package gosource

import (
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
}

func newNodes() *nodes { return &nodes{} }

// node is the type as layout has it.
func (n *nodes) node(t types.Type) *layout.Node {
	t = types.Unalias(t)
	if known, ok := n.made.At(t).(*layout.Node); ok {
		return known
	}
	made := &layout.Node{}
	n.made.Set(t, made)
	if named, ok := t.(*types.Named); ok {
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
