package snapshot

import "encoding/binary"

// A big.Rat encodes itself as a byte of version and sign, four bytes that say how many the numerator
// has, the numerator and the denominator (big.Rat.GobEncode). What it takes in memory depends on both,
// and the length of the payload tells neither. Of payloads that look so the scan keeps the two lengths;
// whether they are of a big.Rat is known only when the Go types are.

// fraction is what is known of the payloads at a place while all of them look like fractions.
type fraction struct {
	ruledOut bool         // at least one does not
	parts    [2]histogram // bytes of the numerators and the denominators
}

const (
	numerator   = 0
	denominator = 1

	fractionVersion = 1 // of big.Rat.GobEncode, above the sign's bit
	fractionHead    = 5 // bytes before the numerator
)

// noteFraction looks at a payload of n bytes, which begins at the read position.
func (s *scanner) noteFraction(p *place, n uint64) {
	if p.fraction == nil {
		p.fraction = &fraction{}
		s.charge(fractionCost)
	}
	f := p.fraction
	if f.ruledOut {
		return
	}
	var above, below uint64
	if n > 0 { // else it is zero, and was never set
		if n < fractionHead {
			f.ruleOut()
			return
		}
		s.need(fractionHead)
		head := s.buf[s.pos:]
		above = uint64(binary.BigEndian.Uint32(head[1:]))
		if head[0]>>1 != fractionVersion || above > n-fractionHead {
			f.ruleOut()
			return
		}
		below = n - fractionHead - above
	}
	s.charge(f.parts[numerator].add(above) + f.parts[denominator].add(below))
}

const fractionCost = 128

// ruleOut forgets what was known.
func (f *fraction) ruleOut() { *f = fraction{ruledOut: true} }

// lengths are those of the numerators and denominators at p, of which it has so many values; nil if
// they are no fractions.
func (p *place) fractions() *[2][]LengthCount {
	if p.fraction == nil || p.fraction.ruledOut {
		return nil
	}
	var lists [2][]LengthCount
	for i := range lists {
		lists[i], _ = p.fraction.parts[i].lengths()
	}
	return &lists
}
