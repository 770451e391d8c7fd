package snapshot

import (
	"encoding/hex"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxShown is the length in bytes from which on names and keys are cut.
const maxShown = 128

// maxKey is the most bytes of a rendered key: of what is escaped less is shown.
const maxKey = 192

// printable makes a name from the stream safe for terminals and logs: control characters,
// invalid UTF-8 and whatever else does not print are escaped as in a Go string.
func printable(name string, limit int) string {
	if len(name) > limit {
		cut := limit
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + "…"
	}
	quoted := strconv.Quote(name)
	if len(quoted) == len(name)+2 {
		return name
	}
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// entry renders an entry of place p.
func (e rawEntry) entry(p *place) Entry {
	if e.text != "" {
		return Entry{Key: e.text, Bytes: e.bytes, Offset: e.offset}
	}
	key := strconv.FormatUint(e.index, 10)
	if p.kind == wireMap {
		r := keyReader{bytes: e.key}
		r.value(p.typ.fields[keyField].typ, 4)
		key = r.text.String()
		if r.cut {
			key += "…"
		}
		if cut := maxKey - len("…"); len(key) > maxKey {
			for !utf8.RuneStart(key[cut]) {
				cut--
			}
			key = key[:cut] + "…"
		}
		if key == "" { // it encodes itself, in no bytes
			key = `""`
		}
	}
	return Entry{Key: key, Bytes: e.bytes, Offset: e.offset}
}

// keyReader renders a value of which the first bytes are known.
type keyReader struct {
	bytes []byte
	text  strings.Builder
	cut   bool // the bytes have ended before the value
}

// uint reads a number; a cut one is 0.
func (r *keyReader) uint() uint64 {
	if len(r.bytes) == 0 {
		r.cut = true
		return 0
	}
	b := r.bytes[0]
	r.bytes = r.bytes[1:]
	if b < 0x80 {
		return uint64(b)
	}
	n := -int(int8(b))
	if n > len(r.bytes) {
		r.cut = true
		return 0
	}
	x := uint64(0)
	for _, b := range r.bytes[:n] {
		x = x<<8 | uint64(b)
	}
	r.bytes = r.bytes[n:]
	return x
}

// take returns the next n bytes, or what there is.
func (r *keyReader) take(n uint64) []byte {
	if n > uint64(len(r.bytes)) {
		r.cut = true
		n = uint64(len(r.bytes))
	}
	b := r.bytes[:n]
	r.bytes = r.bytes[n:]
	return b
}

// value renders a value of type t, down to depth levels.
func (r *keyReader) value(t *wireType, depth int) {
	if r.cut || t == nil || depth == 0 || r.text.Len() > maxShown {
		r.cut = true
		return
	}
	switch t.kind {
	case wireBool:
		r.text.WriteString(strconv.FormatBool(r.uint() != 0))
	case wireInt:
		r.text.WriteString(strconv.FormatInt(signed(r.uint()), 10))
	case wireUint:
		r.text.WriteString(strconv.FormatUint(r.uint(), 10))
	case wireFloat:
		r.text.WriteString(strconv.FormatFloat(float(r.uint()), 'g', -1, 64))
	case wireComplex:
		c := complex(float(r.uint()), float(r.uint()))
		r.text.WriteString(strconv.FormatComplex(c, 'g', -1, 128))
	case wireString:
		r.text.WriteString(`"` + printable(string(r.take(r.uint())), maxShown) + `"`)
	case wireBytes, wireOpaque:
		r.text.WriteString(hex.EncodeToString(r.take(r.uint())))
	case wireArray:
		r.array(t, depth)
	case wireStruct:
		r.structure(t, depth)
	default:
		r.cut = true // interfaces: their types are not at hand any more
	}
}

// array renders bytes in hex and other elements in brackets.
func (r *keyReader) array(t *wireType, depth int) {
	n, elem := r.uint(), t.fields[elemField].typ
	if elem != nil && elem.kind == wireUint {
		if raw, ok := r.byteArray(n); ok {
			r.text.WriteString(hex.EncodeToString(raw))
			return
		}
	}
	r.text.WriteString("[")
	for i := uint64(0); i < n && !r.cut; i++ {
		if i > 0 {
			r.text.WriteString(" ")
		}
		r.value(elem, depth-1)
	}
	r.text.WriteString("]")
}

// byteArray reads n numbers if all that can be seen are below 256.
func (r *keyReader) byteArray(n uint64) (raw []byte, ok bool) {
	saved := r.bytes
	for i := uint64(0); i < n && len(raw) < maxShown/2; i++ {
		x := r.uint()
		if x > 255 {
			r.bytes, r.cut = saved, false
			return nil, false
		}
		if r.cut {
			break
		}
		raw = append(raw, byte(x))
	}
	if uint64(len(raw)) < n {
		r.cut = true
	}
	return raw, true
}

// structure renders a struct as {Name:value …}.
func (r *keyReader) structure(t *wireType, depth int) {
	r.text.WriteString("{")
	for field := -1; !r.cut; {
		delta := r.uint()
		if delta == 0 || delta > uint64(len(t.fields)) || field+int(delta) >= len(t.fields) {
			break
		}
		if field >= 0 {
			r.text.WriteString(" ")
		}
		field += int(delta)
		r.text.WriteString(printable(t.fields[field].name, maxShown) + ":")
		r.value(t.fields[field].typ, depth-1)
	}
	r.text.WriteString("}")
}

// signed is the signed number that u stands for.
func signed(u uint64) int64 {
	if u&1 != 0 {
		return ^int64(u >> 1)
	}
	return int64(u >> 1)
}

// float is the number whose bytes u holds in reverse order.
func float(u uint64) float64 { return math.Float64frombits(bits.ReverseBytes64(u)) }
