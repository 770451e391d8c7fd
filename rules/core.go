package rules

import "github.com/bitcoin-mem/memsize/malloc"

// cpp is the containers of Bitcoin Core v30.2 over libstdc++: the formulas of src/memusage.h and
// src/support/allocators/pool.h, in C++ LP64 or ILP32. MallocUsage is the world's allocator.
type cpp struct{}

// stringInline is the longest std::string that libstdc++ keeps inside the object, in bytes.
const stringInline = 15

// inline is sizeof of the containers of libstdc++ 12, and of Core's own.
func (cpp) inline(r *builtin, c Container) layout {
	p := c.home().pointer
	switch r.form {
	case formSkip, formDefault:
		return layout{}
	case formVector:
		if c.place != nil && c.place.bits {
			return plain(5*p, p) // two bit iterators and the end of the storage
		}
		return plain(3*p, p)
	case formPrevector:
		return plain(prevectorSize(c.Elem.Size, r.arg, p), p)
	case formString:
		return plain(2*p+16, p)
	case formSet, formMap, formIndirectMap:
		return plain(6*p, p)
	case formUnorderedSet, formUnorderedMap:
		return plain(7*p, p)
	case formPoolUnorderedMap:
		return plain(8*p, p) // the allocator is a pointer to the resource
	case formList:
		return plain(3*p, p)
	case formSharedPtr, formAmo:
		return plain(2*p, p)
	case formOption:
		return cppOptional(optionalElem(c))
	}
	return plain(p, p)
}

// prevectorSize is sizeof(prevector<N,T>): a union of the inline elements and a packed {pointer,
// uint32 capacity}, then a uint32 size (src/prevector.h).
func prevectorSize(elem, n, pointer uint64) uint64 {
	union := alignUp(max(mul(elem, n), pointer+4), 4)
	return alignUp(add(union, 4), pointer)
}

// optionalElem is what an option holds inline: the pointee.
func optionalElem(c Container) layout {
	if c.place != nil {
		return c.place.elem
	}
	return layout{Shape: c.Elem}
}

// cppOptional is std::optional<T>: the value, and a bool behind it.
func cppOptional(elem layout) layout {
	return cppRecord.of([]layout{elem, plain(1, 1)})
}

func (f cpp) usage(r *builtin, c Container) Parts {
	w := c.home()
	a := w.allocator
	switch r.form {
	case formVector:
		return vectorUsage(a, c)
	case formPrevector:
		if c.capacity() <= r.arg {
			return Parts{}
		}
		return buffer(a, c.Elem, c.Len, c.capacity())
	case formString:
		if c.Len <= stringInline {
			return Parts{}
		}
		return buffer(a, Shape{Size: 1, Align: 1}, c.Len, c.capacity())
	case formSet, formMap, formIndirectMap:
		return treeNode(w, entryOf(r, c)).Times(c.Len)
	case formList:
		return linkedNode(w, entryOf(r, c)).Times(c.Len)
	case formUnorderedSet, formUnorderedMap:
		nodes := hashNode(w, entryOf(r, c)).Times(c.Len)
		return nodes.Plus(bucketArray(w, c.Len))
	case formPoolUnorderedMap:
		return poolUsage(w, entryOf(r, c).layout, r.arg, c.Len)
	case formUniquePtr:
		return pointerUsage(w, c)
	case formSharedPtr:
		counter := block(a, Parts{Overhead: 3 * w.pointer}) // stl_shared_counter
		return pointerUsage(w, c).Plus(counter.Times(min(c.Len, 1)))
	case formAmo:
		return cppAmo(w, c)
	}
	return Parts{}
}

func (f cpp) increment(r *builtin, c Container) (uint64, bool) {
	if r.form == formUniquePtr || r.form == formSharedPtr {
		return 0, false
	}
	n, ok := f.node(r, c)
	return n.Total(), ok
}

func (cpp) node(r *builtin, c Container) (Parts, bool) {
	w := c.home()
	switch r.form {
	case formSet, formMap, formIndirectMap:
		return treeNode(w, entryOf(r, c)), true
	case formList:
		return linkedNode(w, entryOf(r, c)), true
	case formUnorderedSet, formUnorderedMap:
		return hashNode(w, entryOf(r, c)), true
	case formUniquePtr, formSharedPtr:
		c.Len = 1
		return pointerUsage(w, c), true
	}
	return Parts{}, false
}

// vectorUsage is MallocUsage(capacity * sizeof(T)). A std::vector<bool> has a capacity in bits,
// whole words of them, and Core's formula takes each bit for a byte.
func vectorUsage(a malloc.Allocator, c Container) Parts {
	capacity := c.capacity()
	if c.place != nil && c.place.bits && c.place.world.pointer > 0 {
		capacity = alignUp(capacity, 8*c.place.world.pointer)
	}
	return buffer(a, c.Elem, c.Len, capacity)
}

// pointerUsage is MallocUsage(sizeof(X)) of what a pointer owns; no C++ object has 0 bytes, so
// that a pointee of zero size takes 1.
func pointerUsage(w *world, c Container) Parts {
	if c.Len == 0 {
		return Parts{}
	}
	asked := usedOf(c.Elem, 1)
	if c.Elem.Size == 0 {
		asked.Overhead = 1
	}
	return block(w.allocator, asked)
}

// cppAmo is the C++ twin of the crate's Amo<T> = Arc<RwLock<Option<T>>>, which Core has not: a
// shared_ptr to a lock word and a std::optional<T>. It has its block also when it holds nothing.
func cppAmo(w *world, c Container) Parts {
	held := cppOptional(optionalElem(c))
	locked := closed(inOrder([]layout{plain(w.pointer, w.pointer), held}))
	asked := Parts{Overhead: locked.Size}
	if c.Len > 0 {
		asked = usedOf(c.Elem, 1)
		asked.Padding = locked.Padding
		asked.Overhead = locked.Size - add(asked.Used, asked.Padding)
	}
	return block(w.allocator, asked).Plus(block(w.allocator, Parts{Overhead: 3 * w.pointer}))
}

// entry is what a node holds: an element, or a std::pair<const K, V>.
type entry struct {
	layout
	// end is where the last member ends. Where the alignment exceeds a pointer's, a class
	// derived from the pair puts its first member there, in the pair's tail.
	end uint64
}

// entryOf is the entry of c's nodes. The key of an indirectmap is a pointer.
func entryOf(r *builtin, c Container) entry {
	key, elem := c.Key, layout{Shape: c.Elem}
	if c.place != nil {
		elem.empty = c.place.elem.empty
	}
	if r.form == formIndirectMap {
		key = plain(c.home().pointer, c.home().pointer).Shape
	}
	switch {
	case key == Shape{}:
		return entry{elem, elem.Size}
	case elem.Shape == Shape{}:
		l := layout{Shape: key}
		if c.place != nil {
			l.empty = c.place.key.empty
		}
		return entry{l, key.Size}
	}
	pair := inOrder([]layout{{Shape: key}, {Shape: c.Elem}})
	return entry{closed(pair), pair.Size}
}

// treeNode is memusage::stl_tree_node<X>: a colour, three pointers, the entry.
func treeNode(w *world, e entry) Parts {
	head := closed(inOrder([]layout{plain(4, 4), plain(w.pointer, w.pointer)}))
	links := 4 + 3*w.pointer
	size := closed(inOrder([]layout{
		plain(head.Size+2*w.pointer, w.pointer), e.layout,
	})).Size
	return node(w.allocator, e.Shape, links, size)
}

// linkedNode is memusage::list_node<X>: two pointers and the entry.
func linkedNode(w *world, e entry) Parts {
	size := closed(inOrder([]layout{plain(2*w.pointer, w.pointer), e.layout})).Size
	return node(w.allocator, e.Shape, 2*w.pointer, size)
}

// hashNode is memusage::unordered_node<X>: a class derived from X with one pointer. An empty X
// takes no room, and the pointer may lie in the tail of a pair that is aligned to more than it.
func hashNode(w *world, e entry) Parts {
	if e.empty {
		return block(w.allocator, Parts{Overhead: w.pointer})
	}
	size := add(alignUp(e.end, w.pointer), w.pointer)
	size = alignUp(size, max(e.Align, w.pointer))
	members := Shape{Size: e.end, Padding: sub(e.Padding, e.Size-e.end)}
	return node(w.allocator, members, w.pointer, size)
}

// bucketArray is the array of pointers behind an unordered container; Core charges one also for
// the single bucket that lies in the object.
func bucketArray(w *world, n uint64) Parts {
	return block(w.allocator, Parts{Overhead: mul(bucketCount(n), w.pointer)})
}

// poolUsage is memusage::DynamicUsage of an unordered map on a PoolAllocator: each chunk with its
// node in the resource's std::list, and the bucket array, which is charged again when it lies in
// a chunk. A chunk's bytes that hold no node are spare.
func poolUsage(w *world, e layout, chunk, n uint64) Parts {
	size := closed(inOrder([]layout{plain(w.pointer, w.pointer), e})).Size
	align := max(w.pointer, e.Align)
	maxBlock := alignUp(add(e.Size, 4*w.pointer), align)
	p := newPool(align, maxBlock, chunk, size, w.pointer)
	p.insert(n)

	inside := p.nodes(n)
	nodes := usedOf(e.Shape, inside)
	nodes.Padding = add(nodes.Padding, mul(sub(size, add(e.Size, w.pointer)), inside))
	nodes.Overhead = add(mul(w.pointer, inside), p.arrays)
	nodes.Spare = sub(mul(p.chunk, p.chunks), nodes.Total())
	nodes.Rounding = mul(w.allocator.Usage(p.chunk)-p.chunk, p.chunks)

	listed := block(w.allocator, Parts{Overhead: 3 * w.pointer}).Times(p.chunks)
	return nodes.Plus(listed).Plus(bucketArray(w, n))
}
