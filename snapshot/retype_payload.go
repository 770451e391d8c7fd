package snapshot

import (
	"reflect"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/rules"
)

// payload makes what a value that encodes itself owns, in its Go type: of some types of the
// standard library that is known; of others what the type itself says, and the payload.
func (r *retyping) payload(site, v *Site) {
	t := site.Type
	switch {
	case t.PkgPath() == "time" && t.Name() == "Time", t.PkgPath() == "net/netip":
		// A decoded time has a zone of the runtime's; an address's zone is interned.
	case t.PkgPath() == "math/big" && t.Name() == "Int" && len(t.Spec.Fields) == 2:
		const head = 1 // byte: version and sign (big.Int.GobEncode)
		r.numbers[site] = bigNumber{r.words(site, 1, v.Count-v.Absent, v.Lengths, head), head}
	case t.PkgPath() == "math/big" && t.Name() == "Rat" && len(t.Spec.Fields) == 2 && v.fractions != nil:
		r.bigRat(site, v)
	case t.PkgPath() == "math/big" && t.Name() == "Float" && fieldNamed(t, "mant") >= 0:
		const head = 10 // bytes: version, flags, precision, exponent (big.Float.GobEncode)
		mant := fieldNamed(t, "mant")
		r.numbers[site] = bigNumber{r.words(site, mant, v.Count-v.Absent, v.Lengths, head), head}
	case len(v.Children) > 0:
		site.Doubt.Opaque = true
		r.wirePayload(site, v)
		r.assume(v, t, "owns what the gob in its payload holds")
	case t.Kind() == reflect.Slice && isByte(t.Spec.Elem.Kind()), t.Kind() == reflect.String:
		site.Lengths = lengthsOf(v)
		site.Doubt.Opaque = true
		r.assume(v, t, "as long as its payload")
	case r.ownsMemory(t):
		bytes := &Type{Spec: gotype.Spec{Kind: reflect.Slice, Elem: &Type{Spec: gotype.Spec{Kind: reflect.Uint8}}}}
		at := newSite(spot{site, Payload, 0, ".payload"}, bytes, v.Count-v.Absent, 0)
		at.Lengths = lengthsOf(v)
		site.Doubt.Opaque = true
		r.assume(v, t, "owns the bytes of its payload")
	}
}

func (r *retyping) assume(s *Site, t *Type, taken string) {
	named := s
	for named.Role == Pointee {
		named = named.Parent
	}
	r.assumptions = append(r.assumptions, Assumption{Path: s.Path(), Name: strings.TrimPrefix(named.Step, "."), Type: t.String(),
		Why: "encodes itself", Taken: taken + ", assumed"})
}

// lengthsOf is the histogram of payloads, where the census has it.
func lengthsOf(v *Site) []LengthCount { return append([]LengthCount(nil), v.Lengths...) }

// wirePayload makes the values of a gob in a payload, in the wire's types.
func (r *retyping) wirePayload(site, v *Site) {
	for _, child := range v.Children {
		at := spot{site, Payload, 0, child.Step}
		if site.Type == v.Type {
			at.role, at.field = child.Role, child.Field
		}
		r.match(at, child, nil, 0)
	}
}

// bigNumber is the words of the numbers of package math/big at a site, and how many bytes of a payload
// stand before those of the number.
type bigNumber struct {
	words *Site
	head  uint64
}

// bigRat is math/big.Rat: two of math/big.Int.
func (r *retyping) bigRat(site, v *Site) {
	for i, part := range v.fractions {
		f := site.Type.Spec.Fields[i]
		whole := newSite(spot{site, Field, i, "." + f.Name}, f.Type.(*Type), v.Count-v.Absent, 0)
		r.words(whole, 1, whole.Count, part, 0)
	}
}

// words makes the words that a field of a number of package math/big has, of which bytes are the
// bytes of its payload, with those of a head.
func (r *retyping) words(site *Site, field int, n uint64, bytes []LengthCount, head uint64) *Site {
	f := site.Type.Spec.Fields[field]
	words := newSite(spot{site, Field, field, "." + f.Name}, f.Type.(*Type), n, 0)
	for _, l := range bytes {
		room := bigWords(l.Len, head, r.word)
		if last := len(words.Lengths) - 1; last >= 0 && words.Lengths[last].Len == room {
			words.Lengths[last].Count += l.Count
			continue
		}
		words.Lengths = append(words.Lengths, LengthCount{room, l.Count})
	}
	return words
}

// bigWords is the room of a decoded number, in words of so many bytes, whose payload has n bytes, with
// those of a head. One of several words has room for 4 more (nat.make).
func bigWords(n, head, word uint64) uint64 {
	words := (max(n, head) - head + word - 1) / word
	if words > 1 {
		words += 4
	}
	return words
}

// fieldNamed is the index of a field; -1 if t has none of the name.
func fieldNamed(t *Type, name string) int {
	return slices.IndexFunc(t.Spec.Fields, func(f rules.Field) bool { return f.Name == name })
}

func isByte(k reflect.Kind) bool { return k == reflect.Uint8 || k == reflect.Int8 }

// ownsMemory tells whether values of t hold any memory beyond themselves. Each type is looked at
// once: there can be exponentially many ways to it.
func (r *retyping) ownsMemory(t *Type) bool {
	if owns, known := r.owns[t]; known {
		return owns
	}
	owns := false
	switch t.Kind() {
	case reflect.Struct:
		owns = slices.ContainsFunc(t.Spec.Fields, func(f rules.Field) bool { return r.ownsMemory(f.Type.(*Type)) })
	case reflect.Array:
		owns = t.Len() > 0 && r.ownsMemory(t.Spec.Elem)
	default:
		owns = !isFlat(t.Kind())
	}
	r.owns[t] = owns
	return owns
}
