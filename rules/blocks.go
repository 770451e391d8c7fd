package rules

import "github.com/bitcoin-mem/memsize/malloc"

// block is one allocation that is asked for with the given parts: they come back with what the
// allocator rounds away as Rounding. A container does not ask for 0 bytes, whatever the allocator
// would take for that.
func block(a malloc.Allocator, asked Parts) Parts {
	n := asked.Total()
	if n == 0 {
		return Parts{}
	}
	asked.Rounding = a.Usage(n) - n
	return asked
}

// usedOf is n whole elements of shape s, their holes apart.
func usedOf(s Shape, n uint64) Parts {
	return Parts{Used: mul(s.Size-s.Padding, n), Padding: mul(s.Padding, n)}
}

// buffer is one block of capacity elements, of which length are in use.
func buffer(a malloc.Allocator, elem Shape, length, capacity uint64) Parts {
	asked := usedOf(elem, length)
	asked.Spare = mul(elem.Size, capacity-length)
	return block(a, asked)
}

// node is one block with links bytes of pointers and an entry; the rest of size is padding.
func node(a malloc.Allocator, entry Shape, links, size uint64) Parts {
	asked := usedOf(entry, 1)
	asked.Overhead = links
	asked.Padding = add(asked.Padding, sub(size, add(links, entry.Size)))
	return block(a, asked)
}

// capacity is the room of a container whose header may be torn: never below its length.
func (c Container) capacity() uint64 { return max(c.Cap, c.Len) }

// isSet tells a map without values from a map with values.
func (c Container) isSet() bool { return c.Elem == Shape{} && c.Key != Shape{} }
