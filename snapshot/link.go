package snapshot

import (
	"go/ast"
	"go/types"
	"strings"
)

// The types of a stream are known by number. Linking turns the numbers into a graph, and the
// graph into a canonical one: where two encoders have written one file, or where every payload
// of a GobEncoder is a gob that defines its types anew, types that look alike become one. Two
// types of one stream never do, however alike they look, because an encoder gives each Go type
// one number: []uint64 and []uintptr are both a slice of unsigned numbers without a name.

// signature is what equal types share at first sight.
type signature struct {
	kind   wireKind
	name   string
	boxed  string
	length int64
	fields int
}

func (w *wireType) signature() signature {
	return signature{w.kind, w.name, w.boxed, w.length, len(w.fields)}
}

// maxComparisons bounds the work of recognising equal types; beyond it a type counts as new,
// which is safe: its values then have a root or a site of their own.
const maxComparisons = 1 << 20

// link returns the canonical type of w, a type of the current stream or the one before.
func (s *scanner) link(w *wireType) *wireType {
	if w.canon != nil {
		return w.canon
	}
	reached := s.reach(w)
	if !s.replaying { // what was read says what it was told apart by
		s.spell(reached)
	}
	for _, t := range reached {
		s.recognise(t)
	}
	for _, t := range reached {
		if t.canon == nil {
			t.canon = t
			s.claim(t)
			s.canon[t.signature()] = append(s.canon[t.signature()], t)
			s.chargeType(256 + savedLength(t.name) + savedLength(t.boxed))
		}
	}
	for _, t := range reached {
		for i := range t.fields {
			if f := &t.fields[i]; t.canon == t && f.typ != nil {
				f.typ = f.typ.canon
				s.chargeType(fieldCost + savedLength(f.name))
			}
		}
	}
	return w.canon
}

// chargeType accounts for bytes of a canonical type, which stays when its stream has ended.
func (s *scanner) chargeType(bytes int64) {
	if !s.replaying {
		s.charge(bytes)
	}
}

// fieldCost is the bytes of a field of a type, without its name.
const fieldCost = 64

// reach resolves the references of w and of all types below that are not canonical yet, and
// lists them.
func (s *scanner) reach(w *wireType) []*wireType {
	seen := map[*wireType]bool{w: true}
	list := []*wireType{w}
	for next := 0; next < len(list); next++ {
		t := list[next]
		for i := range t.fields {
			f := &t.fields[i]
			f.typ = s.stream.defined(f.id)
			if f.typ != nil && f.typ.canon == nil && !seen[f.typ] {
				seen[f.typ] = true
				list = append(list, f.typ)
			}
		}
	}
	return list
}

// spell gives types without a name the Go type that is known of them: that of an interface which holds
// one, or of a field, says what lies below it too. Types that look alike, []int8 and []int64, are then
// not taken for one because another stream has the other.
func (s *scanner) spell(list []*wireType) {
	exprs := make(map[*wireType]ast.Expr)
	for _, t := range list {
		expr := exprs[t]
		if text := strings.TrimLeft(t.boxed, "*"); expr == nil && isLiteral(text) {
			expr = parseType(text)
		}
		if expr == nil && isLiteral(t.name) {
			expr = parseType(t.name)
		}
		for i, f := range t.fields {
			part := partOf(t, i, expr)
			if part == nil || f.typ == nil || f.typ.canon != nil || f.typ.name != "" || f.typ.boxed != "" ||
				!f.typ.isComposite() {
				continue
			}
			_, part = hintOf(part)
			f.typ.boxed, exprs[f.typ] = types.ExprString(part), part
			s.chargeStream(int64(len(f.typ.boxed)))
		}
	}
}

// recognise looks for a canonical type that equals t, and that no other type of the stream has
// been recognised as.
func (s *scanner) recognise(t *wireType) {
	if t.canon != nil {
		return
	}
	for _, known := range s.canon[t.signature()] {
		if s.stream.claimed[known] || !sameNames(t, known) {
			continue
		}
		if pairs := s.equal(t, known); pairs != nil {
			for a, b := range pairs {
				a.canon = b
				s.claim(b)
			}
			return
		}
	}
}

// claim notes that a type of the current stream is the canonical type t.
func (s *scanner) claim(t *wireType) {
	if s.stream.claimed == nil {
		s.stream.claimed = make(map[*wireType]bool)
	}
	s.stream.claimed[t] = true
	s.chargeStream(claimCost)
}

// claimCost is the bytes of an entry of a set.
const claimCost = 32

// sameNames tells whether two types of one signature have fields of the same names.
func sameNames(a, b *wireType) bool {
	for i := range a.fields {
		if a.fields[i].name != b.fields[i].name {
			return false
		}
	}
	return true
}

// equal compares two type graphs and returns the pairs of types that are then equal, or nil. It
// assumes of each pair that it meets again what it is about to prove, as equality of recursive
// types must.
func (s *scanner) equal(a, b *wireType) map[*wireType]*wireType {
	pairs, taken := map[*wireType]*wireType{a: b}, map[*wireType]bool{b: true}
	work := []*wireType{a}
	for len(work) > 0 {
		a := work[len(work)-1]
		work = work[:len(work)-1]
		b := pairs[a]
		if s.comparisons++; s.comparisons > maxComparisons || a.signature() != b.signature() ||
			a.opaque != b.opaque {
			return nil
		}
		for i := range a.fields {
			x, y := a.fields[i].typ, b.fields[i].typ
			if x == nil || y == nil || a.fields[i].name != b.fields[i].name {
				return nil
			}
			if x.canon != nil {
				if x.canon != y {
					return nil
				}
				continue
			}
			known, met := pairs[x]
			switch {
			case met && known == y:
			case met || taken[y] || s.stream.claimed[y]:
				return nil
			default:
				pairs[x], taken[y] = y, true
				work = append(work, x)
			}
		}
	}
	return pairs
}

// resolve is the canonical type of a part of the canonical type w.
func (s *scanner) resolve(w *wireType, field int) *wireType {
	f := &w.fields[field]
	if f.typ == nil {
		t := s.stream.defined(f.id)
		if t == nil {
			s.malformed("a value of type id %d, which is not defined", f.id)
		}
		f.typ = s.link(t)
	}
	return f.typ
}
