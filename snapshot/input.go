package snapshot

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

const (
	bufferSize = 256 << 10 // larger ones measured no faster
	firstSize  = 8 << 10   // many files are small, and to clear 256 KiB costs more than to scan them
	lookBehind = 512       // bytes kept before the read position: the start of a map's key
	padding    = 16        // an 8-byte load may start at any byte of the window
	minBuffer  = 4096      // room for lookBehind and the longest name that is read in one piece
)

// input is the window of the stream that is in memory: buf[:end], which starts at offset base.
// What the scan reads lies between pos and lim, the end of the window or of the gob message.
type input struct {
	ctx    context.Context
	source io.Reader
	buf    []byte
	size   int // what buf may grow to, without its padding
	pos    int
	lim    int
	end    int
	base   int64
	// messageEnd is the offset where the current message ends, bound where the stream does: for
	// a gob inside a payload the payload's end, else MaxInt64.
	messageEnd int64
	bound      int64
	maxInput   int64
	readErr    error  // sticky: io.EOF or the reader's error
	head       []byte // the first bytes of the stream, to tell what it is if not a gob
	beforeMove func(keepFrom int64)

	// pauseAt is an offset at which onPause is called, wherever the reader cuts the stream.
	pauseAt int64
	onPause func()
}

func newInput(ctx context.Context, r io.Reader, size int, maxInput int64) input {
	size = max(size, minBuffer)
	return input{
		ctx: ctx, source: r, buf: make([]byte, min(size, firstSize)+padding), size: size,
		bound: math.MaxInt64, maxInput: maxInput, pauseAt: noPause,
	}
}

// pause sets where the scan pauses next.
func (in *input) pause(offset int64) {
	in.pauseAt = offset
	in.clip()
}

// offset is that of the next byte to be read.
func (in *input) offset() int64 { return in.base + int64(in.pos) }

// remaining is the number of bytes left in the message.
func (in *input) remaining() int64 { return in.messageEnd - in.offset() }

// setMessageEnd makes n more bytes readable, whether or not they are in memory yet.
func (in *input) setMessageEnd(offset int64) {
	in.messageEnd = offset
	in.clip()
}

// clip recomputes lim.
func (in *input) clip() {
	in.lim = in.end
	if in.messageEnd-in.base < int64(in.end) {
		in.lim = int(in.messageEnd - in.base)
	}
	if in.pauseAt-in.base < int64(in.lim) {
		in.lim = max(int(in.pauseAt-in.base), in.pos)
	}
}

// fill reads more of the stream into the window, dropping what lies behind, or makes more of it
// readable after a pause. It reports false at the end of the stream, where readErr tells how it
// ended.
func (in *input) fill() bool {
	if in.base+int64(in.lim) >= in.pauseAt {
		before := in.lim
		in.pauseAt = noPause
		in.onPause()
		if in.clip(); in.lim > before {
			return true
		}
	}
	if in.readErr == ErrLimit {
		in.stop(ErrLimit, "input is longer than the limit of %d bytes", in.maxInput)
	}
	if in.readErr != nil {
		return false
	}
	if err := in.ctx.Err(); err != nil {
		in.stop(err, "interrupted")
	}
	if !in.grow() {
		in.move()
	}
	for tries := 0; tries < 100; tries++ {
		n, err := in.source.Read(in.readable())
		if n < 0 || n > len(in.buf)-padding-in.end {
			in.stop(errors.New("snapshot: reader returned an impossible count"), "broken reader")
		}
		if err != nil && n == 0 && in.ctx.Err() != nil {
			in.stop(in.ctx.Err(), "interrupted")
		}
		in.keepHead(in.buf[in.end : in.end+n])
		in.end += n
		in.readErr = err
		if in.base+int64(in.end) > in.maxInput { // by one byte: what comes before it is read yet
			in.end--
			n--
			in.readErr = ErrLimit
		}
		if n > 0 {
			in.clip()
			return true
		}
		if in.readErr != nil {
			return in.fill()
		}
	}
	in.readErr = io.ErrNoProgress
	return false
}

// readable is the free part of the window, at most one byte longer than the input limit allows.
func (in *input) readable() []byte {
	free := in.buf[in.end : len(in.buf)-padding]
	if left := in.maxInput - (in.base + int64(in.end)); left < int64(len(free)) {
		free = free[:left+1]
	}
	return free
}

// grow makes a full window larger, four times at most, and reports whether the window has grown.
func (in *input) grow() bool {
	full := len(in.buf) - padding
	if in.end < full || full == in.size {
		return false
	}
	larger := make([]byte, min(4*full, in.size)+padding)
	copy(larger, in.buf[:in.end])
	in.buf = larger
	return true
}

// move shifts the window so that lookBehind bytes stay before the read position.
func (in *input) move() {
	drop := in.pos - lookBehind
	if drop <= 0 {
		return
	}
	if in.beforeMove != nil {
		in.beforeMove(in.base + int64(drop))
	}
	copy(in.buf, in.buf[drop:in.end])
	in.base += int64(drop)
	in.pos -= drop
	in.end -= drop
}

// keepHead collects the first bytes of the stream.
func (in *input) keepHead(b []byte) {
	if room := lookBehind - len(in.head); room > 0 {
		in.head = append(in.head, b[:min(room, len(b))]...)
	}
}

// stop ends the scan with an Error at the read position. It panics; Scan recovers. A sticky
// error instead would have to be tested after every number.
func (in *input) stop(cause error, format string, args ...any) {
	panic(&Error{Offset: in.offset(), What: fmt.Sprintf(format, args...), Err: cause})
}

// malformed ends the scan because the stream is no gob.
func (in *input) malformed(format string, args ...any) { in.stop(ErrFormat, format, args...) }

// ended ends the scan because the stream has ended too early.
func (in *input) ended(where string) {
	if in.readErr == io.EOF {
		in.stop(io.ErrUnexpectedEOF, "unexpected end of input %s", where)
	}
	in.stop(in.readErr, "cannot read on %s: %v", where, in.readErr)
}

// need makes at least n bytes of the message available in the window. n is at most 1024.
func (in *input) need(n int) {
	for in.lim-in.pos < n {
		if in.remaining() < int64(n) {
			in.malformed("a value runs past the end of its message")
		}
		if !in.fill() {
			in.ended("inside a message")
		}
	}
}

// uint reads an unsigned number.
func (in *input) uint() uint64 {
	if in.pos < in.lim {
		if b := in.buf[in.pos]; b < 0x80 {
			in.pos++
			return uint64(b)
		}
	}
	return in.wideUint()
}

// wideUint reads an unsigned number of any width, wherever it lies.
func (in *input) wideUint() uint64 {
	in.need(1)
	b := in.buf[in.pos]
	if b < 0x80 {
		in.pos++
		return uint64(b)
	}
	n := in.markerWidth(b)
	in.need(n + 1)
	x := binary.BigEndian.Uint64(in.buf[in.pos+1:]) >> (64 - 8*n)
	in.pos += n + 1
	return x
}

// markerWidth is how many bytes follow the first byte b >= 0x80 of a number.
func (in *input) markerWidth(b byte) int {
	n := -int(int8(b))
	if n > 8 {
		in.malformed("a number of %d bytes; no gob number is longer than 8", n)
	}
	return n
}

// int reads a signed number: the lowest bit tells whether the others are complemented.
func (in *input) int() int64 {
	u := in.uint()
	if u&1 != 0 {
		return ^int64(u >> 1)
	}
	return int64(u >> 1)
}

// number skips one number and returns its width: 0 for the one-byte form, else the bytes that
// follow the marker.
func (in *input) number() uint8 {
	in.need(1)
	b := in.buf[in.pos]
	if b < 0x80 {
		in.pos++
		return 0
	}
	n := in.markerWidth(b)
	in.need(n + 1)
	in.pos += n + 1
	return uint8(n)
}

// checkLength stops unless n bytes are left in the message. what names the thing of n bytes.
func (in *input) checkLength(n uint64, what string) {
	if left := in.remaining(); n > uint64(max(left, 0)) {
		in.malformed("%s of %d bytes, but only %d are left in its message", what, n, left)
	}
}

// skip passes over n bytes, which must not go beyond the message.
func (in *input) skip(n uint64) {
	if n <= uint64(in.lim-in.pos) {
		in.pos += int(n)
		return
	}
	in.checkLength(n, "content")
	for {
		step := min(n, uint64(in.lim-in.pos))
		in.pos += int(step)
		if n -= step; n == 0 {
			return
		}
		if !in.fill() {
			in.ended("inside a message")
		}
	}
}

// text reads n bytes, of which it keeps at most limit.
func (in *input) text(n uint64, limit int) []byte {
	in.checkLength(n, "a name")
	kept := make([]byte, 0, min(n, uint64(limit)))
	for n > 0 {
		in.need(1)
		step := min(n, uint64(in.lim-in.pos))
		piece := in.buf[in.pos : in.pos+int(step)]
		kept = append(kept, piece[:min(len(piece), limit-len(kept))]...)
		in.pos += int(step)
		n -= step
	}
	return kept
}
