package account

import (
	"math"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// The Go allocator packs blocks below 16 bytes without pointers into blocks of 16. How many fit
// depends on what is allocated in between, which a census does not tell: it is worked out for an
// order as good as random, from how often each size is allocated.

const (
	tinyBlock = 16 // runtime.maxTinySize
	wordSize4 = 4
)

// packing counts the tiny blocks of a decoded value under one model.
type packing struct {
	is32    bool
	counts  [2][tinyBlock]uint64 // by how many more of the size come with it, and by size
	live    uint64               // bytes of those that stay
	perByte float64              // bytes of blocks for each byte that stays; 0 while counting
}

// settle works out what the blocks take.
func (p *packing) settle() {
	if p.live > 0 {
		p.perByte = max(1, p.taken()/float64(p.live))
	}
}

// taken is the bytes of all blocks of 16 that hold a tiny one: the long-run mean of a Markov chain
// whose state is how full the current block is (runtime/malloc.go, mallocgcTiny).
func (p *packing) taken() float64 {
	total := 0.0
	for _, counts := range p.counts {
		for _, n := range counts {
			total += float64(n)
		}
	}
	var state [tinyBlock + 1]float64
	state[tinyBlock] = 1
	const warmUp, rounds = 240, 840 // a multiple of all periods that sizes below 16 can have
	fresh := 0.0
	for round := range warmUp + rounds {
		next, blocks := p.step(state, total)
		if state = next; round >= warmUp {
			fresh += blocks
		}
	}
	return fresh / rounds * total * tinyBlock
}

// step is the state after one more allocation, of every size as often as it is counted, and how
// many fresh blocks that took.
func (p *packing) step(state [tinyBlock + 1]float64, total float64) (
	next [tinyBlock + 1]float64, fresh float64) {
	for full, probability := range state {
		for more, counts := range p.counts {
			for size, n := range counts {
				if n == 0 || probability == 0 {
					continue
				}
				chance, at := probability*float64(n)/total, full
				for range more + 1 {
					var isFresh bool
					if at, isFresh = p.place(at, size); isFresh {
						fresh += chance
					}
				}
				next[at] += chance
			}
		}
	}
	return next, fresh
}

// place puts size bytes into the current block, or into a fresh one, which becomes the current
// one if it has more room.
func (p *packing) place(full, size int) (after int, isFresh bool) {
	align := 1
	switch {
	case size%8 == 0, p.is32 && size == 12:
		align = 8
	case size%4 == 0:
		align = 4
	case size%2 == 0:
		align = 2
	}
	at := (full + align - 1) / align * align
	if at+size <= tinyBlock {
		return at + size, false
	}
	return min(full, size), true
}

// charge adds count containers of a length under model i. garbage tells that decoding makes one
// more block like it on the way (a value before it is boxed).
func (p *pricing) charge(i int, total *report.Sum, pricer *rules.Pricer, length, count uint64,
	garbage bool) {
	parts, tiny := pricer.Decoded(length)
	pack := p.packs[i]
	switch {
	case tiny == 0 || pack == nil:
		total.Add(parts, count)
	case pack.perByte == 0:
		more := 0
		if garbage {
			more = 1
		}
		pack.counts[more][tiny] += count
		pack.live += tiny * count
		total.Add(parts, count)
	default:
		each := float64(tiny) * (pack.perByte - 1)
		all := uint64(math.Round(each * float64(count)))
		low, rest := all/max(count, 1), all%max(count, 1)
		parts.Slop = low
		total.Add(parts, count-rest)
		parts.Slop = low + 1
		total.Add(parts, rest)
	}
}

// sum prices the histogram of a site under model i. What is absent costs nothing in Go: a nil map
// has no header.
func (p *pricing) sum(i int, pricer *rules.Pricer, s *snapshot.Site) report.Sum {
	var total report.Sum
	if pricer.Rule() == nil {
		return total
	}
	if absent := pricer.Usage(0, 0); s.Absent > 0 && absent.Total() > 0 && p.packs[i] == nil {
		total.Add(absent, s.Absent)
	}
	for _, l := range s.Lengths {
		p.charge(i, &total, pricer, l.Len, l.Count, false)
		if pack := p.packs[i]; pack != nil && pack.perByte == 0 {
			key, elem := pricer.Scratch()
			pack.counts[0][key] += l.Count
			pack.counts[0][elem] += l.Count
			pack.counts[0][0] = 0 // no tiny block
		}
	}
	return total
}

// newPacks has a packing for each model of a Go heap, nil for the others.
func newPacks(models []*rules.Model) []*packing {
	packs := make([]*packing, len(models))
	for i, m := range models {
		if m.FollowsCapacity() {
			packs[i] = &packing{is32: m.PointerSize() == wordSize4}
		}
	}
	return packs
}
