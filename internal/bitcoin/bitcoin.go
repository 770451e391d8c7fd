// Package bitcoin reads and writes blocks and transactions in Bitcoin's wire format, for tests.
//
// A value is as Bitcoin Core has it in memory right after deserialising: every slice has a
// capacity equal to its length, and scripts and witness items are blocks of their own, none a
// view into the input. That is what lets a test compare memory figures with Core's to the byte.
//
// The format is that of Core's serialize.h and primitives/transaction.h: integers are
// little-endian, counts are CompactSize in their shortest form, and a transaction whose input
// count reads 0 is in the form of BIP 144, with a flag byte and a witness stack for each input.
// Consensus rules are not checked, with two exceptions that Core's reader makes as well:
// superfluous witnesses and unknown flags are errors.
package bitcoin

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash is a double SHA-256, in the order of the wire.
type Hash [32]byte

// String is the hash as block explorers print it: hex, bytes in reverse order.
func (h Hash) String() string {
	var reversed Hash
	for i, b := range h {
		reversed[len(h)-1-i] = b
	}
	return hex.EncodeToString(reversed[:])
}

// hashOf is SHA-256 of SHA-256 of b.
func hashOf(b []byte) Hash {
	once := sha256.Sum256(b)
	return sha256.Sum256(once[:])
}

// OutPoint names output Index of transaction TxID.
type OutPoint struct {
	TxID  Hash
	Index uint32
}

// In is a transaction's input. Witness is its stack (BIP 141), nil where there is none.
type In struct {
	PrevOut  OutPoint
	Script   []byte
	Sequence uint32
	Witness  [][]byte
}

// Out is a transaction's output; Value is in satoshi.
type Out struct {
	Value  int64
	Script []byte
}

// Tx is a transaction.
type Tx struct {
	Version  uint32
	In       []In
	Out      []Out
	LockTime uint32
}

// HasWitness tells whether any input has a witness stack.
func (tx *Tx) HasWitness() bool {
	for i := range tx.In {
		if len(tx.In[i].Witness) > 0 {
			return true
		}
	}
	return false
}

// ID is the transaction's id: the hash of its wire form without witnesses.
func (tx *Tx) ID() Hash { return hashOf(tx.append(nil, false)) }

// WitnessID is the hash of the whole wire form; equal to ID where there are no witnesses.
func (tx *Tx) WitnessID() Hash { return hashOf(tx.Append(nil)) }

// Header is a block's header.
type Header struct {
	Version    int32
	Previous   Hash
	MerkleRoot Hash
	Time       uint32
	Bits       uint32
	Nonce      uint32
}

// ID is the block's id: the hash of its 80 header bytes.
func (h *Header) ID() Hash { return hashOf(h.append(nil)) }

// Block is a header and its transactions.
type Block struct {
	Header Header
	Txs    []*Tx
}

// MerkleRoot is the root of the tree over the transactions' ids: that of the header, unless the
// block was damaged. It is zero for a block without transactions.
func (b *Block) MerkleRoot() Hash {
	level := make([]Hash, len(b.Txs))
	for i, tx := range b.Txs {
		level[i] = tx.ID()
	}
	if len(level) == 0 {
		return Hash{}
	}
	for len(level) > 1 {
		level = parents(level)
	}
	return level[0]
}

// parents is the next level of a Merkle tree: an odd one out is paired with itself.
func parents(level []Hash) []Hash {
	above := make([]Hash, 0, (len(level)+1)/2)
	for i := 0; i < len(level); i += 2 {
		right := level[min(i+1, len(level)-1)]
		above = append(above, hashOf(append(level[i][:], right[:]...)))
	}
	return above
}
