package walker

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
)

// byteRanges is the naive model of extents: a list of the extents that were fresh.
type byteRanges []byteRange

// byteRange is [lo, hi), of which [lo, live) is followed.
type byteRange struct{ lo, live, hi uintptr }

func (r byteRange) String() string { return fmt.Sprintf("[%#x,%#x,%#x)", r.lo, r.live, r.hi) }

func (r byteRange) aligned() bool { return r.lo%granuleBytes == 0 && r.live == r.hi }

// granules is the range rounded outwards to granules.
func (r byteRange) granules() byteRange {
	return byteRange{r.lo &^ (granuleBytes - 1), 0, (r.hi + granuleBytes - 1) &^ (granuleBytes - 1)}
}

func (r byteRange) overlaps(o byteRange) bool { return r.lo < o.hi && o.lo < r.hi }

// check holds a verdict against the model: what may not be said, and what must be. Conflict is
// always safe, but must not be said in the common cases.
func (b byteRanges) check(r byteRange, v verdict) error {
	overlap, nearby, nested, again := false, false, false, false
	for _, old := range b {
		overlap = overlap || old.overlaps(r)
		nearby = nearby || old.granules().overlaps(r.granules())
		inside := old.lo <= r.lo && r.hi <= old.live
		nested = nested || inside
		again = again || inside && r.aligned() && old.aligned() && !b.crowded(old.hi)
	}
	switch {
	case v == fresh && overlap:
		return fmt.Errorf("fresh, but it overlaps")
	case v == covered && !nested:
		return fmt.Errorf("covered, but no one extent has followed all of it")
	case v != fresh && !nearby:
		return fmt.Errorf("not fresh, but no granule of it was taken")
	case v != covered && again:
		return fmt.Errorf("not covered, but it begins on a granule within an aligned extent")
	}
	return nil
}

// crowded tells whether two extents end within the same 16 bytes, each within a granule: only one of
// these ends is known then.
func (b byteRanges) crowded(hi uintptr) bool {
	ends := 0
	for _, r := range b {
		if r.hi%granuleBytes != 0 && r.hi/(2*granuleBytes) == hi/(2*granuleBytes) {
			ends++
		}
	}
	return ends > 1
}

// extentBase is where the test's extents lie: below 4 GiB, so that it is an address everywhere, on
// the border between two chunks.
const extentBase = uintptr(64 * chunkBytes)

// randomRange makes extents of all sizes near borders of granules, words, pages and chunks, and
// views of extents that were made before.
func randomRange(r *rand.Rand, old byteRanges) byteRange {
	if len(old) > 0 && r.IntN(2) == 0 {
		return variant(r, old[r.IntN(len(old))])
	}
	sizes := []uintptr{16, 64, 2 * wordBytes, 2 * pageBytes, 3 * pageBytes, 2 * chunkBytes}
	widths := []uintptr{256, 4 * wordBytes, 4 * pageBytes, 8 * pageBytes, chunkBytes, 4 * chunkBytes}
	i := r.IntN(len(sizes))
	if i == 5 && r.IntN(8) > 0 { // few: each covers much
		i = r.IntN(5)
	}
	lo := extentBase - widths[i]/2 + uintptrN(r, widths[i])
	return byteRange{lo: lo, hi: lo + 1 + uintptrN(r, sizes[i])}.shaped(r)
}

// shaped aligns most extents, and gives some of them spare capacity.
func (b byteRange) shaped(r *rand.Rand) byteRange {
	if r.IntN(8) > 0 {
		b.lo &^= granuleBytes - 1
	}
	if r.IntN(2) == 0 {
		b.hi = (b.hi + granuleBytes - 1) &^ (granuleBytes - 1)
	}
	b.live = b.hi
	if r.IntN(5) == 0 {
		b.live = b.lo + uintptrN(r, b.hi-b.lo+1)
	}
	return b
}

// variant is an extent again, a part of it, or one that crosses an end of it.
func variant(r *rand.Rand, b byteRange) byteRange {
	size := b.hi - b.lo
	switch r.IntN(6) {
	case 0:
		b.live = b.hi
	case 1: // a part
		b.lo += uintptrN(r, size)
		b.hi = b.lo + 1 + uintptrN(r, b.hi-b.lo)
		return b.shaped(r)
	case 2: // the first bytes
		b.hi = b.lo + 1 + uintptrN(r, size)
		b.live = b.hi
	case 3: // a bit longer
		b.hi += 1 + uintptrN(r, 24)
		b.live = b.hi
	case 4: // around it
		b.lo -= uintptrN(r, 24)
		b.hi += uintptrN(r, 24)
		return b.shaped(r)
	}
	return b
}

// propertyTime is how long a property is tried: MEMSIZE_PROPERTY_TIME, else a short while.
func propertyTime(t *testing.T) time.Duration {
	text := os.Getenv("MEMSIZE_PROPERTY_TIME")
	if text == "" {
		return time.Second / 2
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, "MEMSIZE_PROPERTY_TIME")
	return d
}

// The bitmaps never say more than byte ranges would, and say as much in the common cases. One set
// serves all rounds, so that what reset leaves behind is found too.
func TestExtentsAgainstByteRanges(t *testing.T) {
	seed := seed.Of(t)
	var e extents
	var counts [3]int
	for round, end := uint64(0), time.Now().Add(propertyTime(t)); time.Now().Before(end); round++ {
		r := rand.New(rand.NewPCG(seed, round))
		var model byteRanges
		for range 1 + r.IntN(40) {
			b := randomRange(r, model)
			v := e.mark(b.lo, b.live-b.lo, b.hi-b.lo)
			require.NoError(t, model.check(b, v), "MEMSIZE_SEED=%d round %d: %v after %v",
				seed, round, b, model)
			if v == fresh {
				model = append(model, b)
			}
			counts[v]++
		}
		e.reset()
	}
	t.Logf("fresh %d, covered %d, conflict %d", counts[fresh], counts[covered], counts[conflict])
	for v, n := range counts {
		require.Greater(t, n, 100, "verdict %d is hardly ever tried", v)
	}
	for i := range fullPage {
		require.Equal(t, extentBits{cover: ^uint64(0)}, fullPage[i], "the shared page was written")
	}
}

// Each row marks some extents, then one more.
func TestExtentsRows(t *testing.T) {
	const b = extentBase
	all := func(lo, size uintptr) byteRange { return byteRange{lo, lo + size, lo + size} }
	for _, row := range []struct {
		why    string
		before []byteRange
		then   byteRange
		want   verdict
	}{
		{"nothing was there", nil, all(b, 24), fresh},
		{"neighbours touch, they do not overlap", []byteRange{all(b, 24)}, all(b+24, 8), fresh},
		{"the same again", []byteRange{all(b, 24)}, all(b, 24), covered},
		{"a string of odd length again", []byteRange{all(b, 21)}, all(b, 21), covered},
		{"a string shorter than a granule again", []byteRange{all(b, 3)}, all(b, 3), covered},
		{"a prefix of it", []byteRange{all(b, 21)}, all(b, 20), covered},
		{"one byte more", []byteRange{all(b, 21)}, all(b, 22), conflict},
		{"a longer string that begins there", []byteRange{all(b, 3)}, all(b, 4), conflict},
		{"a field", []byteRange{all(b, 24)}, all(b+8, 8), covered},
		{"a field of odd size", []byteRange{all(b, 24)}, all(b+8, 3), covered},
		{"the end of a string", []byteRange{all(b, 21)}, all(b+16, 5), covered},
		{"around it", []byteRange{all(b+8, 8)}, all(b, 24), conflict},
		{"across the border of two", []byteRange{all(b, 16), all(b+16, 16)}, all(b+8, 16), conflict},
		{"both of two: neither encloses it", []byteRange{all(b, 16), all(b+16, 16)}, all(b, 32),
			conflict},
		{"one and the tail of the next, which is not its own",
			[]byteRange{all(b, 16), all(b+16, 3)}, all(b, 19), conflict},
		{"the unused capacity was not followed", []byteRange{{b, b + 16, b + 32}}, all(b+16, 8),
			conflict},
		{"what is in use was", []byteRange{{b, b + 16, b + 32}}, all(b+8, 8), covered},
		{"a view with spare capacity may look at more", []byteRange{all(b, 32)},
			byteRange{b, b + 16, b + 32}, conflict},
		{"a gap of a whole granule is free", []byteRange{all(b, 3), all(b+16, 8)}, all(b+8, 8), fresh},
		{"unaligned, elsewhere", []byteRange{all(b, 8)}, all(b+9, 8), fresh},
		{"across a chunk", []byteRange{all(b-16, 32)}, all(b-8, 16), covered},
		{"a page within a huge extent", []byteRange{all(b-chunkBytes, 3*chunkBytes)},
			all(b+pageBytes, pageBytes), covered},
		{"a byte behind a huge extent", []byteRange{all(b-chunkBytes, 3*chunkBytes)},
			all(b, 2*chunkBytes+1), conflict},
		{"a huge extent over a small one", []byteRange{all(b+5*pageBytes, 8)},
			all(b-chunkBytes, 3*chunkBytes), conflict},
		{"a torn header: beyond the address space", nil,
			byteRange{lo: ^uintptr(0) - 15, live: 1 << 16, hi: 1 << 16}, conflict},
	} {
		t.Run(row.why, func(t *testing.T) {
			var e extents
			for _, r := range row.before {
				require.Equal(t, fresh, e.mark(r.lo, r.live-r.lo, r.hi-r.lo), "%v", r)
			}
			r := row.then
			require.Equal(t, row.want, e.mark(r.lo, r.live-r.lo, r.hi-r.lo))
		})
	}
}

// A conflict leaves the set as it was: what was free before it is free after it.
func TestExtentsConflictChangesNothing(t *testing.T) {
	var e extents
	require.Equal(t, fresh, e.mark(extentBase, 8, 8))
	require.Equal(t, conflict, e.mark(extentBase-wordBytes, 2*wordBytes, 2*wordBytes))
	require.Equal(t, fresh, e.mark(extentBase+8, wordBytes, wordBytes))
	require.Equal(t, fresh, e.mark(extentBase-wordBytes, wordBytes, wordBytes))
}

// A pooled set must not pin what one large walk needed, and must forget everything.
func TestExtentsReset(t *testing.T) {
	for _, row := range []struct {
		why   string
		pages uintptr
		step  uintptr
	}{
		{"less than a slab", slabLength / 2, pageBytes},
		{"many slabs", 5*slabLength + 1, pageBytes},
		{"more chunks than are kept", 100, chunkBytes},
	} {
		t.Run(row.why, func(t *testing.T) {
			var e extents
			for range 3 {
				for i := range row.pages {
					at := extentBase + i*row.step
					require.Equal(t, fresh, e.mark(at, 13, 13), "forgotten")
					require.Equal(t, covered, e.mark(at, 13, 13), "known")
				}
				e.reset()
				require.LessOrEqual(t, len(e.pages.blocks), 1)
				require.LessOrEqual(t, len(e.pages.rest), slabLength)
			}
		})
	}
}

func uintptrN(r *rand.Rand, n uintptr) uintptr { return uintptr(r.Uint64N(uint64(n))) }
