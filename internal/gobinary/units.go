package gobinary

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Package debug/dwarf reads the tables of abbreviations of all units at once, before an entry is asked
// for: 87,000 units of 12 bytes can refer to as many tables, which begin one byte after the other in one
// table of a megabyte. So the tables are measured first.

const (
	maxUnits  = 1 << 16 // a unit for each package or file of C: the largest programs have some 10,000
	maxFields = 1 << 8  // of one abbreviation: compilers write some 20 at most
)

// checkUnits is an error where units are too many or their abbreviations too large. The sum of all
// tables is that of the section where no two overlap.
func checkUnits(info, abbrev []byte) error {
	order := orderOf(info)
	seen := make(map[uint64]bool)
	left := 1<<12 + len(abbrev)
	for units := 1; len(info) > 0; units++ {
		u, rest, err := cutUnit(info, order)
		if err != nil {
			return err
		}
		if units > maxUnits {
			return fmt.Errorf("%w: more than %d units", errDamaged, maxUnits)
		}
		info = rest
		if u.empty || seen[u.abbrev] {
			continue
		}
		seen[u.abbrev] = true
		cost, err := tableCost(abbrev, u.abbrev, left)
		if err != nil {
			return err
		}
		left -= cost
	}
	return nil
}

// orderOf is the order of bytes, as package debug/dwarf finds it: versions are small.
func orderOf(info []byte) binary.ByteOrder {
	version := 4
	if bytes.HasPrefix(info, []byte{0xff, 0xff, 0xff, 0xff}) {
		version = 12
	}
	if len(info) > version && info[version] == 0 {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// unit is the head of a unit.
type unit struct {
	abbrev uint64 // where its table begins
	empty  bool
}

// cutUnit reads the head of the first unit.
func cutUnit(info []byte, order binary.ByteOrder) (u unit, rest []byte, err error) {
	damaged := fmt.Errorf("%w: a unit is cut", errDamaged)
	if len(info) < 4 {
		return u, nil, damaged
	}
	length, head, wide := uint64(order.Uint32(info)), 4, 4
	if length == 0xffffffff {
		if len(info) < 12 {
			return u, nil, damaged
		}
		length, head, wide = order.Uint64(info[4:]), 12, 8
	}
	if length > uint64(len(info)-head) {
		return u, nil, damaged
	}
	body, rest := info[head:head+int(length)], info[head+int(length):]
	if length == 0 {
		return unit{empty: true}, rest, nil
	}
	if len(body) < 4+wide {
		return u, nil, damaged
	}
	version := order.Uint16(body)
	body = body[2:]
	if version >= 5 {
		body = body[2:] // the kind of unit, and how wide addresses are
	}
	if u.abbrev = uint64(order.Uint32(body)); wide == 8 {
		u.abbrev = order.Uint64(body)
	}
	return u, rest, nil
}

// tableCost is the size of a table of abbreviations, in bytes; an error where it is more than so much.
func tableCost(abbrev []byte, at uint64, most int) (cost int, err error) {
	if at > uint64(len(abbrev)) {
		return 0, fmt.Errorf("%w: no abbreviations at %d", errDamaged, at)
	}
	t := varints{data: abbrev[at:]}
	for t.next() != 0 && t.err == nil { // the number of an abbreviation
		t.next() // its tag
		t.skip(1)
		for fields := 0; ; fields++ {
			attribute, form := t.next(), t.next()
			if attribute == 0 && form == 0 || t.err != nil {
				break
			}
			const implicitConst = 0x21 // its value stands here
			if form == implicitConst {
				t.next()
			}
			if fields == maxFields {
				return 0, fmt.Errorf("%w: an abbreviation of more than %d attributes", errDamaged, maxFields)
			}
		}
		if t.read > most {
			return 0, fmt.Errorf("%w: abbreviations overlap", errDamaged)
		}
	}
	return t.read, t.err
}

// varints reads numbers of DWARF one after the other. After an error all are 0.
type varints struct {
	data []byte
	read int
	err  error
}

func (v *varints) next() (x uint64) {
	for shift := 0; ; shift += 7 {
		if !v.skip(1) {
			return 0
		}
		b := v.data[v.read-1]
		x |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return x
		}
	}
}

// skip goes on by n bytes.
func (v *varints) skip(n int) bool {
	if v.read+n > len(v.data) {
		v.err = fmt.Errorf("%w: abbreviations are cut", errDamaged)
		return false
	}
	v.read += n
	return true
}
