package main

import "github.com/bitcoin-mem/memsize"

// OutPoint names an output: Core's COutPoint.
type OutPoint struct {
	Hash [32]byte
	N    uint32
}

// Out is a value and the script that guards it: Core's CTxOut.
type Out struct {
	Value  int64
	Script []byte `memusage:"prevector=36"`
}

// Coin is an output that is not spent: Core's Coin.
type Coin struct {
	Out               Out
	HeightAndCoinbase uint32
}

// Entry is a coin in the cache: Core's CCoinsCacheEntry, which is linked to others that changed.
type Entry struct {
	Prev, Next *Entry `memusage:"raw"`
	Flags      uint8
	Coin       Coin
}

// view is Core's CCoinsViewCache. Its map lies in a pool with chunks of 256 KiB, as CCoinsMap does.
type view struct {
	coins   map[OutPoint]Entry `memusage:"pool_unordered_map=262144"`
	scripts uint64             // what the coins own beyond their entries: Core's cachedCoinsUsage
}

// owned is what a coin owns beyond its entry, in bytes: a script of more than 36.
var owned = memsize.New[Coin]()

// add puts a coin into the cache.
func (v *view) add(at OutPoint, c Coin) {
	v.spend(at)
	if v.coins == nil {
		v.coins = map[OutPoint]Entry{}
	}
	v.coins[at] = Entry{Coin: c}
	v.scripts += owned.Of(&c)
}

// spend takes a coin out of the cache.
func (v *view) spend(at OutPoint) {
	if e, ok := v.coins[at]; ok {
		v.scripts -= owned.Of(&e.Coin)
		delete(v.coins, at)
	}
}

// usage is what the cache takes, in bytes: CCoinsViewCache::DynamicMemoryUsage. It is worked out as
// there, from the number of entries and a running sum, and takes as long for a million coins as for
// one.
func (v *view) usage() uint64 { return memsize.Dynamic(*v) + v.scripts }
