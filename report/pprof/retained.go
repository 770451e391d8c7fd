package pprof

import (
	"math"

	"github.com/google/pprof/profile"

	"github.com/bitcoin-mem/memsize/report"
)

// addDominators adds a sample type, retained, whose stacks are the tree of dominators: what a frame has in
// all is what would be freed without it.
func (b *builder) addDominators(list []report.Dominator) {
	if len(list) == 0 {
		return
	}
	types := len(b.profile.SampleType)
	b.profile.SampleType = append(b.profile.SampleType, &profile.ValueType{Type: "retained", Unit: "bytes"})
	for _, s := range b.profile.Sample {
		s.Value = append(s.Value, 0)
	}
	stacks := make([][]*profile.Location, len(list))
	for i, d := range list {
		var above []*profile.Location
		if d.Parent >= 0 {
			above = stacks[d.Parent]
		}
		at := b.location(&report.Node{Step: d.Path, Path: d.Path})
		stacks[i] = append([]*profile.Location{at}, above...)
		values := make([]int64, types+1)
		values[types] = int64(min(d.Own, math.MaxInt64))
		b.profile.Sample = append(b.profile.Sample, &profile.Sample{Location: stacks[i], Value: values})
	}
}
