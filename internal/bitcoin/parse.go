package bitcoin

import (
	"bytes"
	"fmt"
)

// Smallest wire sizes in bytes. A count that promises more items than the input that is left
// could hold is an error before anything is allocated, so memory is bounded by the input's size.
const (
	minIn    = 36 + 1 + 4 // outpoint, empty script, sequence
	minOut   = 8 + 1      // value, empty script
	minTx    = 4 + 1 + 1 + 4
	minItem  = 1 // an empty witness item is its length alone
	byteSize = 1
)

// ParseError says what was expected, and at which byte of the input.
type ParseError struct {
	Offset int    // bytes from the start of the input
	What   string // what was being read, and what is wrong with it
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("bitcoin: at byte %d: %s", e.Offset, e.What)
}

// ParseTx reads one transaction, which must be the whole of wire. Any error is a *ParseError.
func ParseTx(wire []byte) (*Tx, error) {
	r := &reader{rest: wire, size: len(wire)}
	tx := r.tx()
	if err := r.end("a transaction"); err != nil {
		return nil, err
	}
	return tx, nil
}

// ParseBlock reads one block, which must be the whole of wire. Any error is a *ParseError.
func ParseBlock(wire []byte) (*Block, error) {
	r := &reader{rest: wire, size: len(wire)}
	b := &Block{Header: r.header()}
	b.Txs = make([]*Tx, r.count("transactions", minTx))
	for i := range b.Txs {
		if r.err != nil {
			break
		}
		b.Txs[i] = r.tx()
	}
	if err := r.end("a block"); err != nil {
		return nil, err
	}
	return b, nil
}

// reader consumes rest. The first error sticks, and every read after it gives zeros.
type reader struct {
	rest []byte
	size int
	err  error
}

// fail notes an error at the byte that lies back bytes before the next one.
func (r *reader) fail(back int, format string, args ...any) {
	if r.err == nil {
		at := r.size - len(r.rest) - back
		r.err = &ParseError{Offset: at, What: fmt.Sprintf(format, args...)}
	}
}

// end is the first error, or one that tells of input beyond the value that was read.
func (r *reader) end(what string) error {
	if len(r.rest) > 0 {
		r.fail(0, "%d bytes are left after %s", len(r.rest), what)
	}
	return r.err
}

// take is the next n bytes, a view into the input; nil after an error.
func (r *reader) take(n int, what string) []byte {
	if r.err == nil && n > len(r.rest) {
		r.fail(0, "the input ends inside %s: %d bytes wanted, %d left", what, n, len(r.rest))
	}
	if r.err != nil {
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

// unsigned is a little-endian integer of n bytes, at most 8.
func (r *reader) unsigned(n int, what string) uint64 {
	var eight [8]byte
	copy(eight[:], r.take(n, what))
	return little.Uint64(eight[:])
}

func (r *reader) uint32(what string) uint32 { return uint32(r.unsigned(4, what)) }

func (r *reader) hash(what string) (h Hash) {
	copy(h[:], r.take(len(h), what))
	return h
}

// count is a CompactSize of items that take at least size bytes each.
func (r *reader) count(items string, size int) int {
	what := "the count of " + items
	n, width, least := r.unsigned(1, what), 1, uint64(0)
	switch n {
	case 0xfd:
		n, width, least = r.unsigned(2, what), 3, 0xfd
	case 0xfe:
		n, width, least = r.unsigned(4, what), 5, 1<<16
	case 0xff:
		n, width, least = r.unsigned(8, what), 9, 1<<32
	}
	if r.err != nil {
		return 0
	}
	if n < least {
		r.fail(width, "%s is %d in %d bytes: a CompactSize must be in its shortest form",
			what, n, width)
		return 0
	}
	if room := uint64(len(r.rest) / size); n > room {
		r.fail(width, "%s is %d, but the %d bytes left hold %d at most", what, n, len(r.rest), room)
		return 0
	}
	return int(n)
}

// bytes is a copy of a counted run of bytes, in a block of its own.
func (r *reader) bytes(what string) []byte {
	n := r.count("bytes of "+what, byteSize)
	data := make([]byte, n) // make gives a capacity of n; bytes.Clone would round it up
	copy(data, r.take(n, what))
	return data
}

func (r *reader) header() Header {
	return Header{
		Version:    int32(r.uint32("the block's version")),
		Previous:   r.hash("the previous block's id"),
		MerkleRoot: r.hash("the Merkle root"),
		Time:       r.uint32("the block's time"),
		Bits:       r.uint32("the block's target"),
		Nonce:      r.uint32("the block's nonce"),
	}
}

func (r *reader) tx() *Tx {
	tx := &Tx{Version: r.uint32("a transaction's version")}
	extended := bytes.HasPrefix(r.rest, []byte{0}) && !bytes.HasPrefix(r.rest, []byte{0, 0})
	if extended {
		r.flag()
	}
	tx.In = r.ins()
	tx.Out = r.outs()
	if extended {
		r.witnesses(tx)
	}
	tx.LockTime = r.uint32("a transaction's lock time")
	return tx
}

// flag reads the marker and the flag of BIP 144. Core knows one flag: witnesses follow.
func (r *reader) flag() {
	marker := r.take(2, "the flag of an extended transaction")
	if marker != nil && marker[1] != 1 {
		r.fail(1, "unknown flag %#02x in an extended transaction: only 0x01 (witness) is known",
			marker[1])
	}
}

func (r *reader) ins() []In {
	ins := make([]In, r.count("inputs", minIn))
	for i := range ins {
		ins[i] = In{
			PrevOut:  OutPoint{r.hash("an input's transaction id"), r.uint32("an input's index")},
			Script:   r.bytes("an input's script"),
			Sequence: r.uint32("an input's sequence number"),
		}
		if r.err != nil {
			break
		}
	}
	return ins
}

func (r *reader) outs() []Out {
	outs := make([]Out, r.count("outputs", minOut))
	for i := range outs {
		outs[i].Value = int64(r.unsigned(8, "an output's value"))
		outs[i].Script = r.bytes("an output's script")
		if r.err != nil {
			break
		}
	}
	return outs
}

func (r *reader) witnesses(tx *Tx) {
	for i := range tx.In {
		stack := make([][]byte, r.count("witness items", minItem))
		for j := range stack {
			stack[j] = r.bytes("a witness item")
			if r.err != nil {
				return
			}
		}
		if len(stack) > 0 {
			tx.In[i].Witness = stack
		}
	}
	if r.err == nil && !tx.HasWitness() {
		r.fail(0, "superfluous witness: an extended transaction whose stacks are all empty")
	}
}
