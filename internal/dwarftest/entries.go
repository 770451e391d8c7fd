package dwarftest

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
)

// Abbreviations of entries, in the order of Abbreviations.
const (
	aUnit = 1 + iota
	aBase
	aPointer
	aSlice
	aMap
	aArray
	aRange
	aStruct
	aMember
	aTypedef
)

// Abbreviations is what describes entries: a tag, whether there are children, and attributes with the
// forms in which they stand.
func Abbreviations() []byte {
	const text, byte1, ref, number = 0x08, 0x0b, 0x13, 0x0f
	const name, typ, count, kind, key, elem = 0x03, 0x49, 0x37, 0x2900, 0x2901, 0x2902
	var b []byte
	for i, a := range []struct {
		tag, children uint64
		attributes    []uint64
	}{
		{0x11, 1, []uint64{name, text}}, {0x24, 0, []uint64{name, text, kind, byte1}},
		{0x0f, 0, []uint64{name, text, kind, byte1, typ, ref}},
		{0x13, 0, []uint64{name, text, kind, byte1, elem, ref}},
		{0x16, 0, []uint64{name, text, kind, byte1, key, ref, elem, ref}},
		{0x01, 1, []uint64{name, text, kind, byte1, typ, ref}},
		{0x21, 0, []uint64{count, number}}, {0x13, 1, []uint64{name, text, kind, byte1}},
		{0x0d, 0, []uint64{name, text, typ, ref}}, {0x16, 0, []uint64{name, text, typ, ref}},
	} {
		b = binary.AppendUvarint(b, uint64(i+1))
		b = append(b, byte(a.tag), byte(a.children))
		for _, n := range a.attributes {
			b = binary.AppendUvarint(b, n)
		}
		b = append(b, 0, 0)
	}
	return append(b, 0)
}

// Entries writes a unit of entries, and notes where what may be changed stands.
type Entries struct {
	b     []byte
	types []uint32 // offsets of types
	refs  []int    // places that refer to one
	kinds []int
	sizes []int // of arrays
}

// unitHead is the length of a unit's head: its length, version, table, and the width of addresses.
const unitHead = 11

func (e *Entries) start() {
	e.b = append(make([]byte, unitHead), aUnit)
	binary.LittleEndian.PutUint16(e.b[4:], 4)
	e.b[10] = 8
	e.text("main")
}

func (e *Entries) text(s string) { e.b = append(append(e.b, s...), 0) }

// ref refers to a type by its number; the offset is filled in later.
func (e *Entries) ref(n int) {
	e.refs = append(e.refs, len(e.b))
	e.b = binary.LittleEndian.AppendUint32(e.b, uint32(n))
}

// head begins a type.
func (e *Entries) head(abbrev byte, name string, k reflect.Kind) {
	e.types = append(e.types, uint32(len(e.b)))
	e.b = append(e.b, abbrev)
	e.text(name)
	if abbrev != aTypedef {
		e.kinds = append(e.kinds, len(e.b))
		e.b = append(e.b, byte(k))
	}
}

// Bytes is the section of the entries.
func (e *Entries) Bytes() []byte { return e.b }

// finish ends the unit, and resolves what refers to types.
func (e *Entries) finish() []byte {
	e.b = append(e.b, 0)
	binary.LittleEndian.PutUint32(e.b, uint32(len(e.b)-4))
	for _, at := range e.refs {
		n := binary.LittleEndian.Uint32(e.b[at:])
		binary.LittleEndian.PutUint32(e.b[at:], e.types[int(n)%len(e.types)])
	}
	return e.b
}

// Random are entries of random types, which refer to each other.
func Random(r *rand.Rand) *Entries {
	e := &Entries{}
	e.start()
	count := 3 + r.IntN(20)
	for i := range count {
		name := []string{"main.T", "example.com/shop.Item[int]", "[]main.T", "", "struct { A int }"}[r.IntN(5)]
		if name == "main.T" {
			name += string(rune('A' + i))
		}
		if i == 0 {
			e.head(aBase, "main.First", reflect.Int)
			continue
		}
		e.random(r, name, i, count)
	}
	e.finish()
	return e
}

// random writes the i-th of the types. What lies inside it are earlier types, for none contains itself;
// what it leads to is any.
func (e *Entries) random(r *rand.Rand, name string, i, count int) {
	switch r.IntN(8) {
	case 0:
		e.head(aPointer, name, reflect.Pointer)
		e.ref(r.IntN(count))
	case 1:
		e.head(aSlice, name, []reflect.Kind{reflect.Slice, reflect.Chan}[r.IntN(2)])
		e.ref(r.IntN(count))
	case 2:
		e.head(aMap, name, reflect.Map)
		e.ref(r.IntN(count))
		e.ref(r.IntN(count))
	case 3:
		e.head(aArray, name, reflect.Array)
		e.ref(r.IntN(i))
		e.sizes = append(e.sizes, len(e.b)+1)
		e.b = append(e.b, aRange, byte(r.IntN(40)), 0)
	case 4, 5:
		e.head(aStruct, name, reflect.Struct)
		for field := range r.IntN(5) {
			e.b = append(e.b, aMember)
			e.text("main." + string(rune('A'+field)))
			e.ref(r.IntN(i))
		}
		e.b = append(e.b, 0)
	case 6:
		e.head(aTypedef, name, 0)
		e.ref(r.IntN(i))
	default:
		basic := []reflect.Kind{reflect.Bool, reflect.Int8, reflect.Uint32, reflect.Float64, reflect.Complex64,
			reflect.String, reflect.Interface, reflect.Func}[r.IntN(8)]
		e.head(aBase, name, basic)
	}
}

// Change makes an edit of four bytes, mostly one that leaves entries as they are and changes what they
// say: to which type one refers, of which kind one is, how long an array is.
func (e *Entries) Change(edit []byte) {
	pick, to := int(edit[0])<<8|int(edit[1]), edit[2]
	switch edit[3] % 16 {
	case 0:
		e.b[pick%len(e.b)] += to
	case 1, 2, 3:
		e.b[e.kinds[pick%len(e.kinds)]] = to
	case 4, 5:
		if len(e.sizes) > 0 {
			e.b[e.sizes[pick%len(e.sizes)]] = to & 0x7f
		}
	default:
		if len(e.refs) > 0 {
			at := e.refs[pick%len(e.refs)]
			binary.LittleEndian.PutUint32(e.b[at:], e.types[int(to)%len(e.types)])
		}
	}
}
