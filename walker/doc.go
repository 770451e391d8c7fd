// Package walker walks live Go values and reports the containers that it finds.
//
// # Words
//
// A container is a value that owns memory beyond itself: a pointer, a slice, a string, a map, a
// boxed interface value, a channel, a container/list. Its extent is the range of Go memory that
// it owns. A finding is one container: its length and capacity, at a Node, which is the place in
// the type graph (or on the path) where it was met.
//
// # What is reported
//
// Every container once, whatever leads to it: a pointer to a struct and to its first field, a
// pointer into an array, overlapping sub-slices and substrings, a map that is reached twice,
// cycles. Where extents overlap, the outermost one stands for all; where they only partly
// overlap, their union does. The set of findings does not depend on the order in which
// references are met. With Options.PerReference every occurrence is reported instead.
//
// The walker knows no prices. What it follows is said by a Policy; what it finds goes to a Sink,
// in batches per Node.
//
// # How it walks
//
// Types are compiled to plans: flat lists of operations, one for each word that leads somewhere.
// A walk runs plans over memory with an explicit stack, so that no depth of the data can exhaust
// the goroutine's stack. The visited set is a bitmap with a bit per 8 bytes of the pages touched.
// It settles identical and nested extents at once; the first extent that it cannot settle (one
// that overlaps others in part, or encloses one met before) ends the walk, and a second, slower
// walk logs every extent and sorts them (see overlap.go). Both give the same findings.
//
// # What a walk needs and promises
//
// The value must not change while it is walked: hold the locks that guard it. It is never
// written, none of its methods is called, no lock is taken. A Walker is safe for concurrent use.
package walker
