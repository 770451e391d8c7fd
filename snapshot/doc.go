// Package snapshot reads a gob stream into a census: what is in it, place by place, in memory
// that does not grow with the stream, without the Go types and without decoding a value.
//
// # Definitions
//
// A place is where values occur in the tree of a value: a root (one per type of the values at
// the top of the stream), a struct field (.Field), the elements of a slice, an array or a map
// ([]), the keys of a map ([key]), the dynamic type of an interface (.(T)) and what a pointer
// points to. A [Site] is a place with all that was counted there. A type that is already on the
// path to a place folds back to its ancestor: the trees of a forest of linked lists are finite,
// and what lies below a fold is counted at the ancestor ([Site].Fold).
//
// A container is a value that owns memory beyond itself: string, slice, map, pointer, interface.
// Each site of a container has a histogram of the lengths that were seen, nil and absent values
// apart, and the biggest entries by their bytes on the wire.
//
// A gob keeps kinds, field names and lengths; it loses pointers, the widths of numbers,
// capacities and sharing. What the wire proves of pointers is recovered (a struct or array field
// that is ever absent is a nil pointer; names such as "map[string]*main.Node" say so; a struct
// that contains itself must do so through a pointer). What it does not prove is assumed, and
// every assumption is named in [Census].Assumptions.
//
// # What is exact
//
// Counts, lengths and wire bytes are exact. A site keeps up to 4096 distinct lengths exactly;
// beyond that, lengths of 256 and more are grouped in 16 steps per power of two, and a group
// reports its exact count and its exact sum, so that the total stays exact ([Site].ExactLengths
// is false then). Duplicate keys of a map, which no encoder writes, are counted each.
//
// The order of values is kept as a sample ([Census.Order]), for what a Go allocator takes depends
// on it: all of a stream of up to about 65,000 values and 1 MiB, evenly spread windows of a longer
// one. Of merged censuses the sample is made of theirs, and need not be that of one scan.
//
// # Saving and merging
//
// [Census.Save] writes a census as JSON, a few KB to a few MB whatever the stream's size, and
// [Scan] reads it wherever it reads a stream. [Merge] makes the census of several streams that
// were scanned apart, on many machines if need be: it equals that of one scan of all of them.
//
// # How the code is laid out
//
// Three steps, to be read in this order. Bytes become places: scan.go, value.go and place.go, with plans
// for types from wire.go and link.go. Places become types and what is unknown of them: typing.go, with
// evidence.go (values), hint.go (names), pointers.go (circles) and doubt.go. Types and counts become the
// census: sites.go; save.go, load.go and merge.go keep it, and retype.go puts given Go types in the
// place of inferred ones. A saved census goes through the first step again, without bytes (replay.go), so
// that merged censuses are judged by all that was seen.
//
// # Robustness
//
// Nothing is allocated because the stream says so: one budget ([MaxMemory]) covers the types, the
// sites and the stack of open values. Broken input gives the census so far, marked Incomplete,
// and an [*Error] that says what is wrong, at which byte and message. Names and keys from the
// stream are escaped before anything else sees them.
package snapshot
