package vet

import "go/types"

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
