package account

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"reflect"

	"github.com/bitcoin-mem/memsize/internal/scratch"
)

// equals looks for strings, and slices of bytes, that are equal and kept apart. Nearly all strings of a
// program are unlike any other: a glance (length, first and last bytes) at each tells that of most, by a
// filter of some bits for each. What has the glance of another is hashed and compared.
type equals struct {
	*waste
	glances []uint32 // by vertex, of blocks with one content; 0 for none
	once    []uint64 // bits by glance: it was seen
	twice   []uint64 // and again
	rivals  int      // how many contents may have been seen twice
	seed    maphash.Seed
	table   []uint32 // numbers in kept, plus 1, by hash
	kept    []content
}

// content is what equal strings, or slices of bytes, have in common. It has no pointers: it lies in scratch
// memory.
type content struct {
	hash uint64
	data uintptr
	size int
	kind reflect.Kind
}

func (c *content) bytes() []byte { return text{c.data, c.size, c.size}.bytes() }

// filterBits is how many bits the filter has for each vertex, at most.
const filterBits = 16

// equal claims all but the first block with the same content.
func (w *waste) equal() {
	var memory scratch.Memory
	defer memory.Free()
	n := int(w.graph.Len())
	words := 1 << bits.Len(uint(n*filterBits/64))
	e := &equals{waste: w, glances: scratch.Slice[uint32](&memory, n), once: scratch.Slice[uint64](&memory, words),
		twice: scratch.Slice[uint64](&memory, words), seed: maphash.MakeSeed()}
	e.each(func(v uint32, list []content) { e.look(v, list) })
	if e.rivals == 0 || w.ctx.Err() != nil {
		return
	}
	e.table = scratch.Slice[uint32](&memory, 2<<bits.Len(uint(2*e.rivals)))
	e.kept = scratch.Slice[content](&memory, 2*e.rivals)[:0]
	e.each(e.settle)
}

// each calls f with each block that only strings lead to, or only slices of bytes: with all that lead there.
// After the first time those are left out of which the glance tells enough.
func (e *equals) each(f func(v uint32, list []content)) {
	var list []content
	for v := range e.graph.Len() {
		if v%checkEvery == 0 && e.ctx.Err() != nil {
			return
		}
		if g := e.glances[v]; g != 0 && !e.seenTwice(g) {
			continue
		}
		if refs := e.refs(v); len(refs) > 0 {
			var ok bool
			if list, ok = e.contents(list[:0], v, refs); ok {
				f(v, list)
			}
		}
	}
}

// look takes a glance at the contents of a block.
func (e *equals) look(v uint32, list []content) {
	for i := range list {
		g := glance(&list[i])
		word, bit := e.bit(g)
		if e.once[word]&bit != 0 {
			e.twice[word] |= bit
			e.rivals++
		}
		e.once[word] |= bit
		if len(list) == 1 {
			e.glances[v] = g
		}
	}
}

func (e *equals) bit(glance uint32) (word int, bit uint64) {
	place := int(glance) & (len(e.once)*64 - 1)
	return place / 64, 1 << (place % 64)
}

func (e *equals) seenTwice(glance uint32) bool {
	word, bit := e.bit(glance)
	return e.twice[word]&bit != 0
}

// settle claims a block if each of its contents is kept in another one; else it is one that keeps them.
func (e *equals) settle(v uint32, list []content) {
	all := true
	for i := range list {
		c := &list[i]
		if !e.seenTwice(glance(c)) {
			all = false
			continue
		}
		c.hash = maphash.Bytes(e.seed, c.bytes())
		all = all && e.table[e.find(c)] != 0
	}
	if all {
		e.claimEqual(v)
		return
	}
	for i := range list {
		if c := &list[i]; c.hash != 0 {
			e.keep(c)
		}
	}
}

func (e *equals) keep(c *content) {
	if at := e.find(c); e.table[at] == 0 && len(e.kept) < len(e.table)/2 {
		e.kept = append(e.kept, *c)
		e.table[at] = uint32(len(e.kept))
	}
}

// find is the place of a content in the table, or where it would be.
func (e *equals) find(c *content) uint64 {
	mask := uint64(len(e.table) - 1)
	for at := c.hash & mask; ; at = (at + 1) & mask {
		if e.table[at] == 0 {
			return at
		}
		if k := &e.kept[e.table[at]-1]; k.hash == c.hash && k.kind == c.kind && bytes.Equal(k.bytes(), c.bytes()) {
			return at
		}
	}
}

// glance is a number that is equal for equal contents, of their length and of what is at their ends; not 0.
func glance(c *content) uint32 {
	b := c.bytes()
	x := uint64(len(b))<<8 | uint64(c.kind)
	if len(b) >= 8 {
		x = mix(x^binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[len(b)-8:]))
	} else {
		var word [8]byte
		copy(word[:], b)
		x = mix(x, binary.LittleEndian.Uint64(word[:]))
	}
	return uint32(x) | 1<<31
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd6e8feb86659fd93)
	return hi ^ lo
}

func (w *waste) claimEqual(v uint32) {
	r := w.refs(v)[0]
	size := w.graph.Size(v)
	if w.kind(r) == reflect.String {
		w.claim(equalStrings, v, r, size, "keep one of each: a map[string]string of those in use, or "+
			"unique.Make")
	} else {
		w.claim(equalBytes, v, r, size, "keep one of each, if they are never written")
	}
}

// contents are those of a block that only strings lead to, or only slices of bytes: one that takes the
// block, or in a tiny block several. Slices must be full: one with room is meant to be written.
func (w *waste) contents(list []content, v uint32, refs []uint32) ([]content, bool) {
	kind := w.kind(refs[0])
	if w.pointers[v] || kind != reflect.String && kind != reflect.Slice {
		return list, false
	}
	base, has := w.bases[v], w.graph.Size(v)
	for _, r := range refs {
		if w.kind(r) != kind || kind == reflect.Slice && w.node(r).Type.Elem().Kind() != reflect.Uint8 {
			return list, false
		}
		h := w.header(r)
		size := uintptr(h.length)
		switch {
		case h.length <= 0:
			return list, false
		case size < 16 && has == 16:
		case h.data != base || !w.sizes.fits(size, has, false):
			return list, false
		}
		list = append(list, content{data: h.data, size: h.length, kind: kind})
	}
	return list, true
}
