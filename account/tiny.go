package account

import (
	"math/bits"

	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/walker"
)

// tinyBlocks counts the values that the Go allocator packs into tiny blocks (gort.TinyBlock), by size:
// what they take is known when all have been met. They are packed as if those of each size came one
// after another.
type tinyBlocks struct {
	narrow bool // pointers of 4 bytes
	counts [gort.TinyBlock]uint64
}

// taken is what the blocks with all values of a size take, in bytes.
func (b *tinyBlocks) taken(size uint64) uint64 {
	stride := size
	if b.narrow && size == 12 { // aligned to 8, for atomic access
		stride = 16
	}
	each := gort.TinyBlock / stride
	n := b.counts[size]
	blocks := n / each
	if n%each > 0 {
		blocks++
	}
	return saturate.Mul(blocks, gort.TinyBlock)
}

// rounding is by how much that is more than the values' own bytes.
func (b *tinyBlocks) rounding(size uint64) uint64 { return b.taken(size) - size*b.counts[size] }

// total is the rounding of all sizes.
func (b *tinyBlocks) total() (sum uint64) {
	for size := range uint64(gort.TinyBlock) {
		if b.counts[size] > 0 {
			sum = saturate.Add(sum, b.rounding(size))
		}
	}
	return sum
}

// share is what the values of a size from number first on take beyond their own bytes: the rounding is
// spread evenly over all of them, so that the shares of all places sum to it.
func (b *tinyBlocks) share(size, first, count uint64) uint64 {
	return b.before(size, first+count) - b.before(size, first)
}

// before is the rounding of the first values of a size.
func (b *tinyBlocks) before(size, count uint64) uint64 {
	high, low := bits.Mul64(b.rounding(size), count)
	quotient, _ := bits.Div64(high, low, b.counts[size])
	return quotient
}

// tinyFinding is how often a finding was met that the allocator packs.
type tinyFinding struct {
	walker.Finding
	times uint64
}

// takeTiny counts findings that the allocator packs, and charges their own bytes; false for others.
func (t *Tally) takeTiny(p *placeTally, f walker.Finding, times uint64) bool {
	_, size := p.pricers[0].Packed(f.Len, f.Cap)
	if size == 0 {
		return false
	}
	t.tiny.counts[size] = saturate.Add(t.tiny.counts[size], times)
	t.totals[0] = saturate.Add(t.totals[0], saturate.Mul(size, times))
	if t.details {
		p.addTiny(tinyFinding{f, times})
	}
	return true
}

func (p *placeTally) addTiny(f tinyFinding) {
	for i := range p.tiny {
		if p.tiny[i].Finding == f.Finding {
			p.tiny[i].times += f.times
			return
		}
	}
	p.tiny = append(p.tiny, f)
}

// settleTiny charges to each place what its tiny blocks take.
func (t *Tally) settleTiny() {
	var seen [gort.TinyBlock]uint64
	for i := range t.places {
		p := &t.places[i]
		for _, f := range p.tiny {
			parts, size := p.pricers[0].Packed(f.Len, f.Cap)
			rounding := t.tiny.share(size, seen[size], f.times)
			seen[size] += f.times
			parts.Rounding = rounding / f.times
			more := rounding % f.times
			p.sums[0].Add(parts, f.times-more)
			parts.Rounding++
			p.sums[0].Add(parts, more)
		}
		p.tiny = nil
	}
	t.totals[0] = saturate.Add(t.totals[0], t.tiny.total())
	t.tiny.counts = [gort.TinyBlock]uint64{}
}
