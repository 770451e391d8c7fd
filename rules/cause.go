package rules

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/gort"
)

// Causes are the reasons, any number of them, why a figure may differ from what a Go heap really
// takes when it is worked out by formula. A container with none takes what its type, length and
// capacity say, to the byte.
type Causes uint8

const (
	// PartOfBlock: a pointer, slice or string may lead to a part of a block; it is priced as if
	// that were all.
	PartOfBlock Causes = 1 << iota
	// TinyBlocks: values below 16 bytes without pointers share blocks of 16 bytes with whatever is
	// allocated before and after. They are packed as if those of each size came one after another.
	TinyBlocks
	// MapHistory: a map is priced as if it had been filled by insertion alone. One made with a
	// hint has more room, and one that has lost entries keeps theirs.
	MapHistory
	// TimerChannel: a channel of times with room for one at most may be a timer's, which has room
	// for one and says that it has none (runtime/chan.go, chancap), and keeps the timer alive.
	TimerChannel
)

// causes has what people read of each cause, and its bounds: by how much a figure may differ, as
// multiples of the truth. Sizes are rounded up to at most 16/9 of what was asked for, which is how
// far pieces of a block that are priced one by one may exceed it; a byte may have a block of 16 to
// itself; of tables that are as likely to have been split as not, two may be priced as three or
// three as two. A timer and the room of its channel take up to 5/3 of what the channel seems to.
var causes = [...]struct {
	name, why string
	low, high float64
}{
	{"part of block", "the rest of a block, of which this may be a part, is not seen", 0, 16.0 / 9},
	{"tiny blocks", "values below 16 bytes share blocks with what is allocated around them",
		1.0 / 16, 2},
	{"map history", "a map keeps the room that it was made with, or that deleted entries had", 0, 1.5},
	{"timer channel", "a timer lives as long as its channel", 1.0 / 3, 1},
}

// Names is what each cause is called, in reports and in the documentation.
func (c Causes) Names() (names []string) {
	for i := range causes {
		if c&(1<<i) != 0 {
			names = append(names, causes[i].name)
		}
	}
	return names
}

// Each is the causes in c one by one.
func (c Causes) Each() (list []Causes) {
	for i := range causes {
		if c&(1<<i) != 0 {
			list = append(list, 1<<i)
		}
	}
	return list
}

// String is the names with commas between them.
func (c Causes) String() string { return strings.Join(c.Names(), ", ") }

// MarshalJSON is the list of the names.
func (c Causes) MarshalJSON() ([]byte, error) { return json.Marshal(c.Names()) }

// UnmarshalJSON reads a list of names. A name that this version does not know is passed over.
func (c *Causes) UnmarshalJSON(text []byte) error {
	var names []string
	if err := json.Unmarshal(text, &names); err != nil {
		return err
	}
	*c = 0
	for i := range causes {
		if slices.Contains(names, causes[i].name) {
			*c |= 1 << i
		}
	}
	return nil
}

// Why is one sentence about each cause in c, without a full stop.
func (c Causes) Why() (sentences []string) {
	for i := range causes {
		if c&(1<<i) != 0 {
			sentences = append(sentences, causes[i].why)
		}
	}
	return sentences
}

// Bounds is between which multiples of the truth a figure with these causes may lie; 1 and 1
// without any. Tiny blocks may add up to 16 bytes for each of their sizes.
func (c Causes) Bounds() (low, high float64) {
	low, high = 1, 1
	for i, f := range causes {
		if c&(1<<i) != 0 {
			low, high = min(low, f.low), max(high, f.high)
		}
	}
	return low, high
}

// Causes is why the figure of a container of this length and capacity may differ from what it
// takes on a Go heap. Models of other worlds are what their formulas say: there are none.
func (p *Pricer) Causes(length, capacity uint64) (c Causes) {
	r, ok := p.rule.(*builtin)
	if !ok || !p.isGoHeap() {
		return 0
	}
	switch r.form {
	case formUnorderedMap, formUnorderedSet:
		return MapHistory
	case formVector, formString, formUniquePtr:
		if p.of.place.kind == reflect.Chan {
			if p.of.place.times && capacity <= 1 {
				return TimerChannel
			}
			return 0
		}
	default:
		return 0
	}
	if !p.box { // which is a block of its own
		c = PartOfBlock
	}
	if _, tiny := p.Packed(length, capacity); tiny > 0 {
		c |= TinyBlocks
	}
	return c
}

// Packed is Usage, but for a block that the Go allocator packs with others into 16 bytes: tiny is
// its size then, else 0, and the parts have no Rounding, which depends on what else is allocated.
func (p *Pricer) Packed(length, capacity uint64) (parts Parts, tiny uint64) {
	parts = p.Usage(length, capacity)
	if asked := parts.Total() - parts.Rounding; asked == 0 || asked >= gort.TinyBlock {
		return parts, 0
	}
	r, ok := p.rule.(*builtin)
	if !ok || !p.isGoHeap() {
		return parts, 0
	}
	switch r.form {
	case formString:
		return packed(parts, true)
	case formVector, formUniquePtr:
		return packed(parts, !p.of.elem().pointers)
	}
	return parts, 0
}
