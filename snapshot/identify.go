package snapshot

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Magics of files that are taken for gobs, or that hold them.
const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
)

var magics = []struct{ magic, name string }{
	{gzipMagic, "gzip data"},
	{zstdMagic, "zstd data"},
	{"BZh", "bzip2 data"},
	{"\xfd7zXZ\x00", "xz data"},
	{"PK\x03\x04", "a zip archive"},
	{"\x89PNG", "a PNG image"},
	{"\xff\xd8\xff", "a JPEG image"},
	{"GIF8", "a GIF image"},
	{"%PDF", "a PDF document"},
	{"\x7fELF", "an ELF program"},
	{"MZ", "a Windows program"},
	{"\xcf\xfa\xed\xfe", "a macOS program"},
	{"SQLite format 3", "an SQLite database"},
	{"PAR1", "a Parquet file"},
	{"\xef\xbb\xbf", "text with a byte order mark"},
	{"\xff\xfe", "UTF-16 text"},
	{"<?xml", "XML"},
}

// tarMagicAt is where a tar archive says what it is: behind the name and the mode of its first file.
const tarMagicAt = 257

// advice tells what the input looks like, where that explains why it could not be read.
func (s *scanner) advice(compression string) string {
	head := s.input.head
	if s.values == 0 {
		for _, m := range magics {
			if bytes.HasPrefix(head, []byte(m.magic)) {
				return lookAlike(m.name, compression)
			}
		}
	}
	near := s.buf[max(0, s.pos-64<<10):min(s.end, s.pos+4096)]
	switch {
	case bytes.Count(head, []byte("\uFFFD")) > 0 || bytes.Count(near, []byte("\uFFFD")) > 1:
		return "the input holds the bytes EF BF BD: a gob that was passed through a conversion " +
			"to UTF-8 text, which destroys it; write it as binary data"
	case len(head) == 0 && s.readErr == io.EOF:
		return "the input is empty"
	case s.values == 0 && isText(head) && encodedText(head[:min(len(head), magicSize)]) != "":
		return encodedText(head[:min(len(head), magicSize)])
	case s.values == 0 && isText(head) && isJSON(head):
		return lookAlike("JSON text", compression)
	case s.values == 0 && isText(head):
		return "the input looks like text, not a gob stream"
	case s.values == 0 && len(head) >= tarMagicAt+5 && string(head[tarMagicAt:tarMagicAt+5]) == "ustar":
		return lookAlike("a tar archive", compression)
	case s.values == 0 && s.messages <= 1 && s.readErr == nil:
		return "is this a gob stream?"
	}
	return ""
}

// isJSON tells whether a text begins as a list or an object does.
func isJSON(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// lookAlike names what begins with a known magic.
func lookAlike(name, compression string) string {
	if compression != "" {
		return "inside the " + compression + " data the input looks like " + name +
			"; one layer of compression is opened"
	}
	text := "the input looks like " + name + ", not a gob stream"
	if slices.Contains([]string{"bzip2 data", "xz data", "a zip archive", "a tar archive"}, name) {
		text += "; gzip, zlib and zstd are opened, others are to be unpacked first"
	}
	return text
}

// isText tells whether all of head is printable text.
func isText(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && utf8.FullRune(head) || r < ' ' && !strings.ContainsRune("\t\r\n", r) {
			return false
		}
		head = head[n:]
	}
	return true
}
