package gotype

import (
	"fmt"
	"reflect"

	"github.com/bitcoin-mem/memsize/rules"
)

// MaxInline is how many structs and arrays may lie inside each other.
const MaxInline = 256

// Check refuses types that cannot be: those that contain themselves, or structs in structs without
// end. What is made of a layout takes for granted that there are none.
func Check(types []*Type) error {
	depth := make(map[*Type]int, len(types))
	for _, n := range types {
		if err := inlineDepth(n, depth, 0); err != nil {
			return err
		}
	}
	return nil
}

func inlineDepth(n *Type, depth map[*Type]int, level int) error {
	if depth[n] > 0 {
		return nil
	}
	if level > MaxInline {
		return fmt.Errorf("type %.60q contains itself, or more than %d levels", n.String(), MaxInline)
	}
	parts := n.Spec.Fields
	if n.Spec.Kind == reflect.Array {
		parts = []rules.Field{{Type: n.Spec.Elem}}
	}
	deepest := 0
	for _, f := range parts {
		inner := f.Type.(*Type)
		if err := inlineDepth(inner, depth, level+1); err != nil {
			return err
		}
		deepest = max(deepest, depth[inner])
	}
	if depth[n] = deepest + 1; deepest >= MaxInline {
		return fmt.Errorf("more than %d structs in structs", MaxInline)
	}
	return nil
}
