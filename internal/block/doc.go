// Package block knows the blocks of the Go heap: what the allocator gave for a pointer, and what
// the garbage collector sees in it.
//
// # Words
//
// A block is one allocation on the Go heap: a base address and the bytes that the allocator gave,
// which are no fewer than were asked for. A span is a run of 8 KiB pages that holds blocks of one
// size. A pointer word is a word of a block that the garbage collector follows.
//
// Memory that is not on the heap has no block: global variables, literals, the one address that
// all values without size share, goroutine stacks, memory of C. See [Where].
//
// # What is exact
//
// The runtime tells the block behind a pointer through runtime.findObject, a function that it
// promises to keep for those who link to it (go.dev/issue/67401). All else, such as where a span
// notes the size of its blocks, is learned from the running program at first use: by allocating
// blocks of known sizes and known pointer layout and looking where these show. [Exact] and
// [PointersExact] tell whether that gave one answer without contradiction. If not, and in programs
// built with the tag memsize_portable, which links to nothing in the runtime, no block is found
// and callers price requests with [Round] instead.
//
// # What callers must promise
//
// Only a pointer that was just loaded from live, typed memory may be looked up. The runtime ends
// the program, beyond any recover, when it is asked for an address in a span that it has freed:
// no uintptr and no stale or made-up pointer may get here. What is looked up must stay alive while
// its Block or its Page is in use.
//
// All functions may be used concurrently; a [Words] belongs to one goroutine.
package block
