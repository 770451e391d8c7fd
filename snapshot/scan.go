package snapshot

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
)

// Scan reads all values of a gob stream, plain or compressed by gzip, zlib or zstd (one layer, found
// by its magic), into a census. A census that [Census.Save] wrote is read back, with the error, if
// any, that its own scan ended with. On bad input, a limit, or cancellation it returns the census
// so far, marked Incomplete, and an *Error. The census is never nil.
func Scan(ctx context.Context, r io.Reader, opts ...Option) (*Census, error) {
	o := defaults()
	for _, opt := range opts {
		opt(&o)
	}
	return scan(ctx, r, o)
}

// scan is Scan with its options collected.
func scan(ctx context.Context, r io.Reader, o options) (*Census, error) {
	counter := &countingReader{source: r, progress: o.progress}
	plain, compression, err := decompress(counter)
	if err == nil {
		var saved bool
		if saved, plain = isSaved(plain); saved {
			return load(ctx, plain, o)
		}
	}
	how := ""
	if err == nil {
		plain, how = unframed(plain)
	}
	s := newScanner(ctx, plain, o)
	if how != "" {
		s.warn("before each gob stands its length (" + how + "): it is left out, and no offset counts it")
	}
	if err == nil {
		err = s.stopped(s.run)
	} else {
		what := strings.TrimSpace("cannot read the "+compression) + " input: " + err.Error()
		err = &Error{What: what, Err: err}
	}
	c := s.census()
	c.InputBytes, c.Compression = counter.read, compression
	if err == nil {
		return c, nil
	}
	e := s.explain(err.(*Error), compression)
	c.Incomplete, c.Err = true, e
	return c, e
}

// scanner reads the wire into places.
type scanner struct {
	input
	options
	stream stream
	stack  []frame
	roots  []*place
	canon  map[signature][]*wireType

	rootOf      map[*wireType]*place
	saved       [][]byte // keys of map entries by depth of the stack, once they left the window
	nameBuffer  []byte
	memory      int64 // charged so far
	sites       int   // that the places will have
	comparisons int
	nesting     int  // payloads inside payloads
	replaying   bool // saved censuses, which charge for their types themselves
	order       order
	reading     openRun
	inStruct    openStruct

	defining int64  // the id of the type whose definition is being read
	manifest []byte // what the writer noted, the first if there are several

	largestMessage uint64 // bytes, as those below
	nextLargest    uint64 // message
	largestPayload uint64 // of a gob inside
	depths         depths // of the values that are open
	deepest        depths // where most were
	deepestSaved   Depth  // of saved censuses

	messages uint64
	values   uint64
	encoders uint64
	streams  uint64 // begun, payloads that may be gobs among them
	warnings []Warning
}

// stream is what one encoder has defined.
type stream struct {
	types   typeTable
	batch   map[int64]*wireType // of these, what was defined since the last value ended
	charged int64               // memory that ends with the stream
	serial  uint64              // tells the streams of a scan apart
	claimed map[*wireType]bool  // canonical types that types of this stream are

	// earlier is the types of the stream before. Encoders of one process number types alike: a
	// second one shows only when it repeats a number, and may have defined other types by then.
	earlier        typeTable
	earlierCharged int64
}

// defined is the type with an id; nil if there is none.
func (s *stream) defined(id int64) *wireType {
	if t := s.types.get(id); t != nil {
		return t
	}
	return s.earlier.get(id)
}

// openRun is a slice or array of numbers or texts that is being read: it has no frame.
type openRun struct {
	place *place
	n     uint64
	left  uint64
}

// openStruct is the struct whose fields are being read.
type openStruct struct {
	place  *place
	done   uint64 // 1 + the last field
	framed bool   // it is the innermost frame, of which done is more up to date here
	base   int    // then: frames below which the stack is not of the value that is being read
}

const maxWarnings = 100

func newScanner(ctx context.Context, r io.Reader, o options) *scanner {
	s := &scanner{
		input:   newInput(ctx, r, o.bufferSize, o.maxInput),
		options: o,
		canon:   make(map[signature][]*wireType),
		rootOf:  make(map[*wireType]*place),
	}
	s.stream = s.nextStream()
	s.input.beforeMove, s.input.onPause = s.saveKeys, s.resumeNotes
	s.order.limit = o.notes
	s.order.begin(0)
	return s
}

// nextStream is a stream that is told apart from all before.
func (s *scanner) nextStream() stream {
	next := newStream()
	s.streams++
	next.serial = s.streams
	return next
}

func newStream() stream {
	types := typeTable{dense: make([]*wireType, 2*firstUserID)}
	copy(types.dense, builtins[:])
	return stream{types: types, batch: make(map[int64]*wireType)}
}

// typeTable is the types of a stream by id. Encoders number types from firstUserID on, but ids
// may have gaps.
type typeTable struct {
	dense  []*wireType
	sparse map[int64]*wireType
}

// get returns nil for an id that is not defined.
func (t *typeTable) get(id int64) *wireType {
	if uint64(id) < uint64(len(t.dense)) {
		return t.dense[id]
	}
	return t.sparse[id]
}

func (t *typeTable) set(id int64, w *wireType) {
	if uint64(id) < uint64(len(t.dense)) {
		t.dense[id] = w
		return
	}
	if t.sparse == nil {
		t.sparse = make(map[int64]*wireType)
	}
	t.sparse[id] = w
}

// stopped calls f and returns the Error that stopped it, if one did.
func (s *scanner) stopped(f func()) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *Error:
			e.Message = s.messages
			err = e
		default:
			panic(e)
		}
	}()
	f()
	return nil
}

// charge accounts for bytes that the scan is about to keep.
func (s *scanner) charge(bytes int64) {
	if s.memory += bytes; s.memory > s.maxMemory {
		s.stop(ErrLimit, "the census needs more than %d bytes of memory "+
			"(too many types, names, places or open values)", s.maxMemory)
	}
}

// chargeStream accounts for bytes that the definitions of the current stream take.
func (s *scanner) chargeStream(bytes int64) {
	s.stream.charged += bytes
	s.charge(bytes)
}

// warn notes something odd at the read position.
func (s *scanner) warn(text string) {
	if s.nesting == 0 && len(s.warnings) < maxWarnings {
		s.warnings = append(s.warnings, Warning{s.offset(), s.messages, text})
	}
}

// run scans values until the input ends.
func (s *scanner) run() {
	for {
		t, ok := s.header()
		if !ok {
			break
		}
		if s.encoders == 0 {
			s.encoders = 1
		}
		root := s.root(t)
		s.value(root)
		s.values++
		if left := s.remaining(); left > 0 {
			s.warn("bytes after a value inside its message; decoders drop them")
			s.skip(uint64(left))
		}
	}
	if s.values == 0 {
		s.stop(io.ErrUnexpectedEOF, "no value in the input")
	}
}

// root is the place of a value of type t at the top of the stream.
func (s *scanner) root(t *wireType) *place {
	p := s.rootOf[t]
	if p == nil {
		p = s.newPlace(nil, t, rootField, 0)
		s.rootOf[t] = p
		s.roots = append(s.roots, p)
	}
	return p
}

// header reads up to the next value: definitions, each a message of its own, and the value's
// type. It reports false where the stream ends instead.
func (s *scanner) header() (t *wireType, ok bool) {
	clear(s.stream.batch)
	for {
		if !s.nextMessage() {
			if len(s.stream.batch) > 0 {
				s.ended("after type definitions: no value follows them")
			}
			return nil, false
		}
		id := s.int()
		if id >= 0 {
			return s.valueType(id), true
		}
		s.define(id, true)
		if left := s.remaining(); left > 0 {
			s.malformed("%d more bytes in the message of a type definition", left)
		}
	}
}

// define reads a definition behind its id, which is negative, between values or inside one. If the
// id is taken, and not by the value itself, the file went on with the stream of another encoder,
// which defines its own types.
func (s *scanner) define(id int64, between bool) {
	if id == math.MinInt64 {
		s.malformed("definition of type id %d", id)
	}
	id = -id
	if s.stream.types.get(id) != nil && id >= firstUserID && s.nesting == 0 &&
		(between || s.stream.batch[id] == nil) {
		s.restart(id)
	}
	s.stream.batch[id] = s.definition(id)
}

// restart begins the stream of another encoder. What was defined since the last value ended belongs
// to it already, unless that too has the id. What it does not define it may have defined unnoticed:
// see stream.earlier.
func (s *scanner) restart(id int64) {
	s.warn("another encoder begins here (type definitions repeat); " +
		"one decoder cannot read both: use a new one per encoder")
	s.encoders = max(s.encoders, 1) + 1
	before, batch := s.stream, s.stream.batch
	s.memory -= before.earlierCharged
	s.stream = s.nextStream()
	s.stream.earlier, s.stream.earlierCharged = before.types, before.charged
	if batch[id] != nil {
		return
	}
	for id, t := range batch {
		s.chargeStream(256 + 64*int64(len(t.fields)))
		s.stream.types.set(id, t)
		s.stream.batch[id] = t
	}
}

// valueType is the type of a value that follows, by its id; it also reads the zero that stands
// before all values but structs.
func (s *scanner) valueType(id int64) *wireType {
	t := s.stream.defined(id)
	if t == nil {
		s.malformed("a value of type id %d, which is not defined", id)
	}
	if t = s.link(t); t.kind != wireStruct {
		if delta := s.uint(); delta != 0 {
			s.malformed("field %d of a value that is no struct", delta)
		}
	}
	return t
}

// nextMessage reads the length of the next message. It reports false at the end of the stream.
func (s *scanner) nextMessage() bool {
	s.setMessageEnd(s.bound)
	if s.remaining() == 0 || s.pos == s.lim && !s.fill() {
		if s.readErr != nil && s.readErr != io.EOF {
			s.ended("before a message")
		}
		s.setMessageEnd(s.offset())
		return false
	}
	s.messages++
	n := s.uint()
	if n >= maxMessage {
		s.malformed("a message of %d bytes; decoders take less than %d", n, uint64(maxMessage))
	}
	if n > uint64(s.bound-s.offset()) {
		s.malformed("a message of %d bytes in a payload of less", n)
	}
	if s.nesting == 0 {
		s.noteMessage(n)
		s.order.expect(int64(n))
	}
	s.setMessageEnd(s.offset() + int64(n))
	return true
}

// noteMessage keeps the two largest.
func (s *scanner) noteMessage(n uint64) {
	s.nextLargest = max(s.nextLargest, min(s.largestMessage, n))
	s.largestMessage = max(s.largestMessage, n)
}

// maxMessage is encoding/gob's tooBig on 64-bit systems: the largest file it could have read.
const maxMessage = 8 << 30

// explain adds what the input may be, or what to do.
func (s *scanner) explain(e *Error, compression string) *Error {
	if errors.Is(e.Err, ErrFormat) || errors.Is(e.Err, io.ErrUnexpectedEOF) {
		e.Advice = s.advice(compression)
	}
	return e
}
