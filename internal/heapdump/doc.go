// Package heapdump reads what runtime/debug.WriteHeapDump writes, and tells how many bytes of heap can
// be reached from an address. It is an oracle for memsize.Heap: it shares neither code nor ideas with
// the walk that it judges.
//
// # Definitions
//
// A dump lists each block of the heap that is not free, with the offsets of its pointers: the runtime
// writes them from the collector's own pointer maps, whatever types the program uses. From an address
// those blocks are reached that contain it, or to which a reached block points, into whatever part of
// them. Each counts whole, as the allocator gave it, in bytes. Static memory and stacks are no blocks,
// and are not followed.
//
// # Where it is cut
//
// What belongs to the scheduler is not reached: the scheduler keeps it, whatever the value does. The dump
// lists goroutines (g) and threads (m) by address. Two kinds it does not list, and they are recognised by
// what they look like: a sudog, which stands for a goroutine in a queue of waiters, points with its first
// word to the beginning of a g; the processors (p), which hold the heaps of timers, stand in an array in
// the order of their numbers, and each begins with its number and points into itself.
//
// # Limits
//
// The format is that of Go 1.7 and later. A dump stops the world while it is written.
package heapdump
