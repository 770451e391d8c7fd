package snapshot

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// unhex decodes hex with spaces.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// hostileRows are streams that no encoder writes. what is a part of the message, empty where the
// stream must be accepted; values is how many values must have been counted.
var hostileRows = []struct {
	name   string
	stream []byte
	cause  error
	what   string
	values uint64
	reason string
}{
	{"empty", nil, io.ErrUnexpectedEOF, "no value", 0, "an empty file is not a snapshot"},
	{"length only", unhex("05"), io.ErrUnexpectedEOF, "inside a message", 0, "cut after the length"},
	{"empty message", unhex("00"), ErrFormat, "past the end of its message", 0,
		"a message holds at least a type id"},
	{"message of 8 GiB", unhex("f9 02 00 00 00 00 00 00 04"), ErrFormat, "a message of", 0,
		"decoders refuse it too; nothing may be allocated"},
	{"number of 9 bytes", unhex("f7 01 02 03 04 05 06 07 08 09"), ErrFormat, "a number of 9 bytes", 0,
		"gob has no numbers beyond 64 bits"},
	{"type 0", message(integer(0), zeros(1)), ErrFormat, "type id 0", 0, "0 is no type"},
	{"undefined type", message(integer(90), zeros(1)), ErrFormat,
		"type id 90, which is not defined", 0,
		"a value needs its definition first"},
	{"smallest id", message(integer(-1<<63), zeros(1)), ErrFormat, "definition of type id", 0,
		"its negation does not exist"},
	{"definition of a builtin", message(defineSlice(2, "S", 2)), ErrFormat, "type id 2", 0,
		"int cannot be redefined"},
	{"self-made id", message(defineSlice(1<<31, "S", 2)), ErrFormat, "type id 2147483648", 0,
		"ids are of 32 bits"},
	{"two variants", message(integer(-65), unhex("01 01 02"), integer(65), unhex("00 01"), integer(2),
		unhex("01 04 00 01 01 02"), integer(65), unhex("00 01"), integer(2), unhex("00 00")),
		ErrFormat, "two things", 0, "an array that is a slice"},
	{"no variant", message(integer(-65), zeros(1)), ErrFormat, "is empty", 0, "nothing is defined"},
	{"eighth variant", message(integer(-65), unhex("08 00 00")), ErrFormat, "kind 7", 0,
		"there are seven"},
	{"slice of nothing", join(message(integer(-65), unhex("02 00 00")), message(unhex("ff 82 00 01"))),
		ErrFormat, "type id 0", 0, "an element type of 0"},
	{"negative element", message(defineSlice(65, "S", -3)), ErrFormat, "type id -3", 0, ""},
	{"reserved element", message(defineSlice(65, "S", 17)), ErrFormat, "type id 17", 0,
		"types that describe types hold no values"},
	{"negative array", message(defineArray(65, "A", 2, -1)), ErrFormat, "-1 elements", 0, ""},
	{"field without name", message(defineStruct(65, "T", field{"", 2})), ErrFormat,
		"without a name", 0, ""},
	{"2^50 fields", message(integer(-65), unhex("03 01 00 01"), number(1<<50), zeros(9)), ErrFormat,
		"fields in", 0, "the count alone must not allocate"},
	{"long definition", message(defineSlice(65, "S", 2), zeros(1)), ErrFormat, "1 more bytes", 0,
		"encoding/gob: extra data in buffer"},
	{"definitions only", message(defineSlice(65, "S", 2)), io.ErrUnexpectedEOF, "no value follows", 0,
		"what an encoder leaves that failed"},
	{"singleton delta", message(integer(2), number(1), integer(7)), ErrFormat, "no struct", 0, ""},
	{"int", message(integer(2), zeros(1), integer(7)), nil, "", 1, "the simplest value"},
	{"wide zero", message(integer(2), zeros(1), unhex("f8 00 00 00 00 00 00 00 05")), nil, "", 1,
		"numbers may be longer than needed"},
	{"trailing", message(integer(2), zeros(1), integer(7), zeros(3)), nil, "", 1,
		"encoding/gob drops what follows a value; a warning says so"},
	{"cut complex", message(integer(7), zeros(1), number(1)), ErrFormat, "past the end", 0, ""},
	{"lying string", message(integer(6), zeros(1), number(1<<40), []byte("abc")), ErrFormat,
		"a string of 1099511627776 bytes", 0, ""},
	{"lying numbers", join(message(defineSlice(65, "S", 2)),
		message(integer(65), zeros(1), number(1000), zeros(3))), ErrFormat, "1000 elements", 0, ""},
	{"lying texts", join(message(defineSlice(65, "S", 6)),
		message(integer(65), zeros(1), number(1<<61), zeros(3))), ErrFormat, "more elements", 0, ""},
	{"2^63 elements", join(message(defineSlice(65, "S", 6)),
		message(integer(65), zeros(1), number(1<<63), zeros(3))), ErrFormat, "a container of", 0, ""},
	{"empty entries", join(message(defineStruct(65, "E")), message(defineMap(66, "M", 65, 65)),
		message(integer(66), zeros(1), number(1<<60))), ErrFormat, "more map entries", 0,
		"encoding/gob runs 2^60 rounds: a struct at the end of a message may lack its zero"},
	{"missing zero", join(message(defineStruct(65, "T", field{"A", 2})),
		message(integer(65), number(1), integer(7))), nil, "", 1, "encoding/gob accepts it"},
	{"huge array", join(message(defineStruct(65, "E")), message(defineArray(66, "A", 65, 1<<60)),
		message(integer(66), zeros(1), number(1<<60))), ErrFormat, "1152921504606846976", 0,
		"a 32-bit machine refuses the type, another the value"},
	{"wrong array", join(message(defineArray(66, "A", 2, 3)),
		message(integer(66), zeros(1), number(2), zeros(2))), ErrFormat,
		"2 elements of an array of 3", 0, ""},
	{"array of itself", join(message(defineArray(66, "A", 66, 2)),
		message(integer(66), zeros(1), bytes.Repeat([]byte{2}, 4000))), ErrFormat, "more elements", 0,
		"such a value has no end"},
	{"field beyond", join(message(defineStruct(65, "T", field{"A", 2})),
		message(integer(65), number(2), integer(7), zeros(1))), ErrFormat, "of 1 fields", 0, ""},
	{"field 2^64-1", join(message(defineStruct(65, "T", field{"A", 2})),
		message(integer(65), number(1), zeros(1), number(1<<64-1), zeros(2))),
		ErrFormat, "of 1 fields", 0,
		"must not wrap around to a field that exists"},
	{"lying payload", join(message(defineOpaque(65, "O")),
		message(integer(65), zeros(1), number(200), zeros(3))), ErrFormat, "a payload of 200", 0, ""},
	{"undefined in interface", message(integer(8), zeros(1), text("x"), integer(70),
		number(2), zeros(2)),
		ErrFormat, "type id 70", 0, ""},
	{"long type name", message(integer(8), zeros(1), text(strings.Repeat("n", 1025)), integer(2),
		number(2), zeros(2)), ErrFormat, "name of 1025 bytes", 0, "encoding/gob's limit"},
	{"nil interface", message(integer(8), zeros(1), zeros(1)), nil, "", 1, ""},
	{"boxed int", message(integer(8), zeros(1), text("int"), integer(2),
		number(2), zeros(1), integer(5)),
		nil, "", 1, ""},
	{"redefined in a value", join(message(defineSlice(65, "S", 8)),
		message(integer(65), zeros(1), number(1),
			text("S"), defineSlice(65, "S", 8), number(9)), zeros(1)), ErrFormat, "defined twice", 0,
		"only between values can another encoder begin"},
	{"undefined part", join(message(defineSlice(65, "S", 77)),
		message(integer(65), zeros(1), number(0))), ErrFormat, "type id 77", 0, ""},
	{"undefined field, absent", join(message(defineStruct(65, "T", field{"A", 77}, field{"B", 2})),
		message(integer(65), number(2), integer(7), zeros(1))), nil, "", 1,
		"no value needs the type"},
	{"second stream", join(message(integer(2), zeros(1), integer(7)), unhex("de ad be ef")), ErrFormat,
		"a number of 34 bytes", 1, "the values before the rubbish count"},
}

// TestHostileRows scans every row, whole and byte by byte.
func TestHostileRows(t *testing.T) {
	for _, row := range hostileRows {
		t.Run(row.name, func(t *testing.T) {
			c, err := Scan(t.Context(), bytes.NewReader(row.stream))
			require.Equal(t, row.values, c.Values, row.reason)
			checkSums(t, c)
			slow, slowErr := Scan(t.Context(), iotest.OneByteReader(bytes.NewReader(row.stream)))
			require.Equal(t, dump(c), dump(slow))
			if row.cause == nil {
				require.NoError(t, err, row.reason)
				require.NoError(t, slowErr)
				return
			}
			require.ErrorIs(t, err, row.cause, row.reason)
			require.ErrorContains(t, err, row.what, row.reason)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Same(t, e, c.Err)
			require.True(t, c.Incomplete)
			require.LessOrEqual(t, e.Offset, int64(len(row.stream)))
		})
	}
}

// TestLookAlikes: what is no gob is called by its name.
func TestLookAlikes(t *testing.T) {
	var mangled bytes.Buffer
	require.NoError(t, gob.NewEncoder(&mangled).Encode(map[string]int{"one": 1, "two": -200}))
	for _, row := range []struct{ input, says string }{
		{"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG"},
		{"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00", "ELF"},
		{"PK\x03\x04 and more", "zip archive"},
		{"BZh91AY&SY\x00\x00", "bzip2"},
		{`{"height": 840000, "hash": "00"}`, "text"},
		{"%PDF-1.7\n%\xe2\xe3", "PDF"},
		{strings.ToValidUTF8(mangled.String(), "\uFFFD"), "UTF-8"},
		{"", "empty"},
	} {
		_, err := Scan(t.Context(), strings.NewReader(row.input))
		require.ErrorContains(t, err, row.says, "%q", row.input)
	}
}

// TestLimits: each limit stops the scan with ErrLimit and keeps the census so far.
func TestLimits(t *testing.T) {
	var stream bytes.Buffer
	enc := gob.NewEncoder(&stream)
	for range 100 {
		require.NoError(t, enc.Encode(strings.Repeat("x", 1000)))
	}
	c, err := Scan(t.Context(), bytes.NewReader(stream.Bytes()), MaxInput(50_000))
	require.ErrorIs(t, err, ErrLimit)
	require.True(t, c.Incomplete)
	require.EqualValues(t, 49, c.Values, "all that is complete within the limit")
	require.EqualValues(t, 50_000, c.Bytes)
	_, err = Scan(t.Context(), bytes.NewReader(stream.Bytes()), MaxInput(int64(stream.Len())))
	require.NoError(t, err, "the limit itself is allowed")
	_, err = Scan(t.Context(), bytes.NewReader(stream.Bytes()), MaxInput(int64(stream.Len())-1))
	require.ErrorIs(t, err, ErrLimit)
	_, err = Scan(t.Context(), bytes.NewReader(stream.Bytes()), MaxMemory(100))
	require.ErrorIs(t, err, ErrLimit)

	type wide struct{ A, B, C, D int }
	stream.Reset()
	require.NoError(t, gob.NewEncoder(&stream).Encode([]wide{{1, 2, 3, 4}, {}}))
	_, err = Scan(t.Context(), bytes.NewReader(stream.Bytes()), MaxSites(6))
	require.NoError(t, err, "the slice, its elements, four fields")
	_, err = Scan(t.Context(), bytes.NewReader(stream.Bytes()), MaxSites(5))
	require.ErrorIs(t, err, ErrLimit)
	require.ErrorContains(t, err, "5 sites")

	// Counts that alternate: no two frames are equal.
	deep := join(message(defineSlice(65, "T", 65)),
		message(integer(65), zeros(1), bytes.Repeat([]byte{2, 3}, 10_000)))
	_, err = Scan(t.Context(), bytes.NewReader(deep), MaxDepth(500))
	require.ErrorIs(t, err, ErrLimit)
	require.ErrorContains(t, err, "500 deep")
}

// TestCancel: a cancelled context stops the scan and is the cause of the error.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stream := bytes.Repeat(message(integer(6), zeros(1), text(strings.Repeat("x", 1000))), 1000)
	read := 0
	c, err := Scan(ctx, iotest.OneByteReader(bytes.NewReader(stream)), Progress(func(int64) {
		if read++; read == 5000 {
			cancel()
		}
	}))
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 4, c.Values)
	require.True(t, c.Incomplete)
}

// TestBrokenReader: the reader's own error is reported, and what came before it counts.
func TestBrokenReader(t *testing.T) {
	broken := errors.New("disk on fire")
	one := message(integer(2), zeros(1), integer(7))
	c, err := Scan(t.Context(), io.MultiReader(bytes.NewReader(one), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	require.EqualValues(t, 1, c.Values)
	_, err = Scan(t.Context(), iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
}

// TestEveryTruncation cuts streams of all kinds at each byte: the scan must end with an error
// unless the cut falls between two values, and the partial census must be sound.
func TestEveryTruncation(t *testing.T) {
	for name, stream := range smallStreams(t) {
		whole, err := Scan(t.Context(), bytes.NewReader(stream))
		require.NoError(t, err, name)
		for n := range stream {
			c, err := Scan(t.Context(), bytes.NewReader(stream[:n]))
			checkSums(t, c)
			if err == nil {
				require.Less(t, c.Values, whole.Values, "%s cut at %d", name, n)
				require.Positive(t, c.Values)
				continue
			}
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%s cut at %d", name, n)
			checkMonotonic(t, whole, c)
		}
	}
}

// checkMonotonic: a partial census never counts more than the whole one.
func checkMonotonic(t *testing.T, whole, part *Census) {
	t.Helper()
	all, some := ofCensus(whole), ofCensus(part)
	for path, tally := range some {
		require.NotNil(t, all[path], path)
		require.LessOrEqual(t, tally.sent, all[path].sent, path)
	}
	absent := make(map[string]uint64)
	for s := range whole.Sites() {
		absent[s.Path()] += s.Absent
	}
	for s := range part.Sites() {
		require.LessOrEqual(t, s.Absent, absent[s.Path()], s.Path())
	}
}

// TestEveryFlip changes each byte of the streams in some ways: whatever comes of it, the scan
// ends, and its census is sound.
func TestEveryFlip(t *testing.T) {
	for _, stream := range smallStreams(t) {
		for i := range stream {
			for _, flip := range []byte{1, 0x80, 0xff, stream[i]} {
				bad := bytes.Clone(stream)
				bad[i] ^= flip
				c, err := Scan(t.Context(), bytes.NewReader(bad))
				checkSums(t, c)
				require.Equal(t, err != nil, c.Incomplete)
			}
		}
	}
}
