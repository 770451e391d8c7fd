package rules

// rust is the containers of the bitcoin-mem crate 0.1.19 (traits DynamicUsage and
// IncrementalDynamicUsage) with repr(Rust) layouts of rustc 1.95, 64-bit. What the crate has no
// impl for is priced as the nearest that it has, and says so here.
type rust struct{}

// vecNiche is how many capacities a Vec cannot have: those above isize::MAX.
const vecNiche = 1 << 63

// inline is size_of of the std, hashbrown (through std's HashMap) and tinyvec types.
func (rust) inline(r *builtin, c Container) layout {
	p := c.home().pointer
	fat := c.place != nil && c.place.fat
	switch r.form {
	case formSkip, formDefault:
		return layout{}
	case formVector, formString:
		return withNiche(plain(3*p, p), vecNiche)
	case formPrevector:
		return tinyVec(c, r.arg)
	case formSet, formMap, formUnorderedSet, formUnorderedMap, formPoolUnorderedMap:
		return withNiche(plain(6*p, p), 1) // std HashMap: RandomState, RawTable
	case formIndirectMap:
		return plain(3*p, p) // a BTreeMap: root, height, length
	case formList:
		return plain(3*p, p) // LinkedList: head, tail, len
	case formOption:
		return rustOption(optionalElem(c))
	case formAmo:
		return withNiche(plain(p, p), 1)
	case formRawPtr:
		if fat {
			return plain(2*p, p)
		}
		return plain(p, p)
	}
	if fat {
		return withNiche(plain(2*p, p), 1) // Box<dyn Trait>: data and vtable
	}
	return withNiche(plain(p, p), 1)
}

func withNiche(l layout, n uint64) layout {
	l.niche = n
	return l
}

// tinyVec is TinyVec<[T;N]> of tinyvec 1: an enum of ArrayVec, a repr(C) {u16, [T;N]}, and Vec.
// rustc puts the tag into a niche of the bigger variant where the other fits beside it: in the
// Vec's first word, or in the first element's where that begins with a niche, as all but small
// types that have one do. Else the tag is a byte of its own.
func tinyVec(c Container, n uint64) layout {
	p := c.home().pointer
	elem := layout{Shape: c.Elem}
	if c.place != nil {
		elem = c.place.elem
	}
	inside := closed(inOrder([]layout{plain(2, 2), array(elem, n)}))
	align := max(p, inside.Align)
	if inside.Size <= 2*p {
		return withNiche(plain(3*p, align), vecNiche-1)
	}
	if elem.niche > 0 && n > 0 {
		size := alignUp(inside.Size, align)
		behind := alignUp(add(alignUp(2, elem.Align), min(elem.Size, p)), p)
		if inside.Size > 3*p && add(behind, 3*p) <= size {
			return withNiche(plain(size, align), elem.niche-1)
		}
	}
	tagged := max(add(alignUp(1, inside.Align), inside.Size), 4*p)
	return withNiche(plain(alignUp(tagged, align), align), 254)
}

// rustOption is Option<T>: T itself where T has a bit pattern to spare, else a tag before it.
func rustOption(elem layout) layout {
	if elem.niche > 0 {
		elem.niche--
		return elem
	}
	tagged := closed(inOrder([]layout{plain(1, 1), elem}))
	return withNiche(tagged, 254)
}

// stlTreeNode is size_of StlTreeNode<X>, the crate's node of every hash container: the colour
// shares a word with a small entry, for repr(Rust) orders the fields.
func stlTreeNode(w *world, e Shape) layout {
	link := plain(w.pointer, w.pointer)
	return rustRecord.of([]layout{plain(4, 4), link, link, link, {Shape: e}})
}

// rustEntry is T of a set and (K, V) of a map, a tuple whose fields are reordered.
func rustEntry(c Container) Shape {
	switch {
	case c.Key == Shape{}:
		return c.Elem
	case c.isSet():
		return c.Key
	}
	return rustRecord.of([]layout{{Shape: c.Key}, {Shape: c.Elem}}).Shape
}

func (f rust) usage(r *builtin, c Container) Parts {
	w := c.home()
	switch r.form {
	case formVector, formString:
		elem := c.Elem
		if r.form == formString {
			elem = plain(1, 1).Shape
		}
		return buffer(w.allocator, elem, c.Len, c.capacity())
	case formPrevector:
		if c.capacity() <= r.arg {
			return Parts{}
		}
		return buffer(w.allocator, c.Elem, c.Len, c.capacity())
	case formSet, formMap, formUnorderedSet, formUnorderedMap, formPoolUnorderedMap:
		return block(w.allocator, rustNode(w, rustEntry(c)).Times(c.Len))
	case formIndirectMap:
		return indirectPair(w, c).Times(c.Len)
	case formList:
		return linkedNode(w, entryOf(r, c)).Times(c.Len) // no impl for LinkedList: Core's list
	case formUniquePtr:
		return block(w.allocator, usedOf(c.Elem, min(c.Len, 1)))
	case formSharedPtr:
		return rustArc(w, c)
	case formAmo:
		return rustAmo(w, c)
	}
	return Parts{}
}

func (f rust) increment(r *builtin, c Container) (uint64, bool) {
	w := c.home()
	switch r.form {
	case formSet, formMap, formUnorderedSet, formUnorderedMap, formPoolUnorderedMap:
		return block(w.allocator, rustNode(w, rustEntry(c))).Total(), true
	case formIndirectMap:
		return indirectPair(w, c).Total(), true
	case formList:
		return linkedNode(w, entryOf(r, c)).Total(), true
	}
	return 0, false
}

// node: a hash container is one block, however many elements it has.
func (rust) node(r *builtin, c Container) (Parts, bool) {
	w := c.home()
	c.Len = 1
	switch r.form {
	case formList:
		return linkedNode(w, entryOf(r, c)), true
	case formUniquePtr:
		return block(w.allocator, usedOf(c.Elem, 1)), true
	case formSharedPtr:
		return rustArc(w, c), true
	}
	return Parts{}, false
}

// rustNode is a StlTreeNode before the allocator sees it: the crate rounds len nodes at once,
// malloc_usage(len * size_of::<StlTreeNode<X>>()).
func rustNode(w *world, e Shape) Parts {
	links := 4 + 3*w.pointer
	asked := usedOf(e, 1)
	asked.Overhead = links
	asked.Padding = add(asked.Padding, sub(stlTreeNode(w, e).Size, add(links, e.Size)))
	return asked
}

// indirectPair is one entry of bitcoin-indirectmap's IndirectMap, whose impl adds the sizes of
// the key's pointer and of the value, and asks no allocator.
func indirectPair(w *world, c Container) Parts {
	pair := usedOf(c.Elem, 1)
	pair.Overhead = w.pointer
	return pair
}

// rustArc is malloc_usage(2 usize + size_of X): the counters and the value in one block.
func rustArc(w *world, c Container) Parts {
	if c.Len == 0 {
		return Parts{}
	}
	asked := usedOf(c.Elem, 1)
	asked.Overhead = 2 * w.pointer
	return block(w.allocator, asked)
}

// rustAmo is Amo<T>, an Arc<RwLock<Option<T>>>: its block is there also when it holds nothing.
// parking_lot's RwLock is one AtomicUsize beside the value.
func rustAmo(w *world, c Container) Parts {
	option := rustOption(optionalElem(c))
	locked := rustRecord.of([]layout{plain(w.pointer, w.pointer), option})
	size := add(2*w.pointer, locked.Size)
	asked := Parts{Overhead: size}
	if c.Len > 0 {
		asked = usedOf(c.Elem, 1)
		asked.Padding = add(asked.Padding, sub(locked.Size, add(w.pointer, option.Size)))
		asked.Overhead = sub(size, add(asked.Used, asked.Padding))
	}
	return block(w.allocator, asked)
}
