package memsizetest

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/report"
)

// bounds are what the values of a type may take in another run, in bytes.
type bounds struct{ low, high uint64 }

func (b bounds) String() string {
	if b.low == b.high {
		return figure(b.low)
	}
	return fmt.Sprintf("%s to %s", figure(b.low), figure(b.high))
}

// What the Go allocator and Go maps do by chance: values below gort.TinyBlock bytes without pointers
// share blocks of that size; a table of a map has at most gort.MaxTableSlots slots, of which at most
// 7 of 8 are taken, and is split in two when they are, so that one with splitting neighbours has at
// least 7 of 16 taken.
const (
	fullest  = 8.0 / 7
	emptiest = 16.0 / 7
)

// boundsOf are the bounds of the types of a report of v.
func boundsOf(r *report.Report, v any) map[string]bounds {
	limits := map[string]bounds{}
	slots := map[string]uint64{}
	mapSlots(reflect.TypeOf(v), slots, map[reflect.Type]bool{})
	for _, f := range r.Types {
		limits[f.Type] = bounds{f.Total, f.Total}
	}
	for n := range r.Nodes() {
		l, known := limits[n.Type]
		switch {
		case !known || n.Count == 0:
		case isMap(n.Type):
			limits[n.Type] = l.plus(n.Own, tables(n, slots[n.Type]))
		case n.Min < gort.TinyBlock+1:
			most := gort.TinyBlock * n.Count
			limits[n.Type] = l.plus(n.Own, bounds{n.Own - min(n.Own, most), n.Own + most})
		}
	}
	return limits
}

// isMap tells whether a type is that of a map.
func isMap(typ string) bool { return strings.HasPrefix(typ, "map[") }

// plus is b with part of it replaced by bounds.
func (b bounds) plus(part uint64, of bounds) bounds {
	return bounds{b.low - min(part, b.low) + of.low, b.high - min(part, b.high) + of.high}
}

// tables are the bounds of the maps at a place, whose slots take so many bytes; 0 for not known.
func tables(n *report.Node, slot uint64) bounds {
	if n.Max < gort.MaxTableSlots*(slot+1) || n.Parts.Used == 0 {
		return bounds{n.Own, n.Own} // one table each
	}
	now := float64(n.Parts.Used+n.Parts.Spare) / float64(n.Parts.Used)
	own := float64(n.Own)
	return bounds{uint64(own * min(1, fullest/now)), uint64(own * max(1, emptiest/now))}
}

// mapSlots notes what a slot of each map type below t takes, in bytes: types behind interfaces are
// not seen.
func mapSlots(t reflect.Type, slots map[string]uint64, seen map[reflect.Type]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Map:
		slots[t.String()] = inSlot(t.Key()) + inSlot(t.Elem())
		mapSlots(t.Key(), slots, seen)
		mapSlots(t.Elem(), slots, seen)
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		mapSlots(t.Elem(), slots, seen)
	case reflect.Struct:
		for i := range t.NumField() {
			mapSlots(t.Field(i).Type, slots, seen)
		}
	}
}

// inSlot is what a key or element takes in a slot: what is larger than 128 bytes has a block of its
// own.
func inSlot(t reflect.Type) uint64 {
	if t.Size() > 128 {
		return uint64(reflect.TypeFor[uintptr]().Size())
	}
	return uint64(t.Size())
}
