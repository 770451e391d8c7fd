package snapshot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxSaved is the longest saved census in bytes that is read. What a scan keeps within its default
// MaxMemory takes less when saved.
const maxSaved = 16 << 20

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
func load(r io.Reader, o options) (*Census, error) {
	limited := &io.LimitedReader{R: r, N: min(maxSaved, o.maxInput) + 1}
	d := json.NewDecoder(limited)
	b := newReplay(o)
	err := b.try(func() error { return b.decode(d) })
	if err == nil {
		return b.done()
	}
	e := &Error{Offset: d.InputOffset(), What: "not a saved census: " + err.Error(), Err: ErrFormat}
	var cause *Error
	switch {
	case limited.N <= 0:
		e.What, e.Err = fmt.Sprintf("a saved census of more than %d bytes", min(maxSaved, o.maxInput)),
			ErrLimit
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		e.What, e.Err = "unexpected end of a saved census", io.ErrUnexpectedEOF
	case errors.As(err, &cause):
		e.What, e.Err = "the saved census is damaged: "+cause.What, cause.Err
	}
	return &Census{Incomplete: true, Err: e}, e
}

// decode reads the JSON. It is taken apart so that each type and site is checked before the next
// is read, and so the memory it takes is charged for.
func (b *replay) decode(d *json.Decoder) error {
	if err := expect(d, json.Delim('{')); err != nil {
		return err
	}
	schema := ""
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch key {
		case "schema":
			if err = d.Decode(&schema); err == nil && schema != Saved {
				return fmt.Errorf("it is of version %q, and this program reads %q: make the census "+
					"anew, or use the program that wrote it", printable(schema, maxShown), Saved)
			}
		case "stream":
			var s savedStream
			if err = d.Decode(&s); err == nil {
				b.stream(s)
			}
		case "types":
			err = decodeList(d, func(t savedType) error { b.typ(t); return nil })
		case "sites":
			err = decodeList(d, func(s savedSite) error { b.site(s); return nil })
		case "sample": // it was "order", of shorter lengths, in an older form
			var o savedOrder
			if err = d.Decode(&o); err == nil {
				b.order(o, b.scan.base-b.base)
			}
		default:
			var ignored json.RawMessage
			err = d.Decode(&ignored)
		}
		if err != nil {
			return err
		}
	}
	if err := expect(d, json.Delim('}')); err != nil {
		return err
	}
	if !b.streamed || b.sites == nil && b.scan.values > 0 {
		return errors.New("it lacks a stream or sites")
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more follows it")
	}
	return nil
}

// decodeList calls f for each element of a JSON array, until it returns an error.
func decodeList[T any](d *json.Decoder, f func(T) error) error {
	if err := expect(d, json.Delim('[')); err != nil {
		return err
	}
	for d.More() {
		var x T
		if err := d.Decode(&x); err != nil {
			return err
		}
		if err := f(x); err != nil {
			return err
		}
	}
	return expect(d, json.Delim(']'))
}

// expect reads a token, which must be the one given.
func expect(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if err == nil && token != want {
		err = fmt.Errorf("%q is not where it should be", want)
	}
	return err
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
func newReplay(o options) *replay {
	o.bufferSize = 0
	s := newScanner(context.Background(), failingReader{io.EOF}, o)
	s.order.tracing, s.order.windows = false, nil
	return &replay{scan: s}
}
