// Command coins shows a cache of unspent outputs that is flushed where Bitcoin Core flushes its
// own: by the bytes that it takes as memusage.h counts them, against -dbcache and the room that the
// mempool leaves. It makes up blocks, and prints where the cache was flushed and why.
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"

	"github.com/bitcoin-mem/memsize/report"
)

func main() {
	dbcache := flag.Uint64("dbcache", 32, "for coins, in MiB")
	maxmempool := flag.Uint64("maxmempool", 5, "for transactions, in MiB; the coins may use what is free")
	blocks := flag.Int("blocks", 120, "how many blocks to connect")
	flag.Parse()
	c := &chain{limits: limits{*dbcache << 20, *maxmempool << 20}, random: rand.New(rand.NewPCG(1, 2))}
	for range *blocks {
		c.connect()
		if s := c.limits.state(c.tip.usage(), c.mempool); s == critical || s == large && c.height%10 == 0 {
			fmt.Printf("block %3d: %s coins take %s: %s, flushed\n", c.height,
				report.Count(uint64(len(c.tip.coins))), report.Bytes(c.tip.usage()), s)
			c.tip = view{} // written to disk, in a program that has one
		}
	}
	fmt.Printf("block %3d: %s coins take %s: %s\n", c.height, report.Count(uint64(len(c.tip.coins))),
		report.Bytes(c.tip.usage()), c.limits.state(c.tip.usage(), c.mempool))
}

// chain is a chain of made-up blocks, and the cache of its coins.
type chain struct {
	tip     view
	limits  limits
	mempool uint64 // what transactions take, in bytes
	height  uint32
	made    uint64 // outputs
	random  *rand.Rand
}

// connect adds the outputs of a block to the cache, and spends a third as many.
func (c *chain) connect() {
	c.height++
	for range 5000 {
		c.made++
		coin := Coin{HeightAndCoinbase: 2 * c.height}
		coin.Out.Script = make([]byte, []int{22, 25, 34, 67, 200}[c.random.IntN(5)])
		c.tip.add(outPoint(c.made), coin)
		if c.made%3 == 0 {
			c.tip.spend(outPoint(1 + c.random.Uint64N(c.made)))
		}
	}
}

// outPoint is the name of a made-up output.
func outPoint(n uint64) (at OutPoint) {
	binary.LittleEndian.PutUint64(at.Hash[:], n)
	return at
}
