package rules

import (
	"fmt"
	"strconv"
)

// form is one built-in formula's name: what it means is up to the model's library.
type form uint8

const (
	formDefault form = iota // "_": what the model does without a rule
	formSkip
	formVector
	formPrevector
	formString
	formSet
	formMap
	formIndirectMap
	formUnorderedSet
	formUnorderedMap
	formPoolUnorderedMap
	formList
	formUniquePtr
	formSharedPtr
	formRawPtr
	formOption
	formAmo
	formCount
)

// formFacts is what the rule language knows of a form.
type formFacts struct {
	name   string
	arg    string // what the number after "=" is; empty where there is none
	params int    // how many types lie below it
}

var forms = [formCount]formFacts{
	formDefault:          {name: "_"},
	formSkip:             {name: "-"},
	formVector:           {name: "vector", params: 1},
	formPrevector:        {name: "prevector", arg: "inline elements", params: 1},
	formString:           {name: "string"},
	formSet:              {name: "set", params: 1},
	formMap:              {name: "map", params: 2},
	formIndirectMap:      {name: "indirectmap", params: 2},
	formUnorderedSet:     {name: "unordered_set", params: 1},
	formUnorderedMap:     {name: "unordered_map", params: 2},
	formPoolUnorderedMap: {name: "pool_unordered_map", arg: "bytes of a chunk", params: 2},
	formList:             {name: "list", params: 1},
	formUniquePtr:        {name: "unique_ptr", params: 1},
	formSharedPtr:        {name: "shared_ptr", params: 1},
	formRawPtr:           {name: "raw", params: 1},
	formOption:           {name: "option", params: 1},
	formAmo:              {name: "amo", params: 1},
}

// builtin is a rule of the rule language. It is a name: the model that asks resolves it (under
// crate, shared_ptr is an Arc). Equal expressions are the same *builtin.
type builtin struct {
	form form
	arg  uint64
	expr *Expr // the whole expression, with what it says of the types below
}

// String is the rule's expression in normal form.
func (r *builtin) String() string { return r.expr.String() }

// Inline is the header's size in the world of c; C++ LP64 where c belongs to no model.
func (r *builtin) Inline(c Container) Shape {
	return c.home().containers.inline(r, c).Shape
}

// Usage is the library's formula; under Core's where c belongs to no model.
func (r *builtin) Usage(c Container) Parts { return c.home().containers.usage(r, c) }

// Increment is the library's cost of one more element, the growth of tables excluded.
func (r *builtin) Increment(c Container) (uint64, bool) {
	return c.home().containers.increment(r, c)
}

// home is the world that the container is asked about in.
func (c Container) home() *world {
	if c.place == nil {
		return coreWorld
	}
	return c.place.world
}

// The constructors return what Parse returns for the same expression.

// Vector is std::vector, and Rust's Vec: one block of the capacity. Fits slices; a slice of
// bool is a std::vector<bool>, which Core charges a byte for each bit.
func Vector() Rule { return named(formVector, 0) }

// Prevector is Core's prevector<N>, and the crate's PreVector: inline up to a capacity of N
// elements, one block of the capacity beyond. Fits slices. It panics where inline is not
// positive, as the C++ template does not compile.
func Prevector(inline int) Rule {
	if inline <= 0 {
		panic(fmt.Sprintf("rules: Prevector(%d): the inline capacity must be at least 1", inline))
	}
	return named(formPrevector, uint64(inline))
}

// String is std::string: inline up to 15 bytes of length, one block of the capacity beyond; the
// terminating NUL is not charged, as in Core. Under crate a Rust String. Fits strings and byte
// slices.
func String() Rule { return named(formString, 0) }

// Set is std::set: a tree node for each element. Fits map[K]struct{} and slices.
func Set() Rule { return named(formSet, 0) }

// Map is std::map: a tree node for each pair. Fits maps; a map[K]struct{} is priced as a set.
func Map() Rule { return named(formMap, 0) }

// IndirectMap is Core's indirectmap: a std::map whose keys are pointers to what others own, so
// that keys are not followed. Fits maps.
func IndirectMap() Rule { return named(formIndirectMap, 0) }

// UnorderedSet is std::unordered_set: a node for each element, and the bucket array. Fits
// map[K]struct{} and slices.
func UnorderedSet() Rule { return named(formUnorderedSet, 0) }

// UnorderedMap is std::unordered_map: a node for each pair, and the bucket array that libstdc++
// has after as many insertions. Fits maps; a map[K]struct{} is priced as a set.
func UnorderedMap() Rule { return named(formUnorderedMap, 0) }

// PoolUnorderedMap is std::unordered_map on Core's PoolAllocator with chunks of chunk bytes and
// a biggest block of a pair and four pointers, as CCoinsMap is. A chunk smaller than the biggest
// block counts as that (Core refuses it). Fits maps. It panics where chunk is 0.
func PoolUnorderedMap(chunk uint64) Rule {
	if chunk == 0 {
		panic("rules: PoolUnorderedMap(0): a chunk must have at least 1 byte")
	}
	return named(formPoolUnorderedMap, chunk)
}

// List is std::list: a node for each element. Fits slices and container/list.List.
func List() Rule { return named(formList, 0) }

// UniquePtr is std::unique_ptr, and Rust's Box: the block of the pointee. Fits pointers and
// interfaces.
func UniquePtr() Rule { return named(formUniquePtr, 0) }

// SharedPtr is std::shared_ptr, the pointee's block and the counter's; under crate an Arc, one
// block. Fits pointers and interfaces.
func SharedPtr() Rule { return named(formSharedPtr, 0) }

// RawPtr is a pointer that owns nothing and is not followed. Fits pointers and interfaces.
func RawPtr() Rule { return named(formRawPtr, 0) }

// Skip is the tag "-": under as-if models the field does not exist.
func Skip() Rule { return named(formSkip, 0) }

// named is the canonical rule of a form without parameters.
func named(f form, arg uint64) Rule {
	s := forms[f].name
	if forms[f].arg != "" {
		s += "=" + strconv.FormatUint(arg, 10)
	}
	e, err := ParseExpr(s)
	if err != nil {
		panic(err) // a constructor writes only what the grammar reads
	}
	return e.Rule
}
