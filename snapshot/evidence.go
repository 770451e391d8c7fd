package snapshot

import "reflect"

// An edge is a part of a type: a struct field, an element, a key. Pointers and the widths of
// numbers belong to edges: the wire shows the same number for a *uint16 and an uint64.
type edge struct {
	of    *wireType
	field int
}

// evidence is what all values at an edge, at any place, prove of it.
type evidence struct {
	present uint64
	absent  uint64
	width   uint8
}

// gatherEvidence sums over places.
func gatherEvidence(places []*place) map[edge]*evidence {
	all := make(map[edge]*evidence)
	at := func(e edge) *evidence {
		if all[e] == nil {
			all[e] = &evidence{}
		}
		return all[e]
	}
	for _, p := range places {
		for i, q := range p.parts {
			e := at(edge{p.typ, i})
			if q != nil {
				e.present += q.count
				e.width = max(e.width, q.width)
			}
			if p.kind == wireStruct {
				e.absent += p.absent(i)
			}
		}
	}
	return all
}

// manyNumbers is from how many numbers on their common width is taken for that of their type.
const manyNumbers = 16

// numberKind is the Go kind of a number of which the widest had width bytes, and the smallest
// and largest size that it can have. inArray tells that it is an element of an array.
func numberKind(t *wireType, e evidence, inArray bool) (kind reflect.Kind, low, high int) {
	switch t.kind {
	case wireBool:
		return reflect.Bool, 1, 1
	case wireInt:
		return integerKind(reflect.Int, reflect.Int64, e.width)
	case wireUint:
		kind, low, high = integerKind(reflect.Uint, reflect.Uint64, e.width)
		if inArray && low == 1 && e.present >= manyNumbers {
			kind = reflect.Uint8 // [N]byte: only slices of bytes are sent as such
		}
		return kind, low, high
	case wireFloat:
		return floatKind(reflect.Float64, reflect.Float32, 4, e)
	}
	return floatKind(reflect.Complex128, reflect.Complex64, 8, e)
}

// integerKind: a number that needs more than four bytes cannot be of a 32-bit type.
func integerKind(assumed, wide reflect.Kind, width uint8) (kind reflect.Kind, low, high int) {
	low = 1
	for low < int(width) {
		low *= 2
	}
	if low == 8 {
		return wide, 8, 8
	}
	return assumed, low, 8
}

// floatKind: the mantissa of a float32 takes at most five bytes on the wire, and that of most
// takes exactly five. Shorter ones say nothing: small whole numbers are short in both types.
func floatKind(double, single reflect.Kind, size int, e evidence) (
	kind reflect.Kind, low, high int) {
	switch {
	case e.width > 5:
		return double, 2 * size, 2 * size
	case e.width == 5 && e.present >= manyNumbers:
		return single, size, 2 * size
	}
	return double, size, 2 * size
}
