package account

import (
	"bytes"
	"hash/maphash"
	"reflect"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// content is what equal strings, or slices of bytes, have in common.
type content struct {
	hash  uint64
	kind  reflect.Kind
	bytes []byte
}

// equal looks for strings, and slices of bytes, that are equal and kept apart: all but the first block
// with the same content could go.
func (w *waste) equal() {
	seed := maphash.MakeSeed()
	kept := map[uint64][]content{}
	known := func(c content) bool {
		for _, k := range kept[c.hash] {
			if k.kind == c.kind && bytes.Equal(k.bytes, c.bytes) {
				return true
			}
		}
		return false
	}
	for v := range w.graph.Len() {
		if v%checkEvery == 0 && w.ctx.Err() != nil {
			return
		}
		contents, ok := w.contents(v, seed)
		if !ok {
			continue
		}
		all := true
		for _, c := range contents {
			all = all && known(c)
		}
		if all { // every one of them is kept in another block
			w.claimEqual(v)
			continue
		}
		for _, c := range contents {
			if !known(c) {
				kept[c.hash] = append(kept[c.hash], c)
			}
		}
	}
}

func (w *waste) claimEqual(v uint32) {
	r := w.refs(v)[0]
	size := w.graph.Size(v)
	if w.node(r).Type.Kind() == reflect.String {
		w.claim(equalStrings, v, r, size, "keep one of each: a map[string]string of those in use, or "+
			"unique.Make")
	} else {
		w.claim(equalBytes, v, r, size, "keep one of each, if they are never written")
	}
}

// contents are those of a block that only strings lead to, or only slices of bytes: one that takes the
// block, or in a tiny block several. Slices must be full: one with room is meant to be written.
func (w *waste) contents(v uint32, seed maphash.Seed) (list []content, ok bool) {
	refs, base, has := w.refs(v), w.graph.Base(v), w.graph.Size(v)
	isText := w.typed(refs, reflect.String)
	if !isText && !w.typed(refs, reflect.Slice) {
		return nil, false
	}
	for _, r := range refs {
		h, t := w.header(r), elem(w.node(r).Type)
		size := uintptr(h.length)
		switch {
		case t.Kind() != reflect.Uint8 || h.length <= 0:
			return nil, false
		case size < 16 && has == 16:
		case h.data != base || uint64(block.Round(size, false)) != has:
			return nil, false
		}
		b := h.bytes()
		list = append(list, content{maphash.Bytes(seed, b), w.node(r).Type.Kind(), b})
	}
	return list, true
}
