package walker

// slotSet is a set of addresses, of values that were followed: a bit for each 4 bytes, so that
// no two values with pointers share one.
type slotSet struct {
	chunks map[uintptr]*[slotChunk / 64]uint64
}

const (
	slotBytes = 4
	slotChunk = 1024 // slots behind one bitmap: 4 KiB of memory
)

func newSlotSet() slotSet { return slotSet{map[uintptr]*[slotChunk / 64]uint64{}} }

// add tells whether an address is new, and adds it.
func (s *slotSet) add(address uintptr) bool {
	slot := address / slotBytes
	chunk := s.chunks[slot/slotChunk]
	if chunk == nil {
		chunk = new([slotChunk / 64]uint64)
		s.chunks[slot/slotChunk] = chunk
	}
	word, bit := &chunk[slot%slotChunk/64], uint64(1)<<(slot%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
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
