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

const (
	highBits = 0x8080808080808080
	lowBits  = 0x7f7f7f7f7f7f7f7f
	ones     = 0x0101010101010101
)

// markers has, for each pattern of high bits in eight bytes (bit i for byte i) plus 256 where
// the byte before them is a marker, the bits of the markers among them.
var markers = func() (table [512]uint8) {
	for pattern := range table {
		afterMarker := pattern >= 256
		for i := range 8 {
			isMarker := pattern>>i&1 == 1 && !afterMarker
			if isMarker {
				table[pattern] |= 1 << i
			}
			afterMarker = isMarker
		}
	}
	return table
}()

// through has, for each pattern of bytes that end a number, the length up to and with the n-th.
var through = func() (table [256][8]uint8) {
	for pattern := range table {
		for i, n := 0, 0; i < 8; i++ {
			if pattern>>i&1 == 1 {
				table[pattern][n] = uint8(i + 1)
				n++
			}
		}
	}
	return table
}()

// gather collects the high bit of each byte of x (which has no other bits) into eight bits.
func gather(x uint64) uint8 { return uint8(x * 0x0002040810204081 >> 56) }

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
	var carry, seen uint8
	for n > 0 && len(window)-pos >= 8 {
		w := binary.LittleEndian.Uint64(window[pos:])
		high := w & highBits
		marks := markers[uint(carry)<<8|uint(gather(high))]
		if marks&^gather((w&lowBits+ones)&high) != 0 {
			break // a marker other than 0xFF
		}
		seen |= marks
		ends := ^marks
		if done := uint64(bits.OnesCount8(ends)); done < n {
			n -= done
			pos += 8
			carry = marks >> 7
			continue
		}
		pos += int(through[ends][n-1])
		n, carry = 0, 0
	}
	in.pos = pos - int(carry) // back onto a marker whose byte lies beyond
	*left = n
	return min(seen, 1)
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

// wideNumbers skips up to 32 numbers of any width.
func (in *input) wideNumbers(left *uint64) (width uint8) {
	width = in.fullNumbers(left)
	n := min(*left, 32)
	window, pos := in.buf[:in.lim], in.pos
	for n > 0 && len(window)-pos >= 9 {
		b := int(int8(window[pos]))
		step := -b & (b >> 8) // 0 for a one-byte number, without a branch
		if step > 8 {
			break // number reports it
		}
		width = max(width, uint8(step))
		pos += step + 1
		n--
		*left--
	}
	in.pos = pos
	for ; n > 0; n-- {
		width = max(width, in.number())
		*left--
	}
	return width
}
