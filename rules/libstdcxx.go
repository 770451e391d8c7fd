package rules

import "reflect"

// libstdcxx is the containers of libstdc++ 12 on x86_64 as they are, not as memusage.h counts
// them: the formulas give exactly the requests that reach operator new. Sizes of the containers
// themselves, of tree nodes and of list nodes are those of cpp; here is what differs from it.
//
//	container           header and class                              what it asks for
//	vector              stl_vector.h _Vector_base                     capacity elements
//	vector<bool>        stl_bvector.h _Bvector_base                   8 bytes for each 64 bits
//	string              basic_string.h _M_create                      capacity + 1, for the NUL
//	set, map            stl_tree.h _Rb_tree_node                      32 bytes and the value, each
//	list                stl_list.h _List_node                         16 bytes and the value, each
//	unordered_set, _map hashtable_policy.h _Hash_node                 8 bytes, the value, and
//	                    (_Hash_node_code_cache)                       sometimes its hash, each
//	                    hashtable.h _M_allocate_buckets               8 bytes a bucket; one bucket
//	                                                                  (_M_single_bucket) is inline
//	unique_ptr          unique_ptr.h make_unique                      the object
//	shared_ptr          shared_ptr_base.h _Sp_counted_ptr_inplace     16 bytes and the object
//
// Three things are not to be seen in a value, and are decided here:
//
//   - A shared_ptr was made by make_shared, as everywhere in Core: counters and object are one
//     block. shared_ptr<T>(new T) has two: say unique_ptr of a struct of 24 bytes, the counters
//     and a unique_ptr to the T (_Sp_counted_ptr).
//   - A hash is kept in the nodes (hashtable.h __cache_default) of std::string keys, whose
//     std::hash is called slow, and of std::optional of them. It is kept as well where the hash
//     function may throw: a hash of one's own that is not noexcept makes each node 8 bytes
//     larger. Here hash functions are noexcept.
//   - An unordered container was filled by insertion; reserve and rehash lead to other bucket
//     counts. A short string has its 15 bytes inside even where Go gave it more capacity.
//
// prevector and PoolAllocator are Core's own (src/prevector.h, src/support/allocators/pool.h),
// over the same operator new. indirectmap is a std::map.
type libstdcxx struct{ cpp }

// stringNUL is the byte behind the characters of a std::string that is on the heap.
const stringNUL = 1

// sharedCounters is _Sp_counted_base: a pointer to its virtual functions, and two counters of 4
// bytes, in pointers.
const sharedCounters = 2

func (f libstdcxx) usage(r *builtin, c Container) Parts {
	w := c.home()
	switch r.form {
	case formVector:
		if c.place != nil && c.place.bits {
			return bitWords(w, c)
		}
	case formString:
		return nulTerminated(w, c)
	case formUnorderedSet, formUnorderedMap:
		if c.Len == 0 {
			return Parts{} // the single bucket is inside
		}
		return cachingNode(w, r, c).Times(c.Len).Plus(bucketArray(w, c.Len))
	case formPoolUnorderedMap:
		return realPool(w, r, c)
	case formSharedPtr:
		if c.Len == 0 {
			return Parts{}
		}
		return counted(w, usedOf(c.Elem, 1), c.Elem)
	case formAmo:
		return countedLock(w, c)
	}
	return f.cpp.usage(r, c)
}

func (f libstdcxx) node(r *builtin, c Container) (Parts, bool) {
	switch r.form {
	case formUnorderedSet, formUnorderedMap:
		return cachingNode(c.home(), r, c), true
	case formSharedPtr:
		return counted(c.home(), usedOf(c.Elem, 1), c.Elem), true
	}
	return f.cpp.node(r, c)
}

func (f libstdcxx) increment(r *builtin, c Container) (uint64, bool) {
	if r.form == formUnorderedSet || r.form == formUnorderedMap {
		return cachingNode(c.home(), r, c).Total(), true
	}
	return f.cpp.increment(r, c)
}

// bitWords is the array of a std::vector<bool> (_Bvector_base::_M_allocate): whole words that
// hold the capacity in bits. Used are the bytes that hold a bit of the length.
func bitWords(w *world, c Container) Parts {
	word := 8 * w.pointer // bits
	bits := c.capacity()
	words := bits / word
	if bits%word != 0 {
		words++
	}
	used := c.Len / 8
	if c.Len%8 != 0 {
		used++
	}
	return block(w.allocator, Parts{Used: used, Spare: sub(mul(words, w.pointer), used)})
}

// nulTerminated is the buffer of a std::string that is too long to be inside (_M_create).
func nulTerminated(w *world, c Container) Parts {
	if c.Len <= stringInline {
		return Parts{}
	}
	return block(w.allocator, Parts{
		Used: c.Len, Spare: c.capacity() - c.Len, Overhead: stringNUL,
	})
}

// cachingNode is a _Hash_node: the link, the value in an __aligned_buffer, in whose tail nothing
// else may lie, and the hash where it is kept.
func cachingNode(w *world, r *builtin, c Container) Parts {
	value := entryOf(r, c).layout
	members := []layout{plain(w.pointer, w.pointer), value}
	links := w.pointer
	if c.place != nil && c.place.slowHash {
		members = append(members, plain(w.pointer, w.pointer))
		links += w.pointer
	}
	return node(w.allocator, value.Shape, links, closed(inOrder(members)).Size)
}

// counted is a _Sp_counted_ptr_inplace: the counters, and an object of a shape behind them.
func counted(w *world, object Parts, s Shape) Parts {
	head := sharedCounters * w.pointer
	whole := closed(inOrder([]layout{plain(head, w.pointer), {Shape: s}}))
	object.Overhead = add(object.Overhead, head)
	object.Padding = add(object.Padding, sub(whole.Size, add(head, s.Size)))
	return block(w.allocator, object)
}

// countedLock is cppAmo by make_shared: the counters, the lock and the std::optional in a block.
func countedLock(w *world, c Container) Parts {
	locked := closed(inOrder([]layout{plain(w.pointer, w.pointer), cppOptional(optionalElem(c))}))
	object := Parts{Overhead: locked.Size}
	if c.Len > 0 {
		object = usedOf(c.Elem, 1)
		object.Padding = locked.Padding
		object.Overhead = sub(locked.Size, add(object.Used, object.Padding))
	}
	return counted(w, object, locked.Shape)
}

// realPool is a map on Core's PoolAllocator: its chunks, their nodes in the resource's std::list,
// and the bucket array where that is too big for a chunk. No single bucket, nothing twice.
func realPool(w *world, r *builtin, c Container) Parts {
	value := entryOf(r, c).layout
	n := cachingNode(w, r, c)
	size := n.Total() - n.Rounding
	align := max(w.pointer, value.Align)
	p := newPool(align, alignUp(add(value.Size, 4*w.pointer), align), r.arg, size, w.pointer)
	p.insert(c.Len)
	total := poolChunks(w, &p, n, c.Len)
	if c.Len > 0 && p.arrays == 0 {
		total = total.Plus(bucketArray(w, c.Len))
	}
	return total
}

// poolChunks is a pool's chunks with n nodes in them, and the list of the chunks.
func poolChunks(w *world, p *pool, n Parts, count uint64) Parts {
	n.Rounding = 0
	nodes := n.Times(count) // a node, at most 16 bytes more than its value, is never too big
	nodes.Overhead = add(nodes.Overhead, p.arrays)
	nodes.Spare = sub(mul(p.chunk, p.chunks), nodes.Total())
	nodes.Rounding = mul(w.allocator.Usage(p.chunk)-p.chunk, p.chunks)
	return nodes.Plus(block(w.allocator, Parts{Overhead: 3 * w.pointer}).Times(p.chunks))
}

// isSlowHash tells whether libstdc++ keeps the hashes of b's keys: those of std::string, also
// in a std::optional (__is_fast_hash is false for their std::hash).
func (m *Model) isSlowHash(b Binding) bool {
	var key Binding
	switch b.Type.Kind() {
	case reflect.Map:
		key = m.Key(b)
	case reflect.Slice:
		key = m.Elem(b)
	}
	for key.Type != nil {
		rule, _ := m.resolve(key)
		if f := formOf(rule); f != formOption {
			return f == formString
		}
		key = m.Elem(key)
	}
	return false
}
