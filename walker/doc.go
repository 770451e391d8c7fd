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
// Memory may be held as values of all types that Go lets it be held as. Where only unsafe lets it
// (bytes over a struct, a slice over one field), what was met first may decide how it is charged.
//
// # How it walks
//
// Types are compiled to plans: flat lists of operations, one for each word that leads somewhere.
// A walk runs plans over memory with an explicit stack, so that no depth of the data can exhaust
// the goroutine's stack. Frames are taken off it in batches, whose memory is asked for beforehand.
//
// What was visited is known in one of two ways, each by a page's entry and a bit or two:
//
//	Options.Blocks  the blocks of the heap (blockmarks.go): a container takes its whole block
//	else            extents, to the byte (blockextents.go, extents.go): where blocks can be asked
//	                for, an extent that takes nearly all of its block is a bit of that, too
//
// Extents are settled at once if they are the same or nested; the first that is not (it overlaps
// others in part, or encloses one met before) ends the walk, and a second, slower walk logs every
// extent and sorts them (overlap.go). Both give the same findings. Values that own little need
// none of this: see Brief.
//
// Each of these ways can be switched off (Options), and tests hold all of them to the same figures.
//
// # What a walk needs and promises
//
// The value must not change while it is walked: hold the locks that guard it. It is never
// written, none of its methods is called, no lock is taken. A Walker is safe for concurrent use.
package walker
