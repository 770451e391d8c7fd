package snapshot

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
)

// Programs that write several gobs to a file often put the length of each before it, in four or eight
// bytes. What follows such a length begins as gobs do, and the length itself does not.

// framing is how the lengths are written.
type framing struct {
	width int // bytes
	order binary.ByteOrder
}

var framings = []framing{{4, binary.BigEndian}, {4, binary.LittleEndian}, {8, binary.BigEndian},
	{8, binary.LittleEndian}}

func (f framing) String() string {
	order := "little-endian"
	if f.order == binary.BigEndian {
		order = "big-endian"
	}
	return fmt.Sprintf("%d bytes, %s", f.width, order)
}

// length is the length that b begins with.
func (f framing) length(b []byte) uint64 {
	if f.width == 4 {
		return uint64(f.order.Uint32(b))
	}
	return f.order.Uint64(b)
}

// framingOf is how the lengths are written before the gobs of which head is the start; ok is false
// where it has none.
func framingOf(head []byte) (f framing, ok bool) {
	if beginsGob(head, math.MaxInt64) {
		return f, false
	}
	shortest := uint64(maxMessage) // a length read the wrong way round is a long one
	for _, way := range framings {
		if len(head) <= way.width {
			continue
		}
		if n := way.length(head); n < shortest && beginsGob(head[way.width:], n) {
			f, ok, shortest = way, true, n
		}
	}
	return f, ok
}

// beginsGob tells whether b, of at most limit bytes in all, begins as a gob does: with a message, no
// longer than that, of a type's definition or of a value that needs none.
func beginsGob(b []byte, limit uint64) bool {
	r := keyReader{bytes: b}
	n := r.uint()
	size := uint64(len(b) - len(r.bytes))
	if r.cut || n == 0 || n >= maxMessage || size+n > limit {
		return false
	}
	id, next := signed(r.uint()), r.uint()
	switch {
	case r.cut:
		return false
	case id <= -firstUserID:
		return next > 0 && next <= 7 // which kind of type it is
	case id <= 0 || id > int64(wireInterface) || next != 0: // a zero stands before all values but structs
		return false
	}
	length := r.uint() // of a text, or of the name of what an interface holds
	whole := uint64(len(b)-len(r.bytes)) - size + length
	switch wireKind(id) {
	case wireBytes, wireString:
		return !r.cut && whole == n
	case wireInterface:
		return !r.cut && (length == 0 && whole == n || length > 0 && whole < n)
	case wireComplex:
		return n <= 2+2*9
	}
	return n <= 2+9
}

// unframed returns a reader of the gobs in r without the lengths before them, and how these are
// written; r itself, and an empty text, where there are none.
func unframed(r io.Reader) (plain io.Reader, how string) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, _ := b.Peek(magicSize) // an error comes again when it is read
	f, ok := framingOf(head)
	if !ok {
		return b, ""
	}
	return &framedReader{source: b, framing: f}, f.String()
}

// framedReader reads what is in frames.
type framedReader struct {
	source *bufio.Reader
	framing
	left uint64 // bytes of the current frame
}

// maxEmpty is how many frames in a row may have nothing in them.
const maxEmpty = 1000

func (r *framedReader) Read(b []byte) (n int, err error) {
	for empty := 0; r.left == 0; empty++ {
		if empty > maxEmpty {
			return 0, errors.New("too many lengths of 0 before gobs")
		}
		head := make([]byte, r.width)
		if n, err := io.ReadFull(r.source, head); err != nil {
			if n > 0 && err == io.ErrUnexpectedEOF {
				err = fmt.Errorf("the length before a gob is cut: %w", err)
			}
			return 0, err
		}
		r.left = r.length(head)
	}
	n, err = r.source.Read(b[:min(uint64(len(b)), r.left)])
	r.left -= uint64(n)
	if err == io.EOF && r.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// encodedText tells what has been written as text; empty if nothing that is known.
func encodedText(head []byte) string {
	digits := make([]byte, 0, len(head))
	for _, b := range head {
		if b != '\n' && b != '\r' {
			digits = append(digits, b)
		}
	}
	whole := digits[:len(digits)/4*4]
	decoders := []struct {
		decode func(dst, src []byte) (int, error)
		advice string
	}{
		{hex.Decode, "the input is hexadecimal text: make it bytes first, as in xxd -r -p FILE | memsize"},
		{base64.StdEncoding.Decode, "the input is base64: decode it first, as in base64 -d FILE | memsize"},
		{base64.URLEncoding.Decode, "the input is base64 for URLs: decode it first, as in " +
			"tr '_-' '/+' < FILE | base64 -d | memsize"},
	}
	for _, d := range decoders {
		raw := make([]byte, len(whole))
		if n, err := d.decode(raw, whole); err == nil && n > 0 && isKnownBinary(raw[:n]) {
			return d.advice
		}
	}
	return ""
}

// isKnownBinary tells whether b begins as a gob does, or as what holds one.
func isKnownBinary(b []byte) bool {
	_, framed := framingOf(b)
	compressed := len(b) > 4 && (string(b[:2]) == gzipMagic || string(b[:4]) == zstdMagic || isZlib(b))
	return beginsGob(b, math.MaxInt64) || framed || compressed
}

// isZlib tells whether b begins as a zlib stream does. No gob does: its first message would hold a
// value of type 47, define type 1, or begin with a number of many bytes.
func isZlib(b []byte) bool {
	return len(b) >= 2 && b[0] == 0x78 && binary.BigEndian.Uint16(b)%31 == 0
}
