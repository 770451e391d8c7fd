package memsize_test

import (
	"reflect"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/oracle"
)

// shrink cuts references from a sample on which walk and oracle disagree, one after the other, as
// long as they still disagree. It returns the roots that are left.
func shrink(s sample) []any {
	for i := 0; i < len(s.roots) && len(s.roots) > 1; {
		without := s
		without.roots = slices.Delete(slices.Clone(s.roots), i, i+1)
		if len(disagreements(without)) > 0 {
			s.roots = without.roots
		} else {
			i++
		}
	}
	const attempts = 3000
	for tries := 0; ; {
		cut := false
		for _, slot := range oracle.NewGraph(s.roots, s.model, s.opts).Slots() {
			if tries++; tries > attempts {
				return s.roots
			}
			before := reflect.New(slot.Type()).Elem()
			before.Set(slot)
			slot.SetZero()
			if len(disagreements(s)) > 0 {
				cut = true
			} else {
				slot.Set(before)
			}
		}
		if !cut {
			return s.roots
		}
	}
}
