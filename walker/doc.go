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
//
// A walk goes page by page, as the collector of Go 1.26 does (spans.go). A block that is met sets a
// bit on its page and notes there as what it was met; the page joins a queue. When the page leaves
// the queue, all blocks that were met since are walked: first their memory is asked for, then it is
// looked at, so that the walk waits for few lines of memory. What is not a whole block (roots, parts
// of blocks, long slices) is a frame on an explicit stack. Neither grows with the depth of the data.
//
// What was visited is known in one of two ways:
//
//	Options.Blocks  the blocks of the heap (heap.go): a container takes its whole block
//	else            extents, to the byte: where blocks can be asked for, an extent that takes nearly
//	                all of its block is a bit on its page (blockextents.go), others are bitmaps
//	                (extents.go); the portable build has bitmaps alone
//
// Extents are settled at once if they are the same or nested. The others put the block, or what they
// touch, in dispute (disputes.go). The walk goes on, and begins anew when it knows all disputes:
// then what lies in them is logged and sorted (overlap.go), everything else is settled as before. For
// example two slices that share half an array cost a second walk and the sorting of two extents. What is
// met again is none of these: who owns it is known from the block (owners.go), also where the allocator put
// several small values into one.
// Values that own little need none of this: see Brief.
//
// The marks take a few percent of what is walked: TestWalkMemory holds its graphs to 4 percent under
// Options.Blocks. Extents of many small parts take more.
//
// Each of these ways can be switched off (Options), and tests hold all of them to the same figures.
//
// # What a walk needs and promises
//
// The value must not change while it is walked: hold the locks that guard it. It is never
// written, none of its methods is called, no lock is taken. A Walker is safe for concurrent use.
package walker
