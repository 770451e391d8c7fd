// Package zoo measures what a walk costs on shapes of data that no walk was made for, beside a cycle
// of the garbage collector on the same graph: the common yardstick, for the collector must visit the
// same blocks.
//
// A Shape is a named way to build a value. Each is measured in a process of its own, in which only its
// value is alive, on one processor: Heap, Of and Scan and a collection in turn, by the processor's time
// that each takes. What is shown is the median over all rounds of the ratio of one round.
package zoo

// Shape is a structure to walk.
type Shape struct {
	Name string
	// Kind groups shapes in the summary: "shape", "library" or "random".
	Kind string
	// Build makes the value, which must be the only thing that it leaves alive.
	Build func() any
}

// Shapes are the shapes that need no library: those that programs have, and random types by seed.
func Shapes() []Shape { return append(shapes(), random()...) }
