package golden_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/bitcoin-mem/memsize"
)

// coins is the Go twin of Core's CCoinsMap and of its plain and old forms, filled by insertion
// with scripts of one length. Entry is the map's value.
func coins[Entry any](n, scriptLen int, entry func(script []byte) Entry) map[COutPoint]Entry {
	// One block for all scripts would do: views that only touch stay containers of their own.
	scripts := make([]byte, n*scriptLen)
	m := make(map[COutPoint]Entry, n)
	for i := range n {
		var out COutPoint
		binary.LittleEndian.PutUint64(out.Hash[:], uint64(i))
		script := scripts[i*scriptLen:][:scriptLen:scriptLen]
		m[out] = entry(script)
	}
	return m
}

// coinsFigures are the three figures of a coins cache: the map alone, all, and the difference.
type coinsFigures struct{ mapBytes, bytes, coinsBytes uint64 }

func measureCoins(m any) coinsFigures {
	mapBytes, bytes := memsize.Dynamic(m), memsize.Of(m)
	return coinsFigures{mapBytes, bytes, bytes - mapBytes}
}

// CCoinsMap of v30.2 lies in a pool; the same entries are priced in a std::allocator map as well.
func TestGoldenCoinsCache(t *testing.T) {
	g := newGolden(t, "core", "memusage64", 8)
	g.run(goldenRows(t, "coins_cache"), func(row goldenRow) string {
		if row.Src == "knots2021" {
			g.coins(row, measureCoins(coins(row.Len, row.ScriptLen, newEntry2021)))
			return ""
		}
		m := coins(row.Len, row.ScriptLen, newEntry)
		g.coins(row, measureCoins(inPool(m, row.Chunk)))
		plain := measureCoins(m)
		g.equal(row.PlainMapBytes, plain.mapBytes, "Dynamic, std::allocator")
		g.equal(row.PlainBytes, plain.bytes, "Of, std::allocator")
		return ""
	}, map[string]int{"coins_cache": 300}, map[string]int{})
}

func (g *golden) coins(row goldenRow, got coinsFigures) {
	g.Helper()
	g.equal(row.MapBytes, got.mapBytes, "Dynamic")
	g.equal(row.CoinsBytes, got.coinsBytes, "scripts")
	g.equal(row.Bytes, got.bytes, "Of")
}

func newEntry(script []byte) CCoinsCacheEntry {
	return CCoinsCacheEntry{Coin: Coin{Out: CTxOut{ScriptPubKey: script}}}
}

func newEntry2021(script []byte) entry2021 {
	return entry2021{Coin: coin2021{Out: out2021{ScriptPubKey: script}}}
}

// inPool is the map under the tag that CCoinsMap has, or its twin with smaller chunks.
func inPool(m map[COutPoint]CCoinsCacheEntry, chunk uint64) any {
	switch chunk {
	case 262144:
		return struct {
			F map[COutPoint]CCoinsCacheEntry `memusage:"pool_unordered_map=262144"`
		}{m}
	case 65536:
		return struct {
			F map[COutPoint]CCoinsCacheEntry `memusage:"pool_unordered_map=65536"`
		}{m}
	}
	panic(fmt.Sprintf("no field with chunks of %d bytes", chunk))
}

// The classes of 2021 (0.21.1): scripts were inline up to 28 bytes, and entries were not linked.
type (
	out2021 struct {
		Value        int64
		ScriptPubKey []byte `memusage:"prevector=28"`
	}
	coin2021 struct {
		Out  out2021
		Code uint32
	}
	entry2021 struct {
		Coin  coin2021
		Flags uint8
	}
)
