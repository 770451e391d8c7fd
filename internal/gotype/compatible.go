package gotype

import (
	"reflect"

	"github.com/bitcoin-mem/memsize/rules"
)

const (
	// MaxStars is how many pointers to pointers are told apart.
	MaxStars = 8
	// maxPairs bounds the types that one comparison looks at.
	maxPairs = 1 << 14
)

// Strip is t without its pointers.
func Strip(t rules.Type) rules.Type {
	for stars := 0; t.Kind() == reflect.Pointer && stars < MaxStars; stars++ {
		t = t.Elem()
	}
	return t
}

// Depth is how far Compatible looks.
type Depth bool

const (
	// Shapes meet as encoding/gob's compatibleType has it, which does not look into structs: their
	// fields meet one by one, and those that do not are dropped.
	Shapes Depth = false
	// Fields of structs must all be there, and meet. encoding/gob does not ask for that; it is for
	// finding a type among many.
	Fields Depth = true
)

// Compatible tells whether a stream's type can be decoded into t: pointers do not count, and
// numbers meet by class. A type that encodes itself meets whatever has its name, and any type by its
// shape alone. Both graphs may come from a hostile stream: no recursion, and an end.
func Compatible(wire, t rules.Type, depth Depth) bool {
	c := comparison{fields: depth == Fields, seen: make(map[pair]bool)}
	c.push(wire, t)
	for len(c.work) > 0 {
		p := c.work[len(c.work)-1]
		c.work = c.work[:len(c.work)-1]
		if !c.meet(p) || c.fields && len(c.seen) > maxPairs {
			return false
		}
		if len(c.seen) > maxPairs {
			break
		}
	}
	return true
}

type pair struct{ wire, t rules.Type }

// comparison compares two type graphs with a stack of its own.
type comparison struct {
	fields bool
	seen   map[pair]bool
	work   []pair
}

func (c *comparison) push(wire, t rules.Type) {
	p := pair{Strip(wire), Strip(t)}
	if !c.seen[p] {
		c.seen[p] = true
		c.work = append(c.work, p)
	}
}

// meet compares two types, and leaves what is below them to do.
func (c *comparison) meet(p pair) bool {
	wire, t := p.wire, p.t
	if w, ok := wire.(*Type); ok && w.Opaque() != "" {
		return !c.fields || t.Name() != "" && (w.Name() == "" || w.Name() == t.Name())
	}
	if !sameKind(wire.Kind(), t.Kind()) {
		return false
	}
	switch wire.Kind() {
	case reflect.Array:
		c.push(wire.Elem(), t.Elem())
		return wire.Len() == t.Len()
	case reflect.Slice:
		c.push(wire.Elem(), t.Elem())
	case reflect.Map:
		c.push(wire.Key(), t.Key())
		c.push(wire.Elem(), t.Elem())
	case reflect.Struct:
		return !c.fields || c.meetFields(wire, t)
	}
	return true
}

// meetFields pairs the fields of two structs by name.
func (c *comparison) meetFields(wire, t rules.Type) bool {
	byName := make(map[string]rules.Type, t.NumField())
	for i := range t.NumField() {
		byName[t.Field(i).Name] = t.Field(i).Type
	}
	for i := range wire.NumField() {
		field := byName[wire.Field(i).Name]
		if field == nil {
			return false
		}
		c.push(wire.Field(i).Type, field)
	}
	return true
}

// sameKind tells whether gob sends values of two kinds in the same way, as it does integers of all
// widths.
func sameKind(a, b reflect.Kind) bool { return class(a) == class(b) }

// class is what kinds have in common that gob sends in the same way.
func class(k reflect.Kind) reflect.Kind {
	switch {
	case k >= reflect.Int && k <= reflect.Int64:
		return reflect.Int
	case k >= reflect.Uint && k <= reflect.Uintptr:
		return reflect.Uint
	case k == reflect.Float32:
		return reflect.Float64
	case k == reflect.Complex64:
		return reflect.Complex128
	}
	return k
}
