package sample

import "math/bits"

// addresses is a set of addresses, with room for some thousand that are soon forgotten: a table in
// which an address lies at the first free place after that of its hash.
type addresses struct {
	table []uintptr // 0 is free
	n     int
}

// add adds an address that is not 0; false where the set has it.
func (s *addresses) add(a uintptr) bool {
	if 2*s.n >= len(s.table) {
		s.grow()
	}
	i := s.find(a)
	if s.table[i] == a {
		return false
	}
	s.table[i] = a
	s.n++
	return true
}

// find is the place where a is, or would be.
func (s *addresses) find(a uintptr) int {
	mask := len(s.table) - 1
	i := int(uint64(a) * 0x9e3779b97f4a7c15 >> (64 - bits.Len(uint(mask))))
	for s.table[i] != 0 && s.table[i] != a {
		i = (i + 1) & mask
	}
	return i
}

// grow makes room.
func (s *addresses) grow() {
	old := s.table
	s.table = make([]uintptr, max(64, 4*len(old)))
	for _, a := range old {
		if a != 0 {
			s.table[s.find(a)] = a
		}
	}
}
