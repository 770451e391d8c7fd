package heapdump

import "slices"

// Blocks is how many blocks the heap has, and Bytes how many bytes these take: HeapAlloc, but for what
// the runtime allocates while it writes the dump.
func (d *Dump) Blocks() int { return len(d.blocks) }

// Bytes is the sum of the blocks' sizes.
func (d *Dump) Bytes() (sum uint64) {
	for _, b := range d.blocks {
		sum += b.size
	}
	return sum
}

// Reach is how many bytes and blocks can be reached from the addresses, each block once.
func (d *Dump) Reach(from ...uintptr) (bytes uint64, blocks int) {
	addresses := make([]uint64, len(from))
	for i, a := range from {
		addresses[i] = uint64(a)
	}
	return d.reach(addresses)
}

// Live is how many bytes and blocks can be reached from static memory, stacks and finalizers.
func (d *Dump) Live() (bytes uint64, blocks int) {
	return d.reach(append(slices.Clone(d.roots), d.static...))
}

func (d *Dump) reach(todo []uint64) (bytes uint64, blocks int) {
	seen := make([]bool, len(d.blocks))
	for len(todo) > 0 {
		at := d.find(todo[len(todo)-1])
		todo = todo[:len(todo)-1]
		if at < 0 || seen[at] || d.isScheduler(at) {
			continue
		}
		seen[at] = true
		bytes, blocks = bytes+d.blocks[at].size, blocks+1
		for _, p := range d.pointersOf(at) {
			todo = append(todo, p.to)
		}
	}
	return bytes, blocks
}

// find is the index of the block that contains an address, or -1.
func (d *Dump) find(address uint64) int {
	at, exact := slices.BinarySearchFunc(d.blocks, address, func(b block, address uint64) int {
		switch {
		case b.addr < address:
			return -1
		case b.addr > address:
			return 1
		}
		return 0
	})
	if !exact {
		at--
	}
	if at < 0 || address-d.blocks[at].addr >= d.blocks[at].size {
		return -1
	}
	return at
}

func (d *Dump) pointersOf(at int) []pointer {
	return d.pointers[d.blocks[at].from:d.blocks[at].until]
}

// isScheduler tells whether a block is a goroutine, a thread, a processor, or a sudog.
func (d *Dump) isScheduler(at int) bool {
	if d.scheduler[at] {
		return true
	}
	pointers := d.pointersOf(at)
	return len(pointers) > 0 && pointers[0].offset == 0 && d.scheduler[d.find(pointers[0].to)]
}

// addProcessors finds the array of processors, to which static memory points.
func (d *Dump) addProcessors() {
	for _, root := range d.static {
		at := d.find(root)
		if at < 0 || d.blocks[at].addr != root {
			continue
		}
		array := d.pointersOf(at)
		if !d.areProcessors(array) {
			continue
		}
		for _, p := range array {
			d.scheduler[d.find(p.to)] = true
		}
	}
}

// smallestProcessor is less than the size of a processor on any platform, in bytes.
const smallestProcessor = 2048

func (d *Dump) areProcessors(array []pointer) bool {
	for number, p := range array {
		at := d.find(p.to)
		if at < 0 || p.offset != uint64(number*d.pointerSize) {
			return false
		}
		b := d.blocks[at]
		if p.to-b.addr > 8 || b.size < smallestProcessor || uint32(b.first[(p.to-b.addr)/8]) != uint32(number) {
			return false
		}
		if !slices.ContainsFunc(d.pointersOf(at), func(q pointer) bool { return q.to-b.addr < b.size }) {
			return false
		}
	}
	return len(array) > 0
}
