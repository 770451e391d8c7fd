package pprof_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report/pprof"
	"github.com/bitcoin-mem/memsize/walker"
)

// The retained samples sum to the total, and those below a place to what it retains.
func TestRetainedSamples(t *testing.T) {
	if !walker.BlocksExact() || strconv.IntSize == 32 {
		t.Skip("this build cannot ask the runtime for blocks, or these have other sizes than the figures here")
	}
	type list struct {
		next *list
		data []byte
	}
	v := &struct{ A, B *list }{A: &list{data: make([]byte, 100)}}
	v.A.next = &list{data: make([]byte, 200)}
	v.B = v.A.next
	r := memsize.Scan(v, memsize.OnHeap(), memsize.WithRetained())
	p := pprof.Profile(r)
	require.NoError(t, p.CheckValid())
	require.Equal(t, "retained", p.SampleType[1].Type)
	var sum, below int64
	for _, s := range p.Sample {
		sum += s.Value[1]
		for _, l := range s.Location {
			if l.Line[0].Function.Filename == "root.A" && s.Value[1] > 0 {
				below += s.Value[1]
				break
			}
		}
	}
	require.Equal(t, int64(r.Total), sum)
	require.Equal(t, int64(32+112), below, "the second of the list is held by B too")
}
