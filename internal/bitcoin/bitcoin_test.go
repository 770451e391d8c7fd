package bitcoin_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/bitcoin"
)

// wire is a committed file's content.
func wire(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "bitcoin", name+".hex"))
	require.NoError(t, err)
	data, err := hex.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	return data
}

// The ids are those that every block explorer and BIP 143 print: they cover every byte.
var wellKnown = []struct{ name, id, witnessID string }{
	{"genesis_coinbase",
		"4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
		"4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"},
	{"first_payment",
		"f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
		"f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16"},
	{"bip143_p2wpkh",
		"e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609",
		"c36c38370907df2324d9ce9d149d191192f338b37665a82e78e76a12c909b762"},
	{"bip143_p2sh_p2wpkh",
		"ef48d9d0f595052e0f8cdcf825f7a5e50b6a388a81f206f3f4846e5ecd7a0c23",
		"680f483b2bf6c5dcbf111e69e885ba248a41a5e92070cfb0afec3cfc49a9fabb"},
}

func TestWellKnownTransactions(t *testing.T) {
	for _, known := range wellKnown {
		t.Run(known.name, func(t *testing.T) {
			data := wire(t, known.name)
			tx, err := bitcoin.ParseTx(data)
			require.NoError(t, err)
			require.Equal(t, known.id, tx.ID().String())
			require.Equal(t, known.witnessID, tx.WitnessID().String())
			require.Equal(t, data, tx.Append(nil))
			requireExact(t, tx)
		})
	}
}

// requireExact checks the promise that memory figures rest on: capacity is length.
func requireExact(t *testing.T, tx *bitcoin.Tx) {
	t.Helper()
	require.Equal(t, len(tx.In), cap(tx.In))
	require.Equal(t, len(tx.Out), cap(tx.Out))
	for _, out := range tx.Out {
		require.Equal(t, len(out.Script), cap(out.Script))
	}
	for _, in := range tx.In {
		require.Equal(t, len(in.Script), cap(in.Script))
		require.Equal(t, len(in.Witness), cap(in.Witness))
		for _, item := range in.Witness {
			require.Equal(t, len(item), cap(item))
		}
	}
}

func TestGenesisBlock(t *testing.T) {
	data := wire(t, "genesis_block")
	block, err := bitcoin.ParseBlock(data)
	require.NoError(t, err)
	require.Equal(t, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
		block.Header.ID().String())
	require.Equal(t, block.Header.MerkleRoot, block.MerkleRoot())
	require.Equal(t, data, block.Append(nil))
	require.Equal(t, wire(t, "genesis_coinbase"), block.Txs[0].Append(nil))
	require.Equal(t, bitcoin.Hash{}, (&bitcoin.Block{}).MerkleRoot(), "no transactions, no root")
}

// The odd leaf is paired with itself: three equal ids and four equal ids have the same root.
func TestMerkleRootOfAnOddLevel(t *testing.T) {
	tx, err := bitcoin.ParseTx(wire(t, "first_payment"))
	require.NoError(t, err)
	three := bitcoin.Block{Txs: []*bitcoin.Tx{tx, tx, tx}}
	four := bitcoin.Block{Txs: []*bitcoin.Tx{tx, tx, tx, tx}}
	two := bitcoin.Block{Txs: []*bitcoin.Tx{tx, tx}}
	require.Equal(t, four.MerkleRoot(), three.MerkleRoot())
	require.NotEqual(t, two.MerkleRoot(), three.MerkleRoot())
}

func TestNoPrefixOfATransactionIsOne(t *testing.T) {
	for _, known := range wellKnown {
		data := wire(t, known.name)
		for n := range data {
			tx, err := bitcoin.ParseTx(data[:n])
			require.Nil(t, tx)
			var bad *bitcoin.ParseError
			require.ErrorAs(t, err, &bad, "%s cut at %d", known.name, n)
			require.LessOrEqual(t, bad.Offset, n)
		}
	}
}

func TestErrorsSayWhatAndWhere(t *testing.T) {
	const in = "0000000000000000000000000000000000000000000000000000000000000000" +
		"00000000" + "00" + "ffffffff" // 41 bytes
	for _, row := range []struct{ why, hex, want string }{
		{"nothing at all", "",
			"at byte 0: the input ends inside a transaction's version: 4 bytes wanted, 0 left"},
		{"a count beyond the input must not allocate", "01000000" + "ffffffffffffffff7f",
			"at byte 4: the count of inputs is 9223372036854775807, but the 0 bytes left hold 0"},
		{"5 in three bytes", "01000000" + "fd0500",
			"at byte 4: the count of inputs is 5 in 3 bytes: a CompactSize must be in its"},
		{"a script longer than the input", "01000000" + "01" + in[:72] + "fc" + "ffffffff",
			"at byte 41: the count of bytes of an input's script is 252, but the 4 bytes left"},
		{"a flag of some future extension", "01000000" + "0002" + "00",
			"at byte 5: unknown flag 0x02"},
		{"witnesses announced, none there", "01000000" + "0001" + "01" + in + "00" + "00" +
			"00000000", "at byte 50: superfluous witness"},
		{"input after the end", "01000000" + "01" + in + "00" + "00000000" + "abcd",
			"at byte 51: 2 bytes are left after a transaction"},
	} {
		data, err := hex.DecodeString(row.hex)
		require.NoError(t, err)
		_, err = bitcoin.ParseTx(data)
		require.ErrorContains(t, err, row.want, row.why)
	}
}

// A transaction without inputs and outputs is the one case where a 0 count is no marker.
func TestEmptyTransaction(t *testing.T) {
	data, _ := hex.DecodeString("02000000" + "00" + "00" + "07000000")
	tx, err := bitcoin.ParseTx(data)
	require.NoError(t, err)
	want := &bitcoin.Tx{Version: 2, In: []bitcoin.In{}, Out: []bitcoin.Out{}, LockTime: 7}
	require.Equal(t, want, tx)
	require.Equal(t, data, tx.Append(nil))
}

// What can be read can be written again, to the same bytes: the format has one form a value.
func FuzzParse(f *testing.F) {
	for _, known := range wellKnown {
		f.Add(wire(f, known.name))
	}
	f.Add(wire(f, "genesis_block"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if tx, err := bitcoin.ParseTx(data); err == nil {
			require.Equal(t, data, tx.Append(nil))
			requireExact(t, tx)
		}
		if block, err := bitcoin.ParseBlock(data); err == nil {
			require.Equal(t, data, block.Append(nil))
		}
	})
}

func ExampleParseTx() {
	data, _ := os.ReadFile("../../testdata/bitcoin/first_payment.hex")
	raw, _ := hex.DecodeString(strings.TrimSpace(string(data)))
	tx, err := bitcoin.ParseTx(raw)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tx.ID())
	fmt.Println(len(tx.In), "input,", len(tx.Out), "outputs,", tx.Out[0].Value, "satoshi")
	// Output:
	// f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16
	// 1 input, 2 outputs, 1000000000 satoshi
}
