package golden_test

import (
	"fmt"
	"reflect"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// Go twins of Bitcoin Core's classes. A twin has the fields of the class in its order; what is a
// plain array or scalar in C++ is one in Go; a tag names each container that is not the default
// of its Go type: []T is a std::vector, map a std::unordered_map, *T a std::unique_ptr.

// COutPoint is primitives/transaction.h's COutPoint.
type COutPoint struct {
	Hash [32]byte
	N    uint32
}

// CTxIn is primitives/transaction.h's CTxIn. CScript is a prevector<36, unsigned char>.
type CTxIn struct {
	PrevOut       COutPoint
	ScriptSig     []byte `memusage:"prevector=36"`
	NSequence     uint32
	ScriptWitness [][]byte
}

// CTxOut is primitives/transaction.h's CTxOut.
type CTxOut struct {
	NValue       int64
	ScriptPubKey []byte `memusage:"prevector=36"`
}

// CTransaction is primitives/transaction.h's CTransaction.
type CTransaction struct {
	Vin            []CTxIn
	Vout           []CTxOut
	Version        uint32
	NLockTime      uint32
	HasWitnessFlag bool
	Hash           [32]byte
	WitnessHash    [32]byte
}

// CBlock is primitives/block.h's CBlock: a header, the transactions, and flags that only memory
// has. CTransactionRef is a std::shared_ptr<const CTransaction>.
type CBlock struct {
	NVersion             int32
	HashPrevBlock        [32]byte
	HashMerkleRoot       [32]byte
	NTime, NBits, NNonce uint32
	Vtx                  []*CTransaction `memusage:"vector<shared_ptr>"`

	FChecked, CheckedWitnessCommitment, CheckedMerkleRoot bool
}

// Coin is coins.h's Coin: an output, and one word for height and coinbase (bit fields in C++).
type Coin struct {
	Out  CTxOut
	Code uint32
}

// CCoinsCacheEntry is coins.h's CCoinsCacheEntry: raw pointers link those that were changed.
type CCoinsCacheEntry struct {
	Prev, Next *CCoinsCacheEntry `memusage:"raw"`
	Flags      uint8
	Coin       Coin
}

// CCoinsViewCache is the container of coins.h's CCoinsViewCache: CCoinsMap lies in a pool with
// chunks of 256 KiB.
type CCoinsViewCache struct {
	CacheCoins map[COutPoint]CCoinsCacheEntry `memusage:"pool_unordered_map=262144"`
}

// A Bitcoin Core engineer's first checks: sizeof as g++ prints it, and what a transaction owns.
func Example_bitcoin() {
	for _, class := range []reflect.Type{
		reflect.TypeFor[COutPoint](), reflect.TypeFor[CTxIn](), reflect.TypeFor[CTxOut](),
		reflect.TypeFor[CTransaction](), reflect.TypeFor[CCoinsCacheEntry](),
	} {
		size, align := rules.Core().Sizeof(class)
		fmt.Println("sizeof", class.Name(), size, "alignof", align)
	}

	tx := &CTransaction{
		Vin:  []CTxIn{{ScriptSig: make([]byte, 107)}}, // a signature and a key: on the heap
		Vout: []CTxOut{{ScriptPubKey: make([]byte, 25)}, {ScriptPubKey: make([]byte, 23)}},
	}
	fmt.Println("RecursiveDynamicUsage", memsize.Of(*tx))

	// In a block, a transaction is behind a shared_ptr: its own 128 bytes and a control block.
	fmt.Println("in a block", memsize.Of(CBlock{Vtx: []*CTransaction{tx}}))

	// An empty coins cache has its first chunk already.
	fmt.Println("empty CCoinsMap", memsize.Of(CCoinsViewCache{}))

	// Output:
	// sizeof COutPoint 36 alignof 4
	// sizeof CTxIn 112 alignof 8
	// sizeof CTxOut 48 alignof 8
	// sizeof CTransaction 128 alignof 8
	// sizeof CCoinsCacheEntry 80 alignof 8
	// RecursiveDynamicUsage 368
	// in a block 592
	// empty CCoinsMap 262240
}
