package vet

import (
	"go/types"
	"reflect"

	"github.com/bitcoin-mem/memsize/rules"
)

// sourceType is a type of a program's source, as package rules sees types. Equal types are equal
// values: aliases are followed.
type sourceType struct{ types.Type }

func typeOf(t types.Type) rules.Type {
	if t == nil {
		return nil
	}
	return sourceType{types.Unalias(t)}
}

// kinds are those of the basic types.
var kinds = [...]reflect.Kind{
	types.Bool: reflect.Bool, types.Int: reflect.Int, types.Int8: reflect.Int8, types.Int16: reflect.Int16,
	types.Int32: reflect.Int32, types.Int64: reflect.Int64, types.Uint: reflect.Uint,
	types.Uint8: reflect.Uint8, types.Uint16: reflect.Uint16, types.Uint32: reflect.Uint32,
	types.Uint64: reflect.Uint64, types.Uintptr: reflect.Uintptr, types.Float32: reflect.Float32,
	types.Float64: reflect.Float64, types.Complex64: reflect.Complex64, types.Complex128: reflect.Complex128,
	types.String: reflect.String, types.UnsafePointer: reflect.UnsafePointer,
}

// Kind is Invalid for what does not compile.
func (s sourceType) Kind() reflect.Kind {
	switch u := s.Underlying().(type) {
	case *types.Basic:
		if int(u.Kind()) < len(kinds) {
			return kinds[u.Kind()]
		}
	case *types.Pointer:
		return reflect.Pointer
	case *types.Slice:
		return reflect.Slice
	case *types.Array:
		return reflect.Array
	case *types.Map:
		return reflect.Map
	case *types.Chan:
		return reflect.Chan
	case *types.Struct:
		return reflect.Struct
	case *types.Interface:
		return reflect.Interface
	case *types.Signature:
		return reflect.Func
	}
	return reflect.Invalid
}

func (s sourceType) String() string {
	return types.TypeString(s.Type, func(p *types.Package) string { return p.Name() })
}

func (s sourceType) Name() string {
	switch t := s.Type.(type) {
	case *types.Named:
		return t.Obj().Name()
	case *types.Basic:
		return t.Name()
	}
	return ""
}

func (s sourceType) PkgPath() string {
	if t, ok := s.Type.(*types.Named); ok && t.Obj().Pkg() != nil {
		return t.Obj().Pkg().Path()
	}
	return ""
}

func (s sourceType) Elem() rules.Type {
	if t, ok := s.Underlying().(interface{ Elem() types.Type }); ok {
		return typeOf(t.Elem())
	}
	return nil
}

func (s sourceType) Key() rules.Type {
	if t, ok := s.Underlying().(*types.Map); ok {
		return typeOf(t.Key())
	}
	return nil
}

func (s sourceType) Len() int {
	if t, ok := s.Underlying().(*types.Array); ok {
		return int(t.Len())
	}
	return 0
}

func (s sourceType) NumField() int {
	if t, ok := s.Underlying().(*types.Struct); ok {
		return t.NumFields()
	}
	return 0
}

func (s sourceType) Field(i int) rules.Field {
	t := s.Underlying().(*types.Struct)
	return rules.Field{Name: t.Field(i).Name(), Type: typeOf(t.Field(i).Type()),
		Tag: reflect.StructTag(t.Tag(i)).Get(key)}
}

// generic tells whether a type depends on a type parameter.
func generic(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Map:
		return generic(t.Key()) || generic(t.Elem())
	case *types.Named:
		for i := range t.TypeArgs().Len() {
			if generic(t.TypeArgs().At(i)) {
				return true
			}
		}
	case interface{ Elem() types.Type }:
		return generic(t.Elem())
	}
	return false
}
