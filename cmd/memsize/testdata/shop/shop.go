// Package shop is what a program that writes snapshots may have: embedded and generic types, fields
// that gob does not send, tags that say what the C++ twin is.
package shop

import (
	"math/big"
	"time"
)

// ID is an array with a name.
type ID [8]byte

// Base is embedded.
type Base struct {
	Created time.Time
	seq     uint32
}

// Pair is generic.
type Pair[K comparable, V any] struct {
	Key K
	Val V
}

// Index is generic, and holds instances of another generic type.
type Index[T any] struct {
	Items map[string]*Pair[ID, T]
	Order []Pair[int32, T]
	dirty bool
}

// Item has a bit of everything.
type Item struct {
	Base
	Name   string
	Script []byte
	Price  float32
	Count  *uint16
	Big    *big.Int
	Next   *Item
	Extra  any
	cache  map[string]int
}

// Snapshot has no tags.
type Snapshot struct {
	ByID Index[Item]
	Tags map[string][]string
	Any  []any
	done chan int
}

// TaggedItem is an Item whose script has up to 28 bytes inside.
type TaggedItem struct {
	Base
	Name   string
	Script []byte `memusage:"prevector=28"`
	Price  float32
	Count  *uint16 `memusage:"shared_ptr"`
	Big    *big.Int
	Next   *TaggedItem
	Extra  any
	cache  map[string]int `memusage:"-"`
}

// Tagged is a Snapshot with tags.
type Tagged struct {
	ByID Index[TaggedItem]
	Tags map[string][]string `memusage:"map<_, list>"`
	Any  []any
	done chan int
}

// Meta is held by interfaces.
type Meta struct {
	Owner string
	N     int16
}
