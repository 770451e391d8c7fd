package golden_test

import (
	"bytes"
	"encoding/gob"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/testdata"
)

var snapshots = []string{"utxo.gob", "mempool.gob", "sessions.gob"}

// loadSnapshot decodes a committed snapshot into v with encoding/gob.
func loadSnapshot(t testing.TB, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	r := bytes.NewReader(data)
	require.NoError(t, gob.NewDecoder(r).Decode(v))
	require.Zero(t, r.Len(), "bytes after the value")
}

// The generator runs in a process of its own, since encoding/gob numbers types process-wide.
func TestSnapshotsAreWhatTheGeneratorMakes(t *testing.T) {
	folder := t.TempDir()
	out, err := exec.Command("go", "run", "./internal/testdata/generate", folder).CombinedOutput()
	require.NoError(t, err, string(out))
	for _, name := range snapshots {
		committed, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		made, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(committed, made), "%s is stale: run make testdata", name)
	}
}

// encoding/gob reads back what the generator's own writer of values wrote.
func TestSnapshotsDecodeToWhatWasMade(t *testing.T) {
	for _, row := range []struct {
		name       string
		into, made any
	}{
		{"utxo.gob", &testdata.CoinsMap{}, new(testdata.UTXO(50_000))},
		{"mempool.gob", &testdata.Mempool{}, testdata.NewMempool(1_000)},
		{"sessions.gob", &testdata.Sessions{}, testdata.NewSessions(800)},
	} {
		loadSnapshot(t, row.name, row.into)
		require.True(t, reflect.DeepEqual(row.made, row.into), row.name)
	}
}

// Values of every kind are written as encoding/gob writes them, byte by byte. Maps have one entry
// here: with more, the order is what sets the two apart.
func TestWriteGobIsEncodingGob(t *testing.T) {
	type inner struct {
		A, B int16
		C    []string
	}
	type all struct {
		Bool    bool
		Ints    []int64
		Uint    uint32
		Float   float64
		Floats  []float32
		Text    string
		Bytes   []byte
		Array   [5]byte
		Zero    [3]int
		Nested  inner
		Empty   inner
		Pointer *inner
		Nil     *inner
		Map     map[string]inner
		NoMap   map[int]int
		Drained map[int]int
		hidden  int
		Last    map[[2]byte]*uint64
	}
	number := uint64(1<<63 + 5)
	for _, v := range []any{
		7, "text", []byte("bytes"), 2.5, []int64{1, -1, 1 << 40, -1 << 62},
		map[string]int{"one": -300},
		&all{
			Bool: true, Ints: []int64{0, -1, 127, 128, -129}, Uint: 1 << 31, Float: -1.5,
			Floats: []float32{0, 17, 1e-30}, Text: "ü",
			Bytes: []byte{0, 255}, Array: [5]byte{1: 200},
			Nested: inner{B: -3, C: []string{"", "x"}}, Pointer: &inner{A: 1},
			Map:     map[string]inner{"k": {A: 2}},
			Drained: map[int]int{}, hidden: 1, Last: map[[2]byte]*uint64{{1, 2}: &number},
		},
	} {
		var ours, theirs bytes.Buffer
		require.NoError(t, gob.NewEncoder(&theirs).Encode(v))
		require.NoError(t, testdata.WriteGob(&ours, v))
		require.Equal(t, theirs.Bytes(), ours.Bytes(), "%T", v)
	}
}

func TestWriteGobRefuses(t *testing.T) {
	type unregistered struct{ X int }
	type box struct{ V any }
	require.ErrorContains(t, testdata.WriteGob(&bytes.Buffer{}, box{unregistered{1}}),
		"unregistered is not registered with encoding/gob")
	require.Error(t, testdata.WriteGob(&bytes.Buffer{}, make(chan int)), "no gob for a channel")
}
