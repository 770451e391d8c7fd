package jsonstream_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/jsonstream"
)

// point is a form of JSON that a Reader is asked for.
type point struct {
	X    uint64
	Y    int64
	Name string
	On   bool
	Pair [2]uint64
	More []point
}

func read(r *jsonstream.Reader) (p point) {
	r.Object(func(name string) {
		switch name {
		case "X":
			p.X = r.Uint()
		case "Y":
			p.Y = r.Int()
		case "Name":
			p.Name = r.Text(100)
		case "On":
			p.On = r.Bool()
		case "Pair":
			r.Tuple(p.Pair[:])
		case "More":
			r.List(func(int) { p.More = append(p.More, read(r)) })
		default:
			r.Skip()
		}
	})
	return p
}

// What both accept, both read as the same.
func TestReadsAsEncodingJSON(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { "X" : 7 , "Y" : -7 } `, `{"Y":0}`, `{"Y":-0}`, `{"X":18446744073709551615}`,
		`{"Y":-9223372036854775808}`, `{"Name":"","On":true}`, `{"On":false}`,
		`{"Name":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é😀"}`, `{"Name":"\ud83d","X":1}`,
		`{"Name":"\ud83dx"}`, "{\"Name\":\"\xff\"}", `{"Pair":[1,2]}`, `{"More":[]}`,
		`{"More":[{"X":1},{"More":[{"On":true}]}],"X":5}`,
		`{"else":{"a":[1,-2.5e-7,null,true,"x"],"a":{}},"other":null,"X":3,"list":[[],[[]]]}`,
	} {
		var want point
		require.NoError(t, json.Unmarshal([]byte(text), &want), text)
		var got point
		in := iotest.OneByteReader(strings.NewReader(text))
		require.NoError(t, jsonstream.Read(in, func(r *jsonstream.Reader) { got = read(r) }), text)
		if want.More != nil && len(want.More) == 0 {
			want.More = nil
		}
		require.Equal(t, want, got, text)
	}
}

// What is refused is refused with the byte at which it stands.
func TestErrors(t *testing.T) {
	for _, row := range []struct {
		text   string
		offset int64
		what   string
	}{
		{``, 0, "ends too early"},
		{`{"X":1`, 6, "ends too early"},
		{`{"X":`, 5, "ends too early"},
		{`{"Name":"abc`, 12, "ends too early"},
		{`[]`, 0, "a list where an object should be"},
		{`null`, 0, "null where an object should be"},
		{`{"X":null}`, 5, "null where a number should be"},
		{`{"X":"1"}`, 5, "a text where a number"},
		{`{"X":-1}`, 5, "no whole number"},
		{`{"X":1.0}`, 5, "no whole number"},
		{`{"X":1e3}`, 5, "no whole number"},
		{`{"X":01}`, 5, "no whole number"},
		{`{"Y":-01}`, 5, "no whole number"},
		{`{"X":18446744073709551616}`, 5, "too large"},
		{`{"X":` + strings.Repeat("1", 60) + `}`, 38, "more than 32 digits"},
		{`{"X":1,"Y":2,"X":3}`, 16, `"X" stands twice`},
		{`{"X":1 "Y":2}`, 7, "a text where a comma"},
		{`{"X":1,}`, 7, "nothing follows"},
		{`{"Pair":[1]}`, 11, "a list of 1 numbers, not 2"},
		{`{"Pair":[1,2,3]}`, 13, "more than 2 numbers"},
		{`{"Pair":[]}`, 10, "a list of 0 numbers"},
		{`{"Pair":null}`, 8, "null where a list"},
		{`{"On":null}`, 6, "null where true or false"},
		{`{"On":tru}`, 10, "should be"},
		{`{"Name":"` + strings.Repeat("n", 101) + `"}`, 9, "more than 100 bytes"},
		{`{"Name":"\x"}`, 11, `escape \x`},
		{`{"Name":"\u12g4"}`, 15, "no number"},
		{"{\"Name\":\"\n\"}", 10, "control character"},
		{`{"` + strings.Repeat("k", 65) + `":1}`, 2, "more than 64 bytes"},
		{`{"a":` + strings.Repeat("[", 64) + `}`, 69, "inside each other"},
		{`{} {}`, 3, "more follows"},
	} {
		err := jsonstream.Read(strings.NewReader(row.text), func(r *jsonstream.Reader) { read(r) })
		var e *jsonstream.Error
		require.ErrorAs(t, err, &e, row.text)
		require.ErrorContains(t, err, row.what, row.text)
		require.Equal(t, row.offset, e.Offset, "%s: %v", row.text, err)
	}
	many := "{"
	for i := range 65 {
		many += fmt.Sprintf(`"m%d":0,`, i)
	}
	err := jsonstream.Read(strings.NewReader(many+`"x":0}`), func(r *jsonstream.Reader) { read(r) })
	require.ErrorContains(t, err, "more than 64 members")
}

// The error of the text's reader is the cause, and so is what the caller stops with.
func TestCauses(t *testing.T) {
	broken := errors.New("disk on fire")
	in := io.MultiReader(strings.NewReader(`{"X":`), iotest.ErrReader(broken))
	err := jsonstream.Read(in, func(r *jsonstream.Reader) { read(r) })
	require.ErrorIs(t, err, broken)
	err = jsonstream.Read(strings.NewReader("{}"), func(r *jsonstream.Reader) { r.Stop(broken) })
	require.Same(t, broken, err)
	err = jsonstream.Read(strings.NewReader(`{"X":9}`), func(r *jsonstream.Reader) {
		r.Object(func(string) { r.Count(8) })
	})
	require.ErrorContains(t, err, "9, and at most 8 makes sense")
}

// However long a text is, passing it over takes no memory.
func TestMemory(t *testing.T) {
	for _, text := range []string{
		`{"more":[` + strings.Repeat(`{},`, 1<<20) + `{}]}`,
		`{"more":"` + strings.Repeat(`\u0041`, 1<<20) + `"}`,
		`{"X":1` + strings.Repeat(` `, 1<<20) + `}`,
	} {
		in := bytes.NewReader([]byte(text))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		require.NoError(t, jsonstream.Read(in, func(r *jsonstream.Reader) { read(r) }))
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
	}
}

func ExampleRead() {
	var sum uint64
	err := jsonstream.Read(strings.NewReader(`{"numbers":[1,2,3],"unit":"byte"}`),
		func(r *jsonstream.Reader) {
			r.Object(func(name string) {
				if name != "numbers" {
					r.Skip()
					return
				}
				r.List(func(int) { sum += r.Uint() })
			})
		})
	fmt.Println(sum, err)
	// Output: 6 <nil>
}
