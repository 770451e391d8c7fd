package walker

import (
	"math/bits"
	"reflect"
	"slices"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// Holdings is what each of several roots holds, in bytes, as a walk with Options.Holdings found it: in the
// order of the roots.
type Holdings struct {
	Alone []uint64 // what each holds when it is alone
	Only  []uint64 // what only it holds
	// Leads are the numbers of roots that lead into the block of another that is the caller's own
	// (Root.Owned), which belongs to the program only as long as that is a root. Of these Alone is not known.
	Leads []int
	// Led are the numbers of roots of which the block is their own and others lead into it, under an as-if
	// model: what they lead to there is charged as soon as the root is gone. Of these Only is not known.
	Led []int
	// Known tells that the figures are known. They are not where tags or overrides have something left
	// out: what the collector sees is more then.
	Known bool
	// Together is what all roots hold, under an as-if model.
	Together uint64
	// Price is what containers at a place cost, and Bytes what bytes do, under an as-if model.
	Price func(Place) Price
	Bytes Price
}

// holdingsWalk finds them when a walk by blocks is done: it goes through the blocks that were met once more,
// by the collector's own pointer maps, root after root. See sharing.
type holdingsWalk struct {
	sharing
	marks  *blockMarks
	labels arena[uint32]
	root   uint32        // the one that is being followed
	vertex uint32        // what is being followed, where that is shared; else 0
	queue  []*blockPage  // with blocks to be followed
	again  []sharedBlock // to be followed once more
	owned  []uint32      // by root: the vertex of its own block; 0 for none
}

// sharedBlock is a block of a page that was found to be shared.
type sharedBlock struct {
	page *blockPage
	i    uint32
	v    uint32
}

// own finds what each root holds, in the marks of a walk that is done. What these say of how a block is
// to be walked is no longer needed: counts become labels, and the bits of what was walked those of what
// is to be followed.
func (o *Holdings) own(s *Session, roots []Root) {
	if len(s.hidden) > 0 || s.skips {
		return
	}
	w := &holdingsWalk{sharing: newSharing(len(roots)), marks: &s.heap.marks, owned: make([]uint32, len(roots)+1)}
	w.marks.each(func(_ uintptr, page *blockPage) {
		page.counts, page.queued = nil, none
		if page.shape.Pointers() {
			clear(page.words[page.shape.n:][:page.shape.n])
		}
	})
	for i, r := range roots {
		if r.Owned && r.Type.Size() > 0 {
			w.exclude(uint32(i+1), r.At)
		}
	}
	for i, r := range roots {
		w.root = uint32(i + 1)
		rootPointers(r.Type, r.At, w.visit)
		if target := askedOf(r); target != nil && r.Type.Size() == wordSize {
			rootPointers(askedType(r.Type), target, w.visit)
		}
		w.follow()
	}
	o.Only = w.only[1:]
	total := uint64(0)
	for _, bytes := range w.only {
		total += bytes
	}
	for _, v := range w.vertices {
		total += v.weight
	}
	o.Known = total == s.heap.total
	o.settle(w)
}

// settle finds what each root holds when it is alone.
func (o *Holdings) settle(w *holdingsWalk) {
	if len(w.vertices) == 1 { // nothing is shared
		o.Alone = slices.Clone(o.Only)
		return
	}
	s := w.solve()
	o.Alone = s.alone()[1:]
	if !slices.ContainsFunc(w.owned, func(v uint32) bool { return v != 0 }) {
		return
	}
	excluded := map[uint32]bool{}
	for _, v := range w.owned {
		if v != 0 {
			excluded[s.of(v)] = true
		}
	}
	for i := range o.Alone {
		own := w.owned[i+1]
		for _, c := range s.reached(uint32(i + 1)) {
			if excluded[c] && (own == 0 || s.of(own) != c) {
				o.Leads = append(o.Leads, i)
				break
			}
		}
	}
}

// exclude makes the block of a root that is the caller's own a vertex that holds nothing and leads nowhere.
func (w *holdingsWalk) exclude(root uint32, at unsafe.Pointer) {
	b, ok := block.Of(at)
	if !ok {
		return
	}
	page, index := w.marks.begin(b)
	label := w.label(page, index-uintptr(page.first))
	if *label == 0 {
		*label = w.sharing.vertex(0, 0) | shared
	}
	w.owned[root] = *label &^ shared
}

// label is where the label of a block of a page is kept.
func (w *holdingsWalk) label(page *blockPage, i uintptr) *uint32 {
	if page.counts == nil {
		page.counts = (*[maxPerPage]uint32)(w.labels.take(page.shape.perPage(), maxPerPage))
	}
	return &page.counts[i%maxPerPage]
}

// visit follows a reference of what is being followed.
func (w *holdingsWalk) visit(p unsafe.Pointer) {
	page := w.marks.of(p)
	if !page.heap() {
		return
	}
	index := page.shape.Index(uintptr(p) - page.start)
	if index < uintptr(page.first) { // the block begins on an earlier page
		page, index = w.marks.begin(page.block(p))
	}
	i := index - uintptr(page.first)
	if page.words[i/64%metWords]>>(i%64)&1 == 0 {
		return // the walk did not come here: it is the scheduler's
	}
	label := w.label(page, i)
	switch old := *label; {
	case old == 0:
		*label = w.root
		w.only[w.root] += uint64(page.shape.Size())
		if page.shape.Pointers() {
			w.enqueue(page, i)
		}
	case old&shared != 0 && w.vertex == 0:
		w.enter(w.root, old&^shared)
	case old&shared != 0:
		w.refer(w.vertex, old&^shared)
	case old != w.root || w.vertex != 0:
		w.share(page, i, label)
	}
}

// share makes a block a vertex, which a root came to that is not the first.
func (w *holdingsWalk) share(page *blockPage, i uintptr, label *uint32) {
	first, size := *label, uint64(page.shape.Size())
	w.only[first] -= size
	v := w.sharing.vertex(size, w.vertex)
	if *label = v | shared; w.vertex == 0 {
		w.enter(first, v)
		w.enter(w.root, v)
	}
	if page.shape.Pointers() {
		w.again = append(w.again, sharedBlock{page, uint32(i), v})
	}
}

func (w *holdingsWalk) enqueue(page *blockPage, i uintptr) {
	page.words[page.shape.n+i/64] |= 1 << (i % 64)
	if page.queued == none {
		page.queued = several
		w.queue = append(w.queue, page)
	}
}

// follow follows what a root leads to, until nothing is left.
func (w *holdingsWalk) follow() {
	for head := 0; head < len(w.queue); head++ {
		w.page(w.queue[head])
		if head > 1<<12 && 2*head > len(w.queue) {
			w.queue = w.queue[:copy(w.queue, w.queue[head+1:])]
			head = -1
		}
	}
	w.queue = w.queue[:0]
	for k := 0; k < len(w.again); k++ {
		const ahead = 8
		if k+ahead < len(w.again) {
			next := w.again[k+ahead]
			at := next.page.at(uintptr(next.i))
			prefetch(&at, 1, 0)
		}
		x := w.again[k]
		w.vertex = x.v
		w.block(x.page, uintptr(x.i))
	}
	w.again, w.vertex = w.again[:0], 0
}

// page follows the blocks of a page that wait.
func (w *holdingsWalk) page(page *blockPage) {
	page.queued = none
	n := page.shape.n
	for k := range n {
		todo := page.words[n+k]
		page.words[n+k] = 0
		var ahead [64]unsafe.Pointer
		count := 0
		for left := todo; left != 0; left &= left - 1 {
			ahead[count%64] = page.at(k*64 + uintptr(bits.TrailingZeros64(left)))
			count++
		}
		if count > 1 {
			prefetch(&ahead[0], count, 0)
		}
		for ; todo != 0; todo &= todo - 1 {
			w.block(page, k*64+uintptr(bits.TrailingZeros64(todo)))
		}
	}
}

// block follows the pointers in a block of a page.
func (w *holdingsWalk) block(page *blockPage, i uintptr) {
	b := page.block(page.at(i))
	if mask, ok := b.Mask(); ok {
		for ; mask != 0; mask &= mask - 1 {
			if p := pointerAt(unsafe.Add(b.Base, bits.TrailingZeros64(mask)*int(wordSize))); p != nil {
				w.visit(p)
			}
		}
		return
	}
	for words := b.Words(); ; {
		p, ok := words.Next()
		if !ok {
			return
		}
		w.visit(p)
	}
}

// rootPointers calls f with the pointers in a value of type t that are not nil.
func rootPointers(t reflect.Type, at unsafe.Pointer, f func(p unsafe.Pointer)) {
	switch t.Kind() {
	case reflect.Array:
		if block.HasPointers(t) {
			for i := range uintptr(t.Len()) {
				rootPointers(t.Elem(), unsafe.Add(at, i*t.Elem().Size()), f)
			}
		}
		return
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			rootPointers(field.Type, unsafe.Add(at, field.Offset), f)
		}
		return
	case reflect.Interface:
		at = unsafe.Add(at, wordSize)
	case reflect.Pointer, reflect.Slice, reflect.String, reflect.Map, reflect.Chan, reflect.Func,
		reflect.UnsafePointer:
	default:
		return
	}
	if p := pointerAt(at); p != nil {
		f(p)
	}
}

// askedType is what the word of a value that is a pointer and no more leads to: that is followed even where
// it is static. Nothing for other words.
func askedType(t reflect.Type) reflect.Type {
	for {
		if pointee, _, ok := atomicPointer(t); ok {
			return pointee
		}
		switch {
		case t.Kind() == reflect.Pointer:
			return t.Elem()
		case unwrap(t) != nil:
			t = unwrap(t)
		default:
			return closedType
		}
	}
}

// askedOf is where the word of a root leads that is outside the heap; nil if it is nowhere else.
func askedOf(r Root) unsafe.Pointer {
	if r.Type.Size() != wordSize {
		return nil
	}
	p := pointerAt(r.At)
	if _, heap := block.Of(p); heap || p == nil || isForeign(p) {
		return nil
	}
	return p
}
