package golden_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// twinRow is what reference/twins.cpp printed of one structure: g++'s sizeof, libstdc++'s buckets and
// capacities, and memusage.h's formulas over these.
type twinRow struct {
	Structure                                             string
	N, Script, Capacity                                   int
	Entry, Index, Own, Bytes                              uint64
	Entries, Next, Deltas, Randomized, Inner, Links, Node uint64
}

// TestTwins holds the worked twins of docs/bitcoin.md to what C++ says of the same structures, in all and
// part by part, and the page to both.
func TestTwins(t *testing.T) {
	text, err := os.ReadFile("testdata/bitcoin/twins.jsonl")
	require.NoError(t, err)
	page, err := os.ReadFile("docs/bitcoin.md")
	require.NoError(t, err)
	rows := 0
	for line := range bytes.Lines(text) {
		var row twinRow
		require.NoError(t, json.Unmarshal(line, &row))
		switch row.Structure {
		case "ccoinsmap":
			got := measureCoins(inPool(coins(row.N, row.Script, newEntry), 262144))
			require.Equal(t, row.Own, got.mapBytes)
			require.Equal(t, row.Bytes, got.bytes)
		case "mempool":
			requireMempool(t, row)
			if row.N == 1000 {
				for _, part := range []uint64{row.Entries, row.Next, row.Deltas, row.Randomized, row.Inner, row.Links} {
					require.Contains(t, string(page), thousands(part))
				}
			}
		case "blockindex":
			requireSizeof[CBlockIndex](t, row.Index)
			require.Equal(t, row.Bytes, memsize.Of(blockMap(row.N)))
		default:
			t.Fatalf("no twin of %s", row.Structure)
		}
		cell := fmt.Sprintf("| %s |", thousands(row.Bytes))
		require.Contains(t, string(page), cell, "%s of %d", row.Structure, row.N)
		rows++
	}
	require.Equal(t, 8, rows)
}

func requireSizeof[T any](t *testing.T, want uint64) {
	t.Helper()
	size, _ := rules.Core().Sizeof(reflect.TypeFor[T]())
	require.Equal(t, want, size)
}

func requireMempool(t *testing.T, row twinRow) {
	t.Helper()
	requireSizeof[CTxMemPoolEntry](t, row.Entry)
	pool := mempoolOf(row.N, row.Capacity)
	require.Equal(t, row.Bytes, memsize.Of(pool, nodeModel))
	own := func(v any) uint64 { return memsize.Dynamic(v, nodeModel) }
	fields := memsize.Fields(&pool)
	require.Equal(t, row.Entries+row.Links, own(fields["MapTx"])+linksOf(pool))
	require.Equal(t, row.Next, own(fields["MapNextTx"]))
	require.Equal(t, row.Deltas, own(fields["MapDeltas"]))
	require.Equal(t, row.Randomized, own(fields["TxnsRandomized"]))
	require.Equal(t, row.Inner, memsize.Of(fields["TxnsRandomized"], nodeModel)-row.Randomized)
}

// linksOf is what the sets of parents and children own.
func linksOf(pool CTxMemPool) (sum uint64) {
	for i := range pool.MapTx {
		for _, name := range []string{"Parents", "Children"} {
			sum += memsize.Dynamic(memsize.Fields(&pool.MapTx[i])[name])
		}
	}
	return sum
}

// mempoolOf is the pool that reference/twins.cpp describes.
func mempoolOf(n, capacity int) CTxMemPool {
	pool := CTxMemPool{MapTx: make([]CTxMemPoolEntry, n), MapNextTx: map[*COutPoint]*CTransaction{},
		MapDeltas: map[[32]byte]int64{}, TxnsRandomized: make([]*CTransaction, n, capacity)}
	for i := range n {
		tx := poolTx(i)
		for k := range tx.Vin {
			pool.MapNextTx[&tx.Vin[k].PrevOut] = tx
		}
		if i%10 == 0 {
			pool.MapDeltas[hashNumber(i)] = 1000
		}
		pool.TxnsRandomized[i] = tx
		entry := &pool.MapTx[i]
		entry.Tx = tx
		if i%4 == 3 {
			parent := &pool.MapTx[i-1]
			entry.Parents = map[*CTxMemPoolEntry]struct{}{parent: {}}
			parent.Children = map[*CTxMemPoolEntry]struct{}{entry: {}}
		}
	}
	return pool
}

func poolTx(i int) *CTransaction {
	tx := &CTransaction{Vin: make([]CTxIn, 1+i%3), Vout: make([]CTxOut, 1+i%2), Hash: hashNumber(i)}
	for k := range tx.Vin {
		if i%2 == 1 {
			tx.Vin[k].ScriptSig = make([]byte, 107)
		} else {
			tx.Vin[k].ScriptWitness = [][]byte{make([]byte, 72), make([]byte, 33)}
		}
	}
	for k := range tx.Vout {
		tx.Vout[k].ScriptPubKey = make([]byte, 25)
	}
	return tx
}

func blockMap(n int) BlockMap {
	m := make(BlockMap, n)
	for i := range n {
		m[hashNumber(i)] = CBlockIndex{}
	}
	return m
}

func hashNumber(i int) (h [32]byte) {
	binary.LittleEndian.PutUint64(h[:], uint64(i))
	return h
}

// thousands is n with commas, as the page has it.
func thousands(n uint64) string {
	digits := fmt.Sprint(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
