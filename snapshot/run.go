package snapshot

import (
	"encoding/binary"
	"math/bits"
)

// A run is many numbers in a row: the elements of a [36]byte, an []int, a []float64. Nothing is
// wanted of them but where they end and how wide the widest is.
//
// A number is one byte below 0x80, or a marker -n and n bytes. As long as all markers are -1
// (0xFF), eight bytes at a time can be told apart by their high bits alone: a byte with the high
// bit is a marker unless the byte before it is one; every byte that is no marker ends a number.

const highBits = 0x8080808080808080

// eight says what eight bytes hold, by which of them have the high bit (bit i for byte i), plus
// afterMarker where the byte before them is a marker.
type eight struct {
	markers uint64 // 0xFF at each marker: the bytes have all these bits, or wider numbers
	ends    uint16 // how many numbers end
	next    uint16 // afterMarker if the last byte is a marker, else 0
}

const afterMarker = 256

var eights, through = func() (table [2 * afterMarker]eight, through [2 * afterMarker][8]uint8) {
	for pattern := range table {
		e, isAfter := &table[pattern], pattern >= afterMarker
		for i := range 8 {
			isMarker := pattern>>i&1 == 1 && !isAfter
			if isMarker {
				e.markers |= 0xff << (8 * i)
			} else {
				through[pattern][e.ends] = uint8(i + 1) // the bytes up to this end
				e.ends++
			}
			isAfter = isMarker
		}
		if isAfter {
			e.next = afterMarker
		}
	}
	return table, through
}()

// gather collects the high bit of each byte of x into eight bits.
func gather(x uint64) uint { return uint(x & highBits * 0x0002040810204081 >> 56) }

// numbers skips count numbers and returns the width of the widest. left is told, when the scan
// stops in the middle, how many were not read.
func (in *input) numbers(count uint64, left *uint64) (width uint8) {
	for *left = count; *left > 0; {
		if *left >= 4 && in.lim-in.pos >= 8 {
			width = max(width, in.narrowNumbers(left))
		}
		if *left > 0 {
			width = max(width, in.wideNumbers(left))
		}
	}
	return width
}

// narrowNumbers skips numbers of at most two bytes, eight bytes at a time, until it meets a
// wider one or the window ends.
func (in *input) narrowNumbers(left *uint64) (width uint8) {
	window, pos, n := in.buf[:in.lim], in.pos, *left
	var after uint
	var seen uint64
	for len(window)-pos >= 8 {
		w := binary.LittleEndian.Uint64(window[pos:])
		pattern := (gather(w) | after) % uint(len(eights))
		e := &eights[pattern]
		markers, size := e.markers, 8
		if uint64(e.ends) >= n {
			size = int(through[pattern][(n-1)%8])
			markers &= 1<<(8*size) - 1 // what follows the run is nothing to it
		}
		if w&markers != markers {
			break // a marker other than 0xFF
		}
		seen |= markers
		pos += size
		if uint64(e.ends) >= n {
			n, after = 0, 0
			break
		}
		n -= uint64(e.ends)
		after = uint(e.next)
	}
	if after != 0 {
		pos-- // back onto a marker whose byte lies beyond
	}
	in.pos, *left = pos, n
	if seen != 0 {
		width = 1
	}
	return width
}

// fullNumbers skips numbers of eight bytes, four at a time: most floats, hashes, times.
func (in *input) fullNumbers(left *uint64) (width uint8) {
	const marker, size = 0xf8, 9
	window, pos, n := in.buf[:in.lim], in.pos, *left
	for n >= 4 && len(window)-pos >= 4*size {
		four := window[pos : pos+4*size]
		if four[0]&four[size]&four[2*size]&four[3*size] != marker ||
			four[0]|four[size]|four[2*size]|four[3*size] != marker {
			break
		}
		pos += 4 * size
		n -= 4
		width = 8
	}
	in.pos, *left = pos, n
	return width
}

// wideNumbers skips numbers of any width: all that are full, and a few more before it is worth
// looking again, fewer where most are full.
func (in *input) wideNumbers(left *uint64) (width uint8) {
	n := uint64(32)
	if width = in.fullNumbers(left); width > 0 {
		n = 4
	}
	n = min(*left, n)
	window, pos := in.buf[:in.lim], in.pos
	var seen uint // bit i: a number of width i
	for n > 0 && len(window)-pos >= 9 {
		b := int(int8(window[pos]))
		step := -b & (b >> 8) // 0 for a one-byte number, without a branch
		if step > 8 {
			break // number reports it
		}
		seen |= 1 << (step & 15)
		pos += step + 1
		n--
		*left--
	}
	width = max(width, uint8(max(bits.Len(seen), 1)-1))
	in.pos = pos
	for ; n > 0; n-- {
		width = max(width, in.number())
		*left--
	}
	return width
}
