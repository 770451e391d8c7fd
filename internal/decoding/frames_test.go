package decoding

import (
	"bytes"
	"encoding/gob"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// mark notes where the stack is when it is decoded. It is on the way to each value inside another.
type mark struct{}

var marks []uintptr

func (*mark) GobEncode() ([]byte, error) { return []byte{1}, nil }

//go:noinline
func (*mark) GobDecode([]byte) error {
	var here byte
	marks = append(marks, uintptr(unsafe.Pointer(&here)))
	return nil
}

type (
	inStruct struct {
		Mark *mark
		Next *inStruct
	}
	inSlice struct {
		Mark *mark
		Next []inSlice
	}
	inArray struct {
		Mark *mark
		Next *[1]inArray
	}
	inMap struct {
		Mark *mark
		Next map[string]inMap
	}
	inInterface struct {
		Mark *mark
		Next any
	}
	leaf struct{ Mark *mark }
)

// levels is how deep the values of TestFrames nest: the stack is moved when it grows, which spoils
// few of so many distances.
const levels = 100

// distance is the bytes of stack from one mark to the next.
func distance(t *testing.T, value, into any) uint64 {
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(value))
	marks = nil
	done := make(chan error)
	go func() { done <- gob.NewDecoder(&b).Decode(into) }()
	require.NoError(t, <-done)
	var all []uint64
	for i := 1; i < len(marks); i++ {
		d := max(marks[i], marks[i-1]) - min(marks[i], marks[i-1]) // lists are read inside out
		all = append(all, uint64(d))
	}
	slices.Sort(all)
	require.Greater(t, len(all), levels/2)
	return all[len(all)/2]
}

// TestFrames: what a level takes is what encoding/gob is seen to take.
func TestFrames(t *testing.T) {
	f := frames64
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings,
		debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("NOT RUN: the race detector's frames are larger")
	}
	switch runtime.GOARCH {
	case "amd64":
	case "386":
		f = frames32
	default:
		t.Skip("NOT RUN: stack frames were measured on amd64 and 386")
	}
	gob.Register(inInterface{})
	gob.Register(leaf{})
	gob.Register([]any{})
	gob.Register(map[string]any{})
	m := &mark{}
	chain, slice, array := &inStruct{m, nil}, inSlice{m, nil}, inArray{m, nil}
	nested, boxed := inMap{m, nil}, inInterface{m, nil}
	anys, maps := []any{}, map[string]any{}
	for range levels {
		chain, slice = &inStruct{m, chain}, inSlice{m, []inSlice{slice}}
		array = inArray{m, &[1]inArray{array}}
		nested, boxed = inMap{m, map[string]inMap{"k": nested}}, inInterface{m, boxed}
		anys = []any{leaf{m}, anys}
		maps = map[string]any{"m": []any{leaf{m}, maps}}
	}
	require.Equal(t, f.structs, distance(t, chain, new(inStruct)), "struct")
	require.Equal(t, f.structs+f.lists, distance(t, slice, new(inSlice)), "slice")
	require.InDelta(t, f.structs+f.lists, distance(t, array, new(inArray)), 50, "array")
	require.Equal(t, f.structs+f.maps, distance(t, nested, new(inMap)), "map")
	require.Equal(t, f.structs+f.boxes, distance(t, boxed, new(inInterface)), "boxed struct")
	require.Equal(t, f.lists+f.boxes+f.single, distance(t, anys, new([]any)), "boxed slice")
	require.Equal(t, f.lists+f.maps+2*(f.boxes+f.single), distance(t, maps, new(map[string]any)),
		"boxed slice and map")
}
