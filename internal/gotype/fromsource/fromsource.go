// Package fromsource makes Go types of what the type checker knows of a program's source.
package fromsource

import (
	"fmt"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/rules"
)

// Types are the types of one program, each made once. The zero Types is ready for use.
type Types struct {
	Broken  bool   // there was a type that the source does not define
	Endless string // why making types was given up; empty if it was not

	made typeutil.Map
	open map[*types.TypeName]int // instances of each generic type that are being made
}

// maxInstances is how many instances of one generic type may lead from one to the next: a type that
// leads to ever larger instances of itself has no end.
const maxInstances = 100

// Of is the type as memsize has it.
func (n *Types) Of(t types.Type) *gotype.Type {
	t = types.Unalias(t)
	if known, ok := n.made.At(t).(*gotype.Type); ok {
		return known
	}
	made := &gotype.Type{}
	n.made.Set(t, made)
	if named, ok := t.(*types.Named); ok {
		if named.TypeArgs().Len() > 0 {
			if n.open == nil {
				n.open = map[*types.TypeName]int{}
			}
			n.open[named.Obj()]++
			defer func() { n.open[named.Obj()]-- }()
			if n.open[named.Obj()] > maxInstances && n.Endless == "" {
				n.Endless = fmt.Sprintf("%s leads to ever larger instances of itself, more than %d: no "+
					"compiler takes it", named.Obj().Name(), maxInstances)
			}
		}
		if n.Endless != "" {
			made.Spec.Kind = reflect.Uintptr // which nobody will see
			return made
		}
		made.Spec.Name, made.Spec.PkgPath = name(named)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		made.Spec.Kind = kindOf(u.Kind())
		n.Broken = n.Broken || made.Spec.Kind == reflect.Invalid
	case *types.Pointer:
		made.Spec.Kind, made.Spec.Elem = reflect.Pointer, n.Of(u.Elem())
	case *types.Slice:
		made.Spec.Kind, made.Spec.Elem = reflect.Slice, n.Of(u.Elem())
	case *types.Array:
		made.Spec.Kind, made.Spec.Elem, made.Spec.Len = reflect.Array, n.Of(u.Elem()), int(u.Len())
	case *types.Map:
		made.Spec.Kind, made.Spec.Key, made.Spec.Elem = reflect.Map, n.Of(u.Key()), n.Of(u.Elem())
	case *types.Chan:
		made.Spec.Kind, made.Spec.Elem = reflect.Chan, n.Of(u.Elem())
	case *types.Signature:
		made.Spec.Kind = reflect.Func
	case *types.Struct:
		made.Spec.Kind, made.Spec.Fields = reflect.Struct, n.fields(u)
	default:
		made.Spec.Kind = reflect.Interface
	}
	return made
}

// fields are all fields of a struct, with the expressions of their memusage tags.
func (n *Types) fields(s *types.Struct) []rules.Field {
	list := make([]rules.Field, s.NumFields())
	for i := range list {
		f := s.Field(i)
		list[i] = rules.Field{Name: f.Name(), Type: n.Of(f.Type()),
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
