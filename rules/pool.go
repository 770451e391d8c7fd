package rules

// pool follows Core's PoolResource (src/support/allocators/pool.h): blocks of at most maxBlock
// bytes are carved from chunks, in multiples of align; what is left of a chunk when the next is
// taken, and what is given back, waits in a free list for a request of exactly its size. Bigger
// blocks go to operator new, which the resource does not count.
type pool struct {
	align, maxBlock, chunk uint64

	chunks    uint64 // chunks taken so far
	available uint64 // bytes left in the newest chunk
	arrays    uint64 // bytes of the bucket array that lies in a chunk; 0 where it does not

	node uint64 // size of a node, a multiple of align; all else asked for is bucket arrays
	// free counts the free blocks of each size that can be asked for again: of bucket arrays by
	// their place in bucketGrowth, and of nodes. Leftovers of other sizes are never used.
	freeArrays [len(bucketGrowth)]uint64
	freeNodes  uint64
	pointer    uint64
}

// newPool takes its first chunk at once, as the constructor does. A chunk smaller than the
// biggest block is refused by an assert in Core; here it counts as that block's size.
func newPool(align, maxBlock, chunk, node, pointer uint64) pool {
	size := alignUp(max(chunk, maxBlock, 1), align)
	return pool{
		align: align, maxBlock: maxBlock, chunk: size,
		chunks: 1, available: size,
		node: node, pointer: pointer,
	}
}

// insert fills the map with n elements one by one. libstdc++ allocates the node first; when the
// buckets must grow, it allocates the new array and then frees the old one. A single bucket lies
// in the map itself.
func (p *pool) insert(n uint64) {
	const last = len(bucketGrowth) - 1
	done := uint64(0)
	for i, buckets := range bucketGrowth {
		if done == n {
			return
		}
		p.take(p.node, 1)
		p.rehash(i)
		done++
		upTo := min(n, buckets)
		if i == last {
			upTo = n // the buckets grow no more
		}
		p.take(p.node, upTo-done)
		done = upTo
	}
}

// nodes is how many of n nodes lie in chunks: all or, where they are bigger than a block may be,
// none.
func (p *pool) nodes(n uint64) uint64 {
	if p.node > p.maxBlock {
		return 0
	}
	return n
}

// rehash replaces the bucket array before bucketGrowth[i] by that one.
func (p *pool) rehash(i int) {
	array := mul(bucketGrowth[i], p.pointer)
	p.take(array, 1)
	p.arrays = 0
	if array <= p.maxBlock {
		p.arrays = alignUp(array, p.align)
	}
	if i == 0 {
		return
	}
	if old := bucketGrowth[i-1] * p.pointer; old <= p.maxBlock {
		p.giveBack(alignUp(old, p.align), 1)
	}
}

// take asks for n blocks of size bytes each.
func (p *pool) take(size, n uint64) {
	if size > p.maxBlock || n == 0 {
		return
	}
	size = alignUp(size, p.align)
	n -= p.reuse(size, n)
	fit := min(n, p.available/size)
	p.available -= fit * size
	n -= fit
	if n == 0 {
		return
	}
	p.giveBack(p.available, 1)
	// Whole chunks from here on. Their leftovers are smaller than size, so that none is reused
	// within this call.
	perChunk := p.chunk / size
	more := (n-1)/perChunk + 1
	p.giveBack(p.chunk%size, more-1)
	p.chunks = add(p.chunks, more)
	p.available = p.chunk - (n-(more-1)*perChunk)*size
}

// reuse takes up to n blocks of size bytes from the free list and tells how many.
func (p *pool) reuse(size, n uint64) uint64 {
	list := p.freeList(size)
	if list == nil {
		return 0
	}
	reused := min(n, *list)
	*list -= reused
	return reused
}

// giveBack puts n blocks of size bytes into the free list.
func (p *pool) giveBack(size, n uint64) {
	if list := p.freeList(size); list != nil {
		*list = add(*list, n)
	}
}

// freeList counts the free blocks of size bytes; nil for a size that is never asked for. A node
// and a bucket array of the same size share one list.
func (p *pool) freeList(size uint64) *uint64 {
	if size == p.node {
		return &p.freeNodes
	}
	for i, buckets := range bucketGrowth {
		array := mul(buckets, p.pointer)
		if array > p.maxBlock {
			return nil
		}
		if alignUp(array, p.align) == size {
			return &p.freeArrays[i]
		}
	}
	return nil
}
