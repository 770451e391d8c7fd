// Package caches shows caches that evict by bytes: each entry weighs what it really holds on the
// heap, by memsize.Cost, so that a budget of 8 MiB is 8 MiB of pages.
//
// The key of an entry is a string that its value holds as well, so that the cost of the value
// counts it. A key that is not part of the value adds memsize.Heap(key).
package caches

import (
	"math"

	"github.com/dgraph-io/ristretto/v2"
	"github.com/maypok86/otter/v2"

	"github.com/bitcoin-mem/memsize"
)

// Page is an entry of a cache.
type Page struct {
	URL   string
	Body  []byte
	Links []string
	Meta  map[string]string
}

// cost is what a page holds, in bytes: its own block, its texts and its map.
var cost = memsize.Cost[Page]()

// NewOtter is a cache of otter that holds pages of so many bytes.
func NewOtter(budget uint64) (*otter.Cache[string, *Page], error) {
	return otter.New(&otter.Options[string, *Page]{
		MaximumWeight: budget,
		Weigher: func(_ string, p *Page) uint32 {
			return uint32(min(cost(p), math.MaxUint32))
		},
	})
}

// NewRistretto is a cache of ristretto that holds pages of so many bytes.
func NewRistretto(budget int64) (*ristretto.Cache[string, *Page], error) {
	return ristretto.NewCache(&ristretto.Config[string, *Page]{
		NumCounters: 100_000,
		MaxCost:     budget,
		BufferItems: 64,
		Cost: func(p *Page) int64 {
			return int64(min(cost(p), math.MaxInt64))
		},
	})
}
