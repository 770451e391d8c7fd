package rules

import (
	"fmt"
	"math/bits"
)

// A rule of one's own may be wrong, and what it says is added up with figures that are right. What no
// container can take is refused: a difference below zero, for example, wraps to almost 2^64.

const (
	// most is more bytes than any value has; half of what a uint64 holds, so that what wrapped is above.
	most = 1 << 63
	// memory is more elements than any memory has: a hostile file says such a length, and then it is not
	// the rule's fault that its figure is absurd.
	memory = 1 << 48
)

// checkParts panics with a *TagError unless parts are what a container can take.
func checkParts(r Rule, c Container, p Parts) {
	sum, carry := uint64(0), uint64(0)
	for _, part := range [...]uint64{p.Used, p.Spare, p.Padding, p.Overhead, p.Rounding} {
		var over uint64
		sum, over = bits.Add64(sum, part, 0)
		carry |= over
	}
	if (carry != 0 || sum >= most) && c.capacity() < memory {
		panic(ownError(r, "for a length of %d and a capacity of %d its Usage is %+v, which is more than any "+
			"value has: does a difference wrap below zero?", c.Len, c.Cap, p))
	}
}

// checkIncrement panics with a *TagError unless one more element can take so many bytes.
func checkIncrement(r Rule, bytes uint64) {
	if bytes >= most {
		panic(ownError(r, "its Increment is %d bytes, which is more than any value has: does a difference "+
			"wrap below zero?", bytes))
	}
}

// checkShape panics with a *TagError unless a container can have that shape in its owner.
func checkShape(r Rule, s Shape) {
	switch {
	case s.Size >= most || s.Padding > s.Size:
		panic(ownError(r, "its Inline is %d bytes, of which %d are padding: the padding is a part of the "+
			"size", s.Size, s.Padding))
	case s.Align&(s.Align-1) != 0:
		panic(ownError(r, "its Inline has an alignment of %d: want a power of two, such as 8", s.Align))
	}
}

func ownError(r Rule, format string, args ...any) *TagError {
	return &TagError{Expr: r.String(), Fit: fmt.Sprintf(format, args...)}
}
