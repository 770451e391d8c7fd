package snapshot

import (
	"bytes"
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
)

// TestNumbers skips random runs of numbers, minimal and not, at every alignment and cut by every
// window end, and compares with reading one number at a time.
func TestNumbers(t *testing.T) {
	seed := seed.Of(t)
	r := rand.New(rand.NewPCG(seed, 0))
	for round := range 3000 {
		count := 1 + r.IntN(80)
		wide := r.IntN(4) // most runs are narrow, as byte arrays are, or of full width
		var run []byte
		for range count {
			run = append(run, randomNumber(r, wide)...)
		}
		stream := join(run, randomBytes(r, r.IntN(30)))
		fast, slow := windowOn(t, stream), windowOn(t, stream)
		var left uint64
		width := fast.numbers(uint64(count), &left)
		var want uint8
		for range count {
			want = max(want, slow.number())
		}
		require.Zero(t, left)
		require.Equal(t, want, width, "seed %d round %d: %x", seed, round, run)
		require.Equal(t, len(run), fast.pos, "seed %d round %d: %x", seed, round, run)
		require.Equal(t, slow.pos, fast.pos)
	}
}

// randomNumber encodes a number, sometimes longer than needed.
func randomNumber(r *rand.Rand, wide int) []byte {
	if wide == 3 && r.IntN(40) > 0 {
		return number(r.Uint64() | 1<<63)
	}
	switch r.IntN(4 + wide) {
	case 0, 1:
		return []byte{byte(r.IntN(0x80))}
	case 2:
		return []byte{0xff, byte(r.Uint32())} // not minimal if below 0x80
	case 3:
		return number(r.Uint64N(256))
	}
	return number(r.Uint64() >> r.IntN(64))
}

// windowOn is an input that holds stream as one message.
func windowOn(t *testing.T, stream []byte) *input {
	in := newInput(t.Context(), bytes.NewReader(stream), minBuffer, 1<<40)
	in.setMessageEnd(int64(len(stream)))
	if len(stream) > 0 {
		require.True(t, in.fill())
	}
	return &in
}

// TestHistogram compares with a plain map: exact up to 4096 distinct lengths, exact in count and
// sum beyond, and short lengths exact always.
func TestHistogram(t *testing.T) {
	seed := seed.Of(t)
	r := rand.New(rand.NewPCG(seed, 1))
	for _, spread := range []uint64{10, 200, 3000, 1 << 20, 1 << 40} {
		var h histogram
		want := make(map[uint64]uint64)
		for range 20_000 {
			n := r.Uint64N(spread)
			if r.IntN(2) == 0 {
				n >>= r.IntN(40)
			}
			h.add(n)
			want[n]++
		}
		for range 50 { // containers that turn out shorter than declared
			old, n := r.Uint64N(spread), r.Uint64N(spread)
			h.add(old)
			h.add(old)
			h.replace(old, n, 2)
			want[n] += 2
		}
		got, exact := h.lengths()
		require.Equal(t, uint64(20_100), h.total())
		if exact != (len(want) <= maxDistinct) { // lengths that were taken back may have been too many
			require.InDelta(t, maxDistinct, len(want), 100, "spread %d", spread)
		}
		require.True(t, slices.IsSortedFunc(got, func(a, b LengthCount) int {
			return cmp.Compare(a.Len, b.Len)
		}))
		var count, sum, wantSum uint64
		for _, l := range got {
			count += l.Count
			sum += l.Len * l.Count
			if exact || l.Len < firstGroup {
				require.Equal(t, want[l.Len], l.Count, "length %d", l.Len)
			}
		}
		for n, c := range maps.All(want) {
			wantSum += n * c
		}
		require.EqualValues(t, 20_100, count)
		require.Equal(t, wantSum, sum)
		require.LessOrEqual(t, len(got), 3*maxDistinct, "memory must not grow with the values")
	}
}
