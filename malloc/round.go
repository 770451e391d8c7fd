package malloc

import "math"

// saturated stands for every figure that does not fit 64 bits.
const saturated uint64 = math.MaxUint64

// plus is a+b, saturating.
func plus(a, b uint64) uint64 {
	if a > saturated-b {
		return saturated
	}
	return a + b
}

// roundUp rounds n up to a multiple of step, a power of two, and saturates: where the multiple
// does not fit 64 bits it is saturated, and not the largest multiple that does.
func roundUp(n, step uint64) uint64 {
	if n > saturated-(step-1) {
		return saturated
	}
	return (n + step - 1) &^ (step - 1)
}
