package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"os"
)

// A gob is one message of all its bytes, so encoding/gob holds the whole of it, and the value, in
// memory. largeValue writes the same bytes element by element: what an element is on the wire is
// what encoding/gob writes for it as a value of its own, without the header.

// largeValue is a gob file with one value of many elements, which is being written.
type largeValue struct {
	file    *os.File
	out     *bufio.Writer
	encoder *gob.Encoder
	encoded bytes.Buffer // what the encoder has written last
	length  int64        // offset of the message's length
	written int64
}

// newLargeValue begins a file with the definitions of the types of the samples, which are empty;
// the last has the type of the value.
func newLargeValue(file *os.File, samples ...any) (*largeValue, error) {
	v := &largeValue{file: file, out: bufio.NewWriterSize(file, 1<<20)}
	v.encoder = gob.NewEncoder(&v.encoded)
	var header []byte
	for _, sample := range samples {
		definitions, message, err := v.encode(sample)
		if err != nil {
			return nil, err
		}
		v.write(definitions)
		header = message[:len(message)-1] // without the count of elements, or a struct's end: a zero
	}
	v.length = v.written
	v.write(make([]byte, 9))
	v.write(header)
	return v, nil
}

// write keeps the first error for close: bufio.Writer does.
func (v *largeValue) write(b []byte) {
	v.out.Write(b)
	v.written += int64(len(b))
}

// count writes the number of elements.
func (v *largeValue) count(n int) { v.write(number(uint64(n))) }

// close writes the length of the message into its place, as a number of full width.
func (v *largeValue) close() error {
	if err := v.out.Flush(); err != nil {
		return err
	}
	b := []byte{0xf8, 8: 0}
	binary.BigEndian.PutUint64(b[1:], uint64(v.written-v.length-9))
	_, err := v.file.WriteAt(b, v.length)
	return err
}

// element writes a value as it stands inside another.
func (v *largeValue) element(x any) error {
	b, err := v.payload(x)
	v.write(b)
	return err
}

// payload is a value without its header: the type, and a zero before all but structs.
func (v *largeValue) payload(x any) ([]byte, error) {
	definitions, message, err := v.encode(x)
	if err != nil || len(definitions) > 0 {
		return nil, fmt.Errorf("%T: %w, or its type was not among the samples", x, err)
	}
	_, size := readNumber(message)
	message = message[size:]
	if message[0] == 0 {
		message = message[1:]
	}
	return message, nil
}

// encode gives the definitions that x needed, and its message without the length.
func (v *largeValue) encode(x any) (definitions, message []byte, err error) {
	v.encoded.Reset()
	if err := v.encoder.Encode(x); err != nil {
		return nil, nil, err
	}
	all := v.encoded.Bytes()
	for start := 0; ; {
		n, size := readNumber(all[start:])
		body := all[start+size:][:n]
		if id, _ := readNumber(body); id&1 == 0 { // a definition's id is negative
			return all[:start], body, nil
		}
		start += size + int(n)
	}
}

// number is n as gob writes it.
func number(n uint64) []byte {
	if n < 0x80 {
		return []byte{byte(n)}
	}
	b := bytes.TrimLeft(binary.BigEndian.AppendUint64(nil, n), "\x00")
	return append([]byte{byte(-len(b))}, b...)
}

func readNumber(b []byte) (n uint64, size int) {
	if b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	size = 1 - int(int8(b[0]))
	for _, c := range b[1:size] {
		n = n<<8 | uint64(c)
	}
	return n, size
}
