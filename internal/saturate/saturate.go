// Package saturate adds and multiplies sizes without wrapping: what exceeds 64 bits is 2^64-1, so
// that hostile lengths cannot become small figures.
package saturate

import "math/bits"

// Add is a+b, or 2^64-1.
func Add(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	return sum | -carry
}

// Mul is a*b, or 2^64-1.
func Mul(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	if high != 0 {
		return 1<<64 - 1
	}
	return low
}
