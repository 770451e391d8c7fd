package walker

import (
	"slices"
	"unsafe"
)

// This file is about who owns memory that several extents share: a block of 16 bytes with small values, or
// a page of which the bitmaps have the extents. Its content is then a set: what memory there is, and who
// owns each. So a string that is met again is settled, whatever numbers or slices lie beside it.

// contentVarious is the content of memory that several nodes own, and no more is known.
const contentVarious = 1

// maxSets is how many sets of owners a session knows: beyond them, nothing is known.
const maxSets = 1 << 12

// sharedOwner is memory of one kind and who owns it. Of a tiny block each extent is the first owner's or the
// second one's: see pageRest.seconds.
type sharedOwner struct {
	memory        memory
	first, second uint32 // numbers of ownerships; first is 0 where there are more than two
}

// ownersOf are the owners in memory of a content.
func (s *Session) ownersOf(id uint32) []sharedOwner {
	if c := &s.contents[id]; c.node == nil {
		return c.owners
	}
	n := s.contents[id].node
	return []sharedOwner{{memory: n.memory, first: n.owner}}
}

// both is the content of memory of two contents, of which the second was met last.
func (s *Session) both(a, b uint32) uint32 {
	if a == b || a == 0 || b == 0 {
		return max(a, b)
	}
	if a == contentVarious || b == contentVarious {
		return contentVarious
	}
	key := [2]uint32{a, b}
	if key == s.lastSet.key {
		return s.lastSet.id
	}
	id, known := s.sets[key]
	if !known {
		id = s.join(a, b)
		if s.sets == nil {
			s.sets = map[[2]uint32]uint32{}
		}
		s.sets[key] = id
	}
	s.lastSet.key, s.lastSet.id = key, id
	return id
}

// join finds or makes the content that both is.
func (s *Session) join(a, b uint32) uint32 {
	old := s.ownersOf(a)
	owners := slices.Clone(old)
	for _, o := range s.ownersOf(b) {
		i := slices.IndexFunc(owners, func(x sharedOwner) bool { return x.memory == o.memory })
		switch {
		case i < 0:
			owners = append(owners, o)
		case owners[i].first == o.first || owners[i].second == o.first:
		case owners[i].second == 0:
			owners[i].second = o.first
		default:
			owners[i].first = 0
		}
	}
	if slices.Equal(owners, old) {
		return a
	}
	for id := range s.contents {
		if c := &s.contents[id]; c.node == nil && len(c.owners) > 0 && slices.Equal(c.owners, owners) {
			return uint32(id)
		}
	}
	if len(s.sets) >= maxSets {
		return contentVarious
	}
	s.contents = append(s.contents, content{owners: owners})
	return uint32(len(s.contents) - 1)
}

// shareTiny notes that an extent of a content begins at an address on a page of blocks that values share.
func (s *Session) shareTiny(page *blockPage, address uintptr, id uint32) {
	blocks := s.extents.blocks
	i := page.shape.Index(address-page.start) - uintptr(page.first)
	set := s.both(page.content(i), id)
	if page.sole != set {
		blocks.setContent(page, i, set)
	}
	if set == id || set == contentVarious {
		return
	}
	n := s.contents[id].node
	for _, o := range s.contents[set].owners {
		if o.memory == n.memory && o.second == n.owner {
			*blocks.seconds(page, address) |= 1 << (address % tinyBytes)
		}
	}
}

// seconds has a bit for each byte of a tiny block: whether the extent that begins there is the second
// owner's.
func (m *blockMarks) seconds(page *blockPage, address uintptr) *uint16 {
	rest := m.restOf(page)
	if rest.seconds == nil {
		rest.seconds = (*[tinyBlocks]uint16)(m.highs.take(tinyBlocks, tinyBlocks))
	}
	return &rest.seconds[address/tinyBytes%tinyBlocks]
}

// recorded is the content of an extent in which p lies.
func (s *Session) recorded(p unsafe.Pointer) uint32 {
	e := &s.extents
	if e.blocks != nil {
		page := e.blocks.of(p)
		if page.heap() {
			b := page.block(p)
			page, index := e.blocks.begin(b)
			if !e.blocks.isPart(page, index) {
				return page.content(index - uintptr(page.first))
			}
		}
	}
	if owner := e.owners.peek(uintptr(p)); owner != nil {
		return *owner
	}
	return contentVarious
}

// settles tells whether a covered extent of a node needs no more thought. The container that covers it
// was registered when it was met, and so is the node: all that the two can do to each other is known.
func (s *Session) settles(n *Node, p unsafe.Pointer) bool {
	if s.mixed {
		return false
	}
	if len(s.ambiguous) == 0 || !s.ambiguous[n.memory] {
		return true
	}
	id := s.recorded(p)
	if id <= contentVarious {
		return false
	}
	if c := &s.contents[id]; c.node != nil {
		return c.node.owner == n.owner
	}
	for _, o := range s.contents[id].owners {
		if o.memory == n.memory {
			return o.second == 0 && o.first == n.owner || o.second != 0 && o.first != 0 && s.tinyOwner(p, o) == n.owner
		}
	}
	return false
}

// tinyOwner is who of two owns the extent in which p lies, in a block that values share; 0 if that is not
// known.
func (s *Session) tinyOwner(p unsafe.Pointer, o sharedOwner) uint32 {
	blocks := s.extents.blocks
	if blocks == nil {
		return 0
	}
	page := blocks.of(p)
	if !page.heap() || !page.shape.tiny {
		return 0
	}
	bits, begin := blocks.tinyBits(page, p), uintptr(p)%tinyBytes
	for begin > 0 && bits.start>>begin&1 == 0 {
		begin--
	}
	if *blocks.seconds(page, uintptr(p))>>begin&1 != 0 {
		return o.second
	}
	return o.first
}
