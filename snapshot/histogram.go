package snapshot

import (
	"maps"
	"math/bits"
	"slices"
)

const (
	denseLengths = 128  // lengths below are counted in an array once there are many values
	denseAfter   = 64   // values after which the array pays
	maxDistinct  = 4096 // lengths kept one by one
	firstGroup   = 256  // from here on lengths are grouped once there are more
)

// histogram counts lengths. Its zero value is empty. Up to maxDistinct lengths are exact; after
// that, new ones of firstGroup and more go to groups, 16 per power of two, which keep the exact
// count and sum.
type histogram struct {
	dense  *[denseLengths]uint64
	sparse map[uint64]uint64
	groups map[int]group
	values uint64 // seen in sparse, to tell when dense pays
}

type group struct{ count, sum uint64 }

// bytes that the parts of a histogram are charged for.
const (
	denseCost  = denseLengths * 8
	sparseCost = 48
)

// add counts one container of n elements and returns by how many bytes the histogram has grown.
func (h *histogram) add(n uint64) (grown int64) {
	if n < denseLengths && h.dense != nil {
		h.dense[n]++
		return 0
	}
	return h.addSparse(n)
}

func (h *histogram) addSparse(n uint64) (grown int64) {
	if h.values++; h.values == denseAfter && h.dense == nil {
		grown = h.makeDense()
		return grown + h.add(n)
	}
	if count, ok := h.sparse[n]; ok {
		h.sparse[n] = count + 1
		return grown
	}
	if len(h.sparse) >= maxDistinct && n >= firstGroup {
		return grown + h.addGroup(n)
	}
	if h.sparse == nil {
		h.sparse = make(map[uint64]uint64)
	}
	h.sparse[n] = 1
	return grown + sparseCost
}

// makeDense moves the short lengths into an array.
func (h *histogram) makeDense() int64 {
	h.dense = new([denseLengths]uint64)
	maps.DeleteFunc(h.sparse, func(n, count uint64) bool {
		if n < denseLengths {
			h.dense[n] = count
		}
		return n < denseLengths
	})
	return denseCost
}

func (h *histogram) addGroup(n uint64) (grown int64) { return h.addToGroup(groupOf(n), 1, n) }

// addMany counts times containers of n elements and returns by how many bytes the histogram has
// grown.
func (h *histogram) addMany(n, times uint64) (grown int64) {
	switch {
	case times == 0:
	case n < denseLengths && h.dense != nil:
		h.dense[n] += times
	case h.sparse[n] == 0 && len(h.sparse) >= maxDistinct && n >= firstGroup:
		return h.addToGroup(groupOf(n), times, n*times)
	default:
		if h.sparse == nil {
			h.sparse = make(map[uint64]uint64)
		}
		if h.sparse[n] == 0 {
			grown = sparseCost
		}
		h.sparse[n] += times
	}
	return grown
}

// addToGroup counts times containers of sum elements together, all in group i.
func (h *histogram) addToGroup(i int, times, sum uint64) (grown int64) {
	if h.groups == nil {
		h.groups = make(map[int]group)
	}
	g, ok := h.groups[i]
	if !ok {
		grown = sparseCost
	}
	h.groups[i] = group{g.count + times, g.sum + sum}
	return grown
}

// sum is all lengths together.
func (h *histogram) sum() (n uint64) {
	list, _ := h.lengths()
	for _, l := range list {
		n += l.Len * l.Count
	}
	return n
}

// groupOf numbers the sixteenths of powers of two.
func groupOf(n uint64) int {
	exponent := bits.Len64(n) - 1
	return exponent<<4 | int(n>>(exponent-4)&15)
}

// replace takes times values of length old back and counts them as length n: for containers
// that were still open when the scan stopped.
func (h *histogram) replace(old, n, times uint64) {
	switch {
	case old < denseLengths && h.dense != nil:
		h.dense[old] -= times
	case h.sparse[old] >= times:
		if h.sparse[old] -= times; h.sparse[old] == 0 {
			delete(h.sparse, old)
		}
	default:
		g := h.groups[groupOf(old)]
		h.groups[groupOf(old)] = group{g.count - times, g.sum - old*times}
	}
	for range times {
		h.add(n)
	}
}

// total is the number of values counted.
func (h *histogram) total() (n uint64) {
	if h.dense != nil {
		for _, count := range h.dense {
			n += count
		}
	}
	for _, count := range h.sparse {
		n += count
	}
	for _, g := range h.groups {
		n += g.count
	}
	return n
}

// lengths lists the histogram in ascending order and tells whether it is exact. A group is
// listed as the two lengths around its mean, so that count and sum are those of the group.
func (h *histogram) lengths() (list []LengthCount, exact bool) {
	counts := maps.Clone(h.sparse)
	if counts == nil {
		counts = make(map[uint64]uint64)
	}
	if h.dense != nil {
		for n, count := range h.dense {
			counts[uint64(n)] += count
		}
	}
	for _, g := range h.groups {
		if g.count > 0 {
			mean, above := g.sum/g.count, g.sum%g.count
			counts[mean] += g.count - above
			counts[mean+1] += above
		}
	}
	for _, n := range slices.Sorted(maps.Keys(counts)) {
		if counts[n] > 0 {
			list = append(list, LengthCount{Len: n, Count: counts[n]})
		}
	}
	return list, len(h.groups) == 0
}
