package snapshot

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/bitcoin-mem/memsize/rules"
)

// payload makes what a value that encodes itself owns, in its Go type: of some types of the
// standard library that is known; of others what the type itself says, and the payload.
func (r *retyping) payload(site, v *Site) {
	t := site.Type
	switch {
	case t.pkg == "time" && t.name == "Time", t.pkg == "net/netip":
		// A decoded time has a zone of the runtime's; an address's zone is interned.
	case t.pkg == "math/big" && t.name == "Int" && len(t.fields) == 2:
		r.bigInt(site, v)
	case len(v.Children) > 0:
		site.Doubt.Opaque = true
		r.wirePayload(site, v)
		r.assume(v, "%s encodes itself: owns what the gob in its payload holds, assumed", t)
	case t.kind == reflect.Slice && isByte(t.elem.kind), t.kind == reflect.String:
		site.Lengths = lengthsOf(v)
		site.Doubt.Opaque = true
		r.assume(v, "%s encodes itself: as long as its payload, assumed", t)
	case r.ownsMemory(t):
		bytes := &Type{kind: reflect.Slice, elem: &Type{kind: reflect.Uint8}}
		at := newSite(spot{site, Payload, 0, ".payload"}, bytes, v.Count-v.Absent, 0)
		at.Lengths = lengthsOf(v)
		site.Doubt.Opaque = true
		r.assume(v, "%s encodes itself: owns the bytes of its payload, assumed", t)
	}
}

func (r *retyping) assume(s *Site, format string, args ...any) {
	r.assumptions = append(r.assumptions,
		Assumption{Path: s.Path(), Text: s.Step + " " + fmt.Sprintf(format, args...)})
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

// bigInt is math/big.Int.
func (r *retyping) bigInt(site, v *Site) {
	abs := newSite(spot{site, Field, 1, ".abs"}, site.Type.fields[1].Type.(*Type), v.Count-v.Absent, 0)
	for _, l := range v.Lengths {
		words := bigWords(l.Len, r.word)
		if last := len(abs.Lengths) - 1; last >= 0 && abs.Lengths[last].Len == words {
			abs.Lengths[last].Count += l.Count
			continue
		}
		abs.Lengths = append(abs.Lengths, LengthCount{words, l.Count})
	}
	r.numbers[site] = abs
}

// bigWords is the room of a decoded big.Int in words of so many bytes. A payload of n bytes has n-1
// bytes of number (big.Int.GobEncode); one of several words has room for 4 more (nat.make).
func bigWords(n, word uint64) uint64 {
	words := (max(n, 1) - 1 + word - 1) / word
	if words > 1 {
		words += 4
	}
	return words
}

func isByte(k reflect.Kind) bool { return k == reflect.Uint8 || k == reflect.Int8 }

// ownsMemory tells whether values of t hold any memory beyond themselves. Each type is looked at
// once: there can be exponentially many ways to it.
func (r *retyping) ownsMemory(t *Type) bool {
	if owns, known := r.owns[t]; known {
		return owns
	}
	owns := false
	switch t.kind {
	case reflect.Struct:
		owns = slices.ContainsFunc(t.fields, func(f rules.Field) bool { return r.ownsMemory(f.Type.(*Type)) })
	case reflect.Array:
		owns = t.length > 0 && r.ownsMemory(t.elem)
	default:
		owns = !isFlat(t.kind)
	}
	r.owns[t] = owns
	return owns
}
