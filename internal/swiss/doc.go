// Package swiss reads Go maps where they lie: their entries without copies, and every block that
// they own.
//
// # Words
//
// Since Go 1.24 a map is a Swiss table (internal/runtime/maps). A slot holds a key and an element;
// a group is 8 slots and a control word, of which a byte tells for each slot whether it is empty,
// deleted, or full. A map with room for 8 entries is a header and a group. A larger one is a
// header, a directory, tables of which each may be several times in the directory, and an array of
// groups for each table. Keys and elements larger than 128 bytes are indirect: each lies in an
// allocation of its own and the slot points to it.
//
// Maps never shrink: deleted and cleared entries keep their slots, and what such slots held
// indirectly is let go.
//
// # What is believed
//
// The layout of a map type's groups is in its type, and is believed if reflect agrees with it, in
// either of the two forms known: keys beside elements (Go 1.24 and later), or all keys before all
// elements (GOEXPERIMENT=mapsplitgroup of Go 1.27). The layout of headers and tables is checked
// once, on maps of known content, against range and against the blocks that the allocator gave.
// Where anything disagrees, and with the build tag memsize_portable, [Layout] says so, and callers
// fall back to reflect.
//
// A map must not be written while it is read. What the runtime marks as being written is refused
// with [ErrWriting], before and after.
package swiss
