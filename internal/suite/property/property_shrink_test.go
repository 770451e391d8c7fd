package property_test

import (
	"reflect"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/oracle"
)

// shrink cuts references from a sample on which walk and oracle disagree, one after the other, as
// long as they still disagree in the same way. It returns the roots that are left.
func shrink(s sample, found []string) []any {
	subject := subjectOf(found[0])
	disagree := func(s sample) bool {
		return slices.ContainsFunc(disagreements(s), func(line string) bool {
			return subjectOf(line) == subject
		})
	}
	for i := 0; i < len(s.roots) && len(s.roots) > 1; {
		without := s
		without.roots = slices.Delete(slices.Clone(s.roots), i, i+1)
		if disagree(without) {
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
			if disagree(s) {
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

// subjectOf is what a line of disagreements is about, without figures.
func subjectOf(line string) string {
	subject, _, _ := strings.Cut(line, ": ")
	if strings.HasPrefix(subject, "root ") {
		return "root"
	}
	return subject
}
