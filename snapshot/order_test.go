package snapshot

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// valuesOf is the sample of a census, each value as text.
func valuesOf(c *Census) (list []string) {
	for v := range c.Order() {
		list = append(list, fmt.Sprintf("%s %d %.3f %v", v.Site.Path(), v.Len, v.Weight, v.Gap))
	}
	return list
}

// checkOrder holds the sample of a short stream against the counters: it has every value.
func checkOrder(t *testing.T, c *Census) {
	t.Helper()
	if c.order.stride > 0 {
		return
	}
	counts := map[*Site]map[uint64]uint64{}
	for v := range c.Order() {
		require.Equal(t, 1.0, v.Weight)
		require.False(t, v.Gap)
		if counts[v.Site] == nil {
			counts[v.Site] = map[uint64]uint64{}
		}
		counts[v.Site][min(v.Len, maxLength)]++
		if v.Len >= maxLength {
			require.Equal(t, v.Site.averageFrom(maxLength), v.Len)
		}
	}
	for s := range c.Sites() {
		want := map[uint64]uint64{}
		switch kind := s.Type.Kind(); {
		case s.Type.Opaque() != "", kind == reflect.Pointer, kind == reflect.Interface, s.Fold != nil:
			continue
		case kind == reflect.String, kind == reflect.Slice, kind == reflect.Map:
			for _, l := range s.Lengths {
				want[min(l.Len, maxLength)] += l.Count
			}
		case kind == reflect.Array:
			want[min(uint64(s.Type.Len()), maxLength)] = s.Count
		case isRunElement(s):
		default:
			want[0] = s.Count - s.Absent
		}
		for n, count := range want {
			require.Equal(t, count, counts[s][n], "%d values of length %d at %q", count, n, s.Path())
		}
	}
}

// isRunElement tells whether a site is of numbers in a slice or array, which are not noted.
func isRunElement(s *Site) bool {
	for p := s.Parent; p != nil; p = p.Parent {
		if k := p.Type.Kind(); k != reflect.Pointer {
			return s.Role == Elem && (k == reflect.Slice || k == reflect.Array) && isFlat(s.Type.Kind())
		}
		s = p
	}
	return false
}

// TestOrder: values come in the order in which they are sent, each with its length, or the average
// of the long ones at its place.
func TestOrder(t *testing.T) {
	type row struct {
		A string
		B []byte
		C map[string]int8
		D []int16
	}
	c := scanBytes(t, encode(t, []row{{"one", []byte("22"), map[string]int8{"k": 1}, []int16{1, 2, 3}},
		{A: strings.Repeat("x", 30)}, {A: strings.Repeat("x", 40)}, {A: strings.Repeat("x", 51)}}))
	var got []string
	for v := range c.Order() {
		got = append(got, fmt.Sprint(v.Site.Path(), " ", v.Len))
	}
	require.Equal(t, []string{" 4", "[] 0", "[].A 3", "[].B 2", "[].C 1", "[].C[key] 1", "[].C[] 0",
		"[].D 3", "[] 0", "[].A 30", "[] 0", "[].A 46", "[] 0", "[].A 46"}, got)
}

// TestOrderOfLongStreams: of a long stream the sample has windows all over, which stand for all of
// it; it is what it is whatever the reader, and saving keeps it.
func TestOrderOfLongStreams(t *testing.T) {
	var list []string
	for i := range 400_000 {
		list = append(list, fmt.Sprint(i%977))
	}
	c := scanBytes(t, encode(t, list))
	values := slices.Collect(c.Order())
	require.Greater(t, len(values), maxNotes/4)
	require.LessOrEqual(t, len(values), maxNotes)
	var stands float64
	gaps, lengths := 0, map[uint64]float64{}
	for _, v := range values {
		stands += v.Weight
		lengths[v.Len] += v.Weight
		if v.Gap {
			gaps++
		}
	}
	require.InEpsilon(t, 400_000, stands, 0.01)
	require.Greater(t, gaps, maxWindows/4)
	require.InEpsilon(t, 877.0/977*400_000, lengths[3], 0.03, "texts of 3 bytes")
	again := reload(t, c)
	require.Equal(t, valuesOf(c), valuesOf(again))
	merged, err := Merge(c, again)
	require.NoError(t, err)
	stands = 0
	for v := range merged.Order() {
		stands += v.Weight
	}
	require.InEpsilon(t, 800_000, stands, 0.02)
	require.LessOrEqual(t, len(merged.order.notes), maxNotes)
}

// TestOrderAtItsLimit: around as many values as a sample keeps, saving and merging keep all that the scan kept.
func TestOrderAtItsLimit(t *testing.T) {
	const window = maxNotes / maxWindows
	for _, length := range []int{1, 40} {
		for n := maxNotes - 2*window; n <= maxNotes+window; n += window / 4 {
			c := scanBytes(t, encode(t, slices.Repeat([]string{strings.Repeat("x", length)}, n-1)))
			reload(t, c)
			again, err := Merge(c)
			require.NoError(t, err)
			require.Equal(t, valuesOf(c), valuesOf(again), "%d values of %d bytes", n, length)
		}
	}
}
