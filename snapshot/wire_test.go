package snapshot

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Hand-made streams: the tests build what no encoder writes from these parts.

// number encodes an unsigned number as gob does.
func number(u uint64) []byte {
	if u < 0x80 {
		return []byte{byte(u)}
	}
	b := binary.BigEndian.AppendUint64(nil, u)
	for b[0] == 0 {
		b = b[1:]
	}
	return append([]byte{byte(-len(b))}, b...)
}

// integer encodes a signed number.
func integer(i int64) []byte {
	if i < 0 {
		return number(uint64(^i)<<1 | 1)
	}
	return number(uint64(i) << 1)
}

// text encodes a string.
func text(s string) []byte { return append(number(uint64(len(s))), s...) }

// join strings parts together.
func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// message puts the length before its parts.
func message(parts ...[]byte) []byte {
	body := join(parts...)
	return append(number(uint64(len(body))), body...)
}

// common is the CommonType of a definition.
func common(name string, id int64) []byte {
	if name == "" {
		return join([]byte{2}, integer(id), []byte{0})
	}
	return join([]byte{1}, text(name), []byte{1}, integer(id), []byte{0})
}

// field is a struct field in a definition.
type field struct {
	name string
	id   int64
}

// defineStruct is the body of the definition of a struct.
func defineStruct(id int64, name string, fields ...field) []byte {
	list := number(uint64(len(fields)))
	for _, f := range fields {
		list = join(list, []byte{1}, text(f.name), []byte{1}, integer(f.id), []byte{0})
	}
	return join(integer(-id), []byte{3, 1}, common(name, id), []byte{1}, list, []byte{0, 0})
}

// defineSlice is the body of the definition of a slice.
func defineSlice(id int64, name string, elem int64) []byte {
	return join(integer(-id), []byte{2, 1}, common(name, id), []byte{1}, integer(elem), []byte{0, 0})
}

// defineArray is the body of the definition of an array.
func defineArray(id int64, name string, elem, length int64) []byte {
	return join(integer(-id), []byte{1, 1}, common(name, id), []byte{1}, integer(elem),
		[]byte{1}, integer(length), []byte{0, 0})
}

// defineMap is the body of the definition of a map.
func defineMap(id int64, name string, key, elem int64) []byte {
	return join(integer(-id), []byte{4, 1}, common(name, id), []byte{1}, integer(key),
		[]byte{1}, integer(elem), []byte{0, 0})
}

// defineOpaque is the body of the definition of a GobEncoder.
func defineOpaque(id int64, name string) []byte {
	return join(integer(-id), []byte{5, 1}, common(name, id), []byte{0, 0})
}

// zeros is n zero bytes.
func zeros(n int) []byte { return bytes.Repeat([]byte{0}, n) }
