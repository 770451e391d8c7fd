package golden_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/bitcoin"
	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/rules"
)

// twinTx is a parsed transaction as Core's class. Scripts and stacks are taken over as they are:
// the parser gave each its exact capacity, as Core's deserialiser does.
func twinTx(tx *bitcoin.Tx) *CTransaction {
	twin := &CTransaction{
		Vin: make([]CTxIn, len(tx.In)), Vout: make([]CTxOut, len(tx.Out)),
		Version: tx.Version, NLockTime: tx.LockTime,
		HasWitnessFlag: tx.HasWitness(), Hash: tx.ID(), WitnessHash: tx.WitnessID(),
	}
	for i, in := range tx.In {
		twin.Vin[i] = CTxIn{
			PrevOut:   COutPoint{in.PrevOut.TxID, in.PrevOut.Index},
			ScriptSig: in.Script, NSequence: in.Sequence, ScriptWitness: in.Witness,
		}
	}
	for i, out := range tx.Out {
		twin.Vout[i] = CTxOut{NValue: out.Value, ScriptPubKey: out.Script}
	}
	return twin
}

func twinBlock(b *bitcoin.Block) *CBlock {
	h := b.Header
	twin := &CBlock{
		NVersion: h.Version, HashPrevBlock: h.Previous, HashMerkleRoot: h.MerkleRoot,
		NTime: h.Time, NBits: h.Bits, NNonce: h.Nonce,
		Vtx: make([]*CTransaction, len(b.Txs)),
	}
	for i, tx := range b.Txs {
		twin.Vtx[i] = twinTx(tx)
	}
	return twin
}

func parseTx(t testing.TB, text string) *bitcoin.Tx {
	t.Helper()
	wire, err := hex.DecodeString(strings.TrimSpace(text))
	require.NoError(t, err)
	tx, err := bitcoin.ParseTx(wire)
	require.NoError(t, err)
	return tx
}

func wireFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "bitcoin", name+".hex"))
	require.NoError(t, err)
	return string(text)
}

func model(t testing.TB, name string) *rules.Model {
	t.Helper()
	m, err := rules.Lookup(name)
	require.NoError(t, err)
	return m
}

// m64 and m32 are memusage::MallocUsage as memusage.h has it, so that the sums below stand alone.
func m64(n uint64) uint64 { return (n + 31) >> 4 << 4 }
func m32(n uint64) uint64 { return (n + 15) >> 3 << 3 }

// Each figure is written out as RecursiveDynamicUsage adds it up: vin, its scripts beyond 36
// bytes, witness stacks and their items, vout, its scripts beyond 36 bytes.
func TestWellKnownTransactions(t *testing.T) {
	for _, row := range []struct {
		why, name, id string
		core, core32  uint64
	}{
		{
			"a headline of 77 bytes in, a public key out",
			"genesis_coinbase", "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
			m64(1*112) + m64(77) + m64(1*48) + m64(67),
			m32(1*92) + m32(77) + m32(1*48) + m32(67),
		}, {
			"two public keys out: nothing fits inline",
			"first_payment", "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
			m64(1*112) + m64(72) + m64(2*48) + m64(67) + m64(67),
			m32(1*92) + m32(72) + m32(2*48) + m32(67) + m32(67),
		}, {
			"one input signs in its script, one in its witness; outputs of 25 bytes are inline",
			"bip143_p2wpkh", "e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609",
			m64(2*112) + m64(73) + m64(2*24) + m64(71) + m64(33) + m64(2*48),
			m32(2*92) + m32(73) + m32(2*12) + m32(71) + m32(33) + m32(2*48),
		}, {
			"a redeem script of 23 bytes is inline, the witness is not",
			"bip143_p2sh_p2wpkh",
			"ef48d9d0f595052e0f8cdcf825f7a5e50b6a388a81f206f3f4846e5ecd7a0c23",
			m64(1*112) + m64(2*24) + m64(71) + m64(33) + m64(2*48),
			m32(1*92) + m32(2*12) + m32(71) + m32(33) + m32(2*48),
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			tx := parseTx(t, wireFile(t, row.name))
			require.Equal(t, row.id, tx.ID().String(), "the file is damaged")
			twin := twinTx(tx)
			require.Equal(t, row.core, memsize.Of(*twin), row.why)
			require.Equal(t, row.core32, memsize.Of(*twin, memsize.WithModel(model(t, "core-32"))))
			// A pointer is a unique_ptr: the object's own block comes on top.
			require.Equal(t, row.core+m64(128), memsize.Of(twin))
			require.Equal(t, row.core, memsize.New[CTransaction]().Of(twin), "*p is never charged")
		})
	}
}

func TestGenesisBlock(t *testing.T) {
	wire, err := hex.DecodeString(strings.TrimSpace(wireFile(t, "genesis_block")))
	require.NoError(t, err)
	block, err := bitcoin.ParseBlock(wire)
	require.NoError(t, err)
	require.Equal(t, block.Header.MerkleRoot, block.MerkleRoot(), "the file is damaged")

	coinbase := m64(112) + m64(77) + m64(48) + m64(67)
	shared := m64(128) + m64(24) // the transaction, and a shared_ptr's control block
	require.Equal(t, m64(1*16)+shared+coinbase, memsize.Of(*twinBlock(block)))

	// memusage.h charges a transaction for each reference to it. Of does not, unless asked.
	tx := twinTx(block.Txs[0])
	twice := CBlock{Vtx: []*CTransaction{tx, tx}}
	require.Equal(t, m64(2*16)+shared+coinbase, memsize.Of(twice))
	require.Equal(t, m64(2*16)+2*(shared+coinbase), memsize.Of(twice, memsize.PerReference()))
}

// The sizes that g++ 12.2 prints for v30.2.
func TestSizeofCoreClasses(t *testing.T) {
	type pair struct {
		First  COutPoint
		Second CCoinsCacheEntry
	}
	for _, row := range []struct {
		class        reflect.Type
		core, core32 uint64
	}{
		{reflect.TypeFor[COutPoint](), 36, 36},
		{reflect.TypeFor[CTxIn](), 112, 92},
		{reflect.TypeFor[CTxOut](), 48, 48},
		{reflect.TypeFor[CTransaction](), 128, 100},
		{reflect.TypeFor[Coin](), 56, 52},
		{reflect.TypeFor[CCoinsCacheEntry](), 80, 64},
		{reflect.TypeFor[pair](), 120, 100},
	} {
		size, _ := rules.Core().Sizeof(row.class)
		require.Equal(t, row.core, size, "sizeof(%s)", row.class.Name())
		size, _ = model(t, "core-32").Sizeof(row.class)
		require.Equal(t, row.core32, size, "sizeof(%s), i386", row.class.Name())
	}
}

// goldenFile reads a file that is too large, or not ours, to be committed: real blocks and
// transactions with the figures that Core gave for them. They are in the folder that the
// environment variable MEMSIZE_GOLDEN names.
func goldenFile(t *testing.T, name string) []byte {
	t.Helper()
	folder := os.Getenv("MEMSIZE_GOLDEN")
	data, err := os.ReadFile(filepath.Join(folder, name))
	if folder == "" || os.IsNotExist(err) {
		why := fmt.Sprintf("%s: NOT CHECKED: no file %s in the folder MEMSIZE_GOLDEN=%q",
			t.Name(), name, folder)
		fmt.Fprintln(os.Stderr, why)
		t.Skipf("%s", why)
	}
	require.NoError(t, err)
	return data
}

// tx30 is a transaction of Core's tx_valid.json with what v30.2's headers said of it.
type tx30 struct {
	TxID, WTxID, Hex string
	Bytes            uint64
	BytesVin         uint64 `json:"bytes_vin_array"`
	BytesVout        uint64 `json:"bytes_vout_array"`
	BytesScriptSig   uint64 `json:"bytes_scriptsig"`
	BytesScriptPub   uint64 `json:"bytes_scriptpubkey"`
	BytesWitness     uint64 `json:"bytes_witness"`
	BytesWithRef     uint64 `json:"bytes_with_ref"`
}

func TestCoreTransactions(t *testing.T) {
	var rows []tx30
	require.NoError(t, json.Unmarshal(goldenFile(t, "tx_valid_v30.json"), &rows))
	require.NotEmpty(t, rows)
	for _, row := range rows {
		tx := parseTx(t, row.Hex)
		require.Equal(t, row.TxID, tx.ID().String())
		require.Equal(t, row.WTxID, tx.WitnessID().String())
		twin := twinTx(tx)
		require.Equal(t, row.Bytes, memsize.Of(*twin), row.TxID)
		require.Equal(t, row.Bytes, memsize.Of(*twin, memsize.PerReference()), row.TxID)
		ref := struct {
			Ref *CTransaction `memusage:"shared_ptr"`
		}{twin}
		require.Equal(t, row.BytesWithRef, memsize.Of(ref), row.TxID)

		require.Equal(t, row.BytesVin, memsize.Dynamic(twin.Vin), row.TxID)
		require.Equal(t, row.BytesVout, memsize.Dynamic(twin.Vout), row.TxID)
		var scriptSig, scriptPub, witness uint64
		for _, in := range twin.Vin {
			scriptSig += memsize.Of(CTxIn{ScriptSig: in.ScriptSig})
			witness += memsize.Of(CTxIn{ScriptWitness: in.ScriptWitness})
		}
		for _, out := range twin.Vout {
			scriptPub += memsize.Of(out)
		}
		require.Equal(t, row.BytesScriptSig, scriptSig, row.TxID)
		require.Equal(t, row.BytesScriptPub, scriptPub, row.TxID)
		require.Equal(t, row.BytesWitness, witness, row.TxID)
	}
	t.Logf("%d transactions equal to the byte, part by part", len(rows))
}

// Block 413567 of mainnet, 1,557 transactions, under today's classes and under those of 2021.
func TestCoreBlock(t *testing.T) {
	block, err := bitcoin.ParseBlock(goldenFile(t, "block413567.raw"))
	require.NoError(t, err)
	require.Len(t, block.Txs, 1557)
	require.Equal(t, block.Header.MerkleRoot, block.MerkleRoot())
	twin := twinBlock(block)

	v2021 := []rules.Override{ // scripts inline up to 28 bytes, no flag in CTransaction
		rules.ForField[CTxIn]("ScriptSig", rules.Prevector(28)),
		rules.ForField[CTxOut]("ScriptPubKey", rules.Prevector(28)),
		rules.ForField[CTransaction]("HasWitnessFlag", rules.Skip()),
	}
	for _, row := range []struct {
		model string
		then  []rules.Override
		want  uint64
	}{
		{"core", nil, 1_858_352},
		{"core-32", nil, 1_601_864},
		{"core", v2021, 1_802_608},
		{"core-32", v2021, 1_521_784},
	} {
		m := memsize.WithModel(model(t, row.model).With(row.then...))
		require.Equal(t, row.want, memsize.Of(*twin, m), row.model)
		require.Equal(t, row.want, memsize.Of(*twin, m, memsize.PerReference()), row.model)
	}
}

// The committed UTXO set costs what CCoinsMap would: its Go type has the fields of
// CCoinsCacheEntry, and two rules do the rest.
func TestUTXOSnapshotAsCoinsMap(t *testing.T) {
	var set testdata.CoinsMap
	loadSnapshot(t, "utxo.gob", &set)
	require.Len(t, set, 50_000)
	core := rules.Core().With(
		rules.ForType[testdata.CoinsMap](rules.PoolUnorderedMap(262144)),
		rules.ForField[testdata.Coin]("Script", rules.Prevector(36)),
	)
	// 2,048 nodes of 128 bytes a chunk; 85,229 buckets for 50,000 elements: golden/coins_cache.
	chunks := uint64(50_000+2_047) / 2_048
	want := chunks*(m64(24)+m64(262144)) + m64(8*85_229)
	require.Equal(t, want, memsize.Dynamic(set, memsize.WithModel(core)))
	for _, coin := range set {
		if len(coin.Script) > 36 {
			want += m64(uint64(len(coin.Script)))
		}
	}
	require.Equal(t, want, memsize.Of(set, memsize.WithModel(core), memsize.CapIsLen()))
}
