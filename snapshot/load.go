package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/jsonstream"
)

// maxSaved is the longest saved census in bytes that is read: twice the default MaxMemory, for what
// a scan keeps takes hardly more when saved.
const maxSaved = 40 << 20

// savedMagic is how a saved census begins, white space apart. No gob does: a message of 123
// bytes (the brace) would hold a value of type 17, which describes types and has no values.
var savedMagic = []byte(`{"schema":"memsize-census/`)

// isSaved tells whether r begins like a saved census, and returns a reader of all of it.
func isSaved(r io.Reader) (saved bool, whole io.Reader) {
	head := make([]byte, magicSize)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	rest := r
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		rest = failingReader{err}
	}
	solid := bytes.Map(func(c rune) rune {
		if strings.ContainsRune(" \t\r\n", c) {
			return -1
		}
		return c
	}, head)
	return bytes.HasPrefix(solid, savedMagic), io.MultiReader(bytes.NewReader(head), rest)
}

// load reads a saved census. The error is the one that the scan of its stream ended with, or says
// why the census cannot be read: then the census has nothing in it.
func load(ctx context.Context, r io.Reader, o options) (*Census, error) {
	longest := min(maxSaved, o.maxInput)
	limited := &io.LimitedReader{R: r, N: longest + 1}
	// The scan that it comes from had this much: here some of it is kept in two forms.
	o.maxMemory += o.maxMemory / 2
	b := newReplay(ctx, o)
	var at *jsonstream.Reader
	err := b.try(func() error {
		return jsonstream.Read(limited, func(r *jsonstream.Reader) { at = r; b.saved(r) })
	})
	if err == nil {
		return b.done()
	}
	e := damage(err, at.Offset())
	if limited.N <= 0 {
		e.What, e.Err = fmt.Sprintf("a saved census of more than %d bytes", longest), ErrLimit
		e.Advice = ""
	}
	return &Census{Incomplete: true, Err: e}, e
}

// damage is the Error of a saved census that cannot be read beyond an offset.
func damage(err error, offset int64) *Error {
	e := &Error{Offset: offset, What: "not a saved census: " + err.Error(), Err: ErrFormat,
		Advice: "make the census anew from its stream"}
	var form *jsonstream.Error
	var cause *Error
	switch {
	case errors.As(err, &cause):
		e.What, e.Err = "the saved census is damaged: "+cause.What, cause.Err
		if !errors.Is(cause.Err, ErrFormat) {
			e.What, e.Advice = cause.What, ""
		}
	case errors.As(err, &form) && form.Err == io.ErrUnexpectedEOF:
		e.What, e.Err = "unexpected end of a saved census", form.Err
	case errors.As(err, &form) && form.Err != nil:
		e.What, e.Err, e.Advice = "cannot read on: "+form.What, form.Err, ""
	case errors.As(err, &form):
		e.Offset, e.What = form.Offset, "not a saved census: "+form.What
	}
	return e
}

// restore makes the Error that a scan ended with.
func (e *savedError) restore() *Error {
	cause := causes[e.Cause]
	if cause == nil {
		cause = errors.New(printable(e.What, maxName))
	}
	return &Error{
		Offset: e.Offset, Message: e.Message, What: printable(e.What, maxName),
		Advice: printable(e.Advice, maxName), Err: cause,
	}
}

// newReplay is a replay within the limits of o, of a stream that nothing is read from.
func newReplay(ctx context.Context, o options) *replay {
	o.bufferSize = 0
	s := newScanner(ctx, failingReader{io.EOF}, o)
	s.replaying = true
	s.order.tracing, s.order.windows = false, nil
	return &replay{scan: s}
}
