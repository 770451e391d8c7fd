package sample

import "math"

// The chance with which each of the two ends of an interval may be wrong, and how that of Low is split
// between the mean and what is shared.
const (
	wrongHigh  = 0.025
	wrongMean  = 0.0125
	wrongShare = 0.0125
)

// moments are the sum, the sum of squares and the largest of what was drawn.
type moments struct {
	n, sum, squares, most float64
}

func (m *moments) add(x float64) {
	m.n++
	m.sum += x
	m.squares += x * x
	m.most = max(m.most, x)
}

func (m *moments) mean() float64 { return m.sum / max(m.n, 1) }

// deviation is by how much the mean of a population of values from 0 to width may differ from that of
// n values drawn from it, to one side, but for a chance of wrong: the empirical Bernstein bound of
// Maurer and Pontil (2009). It holds for draws without replacement as well (Hoeffding 1963, section 6).
func (m *moments) deviation(width, wrong float64) float64 {
	if m.n < 2 {
		return width
	}
	mean := m.mean()
	variance := max(0, (m.squares-m.n*mean*mean)/(m.n-1))
	l := math.Log(2 / wrong)
	return math.Sqrt(2*variance*l/m.n) + 7*width*l/(3*(m.n-1))
}

// mostEvents is how many events are expected at most where k were seen, but for a chance of wrong, by
// the Chernoff bound for Poisson variables. k need not be whole: it also bounds sums of jumps of at
// most 1, of which k is the sum.
func mostEvents(k, wrong float64) float64 {
	l := math.Log(1 / wrong)
	unlikely := func(expected float64) bool {
		if k == 0 {
			return expected > l
		}
		return expected-k+k*math.Log(k/expected) > l
	}
	low, high := k, k+2*l+2*math.Sqrt(2*k*l)+1
	for !unlikely(high) {
		high *= 2
	}
	for range 60 {
		if middle := (low + high) / 2; unlikely(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// expected is about what distinct blocks take, where units lead to x bytes and pairs of them share s, if
// all blocks are shared alike.
func expected(x, s float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * x / (x + 2*s)
}

// distinct is what distinct blocks take at least, where units lead to x bytes and pairs of them share s,
// and how much that grows with x. It is the inequality of Dawson and Sankoff (1967): a block that c units
// lead to counts c times in x and c(c-1)/2 times in s, and 2c/(k+1) - c(c-1)/(k(k+1)) is at most 1 for
// each whole c > 0 and k > 0. In x distinct is the largest of straight lines: each lies below it.
func distinct(x, s float64) (least, slope float64) {
	if x <= 0 {
		return 0, 0
	}
	k := 1 + math.Floor(2*s/x)
	return 2*x/(k+1) - 2*s/(k*(k+1)), 2 / (k + 1)
}
