// Package variant switches the optimisations of a walk off, so that tests can hold each figure to the
// plain way of finding it. No variant changes a figure.
//
// There are two ways to choose a variant: a test sets the fields for one call, and a program is
// linked to take all optimisations off:
//
//	go test -ldflags="-X github.com/bitcoin-mem/memsize/internal/variant.linked=plain"
package variant

// Variant is how a walk differs from the fastest one. The zero value is the fastest.
type Variant struct {
	Sorted       bool   // all memory is in dispute: every extent is logged and sorted
	NoRawMaps    bool   // read maps by reflect2, not where they lie
	NoPrefetch   bool   // walk frame by frame
	NoBlockMarks bool   // as-if models do not ask for blocks
	NoBrief      bool   // a session walks the smallest value
	CrewPays     uint64 // how many containers one worker finds before others pay; 0: as many as do
}

var linked string

// Plain tells that the program was linked with every optimisation off.
func Plain() bool { return linked == "plain" }

// Linked is v, with every optimisation off that the program was linked without.
func (v Variant) Linked() Variant {
	if !Plain() {
		return v
	}
	return Variant{Sorted: v.Sorted, NoRawMaps: true, NoPrefetch: true, NoBlockMarks: true, NoBrief: true}
}
