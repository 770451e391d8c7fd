package walker

import "math/bits"

// slotSet is a set of values that were followed, by the memory that they take: a bit for each 4
// bytes, so that no two values with pointers share one. Memory that is wholly followed is passed
// over quickly: slices may overlap as often as they are long.
type slotSet struct {
	chunks map[uintptr]*slotChunk
}

// slotChunk is the bits for 4 KiB of memory, and how many of them are set.
type slotChunk struct {
	bits [chunkSlots / 64]uint64
	set  int
}

const (
	slotBytes  = 4
	chunkSlots = 1024
	slotMemory = slotBytes * chunkSlots
)

func newSlotSet() slotSet { return slotSet{map[uintptr]*slotChunk{}} }

// add tells whether any of the value of size bytes at an address is new, and adds it. Of an array
// that overlaps another a part may be: then all of it is followed once more.
func (s *slotSet) add(address, size uintptr) (fresh bool) {
	slot := address / slotBytes
	chunk := s.chunk(slot)
	for end := slot + max(1, size/slotBytes); slot < end; {
		if slot%chunkSlots == 0 {
			chunk = s.chunk(slot)
		}
		n := min(64-slot%64, end-slot)
		word, mask := &chunk.bits[slot%chunkSlots/64], ^uint64(0)>>(64-n)<<(slot%64)
		if added := mask &^ *word; added != 0 {
			*word |= added
			chunk.set += bits.OnesCount64(added)
			fresh = true
		}
		slot += n
	}
	return fresh
}

func (s *slotSet) chunk(slot uintptr) *slotChunk {
	chunk := s.chunks[slot/chunkSlots]
	if chunk == nil {
		chunk = new(slotChunk)
		s.chunks[slot/chunkSlots] = chunk
	}
	return chunk
}

// skip is how many of count values of a size from an address on begin in memory that is wholly
// followed.
func (s *slotSet) skip(address, size, count uintptr) (skipped uintptr) {
	if size == 0 {
		return 0
	}
	for skipped < count {
		at := address + skipped*size
		chunk := s.chunks[at/slotMemory]
		if chunk == nil || chunk.set < chunkSlots {
			return skipped
		}
		skipped += (slotMemory - at%slotMemory + size - 1) / size
	}
	return count
}

// slotSets are slot sets by place: memory that is bound in two ways is followed in both.
type slotSets map[Place]*slotSet

func (s *slotSets) of(p Place) *slotSet {
	if *s == nil {
		*s = slotSets{}
	}
	set := (*s)[p]
	if set == nil {
		fresh := newSlotSet()
		set = &fresh
		(*s)[p] = set
	}
	return set
}
