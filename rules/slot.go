package rules

import (
	"reflect"

	"github.com/bitcoin-mem/memsize/internal/gort"
)

// Types that are not fully known are weighed by the ways in which their values may lie in memory.
// A Slot is one such way; a Pricer can be asked about containers of elements in any slot.

// Slot is how a value lies inside its owner in a model's layout: as itself, or as a pointer to it.
// It is comparable. A slot makes sense only to the model that made it.
type Slot struct {
	at       layout
	indirect bool // a pointer
}

// Slot is how values bound as b lie in their owner. It panics where Shape does.
func (m *Model) Slot(b Binding) Slot { return slotOf(m.layoutOf(b)) }

// slotOf forgets holes: slots that differ in nothing else cost the same.
func slotOf(l layout) Slot {
	l.Padding = 0
	return Slot{at: l}
}

// Indirect is a pointer that no rule speaks of.
func (m *Model) Indirect() Slot {
	return m.Slot(m.Bind(anyPointer)).AsPointer()
}

// AsPointer is the slot s of what is a pointer.
func (s Slot) AsPointer() Slot {
	s.indirect = true
	return s
}

// Size is the bytes that the value takes in its owner.
func (s Slot) Size() uint64 { return s.at.Size }

// Align is the alignment of the value in its owner, in bytes.
func (s Slot) Align() uint64 { return s.at.Align }

// OfSize is a slot of so many bytes, with and without pointers as s is.
func (s Slot) OfSize(n uint64) Slot {
	s.at.Size = n
	return s
}

// Either is s and, where s and t differ in having pointers, s as it would be with t's: what a Go heap
// takes for a block below 16 bytes depends on that, in either direction.
func (s Slot) Either(t Slot) []Slot {
	other := s
	other.at.pointers = t.at.pointers
	if other == s {
		return []Slot{s}
	}
	return []Slot{s, other}
}

// Join is the largest slot of which a container costs no more than of s and of t or, for larger, the
// smallest of which it costs no less, but for what Turn and Either say.
func (s Slot) Join(t Slot, larger bool) Slot {
	x, y := s.at, t.at
	l := layout{niche: max(x.niche, y.niche), pointers: x.pointers && y.pointers}
	l.Size, l.Align = min(x.Size, y.Size), min(x.Align, y.Align)
	if larger {
		l = layout{niche: min(x.niche, y.niche), pointers: x.pointers || y.pointers}
		l.Size, l.Align = max(x.Size, y.Size), max(x.Align, y.Align)
	}
	return Slot{at: l, indirect: s.indirect && t.indirect}
}

// Turn is the size in bytes beyond which keys and values cost a map less, for they lie outside of
// it (Go's maps); 0 in models that have no such turn.
func (m *Model) Turn() uint64 {
	if m.world.isGoHeap() {
		return gort.MaxSlotBytes
	}
	return 0
}

// Nothing is a struct to which Append has added no field yet.
func Nothing() Slot { return slotOf(noFields) }

// Append adds a field to the struct s; End closes it, where it has so many fields, the last of
// them in slot last.
func (m *Model) Append(s, field Slot) Slot { return slotOf(m.world.record.add(s.at, field.at)) }

// End is the struct s with its tail.
func (m *Model) End(s Slot, fields int, last Slot) Slot {
	return slotOf(m.world.record.end(s.at, fields, last.at.Size))
}

// Array is n elements in a row.
func (s Slot) Array(n uint64) Slot { return slotOf(array(s.at, n)) }

// Exists tells whether a field bound as b is there: under as-if models one of rule "-" is not.
func (m *Model) Exists(b Binding) bool { return !m.world.asIf || !m.skips(b) }

// Over is the Pricer of containers bound as b, and the slot of these, if their elements lie in
// slot elem and their keys, if any, in slot key, whatever b's type says of them. Totals are right,
// but holes in elements count as used.
func (m *Model) Over(b Binding, key, elem Slot) (*Pricer, Slot) {
	rule, _ := m.resolve(b)
	if _, boxed := b.Type.(boxType); boxed && !m.world.asIf && elem.isPointerShaped(m.world) {
		rule = nil // Go keeps it in the interface itself
	}
	if rule == nil {
		return &Pricer{shortcut: free}, m.Slot(b)
	}
	p := m.placeOver(b, key, elem)
	if m.world.goLayout {
		return m.pricerAt(rule, p), m.Slot(b)
	}
	return m.pricerAt(rule, p), slotOf(m.headerAt(rule, p))
}

// MayBeDirect tells whether a value in a slot between least and most may be one pointer, which Go keeps
// in an interface itself, and may be something else.
func (m *Model) MayBeDirect(least, most Slot) bool {
	pointer := m.world.pointer
	return !m.world.asIf && least != most && most.at.pointers &&
		least.at.Size <= pointer && pointer <= most.at.Size
}

func (s Slot) isPointerShaped(w *world) bool { return s.at.Size == w.pointer && s.at.pointers }

// placeOver is placeOf for elements and keys in other slots than b's type says.
func (m *Model) placeOver(b Binding, key, elem Slot) *place {
	p := &place{world: m.world, kind: b.Type.Kind(), fat: b.Type.Kind() == reflect.Interface,
		key: key.at, elem: elem.at, bits: m.isBits(b), slowHash: m.isSlowHash(b)}
	elemType, keyType := below(b.Type)
	isSet := isSetType(b.Type)
	if value := elem.insteadOf(elemType); value != nil {
		p.bits = p.kind == reflect.Slice && value.Kind() == reflect.Bool
		isSet = p.kind == reflect.Map && isEmptyStruct(value)
	}
	if value := key.insteadOf(keyType); value != nil {
		p.slowHash = value.Kind() == reflect.String
	}
	switch {
	case isSet:
		p.elem = layout{}
	case p.kind == reflect.String:
		p.elem = plain(1, 1)
	}
	return p
}

// insteadOf is the type of a value in slot s where t shows another: a pointer to it, or the value
// of a pointer. It is nil where t shows what s is.
func (s Slot) insteadOf(t Type) Type {
	switch {
	case t == nil || s.indirect == (t.Kind() == reflect.Pointer):
		return nil
	case s.indirect:
		return anyPointer
	}
	return t.Elem()
}

var anyPointer = TypeOf(reflect.TypeFor[*byte]())
