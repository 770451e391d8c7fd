package account

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/spelling"
	"github.com/bitcoin-mem/memsize/walker"
)

// structUse is where values of a struct type lie each in a block of their own, or as elements of slices
// that have theirs.
type structUse struct {
	blocks []structBlock
	nested bool // in another struct, or in a map, whose size would change as well
}

// structBlock is a block of values of a struct type, one after another.
type structBlock struct{ vertex, ref uint32 }

// boxes looks for slices of interfaces whose elements are all boxed values of one type: as a slice of that
// type they need no boxes.
func (w *waste) boxes() {
	for v := range w.graph.Len() {
		if refs := w.refs(v); len(refs) == 1 && !w.claimed[v] && w.kind(refs[0]) == reflect.Slice &&
			w.node(refs[0]).Type.Elem().Kind() == reflect.Interface {
			w.boxed(v, refs[0])
		}
	}
}

func (w *waste) boxed(v, r uint32) {
	h := sliceAt(w.graph.SlotOf(r))
	var t reflect.Type
	boxes := map[uint32]bool{}
	count := w.elements(v, func(e walker.Edge) bool {
		n := w.nodes[e.Node&walker.IDs]
		if !n.Boxed || e.Node&walker.Untyped != 0 || t != nil && n.Type.Elem() != t {
			return false
		}
		t = n.Type.Elem()
		boxes[e.To] = true
		return true
	})
	if t == nil || count != h.length || h.length != h.limit || t.Size() > 16 {
		return
	}
	var sum uint64
	for b := range boxes {
		if w.onlyFrom(b, v) && len(w.graph.Edges(b)) == 0 && !w.claimed[b] {
			sum += w.graph.Size(b)
			w.claimed[b] = true
		}
	}
	pointers := hasPointers(t)
	array := uint64(block.Round(t.Size()*uintptr(h.length), pointers))
	if saved := int64(w.graph.Size(v)) - int64(array) + int64(sum); saved > 0 {
		w.claim(boxedValues, v, r, uint64(saved), "make it a []"+spelling.Type(t)+": all that is in it is of that type")
	}
}

// elements calls f with the references of a vertex and of its entries, and counts them; -1 if f does not
// want one.
func (w *waste) elements(v uint32, f func(e walker.Edge) bool) (count int) {
	for _, e := range w.graph.Edges(v) {
		switch {
		case w.graph.IsEntry(e.To):
			for _, inner := range w.graph.Edges(e.To) {
				if count++; !f(inner) {
					return -1
				}
			}
		default:
			if count++; !f(e) {
				return -1
			}
		}
	}
	return count
}

// onlyFrom tells whether all references to a vertex are from another or its entries.
func (w *waste) onlyFrom(v, from uint32) bool {
	for _, r := range w.refs(v) {
		if source := w.graph.Source(r); source != from &&
			!(w.graph.IsEntry(source) && w.graph.Sole(source) == from) {
			return false
		}
	}
	return true
}

// hasPointers tells whether the collector looks for pointers in values of a type.
func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	}
	return t.Kind() > reflect.Complex128
}

// maps looks for maps that hold nothing, or one entry: they could be nil, or that entry.
func (w *waste) maps() {
	for v := range w.graph.Len() {
		refs := w.refs(v)
		if len(refs) != 1 || w.kind(refs[0]) != reflect.Map || w.claimed[v] {
			continue
		}
		length := lengthOfMap(w.graph.SlotOf(refs[0]))
		if length > 1 {
			continue
		}
		t, own := w.node(refs[0]).Type, w.own(v)
		switch length {
		case 0:
			w.claim(fewInMap, v, refs[0], own, "set empty maps to nil, and make one when there is an entry")
		case 1:
			entry := reflect.StructOf([]reflect.StructField{{Name: "Key", Type: t.Key()},
				{Name: "Value", Type: t.Elem()}})
			need := uint64(block.Round(entry.Size(), hasPointers(entry)))
			if entry.Size() < 16 && !hasPointers(entry) {
				need = 16
			}
			if own > need {
				w.claim(fewInMap, v, refs[0], own-need, "make it a pointer to a struct of a key and a value, and a "+
					"map only when there are more")
			}
		}
	}
}

// own is what a map takes itself: its header and tables.
func (w *waste) own(v uint32) (bytes uint64) {
	seen := map[uint32]bool{v: true}
	for list := []uint32{v}; len(list) > 0; {
		v := list[len(list)-1]
		list = list[:len(list)-1]
		bytes += w.graph.Size(v)
		w.claimed[v] = true
		for _, e := range w.graph.Edges(v) {
			if e.Node&walker.Internal != 0 && !w.graph.IsEntry(e.To) && !seen[e.To] {
				seen[e.To] = true
				list = append(list, e.To)
			}
		}
	}
	return bytes
}

// structs looks for struct types that would fit a smaller size class: with their fields in another order,
// or with a pointer in place of a slice that never has more than one element.
func (w *waste) structs() {
	w.useOfStructs()
	for t, use := range w.types {
		if use.nested || t.Name() == "" {
			continue
		}
		if field, saved, count := w.slicesOfOne(t, use); saved > 0 {
			f := t.Field(field)
			instead := reflect.PointerTo(f.Type.Elem())
			if f.Type.Elem().Kind() == reflect.Pointer { // nil is none, and it needs no block for one
				instead, saved = f.Type.Elem(), saved+w.arrays(t, use, f)
			}
			w.add(oneInSlice, spelling.Type(t)+"."+f.Name, spelling.Type(t), count, saved, fmt.Sprintf("make it a %s: no %s "+
				"has more than one", spelling.Type(instead), f.Name))
			continue
		}
		if order, size := bestOrder(t); size < t.Size() {
			if saved, count := w.smaller(t, use, size); saved > 0 {
				w.add(fieldOrder, spelling.Type(t), spelling.Type(t), count, saved, "order the fields "+strings.Join(order, ", ")+
					fmt.Sprintf(": %d bytes instead of %d", size, t.Size()))
			}
		}
	}
}

// useOfStructs finds the blocks of values of struct types, of those types of which something may be saved.
func (w *waste) useOfStructs() {
	nested := map[reflect.Type]bool{}
	structs := make([]*structUse, len(w.nodes)) // by node
	for i, n := range w.nodes {
		structs[i] = w.useOf(n, nested)
	}
	for v := range w.graph.Len() {
		if v%checkEvery == 0 && w.ctx.Err() != nil {
			return
		}
		refs := w.refs(v)
		if len(refs) == 0 || w.untyped(refs[0]) || w.claimed[v] {
			continue
		}
		n := w.node(refs[0])
		use := structs[n.ID]
		if use == nil {
			continue
		}
		t, count, at := valueOf(n.Type, w.graph.SlotOf(refs[0]))
		if count == 0 || !w.sameType(refs, n.Type, at) || !w.sizes.fits(t.Size()*count, w.graph.Size(v), w.pointers[v]) {
			continue
		}
		use.blocks = append(use.blocks, structBlock{v, refs[0]})
	}
	for t, use := range w.types {
		use.nested = nested[t]
	}
}

// useOf is the use of the struct type to which references at a node lead; nil where they do not, or where
// nothing could be saved. It notes what types lie in others.
func (w *waste) useOf(n *walker.Node, nested map[reflect.Type]bool) *structUse {
	kind := w.kinds[n.ID]
	if kind == reflect.Map {
		nested[n.Type.Elem()], nested[n.Type.Key()] = true, true
	}
	if kind != reflect.Pointer && kind != reflect.Slice || n.Type.Elem().Kind() != reflect.Struct {
		return nil
	}
	t := n.Type.Elem()
	noteNested(t, nested)
	if use := w.types[t]; use != nil {
		return use
	}
	if t.Name() == "" || !mayShrink(t) {
		return nil
	}
	use := new(structUse)
	w.types[t] = use
	return use
}

// mayShrink tells whether values of a struct type could take less: with their fields in another order, or
// without a slice.
func mayShrink(t reflect.Type) bool {
	for i := range t.NumField() {
		if t.Field(i).Type.Kind() == reflect.Slice {
			return true
		}
	}
	_, size := bestOrder(t)
	return size < t.Size()
}

// valueOf is the type, number and place of the values that a reference at a slot leads to; nil for other
// references.
func valueOf(t reflect.Type, slot uintptr) (elem reflect.Type, count, at uintptr) {
	switch t.Kind() {
	case reflect.Pointer:
		return t.Elem(), 1, *(*uintptr)(pointerTo(slot))
	case reflect.Slice:
		h := sliceAt(slot)
		return t.Elem(), uintptr(h.limit), h.data
	}
	return nil, 0, 0
}

// values is how many values lie in a block, and where.
func (w *waste) values(b structBlock) (count, at uintptr) {
	_, count, at = valueOf(w.node(b.ref).Type, w.graph.SlotOf(b.ref))
	return count, at
}

// sameType tells whether references are all of one type and lead to one place.
func (w *waste) sameType(refs []uint32, t reflect.Type, at uintptr) bool {
	for _, r := range refs {
		if w.node(r).Type != t || w.untyped(r) {
			return false
		}
		if _, _, other := valueOf(t, w.graph.SlotOf(r)); other != at {
			return false
		}
	}
	return true
}

// noteNested notes the struct types that lie in another.
func noteNested(t reflect.Type, nested map[reflect.Type]bool) {
	for i := range t.NumField() {
		f := t.Field(i).Type
		for f.Kind() == reflect.Array {
			f = f.Elem()
		}
		if f.Kind() == reflect.Struct && !nested[f] {
			nested[f] = true
			noteNested(f, nested)
		}
	}
}

// smaller is what is saved if values of a type have a smaller size.
func (w *waste) smaller(t reflect.Type, use *structUse, size uintptr) (saved, count uint64) {
	pointers := hasPointers(t)
	for _, b := range use.blocks {
		n, _ := w.values(b)
		before, after := block.Round(t.Size()*n, pointers), block.Round(size*n, pointers)
		saved += uint64(before - min(after, before))
		count += uint64(n)
	}
	return saved, count
}

// slicesOfOne is the field of a struct type that is a slice and has at most one element in each value, and
// what a pointer in its place would save.
func (w *waste) slicesOfOne(t reflect.Type, use *structUse) (field int, saved, count uint64) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type.Kind() != reflect.Slice || f.Type.Elem().Size() == 0 || !w.fewEach(t, use, f) {
			continue
		}
		size := (t.Size() - 2*reflect.TypeFor[uintptr]().Size())
		if saved, count := w.smaller(t, use, size); saved > 0 {
			return i, saved, count
		}
	}
	return 0, 0, 0
}

// arrays claims the blocks of the arrays of a field that is a slice, and sums them up.
func (w *waste) arrays(t reflect.Type, use *structUse, f reflect.StructField) (bytes uint64) {
	for _, b := range use.blocks {
		n, at := w.values(b)
		for i := range n {
			known, ok := block.Of(pointerTo(sliceAt(at + i*t.Size() + f.Offset).data))
			if !ok {
				continue
			}
			v, ok := w.graph.Find(uintptr(known.Base), known.Size)
			if ok && len(w.refs(v)) == 1 && !w.claimed[v] {
				w.claimed[v] = true
				bytes += w.graph.Size(v)
			}
		}
	}
	return bytes
}

// fewEach tells whether a field that is a slice has at most one element, and room for no more, in each
// value of a type, and one in some.
func (w *waste) fewEach(t reflect.Type, use *structUse, f reflect.StructField) bool {
	some := false
	for _, b := range use.blocks {
		n, at := w.values(b)
		for i := range n {
			h := sliceAt(at + i*t.Size() + f.Offset)
			if h.length > 1 || h.limit > 1 {
				return false
			}
			some = some || h.length == 1
		}
	}
	return some
}

// bestOrder is the order of a struct's fields in which it takes least, and that size: by alignment, the
// largest first, those without size before all others.
func bestOrder(t reflect.Type) (names []string, size uintptr) {
	fields := reflect.VisibleFields(t)
	fields = slices.DeleteFunc(fields, func(f reflect.StructField) bool { return len(f.Index) > 1 })
	slices.SortStableFunc(fields, func(a, b reflect.StructField) int {
		return cmp.Or(cmp.Compare(boolNumber(a.Type.Size() > 0), boolNumber(b.Type.Size() > 0)),
			cmp.Compare(b.Type.Align(), a.Type.Align()), cmp.Compare(b.Type.Size()%8, a.Type.Size()%8))
	})
	for _, f := range fields {
		align := uintptr(f.Type.Align())
		size = (size+align-1)/align*align + f.Type.Size()
		names = append(names, f.Name)
	}
	align := uintptr(t.Align())
	return names, (size + align - 1) / align * align
}

func boolNumber(b bool) int {
	if b {
		return 1
	}
	return 0
}
