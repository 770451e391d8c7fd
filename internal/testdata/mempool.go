package testdata

import "time"

// Mempool is a pool of unconfirmed transactions with the indexes that a node keeps beside it.
type Mempool struct {
	Transactions map[[32]byte]*MempoolEntry
	Spent        map[OutPoint][32]byte // which transaction of the pool spends an output
	Deltas       map[[32]byte]int64    // fees as a miner wants them seen, in satoshi
	MinFeeRate   float64               // satoshi per virtual byte
	Tip          [32]byte
	Height       uint32
}

// MempoolEntry is a transaction and what was worked out when it arrived.
type MempoolEntry struct {
	Tx      *Tx
	Fee     int64 // satoshi
	Arrived time.Time
	Height  uint32
	SigOps  int
	Parents [][32]byte // those that are in the pool as well
}

// Tx is a transaction.
type Tx struct {
	Version  uint32
	In       []In
	Out      []Out
	LockTime uint32
}

// In is an input with its witness stack.
type In struct {
	PrevOut  OutPoint
	Script   []byte
	Sequence uint32
	Witness  [][]byte
}

// Out is an output; Value is in satoshi.
type Out struct {
	Value  int64
	Script []byte
}

// NewMempool makes a pool of n transactions; about a quarter spend outputs of another one.
func NewMempool(n int) *Mempool {
	r := newRandom("mempool")
	pool := &Mempool{
		Transactions: make(map[[32]byte]*MempoolEntry, n),
		Spent:        make(map[OutPoint][32]byte),
		Deltas:       make(map[[32]byte]int64),
		MinFeeRate:   1.25,
		Tip:          r.hash(),
		Height:       880_000,
	}
	var order [][32]byte
	for len(order) < n {
		id := r.hash()
		entry := r.entry(pool, order)
		pool.Transactions[id] = entry
		for _, in := range entry.Tx.In {
			pool.Spent[in.PrevOut] = id
		}
		if r.chance(2) {
			pool.Deltas[id] = r.scattered(1_000, 1_000_000)
		}
		order = append(order, id)
	}
	return pool
}

func (r random) entry(pool *Mempool, before [][32]byte) *MempoolEntry {
	entry := &MempoolEntry{
		Tx:      &Tx{Version: 2},
		Fee:     r.scattered(150, 100_000),
		Arrived: time.Unix(1_736_000_000+int64(r.below(1_000_000)), int64(r.below(1e9))).UTC(),
		Height:  pool.Height - uint32(r.below(300)),
	}
	for range r.ins() {
		in := r.in()
		if len(before) > 0 && r.chance(15) {
			in.PrevOut.Hash = pick(r, before...)
			entry.Parents = append(entry.Parents, in.PrevOut.Hash)
		}
		entry.Tx.In = append(entry.Tx.In, in)
		entry.SigOps++
	}
	for range min(r.outputs(), 20) {
		entry.Tx.Out = append(entry.Tx.Out, Out{Value: r.amount(), Script: r.script()})
	}
	if r.chance(30) {
		entry.Tx.LockTime = entry.Height
	}
	return entry
}

// ins is how many inputs a transaction has.
func (r random) ins() int {
	if r.chance(70) {
		return 1
	}
	return r.between(2, 8)
}

// in is an input that spends P2WPKH, P2TR, P2SH-P2WPKH or P2PKH.
func (r random) in() In {
	in := In{
		PrevOut:  OutPoint{Hash: r.hash(), N: uint32(r.below(r.outputs()))},
		Sequence: pick[uint32](r, 0xffffffff, 0xfffffffe, 0xfffffffd, 0xfffffffd),
	}
	signature, key := r.bytes(r.between(71, 72)), r.bytes(33)
	switch n := r.below(100); {
	case n < 45:
		in.Witness = [][]byte{signature, key}
	case n < 75:
		in.Witness = [][]byte{r.bytes(64)}
	case n < 90:
		in.Witness = [][]byte{signature, key}
		in.Script = r.locking([]byte{22, 0x00, 20}, 20)
	default:
		in.Script = append(append([]byte{byte(len(signature))}, signature...), 33)
		in.Script = append(in.Script, key...)
	}
	return in
}
