package walker

import (
	"fmt"
	"io"
	"reflect"
	"sync/atomic"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"
)

// TestWords checks the invariants on which words.go rests.
func TestWords(t *testing.T) {
	text := "sixteen bytes it"
	s := (*stringHeader)(unsafe.Pointer(&text))
	require.Equal(t, unsafe.Pointer(unsafe.StringData(text)), s.data, "a string is data, length")
	require.Equal(t, len(text), s.length)
	require.Equal(t, unsafe.Sizeof(text), unsafe.Sizeof(*s))

	list := make([]uint16, 3, 7)
	l := (*sliceHeader)(unsafe.Pointer(&list))
	require.Equal(t, unsafe.Pointer(&list[0]), l.data, "a slice is data, length, capacity")
	require.Equal(t, []int{3, 7}, []int{l.length, l.capacity})
	require.Equal(t, unsafe.Sizeof(list), unsafe.Sizeof(*l))

	number := 1 << 20
	var pointer, boxed any = &number, number
	require.Equal(t, unsafe.Pointer(&number), dataWord(pointer), "a pointer lies in the word")
	require.Equal(t, number, *(*int)(dataWord(boxed)), "another value lies behind it")
	require.Equal(t, unsafe.Sizeof(boxed), unsafe.Sizeof(interfaceHeader{}))

	var closer io.Closer = io.NopCloser(nil)
	h := (*interfaceHeader)(unsafe.Pointer(&closer))
	require.Equal(t, unsafe.Sizeof(closer), unsafe.Sizeof(*h), "with methods it is as long")
	require.NotNil(t, h.word)
	closer = nil
	require.Nil(t, h.word, "nil has no type word")

	word := new(int)
	require.Equal(t, unsafe.Pointer(word), pointerAt(unsafe.Pointer(&word)))
}

// Map and channel words are pointers to something that knows its length whatever the type.
func TestLengthsOfEveryType(t *testing.T) {
	m := map[string][3]any{"a": {}, "b": {}}
	require.Len(t, *(*map[int]int)(unsafe.Pointer(&m)), 2)
	c := make(chan [3]string, 5)
	c <- [3]string{}
	ints := *(*chan int)(unsafe.Pointer(&c))
	require.Equal(t, []int{1, 5}, []int{len(ints), cap(ints)})
}

type (
	onePointer  struct{ p *int }
	blankAndOne struct {
		_ struct{}
		p *int
	}
	oneMap         struct{ m map[int]int }
	oneFunc        struct{ f func() }
	oneUintptr     struct{ n uintptr }
	twoPointers    struct{ p, q *int }
	nestedPointer  struct{ inner [1]struct{ p onePointer } }
	pointerAndZero struct {
		p *int
		_ [0]int
	}
)

// direct lists values that reflect can make and whether interfaces hold them in their data word.
var direct = []struct {
	why   string
	value any
	want  bool
}{
	{"a pointer", new(int), true},
	{"a map is a pointer", map[int]int{}, true},
	{"so is a channel", make(chan int), true},
	{"and a func", func() {}, true},
	{"and unsafe.Pointer", unsafe.Pointer(new(int)), true},
	{"a struct of one pointer", onePointer{new(int)}, true},
	{"with a field without size before it, since Go 1.26", blankAndOne{p: new(int)}, true},
	{"an array of one pointer", [1]*int{new(int)}, true},
	{"wrapped many times", nestedPointer{}, true},
	{"a struct of one map", oneMap{map[int]int{}}, true},
	{"a struct of one func", oneFunc{func() {}}, true},
	{"atomic.Pointer, since Go 1.26", [1]atomic.Pointer[int]{}, true}, // array: no copy for vet
	{"weak.Pointer, since Go 1.26", weak.Make(new(int)), true},
	{"a number of a word's size is boxed", uintptr(1), false},
	{"a struct of one such number", oneUintptr{1}, false},
	{"two words", twoPointers{}, false},
	{"a field without size at the end makes it longer", pointerAndZero{}, false},
	{"a string", "text", false},
	{"no pointer at all", struct{}{}, false},
	{"an empty array of pointers", [0]*int{}, false},
}

func TestIsDirect(t *testing.T) {
	for _, row := range direct {
		t.Run(row.why, func(t *testing.T) {
			typ := reflect.TypeOf(row.value)
			require.Equal(t, row.want, isDirect(typ), "%v", typ)
			if typ.Size() != wordSize {
				return
			}
			// The word itself: that of the value where it is direct, else a pointer to a box.
			at := reflect.New(typ)
			at.Elem().Set(reflect.ValueOf(row.value))
			word := pointerAt(at.UnsafePointer())
			require.Equal(t, row.want, word == dataWord(row.value))
		})
	}
}

// rootOf leads to the value itself, whether it lies in the data word or behind it.
func TestRootOf(t *testing.T) {
	for _, row := range direct {
		typ := reflect.TypeOf(row.value)
		at, boxed := rootOf(row.value, typ)
		require.Equal(t, !isDirect(typ), boxed, row.why)
		got := reflect.NewAt(typ, at).Elem()
		if typ.Kind() == reflect.Func {
			require.Equal(t, reflect.ValueOf(row.value).Pointer(), got.Pointer(), row.why)
		} else if typ.Comparable() {
			require.Equal(t, row.value, got.Interface(), row.why)
		}
	}
}

func TestDynamicType(t *testing.T) {
	var plain any = onePointer{}
	var methods fmt.Stringer = reflect.ValueOf(7)
	require.Equal(t, reflect.TypeFor[onePointer](),
		dynamicType(reflect.TypeFor[any](), unsafe.Pointer(&plain)))
	require.Equal(t, reflect.TypeFor[reflect.Value](),
		dynamicType(reflect.TypeFor[fmt.Stringer](), unsafe.Pointer(&methods)))
}

// On every release that we know the runtime boxes small values in a table.
func TestSmallTable(t *testing.T) {
	require.NotZero(t, smallTable)
	for _, v := range []any{uint64(number), uint8(number), uint16(number), number == 7} {
		kept = v
		require.True(t, isSmall(dataWord(kept)), "%T", v)
	}
	kept = uint64(number) + 256
	require.False(t, isSmall(dataWord(kept)))
}

var (
	number = 7 // not a constant
	kept   any
)
