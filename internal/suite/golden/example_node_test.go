package golden_test

import (
	"fmt"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// Go twins of a node's mempool and block index, as docs/bitcoin.md shows them.

// CBlockIndex is chain.h's CBlockIndex.
type CBlockIndex struct {
	PHashBlock           *[32]byte    `memusage:"raw"`
	PPrev, PSkip         *CBlockIndex `memusage:"raw"`
	NHeight, NFile       int32
	NDataPos, NUndoPos   uint32
	NChainWork           [8]uint32 // arith_uint256
	NTx                  uint32
	ChainTxCount         uint64
	NStatus              uint32
	NVersion             int32
	HashMerkleRoot       [32]byte
	NTime, NBits, NNonce uint32
	NSequenceID          int32
	NTimeMax             uint32
}

// BlockMap is node/blockstorage.h's BlockMap: a std::unordered_map, which is a Go map's default.
type BlockMap map[[32]byte]CBlockIndex

// LockPoints is kernel/mempool_entry.h's LockPoints.
type LockPoints struct {
	Height        int32
	Time          int64
	MaxInputBlock *CBlockIndex `memusage:"raw"`
}

// CTxMemPoolEntry is kernel/mempool_entry.h's CTxMemPoolEntry. Parents and children are
// std::set<std::reference_wrapper<CTxMemPoolEntry>>: they own their nodes and no entry.
type CTxMemPoolEntry struct {
	Tx            *CTransaction                 `memusage:"shared_ptr"`
	Parents       map[*CTxMemPoolEntry]struct{} `memusage:"set<raw>"`
	Children      map[*CTxMemPoolEntry]struct{} `memusage:"set<raw>"`
	Fee           int64
	Weight        int32
	UsageSize     uint64
	Time          int64
	Sequence      uint64
	Height        uint32
	SpendsCoinb   bool
	SigOpCost     int64
	ModifiedFee   int64
	LockPoints    LockPoints
	Descendants   [3]int64 // their count, size and fees
	Ancestors     [4]int64 // their count, size, fees and signature operations
	IdxRandomized uint64
	EpochMarker   uint64
}

// CTxMemPool is what txmempool.h's CTxMemPool::DynamicMemoryUsage counts. mapTx is a
// boost::multi_index_container, for which memusage.h has no formula: a rule of one's own.
type CTxMemPool struct {
	MapTx          []CTxMemPoolEntry
	MapNextTx      map[*COutPoint]*CTransaction `memusage:"indirectmap<raw>"`
	MapDeltas      map[[32]byte]int64           `memusage:"map"`
	TxnsRandomized []*CTransaction              `memusage:"vector<shared_ptr>"`
}

// multiIndex charges as CTxMemPool does: for each entry one block with 15 pointers besides.
type multiIndex struct{}

func (multiIndex) String() string { return "multi_index" }

func (multiIndex) Inline(c rules.Container) rules.Shape {
	return rules.Shape{Size: 5 * c.PointerSize(), Align: c.PointerSize()}
}

func (m multiIndex) Usage(c rules.Container) rules.Parts {
	links := 15 * c.PointerSize()
	each, _ := m.Increment(c)
	return rules.Parts{Used: c.Elem.Size, Overhead: links, Rounding: each - c.Elem.Size - links}.Times(c.Len)
}

func (multiIndex) Increment(c rules.Container) (uint64, bool) {
	return c.Alloc(c.Elem.Size + 15*c.PointerSize()), true
}

// nodeModel is Core's accounting with the rule for mapTx.
var nodeModel = memsize.WithModel(rules.Core().With(rules.ForField[CTxMemPool]("MapTx", multiIndex{})))

// A mempool of one transaction and an index of one block, as a node would report them.
func Example_node() {
	tx := &CTransaction{
		Vin:  []CTxIn{{ScriptWitness: [][]byte{make([]byte, 72), make([]byte, 33)}}},
		Vout: []CTxOut{{ScriptPubKey: make([]byte, 25)}},
	}
	pool := CTxMemPool{
		MapTx:          []CTxMemPoolEntry{{Tx: tx}},
		MapNextTx:      map[*COutPoint]*CTransaction{&tx.Vin[0].PrevOut: tx},
		MapDeltas:      map[[32]byte]int64{tx.Hash: 1000},
		TxnsRandomized: []*CTransaction{tx},
	}
	fmt.Println("CTxMemPool::DynamicMemoryUsage", memsize.Of(pool, nodeModel))
	fmt.Println("DynamicUsage(BlockMap)", memsize.Of(BlockMap{{1}: {}}))
	fmt.Println("one more header", must(memsize.Incremental(BlockMap{})))
	// Output:
	// CTxMemPool::DynamicMemoryUsage 1216
	// DynamicUsage(BlockMap) 336
	// one more header 208
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
