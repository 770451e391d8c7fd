package testdata

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"io"
	"math"
	"math/bits"
	"reflect"
	"slices"
)

// WriteGob writes v to w as encoding/gob does, except that maps are written in the order of their
// encoded keys: encoding/gob takes the order of a range loop, which differs from run to run.
//
// The type definitions come from encoding/gob itself; only values are written here. Type ids are
// handed out by encoding/gob for the whole process, in order of first use, so the bytes are the
// same again in a process that has encoded the same values before.
//
// Keys must hold no interfaces. Of the types with an encoding of their own, those that implement
// gob.GobEncoder or encoding.BinaryMarshaler by value are known (time.Time).
func WriteGob(w io.Writer, v any) error {
	root := reflect.Indirect(reflect.ValueOf(v))
	g := &gobWriter{known: make(map[reflect.Type][]byte), names: make(map[reflect.Type]string)}
	g.encoder = gob.NewEncoder(&g.messages)
	body := g.single(g.define(root.Type()), root)
	if g.err != nil {
		return g.err
	}
	_, err := w.Write(append(g.definitions, message(body)...))
	return err
}

// gobWriter writes values, and collects the definitions of the types that it meets on the way.
type gobWriter struct {
	encoder     *gob.Encoder            // of encoding/gob: asked for definitions and ids only
	messages    bytes.Buffer            // what encoder wrote last
	definitions []byte                  // messages that define types
	known       map[reflect.Type][]byte // ids, encoded
	names       map[reflect.Type]string // as registered
	err         error
}

// define makes encoding/gob define t, keeps the definitions, and gives t's id, encoded: an empty
// value's message starts with it. nil after an error.
func (g *gobWriter) define(t reflect.Type) []byte {
	if id, ok := g.known[t]; ok {
		return id
	}
	empty := reflect.New(t).Elem()
	if t.Kind() == reflect.Map {
		empty.Set(reflect.MakeMap(t))
	}
	g.messages.Reset()
	if err := g.encoder.EncodeValue(empty); err != nil {
		g.fail(err)
		return nil
	}
	for rest := g.messages.Bytes(); len(rest) > 0; {
		length, n := readUint(rest)
		whole := rest[:n+int(length)]
		id, size := readUint(whole[n:])
		if defines := id&1 == 1; defines { // the sign: ids in definitions are negative
			g.definitions = append(g.definitions, whole...)
		} else {
			g.known[t] = bytes.Clone(whole[n:][:size])
		}
		rest = rest[len(whole):]
	}
	return g.known[t]
}

// registeredName is the name under which encoding/gob sends values of v's type in an interface;
// empty for a type that was not registered. It is read from a struct with one interface: after
// the message's length, the struct's id and the field's number comes the name, its length first.
func registeredName(v reflect.Value) string {
	var out bytes.Buffer
	probe := gob.NewEncoder(&out)
	for range 2 { // the second time no definitions are in the way
		out.Reset()
		if probe.Encode(struct{ V any }{v.Interface()}) != nil {
			return ""
		}
	}
	_, length := readUint(out.Bytes())
	_, id := readUint(out.Bytes()[length:])
	rest := out.Bytes()[length+id+1:]
	size, n := readUint(rest)
	return string(rest[n:][:size])
}

func (g *gobWriter) fail(err error) {
	if g.err == nil {
		g.err = err
	}
}

// single is the body of a message, or of an interface: a struct's fields follow the id at once,
// any other value follows a zero.
func (g *gobWriter) single(id []byte, v reflect.Value) []byte {
	body := bytes.Clone(id)
	if v.Kind() != reflect.Struct || custom(v) {
		body = append(body, 0)
	}
	return g.value(body, v)
}

// value appends v as an element: zeros are written out.
func (g *gobWriter) value(b []byte, v reflect.Value) []byte {
	if custom(v) {
		return g.custom(b, v)
	}
	switch v.Kind() {
	case reflect.Bool:
		return appendUint(b, map[bool]uint64{true: 1}[v.Bool()])
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return appendInt(b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return appendUint(b, v.Uint())
	case reflect.Float32, reflect.Float64:
		return appendUint(b, bits.ReverseBytes64(math.Float64bits(v.Float())))
	case reflect.String:
		return append(appendUint(b, uint64(v.Len())), v.String()...)
	case reflect.Slice, reflect.Array:
		return g.list(b, v)
	case reflect.Map:
		return g.sorted(b, v)
	case reflect.Struct:
		return g.fields(b, v)
	case reflect.Pointer:
		return g.value(b, v.Elem())
	case reflect.Interface:
		return g.boxed(b, v.Elem())
	}
	g.fail(fmt.Errorf("testdata: no gob for a %s", v.Type()))
	return b
}

func (g *gobWriter) list(b []byte, v reflect.Value) []byte {
	b = appendUint(b, uint64(v.Len()))
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		return append(b, v.Bytes()...)
	}
	for i := range v.Len() {
		b = g.value(b, v.Index(i))
	}
	return b
}

// sorted appends a map in the order of its encoded keys. The values are encoded in that order
// too, so that new dynamic types are met, and defined, in the same order each time.
func (g *gobWriter) sorted(b []byte, v reflect.Value) []byte {
	type entry struct {
		key   []byte
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for m := v.MapRange(); m.Next(); {
		entries = append(entries, entry{g.value(nil, m.Key()), m.Value()})
	}
	slices.SortFunc(entries, func(x, y entry) int { return bytes.Compare(x.key, y.key) })
	b = appendUint(b, uint64(len(entries)))
	for _, e := range entries {
		b = g.value(append(b, e.key...), e.value)
	}
	return b
}

// fields appends a struct: each field that is not zero, after its distance from the one before,
// and a zero at the end. Structs and arrays are sent even when they are zero.
func (g *gobWriter) fields(b []byte, v reflect.Value) []byte {
	last, number := -1, -1
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		number++
		field := v.Field(i)
		if absent(field) {
			continue
		}
		b = g.value(appendUint(b, uint64(number-last)), field)
		last = number
	}
	return append(b, 0)
}

func absent(field reflect.Value) bool {
	switch kind := field.Kind(); {
	case custom(field):
		return field.IsZero()
	case kind == reflect.Struct || kind == reflect.Array:
		return false
	case kind == reflect.Slice:
		return field.Len() == 0
	default:
		return field.IsZero()
	}
}

// boxed appends an interface value: name, id, and the value with its length before it.
func (g *gobWriter) boxed(b []byte, v reflect.Value) []byte {
	if !v.IsValid() {
		return append(b, 0) // no name: nil
	}
	v = reflect.Indirect(v)
	id := g.define(v.Type())
	name, ok := g.names[v.Type()]
	if !ok {
		name = registeredName(v)
		g.names[v.Type()] = name
	}
	if name == "" {
		g.fail(fmt.Errorf("testdata: type %s is not registered with encoding/gob", v.Type()))
		return b
	}
	b = append(appendUint(b, uint64(len(name))), name...)
	return append(append(b, id...), message(g.single(nil, v))...)
}

// custom tells whether v encodes itself.
func custom(v reflect.Value) bool {
	t := v.Type()
	return t.Implements(reflect.TypeFor[gob.GobEncoder]()) ||
		t.Implements(reflect.TypeFor[encoding.BinaryMarshaler]())
}

func (g *gobWriter) custom(b []byte, v reflect.Value) []byte {
	var data []byte
	var err error
	switch m := v.Interface().(type) {
	case gob.GobEncoder:
		data, err = m.GobEncode()
	case encoding.BinaryMarshaler:
		data, err = m.MarshalBinary()
	}
	g.fail(err)
	return append(appendUint(b, uint64(len(data))), data...)
}

// message is body with its length before it.
func message(body []byte) []byte {
	return append(appendUint(nil, uint64(len(body))), body...)
}

// appendUint appends gob's unsigned integer: one byte below 128, otherwise the number of bytes,
// negated, and the bytes, the high one first.
func appendUint(b []byte, n uint64) []byte {
	if n < 0x80 {
		return append(b, byte(n))
	}
	size := (bits.Len64(n) + 7) / 8
	b = append(b, byte(-size))
	return append(b, binary.BigEndian.AppendUint64(nil, n)[8-size:]...)
}

// appendInt appends gob's signed integer: the sign is the lowest bit.
func appendInt(b []byte, n int64) []byte {
	return appendUint(b, uint64(n<<1)^uint64(n>>63))
}

// readUint reads what appendUint appended, and says how many bytes that took.
func readUint(b []byte) (n uint64, size int) {
	if b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	size = 1 + int(-int8(b[0]))
	for _, digit := range b[1:size] {
		n = n<<8 | uint64(digit)
	}
	return n, size
}
