// Package memsize answers one question exactly: how many bytes does this value hold?
//
// Of speaks C++, Heap speaks Go. Of gives the figure that Bitcoin Core's memusage.h would give
// for the C++ twin of a Go value: RecursiveDynamicUsage, with a vector for a slice, an
// unordered_map for a map, a unique_ptr for a pointer. Heap gives what the value takes in this
// process. Neither needs code for any type: values are walked by reflection.
//
// # What is counted
//
// Of(x) counts what x owns beyond itself: a scalar is 0, a struct the sum of its fields, nil 0.
// Of(&x) adds x's own block. Memory is counted once, whatever leads to it; PerReference counts it
// for each reference, as values in C++ would be. Fields are counted whether exported or not; a
// struct tag (`memusage:"prevector=36"`, `memusage:"-"`) or an override (rules.ForField) changes
// how one place is priced. Package rules lists models, rules and tags.
//
// # How it works
//
// Package walker walks a value and says which containers it finds; package rules says what each
// costs, with package malloc for what an allocator rounds away; package report adds that up and
// shows it. This package puts them together. Package snapshot does for gob streams what walker does
// for values.
//
// # What a walk needs
//
// Nothing may write the value while it is walked, as for any reader: hold the locks that guard
// it. memsize never writes it, calls none of its methods and takes no lock. All functions are
// safe for concurrent use.
//
// # Errors
//
// A value that is found to be written while it is walked makes Of, Heap, Dynamic and a Sizer panic,
// for a figure would be wrong; Scan returns what was seen, marked Truncated.
//
// A tag or an override that does not parse or fit its type is a programmer's error: Of, Heap,
// Dynamic, Scan, ScanRoots and New panic with a *rules.TagError, as regexp.MustCompile does.
// ScanContext, Dump and Incremental return it; rules.Check finds it in a test. No data that
// holds still panics.
package memsize
