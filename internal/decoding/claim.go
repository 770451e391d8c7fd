package decoding

import (
	"math"
	"math/bits"

	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// Claim is what a broken stream makes encoding/gob allocate for nothing: it makes room for all
// entries that a map claims to have (Decoder.decodeMap, reflect.MakeMapWithSize) before it sees that
// they are not there.
type Claim struct {
	Path    string `json:"path"`    // of the map that takes most
	Entries uint64 `json:"entries"` // that it claims
	Bytes   uint64 `json:"bytes"`   // that all such maps take, at once
}

// ClaimOf is the claim of a census whose scan has ended in the middle of maps, for a process of model
// m, which is one of the Go heap's; zero where there is none. Where the input has ended inside the
// message, encoding/gob does not get as far: it reads a message whole before it looks at a value.
func ClaimOf(c *snapshot.Census, m *rules.Model) (claim Claim) {
	m = m.With() // a model keeps what it knows of a type, and those of a census go with it
	var most uint64
	for s := range c.Sites() {
		for _, l := range s.Claimed {
			each := presized(m, s.Type, l.Len)
			claim.Bytes = saturate.Add(claim.Bytes, saturate.Mul(each, l.Count))
			if each > most {
				most, claim.Path, claim.Entries = each, s.Path(), l.Len
			}
		}
	}
	return claim
}

// presized is the bytes of a map that was made for so many entries.
func presized(m *rules.Model, t rules.Type, entries uint64) uint64 {
	// A map that could not be is made empty, and a number beyond an int is none
	// (internal/runtime/maps.NewMap).
	const mostBytes, groupSlots = 1 << 48, 8
	if entries > math.MaxInt64/groupSlots {
		return 0
	}
	tables := entries/gort.FullSlots(gort.MaxTableSlots) + 1
	slots := uint64(gort.MaxTableSlots) << bits.Len64(tables-1)
	if saturate.Mul(slots, groupSlots*(slotSize(m, t)+1)) > mostBytes { // it counts slots as groups
		return 0
	}
	parts, _ := m.NewPricer(m.Bind(t)).Decoded(entries)
	return parts.Total()
}
