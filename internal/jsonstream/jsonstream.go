// Package jsonstream reads JSON of a known form that may be hostile, value by value, in memory that
// does not grow with the text.
//
// encoding/json makes a value of a text before anyone can count what is in it: 14 KB of gzip can be
// a list of millions, and a null, a member that stands twice or a list that is too long for its
// array passes unseen. A [Reader] is asked for one value after the other instead, so that whoever
// keeps values can count them first, and it refuses what the asker has no word for, with the byte
// at which it stands.
package jsonstream

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Error says what is wrong with a text, and where. Err is io.ErrUnexpectedEOF where the text ends
// too early, the reader's own error where that failed, else nil.
type Error struct {
	Offset int64 // of the byte, from 0
	What   string
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.What) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

const (
	maxMembers = 64 // of an object
	maxKey     = 64 // bytes of a member's name
	maxNesting = 64 // values inside each other
)

// Reader reads one JSON text. Its methods end the function that [Read] was given where the text is
// not what they are asked for.
type Reader struct {
	source  *bufio.Reader
	offset  int64
	nesting int
	digits  [32]byte // of the number that was read last
}

// Read calls f to read all of the text of source: one value, with nothing behind it but white
// space. The error is an *Error, or what f gave to [Reader.Stop].
func Read(source io.Reader, f func(*Reader)) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case stopped:
			err = e.error
		default:
			panic(e)
		}
	}()
	r := &Reader{source: bufio.NewReaderSize(source, 32<<10)}
	f(r)
	if _, more := r.peek(); more {
		r.Fail("more follows the end")
	}
	return nil
}

// stopped is what methods panic with.
type stopped struct{ error }

// Stop ends the reading with an error.
func (r *Reader) Stop(err error) { panic(stopped{err}) }

// Fail ends the reading with an Error at the read position.
func (r *Reader) Fail(format string, args ...any) {
	r.Stop(&Error{Offset: r.offset, What: fmt.Sprintf(format, args...)})
}

// Offset is that of the next byte to be read.
func (r *Reader) Offset() int64 { return r.offset }

// byte is the next byte, which there must be.
func (r *Reader) byte() byte {
	b, err := r.source.ReadByte()
	switch {
	case err == io.EOF:
		r.Stop(&Error{r.offset, "the text ends too early", io.ErrUnexpectedEOF})
	case err != nil:
		r.Stop(&Error{r.offset, err.Error(), err})
	}
	r.offset++
	return b
}

// back takes the byte that was read last back.
func (r *Reader) back() {
	_ = r.source.UnreadByte() // it follows a ReadByte
	r.offset--
}

// peek passes white space over and tells what follows it, unless that is the end.
func (r *Reader) peek() (b byte, ok bool) {
	for {
		b, err := r.source.ReadByte()
		switch {
		case err == io.EOF:
			return 0, false
		case err != nil:
			r.Stop(&Error{r.offset, err.Error(), err})
		}
		r.offset++
		if b != ' ' && b != '\t' && b != '\n' && b != '\r' {
			r.back()
			return b, true
		}
	}
}

// expect reads a byte behind white space, which must be the one given.
func (r *Reader) expect(want byte, what string) {
	if b, ok := r.peek(); ok && b != want {
		r.Fail("%s where %s should be", r.found(b), what)
	}
	r.byte()
}

// found names what stands at the read position.
func (r *Reader) found(b byte) string {
	switch {
	case b == 'n':
		return "null"
	case b == 't', b == 'f':
		return "a truth value"
	case b == '{':
		return "an object"
	case b == '[':
		return "a list"
	case b == '"':
		return "a text"
	case b == '-', b >= '0' && b <= '9':
		return "a number"
	}
	return fmt.Sprintf("%q", rune(b))
}

// enter goes into an object or a list.
func (r *Reader) enter() {
	if r.nesting++; r.nesting > maxNesting {
		r.Fail("more than %d objects and lists inside each other", maxNesting)
	}
}

// next tells whether another member or element follows, and reads the comma before it.
func (r *Reader) next(first bool, end byte) bool {
	b, _ := r.peek()
	switch {
	case b == end:
		r.byte()
		r.nesting--
		return false
	case first:
		return true
	}
	r.expect(',', "a comma or the end of the list")
	if b, _ := r.peek(); b == end {
		r.Fail("nothing follows a comma")
	}
	return true
}

// Object reads an object: it calls f with the name of each member, whose value f must read. A name
// that stands twice is refused.
func (r *Reader) Object(f func(name string)) {
	r.expect('{', "an object")
	r.enter()
	var seen []string
	for r.next(len(seen) == 0, '}') {
		name := r.Text(maxKey)
		switch {
		case slices.Contains(seen, name):
			r.Fail("the member %.80q stands twice", name)
		case len(seen) == maxMembers:
			r.Fail("an object of more than %d members", maxMembers)
		}
		seen = append(seen, name)
		r.expect(':', "a colon")
		f(name)
	}
}

// List reads a list: it calls f with the index of each element, which f must read.
func (r *Reader) List(f func(i int)) {
	r.expect('[', "a list")
	r.enter()
	for i := 0; r.next(i == 0, ']'); i++ {
		f(i)
	}
}

// Tuple reads a list of exactly len(numbers) numbers from 0 on.
func (r *Reader) Tuple(numbers []uint64) {
	n := 0
	r.List(func(i int) {
		if n++; n > len(numbers) {
			r.Fail("a list of more than %d numbers", len(numbers))
		}
		numbers[i] = r.Uint()
	})
	if n < len(numbers) {
		r.Fail("a list of %d numbers, not %d", n, len(numbers))
	}
}

// Uint reads a whole number from 0 on.
func (r *Reader) Uint() uint64 {
	start := r.offset
	digits := r.number()
	n, err := strconv.ParseUint(string(digits), 10, 64)
	r.checkNumber(start, digits, err)
	return n
}

// Int reads a whole number.
func (r *Reader) Int() int64 {
	start := r.offset
	digits := r.number()
	n, err := strconv.ParseInt(string(digits), 10, 64)
	r.checkNumber(start, digits, err)
	return n
}

// Count reads a whole number from 0 to most.
func (r *Reader) Count(most int) int {
	start := r.offset
	n := r.Uint()
	if n > uint64(max(most, 0)) {
		r.Stop(&Error{Offset: start, What: fmt.Sprintf("%d, and at most %d makes sense", n, most)})
	}
	return int(n)
}

// checkNumber refuses a number that strconv could not read, or that JSON has otherwise.
func (r *Reader) checkNumber(start int64, digits []byte, err error) {
	zeros := bytes.TrimPrefix(digits, []byte("-"))
	if err == nil && (len(zeros) == 1 || zeros[0] != '0') {
		return
	}
	what := fmt.Sprintf("%.40q, which is no whole number that makes sense here", digits)
	if errors.Is(err, strconv.ErrRange) {
		what = fmt.Sprintf("the number %.40s, which is too large", digits)
	}
	r.Stop(&Error{Offset: start, What: what})
}

// number reads the text of a number, which is gone when another is read.
func (r *Reader) number() []byte {
	b, ok := r.peek()
	if ok && b != '-' && (b < '0' || b > '9') {
		r.Fail("%s where a number should be", r.found(b))
	}
	digits := &r.digits
	for n := 0; ; n++ {
		b, err := r.source.ReadByte()
		if err != nil && n == 0 {
			r.byte() // reports it
		}
		if err != nil {
			return digits[:n]
		}
		r.offset++
		if !strings.ContainsRune("+-.0123456789Ee", rune(b)) {
			r.back()
			return digits[:n]
		}
		if n == len(digits) {
			r.Fail("a number of more than %d digits", len(digits))
		}
		digits[n] = b
	}
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	b, ok := r.peek()
	if ok && b != 't' && b != 'f' {
		r.Fail("%s where true or false should be", r.found(b))
	}
	if b == 't' {
		r.word("true")
		return true
	}
	r.word("false")
	return false
}

// word reads a word that is known by its first letter.
func (r *Reader) word(want string) {
	for i := range len(want) {
		if b := r.byte(); b != want[i] {
			r.Fail("%q where %q should be", rune(b), want)
		}
	}
}

// Text reads a text of at most so many bytes. What is not UTF-8 in it is replaced.
func (r *Reader) Text(most int) string {
	text := r.text(most, true)
	if !utf8.Valid(text) {
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	return string(text)
}

// text reads a text, of which it keeps nothing unless keep is set.
func (r *Reader) text(most int, keep bool) (kept []byte) {
	r.expect('"', "a text")
	start := r.offset
	for {
		b := r.byte()
		switch {
		case b == '"':
			return kept
		case b < ' ':
			r.Fail("a control character in a text")
		case b == '\\':
			kept = r.escape(kept)
		default:
			kept = append(kept, b)
		}
		if !keep {
			kept = kept[:0]
		}
		if len(kept) > most {
			r.Stop(&Error{Offset: start, What: fmt.Sprintf("a text of more than %d bytes", most)})
		}
	}
}

// escape reads what follows a backslash.
func (r *Reader) escape(text []byte) []byte {
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	b := r.byte()
	if i := strings.IndexByte(from, b); i >= 0 {
		return append(text, to[i])
	}
	if b != 'u' {
		r.Fail("the escape \\%c, which there is not", b)
	}
	c := r.hex()
	if utf16.IsSurrogate(c) {
		c = r.surrogate(c)
	}
	return utf8.AppendRune(text, c)
}

// surrogate is the character of which high is the first half, or one that stands for what is none.
func (r *Reader) surrogate(high rune) rune {
	if next, err := r.source.Peek(2); err != nil || string(next) != `\u` {
		return utf8.RuneError
	}
	r.byte()
	r.byte()
	return utf16.DecodeRune(high, r.hex())
}

// hex reads four hexadecimal digits.
func (r *Reader) hex() rune {
	digits := r.digits[:4]
	for i := range digits {
		digits[i] = r.byte()
	}
	n, err := strconv.ParseUint(string(digits), 16, 16)
	if err != nil {
		r.Fail("the escape \\u%s, which is no number", digits)
	}
	return rune(n)
}

// Skip passes any value over.
func (r *Reader) Skip() {
	b, _ := r.peek()
	switch {
	case b == '{':
		r.byte()
		r.enter()
		for first := true; r.next(first, '}'); first = false {
			r.text(math.MaxInt, false)
			r.expect(':', "a colon")
			r.Skip()
		}
	case b == '[':
		r.List(func(int) { r.Skip() })
	case b == '"':
		r.text(math.MaxInt, false)
	case b == 't', b == 'f':
		r.Bool()
	case b == 'n':
		r.word("null")
	default:
		r.number()
	}
}
