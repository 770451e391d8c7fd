package main

// state tells whether a cache is to be flushed: Core's CoinsCacheSizeState.
type state string

const (
	ok       state = "ok"
	large    state = "large"    // flush when it suits
	critical state = "critical" // flush now
)

// limits are what a node may use, in bytes: -dbcache and -maxmempool.
type limits struct{ coins, mempool uint64 }

// blockUsage is what the coins of one block may add: Core's MAX_BLOCK_COINSDB_USAGE_BYTES.
const blockUsage = 10 << 20

// state is that of a cache which takes coins bytes beside a mempool which takes mempool bytes, as
// Chainstate::GetCoinsCacheSizeState has it: coins may use what the mempool leaves, and are
// large with nine tenths of that, or with less than the coins of a block left.
func (l limits) state(coins, mempool uint64) state {
	space := l.coins + l.mempool - min(l.mempool, mempool)
	threshold := max(space/10*9+space%10*9/10, space-min(space, blockUsage))
	switch {
	case coins > space:
		return critical
	case coins > threshold:
		return large
	}
	return ok
}
