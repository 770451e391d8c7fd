package snapshot

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// unbox reads an interface value if what it holds is flat. It returns the place of what it holds
// otherwise, which is to be scanned next.
func (s *scanner) unbox(p *place) *place {
	held := s.dynamic(p)
	if held != nil && held.op <= lastFlat {
		s.begin(held)
		return nil
	}
	return held
}

// dynamic reads the start of an interface value and returns the place of what it holds, or nil
// if that is nothing: the name of the type, definitions if the stream has not had them yet, the
// type's id, a count of bytes, the value.
func (s *scanner) dynamic(p *place) *place {
	if held := s.quickDynamic(p); held != nil {
		return held
	}
	start := s.offset()
	p.count++
	n := s.uint()
	switch {
	case n == 0:
		p.null++
		p.own++
		return nil
	case n > maxTypeName:
		s.malformed("a type's name of %d bytes; encoding/gob takes at most %d", n, maxTypeName)
	}
	s.need(int(n))
	s.nameBuffer = append(s.nameBuffer[:0], s.buf[s.pos:s.pos+int(n)]...)
	s.pos += int(n)
	t, id := s.typeSequence()
	p.own += uint64(s.offset() - start)
	held := s.box(p, s.nameBuffer, t)
	if n < 0x80 {
		s.remember(p.boxes, id, held)
	}
	return held
}

// boxHeader is how values of one dynamic type begin in one stream: the name and the type's id.
type boxHeader struct {
	bytes  string
	stream uint64
	held   *place
}

// recentBoxes is how many headers an interface remembers, by the name's length and first letter.
const recentBoxes = 32

// recentBox tells apart the types that boxes hold most: numbers, strings, slices and maps of any.
func recentBox(length, letter byte) int { return int(length+letter) % recentBoxes }

// remember keeps the header of the value that has just been read, of type id.
func (s *scanner) remember(b *boxes, id int64, held *place) {
	name := s.nameBuffer
	recent := &b.recent[recentBox(byte(len(name)), name[0])]
	if recent.stream == s.stream.serial {
		return // it is known, or one like it is, which would only be thrown out in turn
	}
	header := append([]byte{byte(len(name))}, name...)
	*recent = boxHeader{string(appendInt(header, id)), s.stream.serial, held}
}

// appendInt appends a positive signed number as gob writes it.
func appendInt(b []byte, n int64) []byte {
	u := uint64(n) << 1
	if u < 0x80 {
		return append(b, byte(u))
	}
	size := (bits.Len64(u) + 7) / 8
	b = append(b, byte(-size))
	for size--; size >= 0; size-- {
		b = append(b, byte(u>>(8*size)))
	}
	return b
}

// quickDynamic is dynamic for a value that begins as one before it and lies in the window. It
// returns nil where anything needs more care.
func (s *scanner) quickDynamic(p *place) *place {
	window := s.buf[s.pos:s.lim]
	if p.boxes == nil || len(window) < 2 {
		return nil
	}
	recent := &p.boxes.recent[recentBox(window[0], window[1])]
	size := len(recent.bytes)
	if size == 0 || recent.stream != s.stream.serial || len(window) < size+10 ||
		string(window[:size]) != recent.bytes {
		return nil
	}
	n := uint64(window[size])
	size++
	if n >= 0x80 {
		width := 256 - int(n)
		if width > 8 {
			return nil
		}
		n = binary.BigEndian.Uint64(window[size:]) >> (64 - 8*width)
		size += width
	}
	if n > uint64(s.remaining())-uint64(size) {
		return nil
	}
	if recent.held.kind != wireStruct {
		if window[size] != 0 {
			return nil
		}
		size++
	}
	p.count++
	p.own += uint64(size)
	s.pos += size
	return recent.held
}

// typeSequence reads the definitions inside an interface value, and the type and byte count of
// what it holds. The encoder sends what it has before each definition, so the outer value goes
// on in another message after it, or, inside another interface value, after one more count.
func (s *scanner) typeSequence() (t *wireType, id int64) {
	for {
		if s.remaining() <= 0 && !s.nextMessage() {
			s.ended("inside an interface value")
		}
		if id = s.int(); id >= 0 {
			return s.dynamicType(id), id
		}
		s.define(id, false)
		if s.remaining() > 0 {
			s.uint()
		}
	}
}

// dynamicType reads the count of bytes and checks the type. The count reaches only to the next
// definition inside the value, if there is one: no value may be skipped by it.
func (s *scanner) dynamicType(id int64) *wireType {
	if n := s.uint(); n > uint64(max(s.remaining(), 0)) {
		s.warn("an interface value claims more bytes than its message has; decoders ignore that")
	}
	if t := s.stream.defined(id); t != nil && t.canon == nil && t.name == "" && t.isComposite() {
		t.boxed = string(s.nameBuffer)
		s.chargeStream(int64(len(t.boxed)))
	}
	return s.valueType(id)
}

// maxNesting bounds gobs inside payloads of gobs inside payloads: below it, payloads are bytes.
const maxNesting = 8

// payloadStep is about the bytes of a step to a value in a payload.
const payloadStep = len(".gob12")

// opaque reads the payload of a type that encodes itself. It is often a gob: then the values
// inside are scanned, as the places below p, as long as all payloads at p have the same types.
func (s *scanner) opaque(p *place) {
	p.count++
	start := s.offset()
	n := s.uint()
	s.checkLength(n, "a payload")
	s.addLength(p, n)
	s.noteFraction(p, n)
	if p.payload == nil {
		p.payload = &payload{rejected: s.nesting >= maxNesting}
	}
	end := s.offset() + int64(n)
	if !p.payload.rejected {
		s.nested(p, end)
	}
	s.skip(uint64(end - s.offset()))
	p.own += uint64(end - start)
}

// nested tries to scan the payload that ends at offset end as a gob stream of its own.
func (s *scanner) nested(p *place, end int64) {
	outer, outerEnd, outerBound, messages := s.stream, s.messageEnd, s.bound, s.messages
	depth, open := len(s.stack), s.depths
	size := end - s.offset()
	s.stream, s.bound = s.nextStream(), end
	s.setMessageEnd(s.offset())
	s.nesting++
	err := s.stopped(func() { s.payloadValues(p) })
	s.messages = messages
	if err != nil && !errors.Is(err, ErrFormat) {
		panic(err) // the input has ended, or a limit was reached: the whole scan stops
	}
	s.nesting--
	s.memory -= s.stream.charged
	s.stream, s.bound = outer, outerBound
	s.stack, s.reading, s.inStruct = s.stack[:depth], openRun{}, openStruct{}
	s.depths = open
	s.setMessageEnd(outerEnd)
	if err != nil {
		*p.payload = payload{rejected: true}
		return
	}
	s.largestPayload = max(s.largestPayload, uint64(size))
}

// payloadValues scans all values of a payload. The first payload says which types the others
// must have. One number or string alone proves nothing: too many encodings look like that.
func (s *scanner) payloadValues(p *place) {
	first := p.count == 1
	values, defined := 0, false
	for ; ; values++ {
		t, ok := s.header()
		if !ok {
			break
		}
		defined = defined || t.isComposite()
		if first {
			p.payload.values = append(p.payload.values, s.newPlace(p, t, values, payloadStep))
		}
		if values >= len(p.payload.values) || p.payload.values[values].typ != t {
			s.malformed("a payload with other types than the one before")
		}
		s.value(p.payload.values[values])
		if s.remaining() > 0 {
			s.malformed("bytes after a value")
		}
	}
	if s.offset() != s.bound || values != len(p.payload.values) || values < 2 && !defined {
		s.malformed("the payload is no gob stream")
	}
}

// ended ends the scan because the stream has ended too early; inside a payload that only means
// that the payload is no gob.
func (s *scanner) ended(where string) {
	if s.nesting > 0 && s.offset() >= s.bound {
		s.malformed("the payload ends %s", where)
	}
	s.input.ended(where)
}
