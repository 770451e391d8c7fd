package bitcoin

import "encoding/binary"

var little = binary.LittleEndian

// Append appends the transaction's wire form to b, with witnesses where it has any.
func (tx *Tx) Append(b []byte) []byte { return tx.append(b, tx.HasWitness()) }

func (tx *Tx) append(b []byte, witness bool) []byte {
	b = little.AppendUint32(b, tx.Version)
	if witness {
		b = append(b, 0, 1) // the marker: no inputs, and the flag of BIP 144
	}
	b = appendCount(b, len(tx.In))
	for i := range tx.In {
		b = tx.In[i].append(b)
	}
	b = appendCount(b, len(tx.Out))
	for i := range tx.Out {
		b = little.AppendUint64(b, uint64(tx.Out[i].Value))
		b = appendBytes(b, tx.Out[i].Script)
	}
	if witness {
		b = tx.appendWitness(b)
	}
	return little.AppendUint32(b, tx.LockTime)
}

func (tx *Tx) appendWitness(b []byte) []byte {
	for i := range tx.In {
		b = appendCount(b, len(tx.In[i].Witness))
		for _, item := range tx.In[i].Witness {
			b = appendBytes(b, item)
		}
	}
	return b
}

func (in *In) append(b []byte) []byte {
	b = append(b, in.PrevOut.TxID[:]...)
	b = little.AppendUint32(b, in.PrevOut.Index)
	b = appendBytes(b, in.Script)
	return little.AppendUint32(b, in.Sequence)
}

func (h *Header) append(b []byte) []byte {
	b = little.AppendUint32(b, uint32(h.Version))
	b = append(b, h.Previous[:]...)
	b = append(b, h.MerkleRoot[:]...)
	b = little.AppendUint32(b, h.Time)
	b = little.AppendUint32(b, h.Bits)
	return little.AppendUint32(b, h.Nonce)
}

// Append appends the block's wire form to b.
func (b *Block) Append(wire []byte) []byte {
	wire = b.Header.append(wire)
	wire = appendCount(wire, len(b.Txs))
	for _, tx := range b.Txs {
		wire = tx.Append(wire)
	}
	return wire
}

func appendBytes(b, data []byte) []byte {
	return append(appendCount(b, len(data)), data...)
}

// appendCount appends count as a CompactSize in its shortest form.
func appendCount(b []byte, count int) []byte {
	switch n := uint64(count); {
	case n < 0xfd:
		return append(b, byte(n))
	case n <= 0xffff:
		return little.AppendUint16(append(b, 0xfd), uint16(n))
	case n <= 0xffffffff:
		return little.AppendUint32(append(b, 0xfe), uint32(n))
	default:
		return little.AppendUint64(append(b, 0xff), n)
	}
}
