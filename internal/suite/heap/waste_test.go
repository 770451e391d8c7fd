package heap_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/truth"
)

// wasteful has a part for each kind of waste, of a type that depends on whether that was mended.
type wasteful struct {
	Names, Pages  any
	Part, Buffer  any
	Numbers, Maps any
	Few, Records  any
}

type names struct{ list []string }
type pages struct{ list [][]byte }
type part struct{ s string }
type buffer struct{ b []uint64 }
type numbers struct{ list []any }
type plainNumbers struct{ list []complex128 }
type mapsHolder struct {
	empty []map[int]int
	one   [](map[string]*int)
}
type entry struct {
	key   string
	value *int
}
type noMaps struct {
	empty []map[int]int
	one   []*entry
}
type many struct {
	name [4]uint64
	tags []*int
}
type single struct {
	name [4]uint64
	tag  *int
}
type loose struct {
	a bool
	b uint64
	c bool
	d uint64
	e bool
}
type tight struct {
	b, d    uint64
	a, c, e bool
}

// buildWasteful makes a value of which some kinds of waste were mended.
func buildWasteful(mended map[string]bool) any {
	w := new(wasteful)
	w.Names, w.Pages = buildNames(mended["equal strings"]), buildPages(mended["equal bytes"])
	long := strings.Repeat("a long text ", 400)
	w.Part = &part{long[100:200]}
	if mended["pinned by a part"] {
		w.Part = &part{strings.Clone(long[100:200])}
	}
	full := make([]uint64, 100, 1000)
	w.Buffer = &buffer{full}
	if mended["spare capacity"] {
		w.Buffer = &buffer{slices.Clone(full)}
	}
	w.Numbers = buildNumbers(mended["boxed values"])
	w.Maps = buildMaps(mended["map of at most one"])
	w.Few = buildFew(mended["slices of at most one"])
	w.Records = buildRecords(mended["order of fields"])
	return w
}

func buildNames(mended bool) any {
	n, kept := &names{make([]string, 50)}, map[string]string{}
	for i := range n.list {
		s := fmt.Sprint("a name of some length, number ", i%7)
		if mended {
			if kept[s] == "" {
				kept[s] = s
			}
			s = kept[s]
		}
		n.list[i] = s
	}
	return n
}

func buildPages(mended bool) any {
	p := &pages{make([][]byte, 10)}
	for i := range p.list {
		p.list[i] = bytes.Repeat([]byte{byte(i % 2)}, 1024)
		if mended && i > 1 {
			p.list[i] = p.list[i%2]
		}
	}
	return p
}

func buildNumbers(mended bool) any {
	boxed, plain := &numbers{make([]any, 100)}, &plainNumbers{make([]complex128, 100)}
	for i := range boxed.list {
		if plain.list[i] = complex(float64(i)+1e6, 5); !mended {
			boxed.list[i] = plain.list[i]
		}
	}
	if mended {
		return plain
	}
	return boxed
}

func buildMaps(mended bool) any {
	m, without := &mapsHolder{make([]map[int]int, 4), make([]map[string]*int, 4)}, &noMaps{make([]map[int]int, 4), make([]*entry, 4)}
	for i := range m.empty {
		m.empty[i] = map[int]int{}
		for k := range 1000 * i {
			m.empty[i][k] = k
		}
		for k := range 1000 * i {
			delete(m.empty[i], k)
		}
		key := fmt.Sprint("the key of a map ", i)
		m.one[i] = map[string]*int{key: new(int)}
		without.one[i] = &entry{key, m.one[i][key]}
	}
	if mended {
		return without
	}
	return m
}

func buildFew(mended bool) any {
	if mended {
		list := make([]*single, 30)
		for i := range list {
			list[i] = &single{tag: new(int)}
		}
		return &list
	}
	list := make([]*many, 30)
	for i := range list {
		list[i] = &many{tags: []*int{new(int)}}
	}
	return &list
}

func buildRecords(mended bool) any {
	if mended {
		list := make([]*tight, 60)
		for i := range list {
			list[i] = &tight{b: uint64(i)}
		}
		return &list
	}
	list := make([]*loose, 60)
	for i := range list {
		list[i] = &loose{b: uint64(i)}
	}
	return &list
}

// TestWasteIsSaved mends one kind of waste after another, in the order of the report, and measures the
// value each time: it takes just so many bytes less as the report says.
func TestWasteIsSaved(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	defer truth.Quiet()()
	mended := map[string]bool{}
	measure := func() uint64 {
		bytes, err := truth.Case{Build: func() any { return buildWasteful(mended) }}.Measure()
		require.NoError(t, err)
		return bytes
	}
	claimed := map[string]uint64{}
	var kinds []string
	for _, s := range memsize.Scan(buildWasteful(nil), memsize.OnHeap(), memsize.WithWaste()).Waste {
		t.Logf("%-22s %8d  %4d × %s %s: %s", s.Kind, s.Bytes, s.Count, s.Path, s.Type, s.Advice)
		if claimed[s.Kind] == 0 {
			kinds = append(kinds, s.Kind)
		}
		claimed[s.Kind] += s.Bytes
	}
	want := 8
	if strconv.IntSize == 32 {
		want-- // the struct with a pointer in place of its slice of one has the same size class
	}
	require.Len(t, kinds, want)
	before := measure()
	for _, kind := range kinds {
		mended[kind] = true
		after := measure()
		require.Equal(t, int64(claimed[kind]), int64(before)-int64(after), kind)
		before = after
	}
	require.Empty(t, memsize.Scan(buildWasteful(mended), memsize.OnHeap(), memsize.WithWaste()).Waste,
		"nothing is left")
}

// What looks like waste and is none.
func TestNoWaste(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	array := make([]byte, 4096)
	shared := fmt.Sprint("one text that two hold, number ", len(array))
	for _, c := range []struct {
		why   string
		value any
	}{
		{"two slices of one array", &[2][]byte{array[:100], array[100:200]}},
		{"one string that two hold", &[2]string{shared, shared}},
		{"room that the size class gives in any case", &[1][]byte{make([]byte, 30, 32)}},
		{"a map of two", &[1]map[int]int{{1: 1, 2: 2}}},
		{"fields in a poor order that fit the same class", &struct {
			a bool
			b [5]uint64
			c bool
		}{}},
	} {
		require.Empty(t, memsize.Scan(c.value, memsize.OnHeap(), memsize.WithWaste()).Waste, c.why)
	}
}
