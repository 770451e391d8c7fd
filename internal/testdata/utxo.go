package testdata

// CoinsMap is a set of unspent transaction outputs, as Bitcoin Core holds it in CCoinsMap.
type CoinsMap map[OutPoint]Coin

// OutPoint names output N of the transaction Hash: Core's COutPoint, 36 bytes.
type OutPoint struct {
	Hash [32]byte
	N    uint32
}

// Coin is one unspent output: Core's CCoinsCacheEntry with the Coin inside it laid flat. Its
// fields take the same 80 bytes in C++ (64 on i386), so that CoinsMap can be priced as CCoinsMap
// is. Prev and Next link the entries that were changed; a snapshot has none.
type Coin struct {
	Prev, Next *Coin
	Flags      uint8
	Value      int64  // satoshi
	Script     []byte // scriptPubKey
	Code       uint32 // height times 2, plus 1 for a coinbase output: Core's bit field
}

// UTXO makes a set of coins unspent outputs. The kinds of scripts, amounts and heights are spread
// roughly as on mainnet; outputs of one transaction share its hash. Scripts that cannot be spent
// (OP_RETURN) are missing because Core never stores them.
func UTXO(coins int) CoinsMap {
	r := newRandom("utxo")
	set := make(CoinsMap, coins)
	for len(set) < coins {
		hash, code := r.hash(), r.code()
		for n := range uint32(r.outputs()) {
			if len(set) < coins && r.chance(60) {
				set[OutPoint{hash, n}] = Coin{Value: r.amount(), Script: r.script(), Code: code}
			}
		}
	}
	return set
}

// outputs is how many a transaction has: mostly one or two, now and then a batch of payments.
func (r random) outputs() int {
	switch n := r.below(100); {
	case n < 25:
		return 1
	case n < 85:
		return 2
	case n < 99:
		return r.between(3, 12)
	default:
		return r.between(13, 300)
	}
}

// code is a height, twice, plus one for coinbase. Young coins are the more common ones.
func (r random) code() uint32 {
	const tip = 880_000
	height := max(r.below(tip), r.below(tip))
	if r.below(1000) < 3 {
		return uint32(height*2 + 1)
	}
	return uint32(height * 2)
}

// amount is in satoshi. A third of all outputs hold the least that nodes relay.
func (r random) amount() int64 {
	if r.chance(33) {
		return pick[int64](r, 330, 546, 546, 600, 1000)
	}
	return r.scattered(1_000, 5_000_000_000)
}

// script is a scriptPubKey. Opcodes are written as the bytes that they are.
func (r random) script() []byte {
	switch n := r.below(1000); {
	case n < 300: // P2PKH: DUP HASH160 <20> EQUALVERIFY CHECKSIG
		return r.locking([]byte{0x76, 0xa9, 20}, 20, 0x88, 0xac)
	case n < 590: // P2WPKH: 0 <20>
		return r.locking([]byte{0x00, 20}, 20)
	case n < 870: // P2TR: 1 <32>
		return r.locking([]byte{0x51, 32}, 32)
	case n < 960: // P2SH: HASH160 <20> EQUAL
		return r.locking([]byte{0xa9, 20}, 20, 0x87)
	case n < 980: // P2WSH: 0 <32>
		return r.locking([]byte{0x00, 32}, 32)
	case n < 995:
		return r.multisig()
	case n < 998: // P2PK with a compressed key: <33> CHECKSIG
		return r.locking([]byte{33, 0x02}, 32, 0xac)
	case n < 999: // P2PK as in the first years: <65> CHECKSIG
		return r.locking([]byte{65, 0x04}, 64, 0xac)
	default: // whatever people made up, up to Core's limit of 10,000 bytes
		return r.bytes(int(r.scattered(40, 10_000)))
	}
}

// locking is a script: opcodes, a hash or key of size bytes, opcodes.
func (r random) locking(before []byte, size int, after ...byte) []byte {
	return append(append(before, r.bytes(size)...), after...)
}

// multisig is a bare 1-of-3: 1 <33> <33> <33> 3 CHECKMULTISIG, 105 bytes.
func (r random) multisig() []byte {
	script := []byte{0x51}
	for range 3 {
		script = r.locking(append(script, 33, 0x02), 32)
	}
	return append(script, 0x53, 0xae)
}
