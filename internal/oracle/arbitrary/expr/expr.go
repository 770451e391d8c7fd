// Package expr makes random rule expressions, each of which fits the type that it is made for.
package expr

import (
	"fmt"
	"math/rand/v2"
	"reflect"
)

// Shape is what decides which rules fit a type. A nil Shape is a type that is not looked into.
type Shape struct {
	Kind      reflect.Kind
	Key, Elem *Shape
	Set       bool // a map to a struct without fields
	Bytes     bool // a slice of bytes, not of arrays of them
}

// Of is the shape of t down to depth levels of containers.
func Of(t reflect.Type, depth int) *Shape {
	if depth == 0 {
		return nil
	}
	s := &Shape{Kind: t.Kind()}
	switch t.Kind() {
	case reflect.Map:
		s.Key, s.Elem = Of(t.Key(), depth-1), Of(t.Elem(), depth-1)
		s.Set = t.Elem().Kind() == reflect.Struct && t.Elem().NumField() == 0
	case reflect.Pointer, reflect.Slice:
		s.Elem = Of(t.Elem(), depth-1)
		s.Bytes = t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
	case reflect.Array: // transparent
		return Of(t.Elem(), depth)
	}
	return s
}

// Random is an expression that fits s, or "_".
func Random(r *rand.Rand, s *Shape) string {
	names := names(r, s)
	if len(names) == 0 || r.IntN(4) == 0 {
		return "_"
	}
	name := names[r.IntN(len(names))]
	if name == "raw" || name == "string" || s.Elem == nil && s.Key == nil || r.IntN(2) == 0 {
		return name
	}
	if s.Kind == reflect.Map && !s.Set {
		return fmt.Sprintf("%s<%s, %s>", name, Random(r, s.Key), Random(r, s.Elem))
	}
	if s.Kind == reflect.Map {
		return fmt.Sprintf("%s<%s>", name, Random(r, s.Key))
	}
	return fmt.Sprintf("%s<%s>", name, Random(r, s.Elem))
}

// names is the rules that fit s, their arguments chosen.
func names(r *rand.Rand, s *Shape) []string {
	if s == nil {
		return nil
	}
	switch s.Kind {
	case reflect.String:
		return []string{"string", "vector"}
	case reflect.Interface:
		return []string{"unique_ptr", "shared_ptr", "raw"}
	case reflect.Pointer:
		names := []string{"unique_ptr", "shared_ptr", "raw", "amo"}
		if s.Elem.isLeaf() {
			names = append(names, "option")
		}
		return names
	case reflect.Map:
		if s.Set {
			return []string{"set", "unordered_set"}
		}
		pool := fmt.Sprintf("pool_unordered_map=%d", 1024<<r.IntN(9))
		return []string{"map", "unordered_map", "indirectmap", pool}
	case reflect.Slice:
		inline := fmt.Sprintf("prevector=%d", 1+r.IntN(8))
		switch {
		case s.Bytes:
			return []string{"vector", "string", "prevector=28", inline}
		case s.Elem.isLeaf():
			return []string{"vector", "list", "set", "unordered_set", inline}
		}
		return []string{"vector", "list", "set", "unordered_set"}
	}
	return nil
}

// isLeaf tells whether a type may lie inside its owner: one that leads back to the owner would
// have no size.
func (s *Shape) isLeaf() bool {
	return s != nil && (s.Kind <= reflect.Complex128 || s.Kind == reflect.String ||
		s.Kind == reflect.Interface)
}
