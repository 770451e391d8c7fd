// Package decoding says what memory encoding/gob needs while it decodes a stream, beyond the values
// that it makes of it: whether a program can load a file at all.
//
// # Definitions
//
// The result is the values of the stream, all of them kept. What is beyond it is the most memory
// that can be reached at once while they are decoded, less the result. Garbage is in neither: a
// program with GOGC=100 grows to about twice what can be reached before it collects any.
//
// What encoding/gob needs beyond the result:
//
//   - Each message is read whole and held until the next one has been read (Decoder.readMessage).
//     One of 10 MiB or more is appended to in steps of 10 MiB (internal/saferio.ReadData), so that
//     for a moment there are an old buffer, a new one and the piece.
//   - A slice of more than 10 MiB is grown while it is decoded (saferio.SliceCap): old and new are
//     held at once. So are a table of a map that splits and a value that is put into an interface.
//   - What is compiled for each type, and a few blocks for each value that is open.
//
// Not counted: what methods such as GobDecode and UnmarshalBinary allocate, but for the buffer of a
// gob in their payload; and what programs do with the values.
//
// encoding/gob recurses, so values that nest deep take stack besides: see [Need].
package decoding

import (
	"math/bits"
	"reflect"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// Need is the memory that decoding takes, in bytes.
type Need struct {
	Model  string `json:"model"`  // of the process that decodes
	Result uint64 `json:"result"` // of Go heap that the values hold
	// Beyond is what the heap holds besides, at the worst moment: Buffer, Growth and Decoder. It is
	// an upper bound, and close where one value makes up the stream.
	Beyond  uint64 `json:"beyond"`
	Buffer  uint64 `json:"buffer"`  // messages
	Growth  uint64 `json:"growth"`  // the older copy of what grows or is moved
	Decoder uint64 `json:"decoder"` // what the decoder has for types and for open values: an estimate
	// Stack is the goroutine's stack, which the runtime doubles. It is worked out from how values
	// nest and what encoding/gob's functions take in Go 1.26 and 1.27.
	Stack uint64 `json:"stack"`
	// Overflows tells that the stack would be larger than Go lets it be: the program is ended, and
	// cannot recover.
	Overflows bool `json:"overflows,omitempty"`
}

// Of works out what a process of model m, which is one of the Go heap's, needs to decode the stream
// of c. r is an account of c without rules for its paths: where m is one of its models nothing is
// priced again. It may be nil. The error is price.Price's.
func Of(c *snapshot.Census, m *rules.Model, r *report.Report) (Need, error) {
	model := modelOf(r, m)
	if model < 0 {
		var err error
		if r, err = price.Price(c, []*rules.Model{m}, nil); err != nil {
			return Need{}, err
		}
		model = 0
	}
	n := Need{Model: m.Name(), Result: r.Models[model].Total, Decoder: decoder(c)}
	n.Stack, n.Overflows = stack(c.Deepest, m)
	w := worst{c: c, m: m, report: r, model: model}
	n.Buffer, n.Growth = held(c.LargestMessage), w.growth()
	if reading := w.reading(); reading > saturate.Add(n.Buffer, n.Growth) {
		n.Buffer, n.Growth = reading, 0
	}
	n.Buffer = saturate.Add(n.Buffer, held(c.LargestPayload))
	n.Beyond = saturate.Add(saturate.Add(n.Buffer, n.Growth), n.Decoder)
	return n, nil
}

// modelOf is the index of m in a report, -1 where it is not there.
func modelOf(r *report.Report, m *rules.Model) int {
	if r == nil {
		return -1
	}
	return slices.IndexFunc(r.Models, func(f report.ModelFigures) bool { return f.Name == m.Name() })
}

// decoder is what a Decoder has for the types of c and for the values that are open. The constants
// are what MemStats shows for Go 1.26 on 64 bits.
func decoder(c *snapshot.Census) uint64 {
	const fixed, perType, perField = 10 << 10, 512, 130 // the buffer of a bufio.Reader is in fixed
	types := make(map[*snapshot.Type]bool)
	fields := 0
	for s := range c.Sites() {
		if t := s.Type; !types[t] {
			types[t] = true
			fields += t.NumField()
		}
	}
	const perStruct, perList, perMap, perBox = 32, 64, 160, 32 // decoderState, decInstr, reflect.New
	d := c.Deepest
	return fixed + perType*uint64(len(types)) + perField*uint64(fields) +
		perStruct*d.Structs + perList*d.Lists + perMap*d.Maps + perBox*d.Boxes
}

// frames are the bytes of stack that encoding/gob takes for each open value, measured for Go 1.26
// and 1.27 on amd64 and 386 (TestFrames): decodeStruct, decodeSlice, decodeMap, decodeInterface
// and the functions between them.
type frames struct{ structs, lists, maps, boxes, single, limit uint64 }

var (
	frames64 = frames{248, 464, 424, 472, 184, 1_000_000_000}
	frames32 = frames{116, 220, 188, 244, 72, 250_000_000}
)

// stack is the size of the stack for values that nest so deep.
func stack(d snapshot.Depth, m *rules.Model) (size uint64, overflows bool) {
	const others, least = 4 << 10, 8 << 10 // the caller, the leaf, what the runtime keeps free
	f := frames64
	if m.PointerSize() == 4 {
		f = frames32
	}
	need := others + f.structs*d.Structs + f.lists*d.Lists + f.maps*d.Maps + f.boxes*d.Boxes +
		f.single*d.Singles
	size = max(least, uint64(1)<<bits.Len64(need-1))
	return size, size > f.limit
}

// worst looks for the worst moments.
type worst struct {
	c      *snapshot.Census
	m      *rules.Model
	report *report.Report
	model  int // of the report's
}

// reading is what the message buffers take at once while one is read, less the values that are yet
// to be made of it. Which messages follow each other is not known: the two largest may.
func (w *worst) reading() uint64 {
	most, next := w.c.LargestMessage, w.c.NextLargest
	return max(w.readingAfter(next, most), w.readingAfter(most, next))
}

// readingAfter is that for a message of n bytes after one of before bytes.
func (w *worst) readingAfter(before, n uint64) uint64 {
	coming := float64(w.report.Models[w.model].Total) * float64(n) / float64(max(w.c.Bytes, 1))
	buffers := saturate.Add(held(before), growing(n))
	if coming >= float64(buffers) {
		return 0
	}
	return buffers - uint64(coming)
}

// growth is the largest of what is held twice for a moment.
func (w *worst) growth() (most uint64) {
	for s := range w.c.Sites() {
		switch {
		case s.Role == snapshot.Dynamic && s.Type.Kind() != reflect.Pointer:
			most = max(most, w.size(s.Type))
		case s.Type.Kind() == reflect.Slice && len(s.Lengths) > 0:
			most = max(most, w.slice(s))
		case s.Type.Kind() == reflect.Map && len(s.Lengths) > 0:
			most = max(most, w.table(s))
		}
	}
	return most
}

// size is the bytes of a value of t.
func (w *worst) size(t rules.Type) uint64 { return w.m.Shape(w.m.Bind(t)).Size }

// slice is the array that the longest slice at s leaves behind when it grows for the last time,
// less what the elements beyond are yet to bring.
func (w *worst) slice(s *snapshot.Site) uint64 {
	n, size := s.Lengths[len(s.Lengths)-1].Len, w.size(s.Type.Elem())
	before := beforeLast(n, size)
	if before == 0 {
		return 0
	}
	coming := float64(n-before) * w.perElement(s)
	old := saturate.Mul(before, size)
	if coming >= float64(old) {
		return 0
	}
	return old - uint64(coming)
}

// perElement is what an element of s leads to, on average: 0 where that is not known.
func (w *worst) perElement(s *snapshot.Site) float64 {
	var elements uint64
	for _, l := range s.Lengths {
		elements = saturate.Add(elements, saturate.Mul(l.Len, l.Count))
	}
	node := find(w.report.Tree, s.Path())
	if node == nil || elements == 0 || len(w.c.Roots) != 1 || s.Folded > 0 {
		return 0
	}
	var below uint64
	for _, child := range node.Children {
		below = saturate.Add(below, w.total(child))
	}
	return float64(below) / float64(elements)
}

// total is what a node and all below it take.
func (w *worst) total(n *report.Node) uint64 {
	sum := n.Own
	if w.model > 0 {
		sum = 0
		if len(n.Models) > 0 {
			sum = n.Models[w.model]
		}
	}
	for _, child := range n.Children {
		sum = saturate.Add(sum, w.total(child))
	}
	return sum
}

// find is the only node with a path, nil if there are several.
func find(n *report.Node, path string) (found *report.Node) {
	for _, child := range n.Children {
		if f := find(child, path); f != nil {
			if found != nil {
				return nil
			}
			found = f
		}
	}
	if n.Path == path && found == nil {
		return n
	}
	return found
}

// table is what the largest map at s leaves behind when a table splits: the table, and the list of
// tables, which may double (internal/runtime/maps).
func (w *worst) table(s *snapshot.Site) uint64 {
	const pointer = 8
	load := gort.FullSlots(gort.MaxTableSlots)
	n := s.Lengths[len(s.Lengths)-1].Len
	if n <= load {
		return 0
	}
	return gort.MaxTableSlots*(gort.ControlBytes+slotSize(w.m, s.Type)) + pointer*(n/load+1)
}

// slotSize is the bytes of a key and a value in the tables of a map of type t.
func slotSize(m *rules.Model, t rules.Type) (sum uint64) {
	for _, part := range []rules.Type{t.Key(), t.Elem()} {
		size := m.Shape(m.Bind(part)).Size
		if size > gort.MaxSlotBytes {
			size = m.PointerSize()
		}
		sum += size
	}
	return sum
}
