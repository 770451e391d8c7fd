package snapshot

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The benchmarks scan streams of several shapes, and decode the same with encoding/gob into the
// type that was encoded. What is compared is the time per byte of the stream.

type benchCoin struct {
	Height   uint32
	Coinbase bool
	Value    int64
	Script   []byte
}

type benchPoint struct{ X, Y float64 }

type benchRecord struct {
	ID    int
	Name  string
	At    *benchPoint
	Tags  []string
	Score []float64
	Attrs map[string]int
}

type benchNode struct {
	Value int
	Next  *benchNode
}

// benchCases make values, and pointers to receive them.
var benchCases = []struct {
	name string
	make func(r *rand.Rand, n int) any
	into func() any
}{
	{"map", benchMap, func() any { return new(map[[36]byte]benchCoin) }},
	{"structs", benchStructs, func() any { return new([]benchRecord) }},
	{"strings", benchStrings, func() any { return new(map[string]string) }},
	{"floats", benchFloats, func() any { return new([][]float64) }},
	{"ints", benchInts, func() any { return new([][]int) }},
	{"any", benchAny, func() any { return new([]any) }},
	{"list", benchList, func() any { return new(benchNode) }},
}

func benchMap(r *rand.Rand, n int) any {
	coins := make(map[[36]byte]benchCoin, n)
	for range n {
		var key [36]byte
		for i := 0; i < 32; i += 8 {
			binary.LittleEndian.PutUint64(key[i:], r.Uint64())
		}
		key[32] = byte(r.IntN(4))
		coins[key] = benchCoin{
			r.Uint32N(900_000), r.IntN(50) == 0, r.Int64N(1e10), randomBytes(r, 22+r.IntN(13)),
		}
	}
	return coins
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func benchStructs(r *rand.Rand, n int) any {
	records := make([]benchRecord, n)
	for i := range records {
		records[i] = benchRecord{
			ID: i, Name: string(randomBytes(r, 12)), At: &benchPoint{r.Float64(), r.Float64()},
			Tags: []string{"a", "bb", "ccc"}, Score: []float64{1, 2.5, r.Float64()},
			Attrs: map[string]int{"x": 1, "y": r.IntN(1000)},
		}
	}
	return records
}

func benchStrings(r *rand.Rand, n int) any {
	m := make(map[string]string, n)
	for range n {
		m[string(randomBytes(r, 16))] = string(randomBytes(r, 24))
	}
	return m
}

func benchFloats(r *rand.Rand, n int) any {
	rows := make([][]float64, n/20)
	for i := range rows {
		for range 100 {
			rows[i] = append(rows[i], r.NormFloat64())
		}
	}
	return rows
}

func benchInts(r *rand.Rand, n int) any {
	rows := make([][]int, n/20)
	for i := range rows {
		for range 200 {
			rows[i] = append(rows[i], int(r.Int64()>>r.IntN(64)))
		}
	}
	return rows
}

func benchAny(r *rand.Rand, n int) any {
	list := make([]any, n)
	for i := range list {
		switch r.IntN(4) {
		case 0:
			list[i] = i
		case 1:
			list[i] = string(randomBytes(r, 10))
		case 2:
			list[i] = r.Float64()
		default:
			list[i] = map[string]any{"k": i, "v": "x"}
		}
	}
	return list
}

func benchList(_ *rand.Rand, n int) any {
	var head *benchNode
	for i := range n {
		head = &benchNode{i, head}
	}
	return head
}

// benchStream encodes the value of a case.
func benchStream(b *testing.B, value any) []byte {
	var stream bytes.Buffer
	require.NoError(b, gob.NewEncoder(&stream).Encode(value))
	b.SetBytes(int64(stream.Len()))
	b.ReportAllocs()
	b.ResetTimer()
	return stream.Bytes()
}

func BenchmarkScan(b *testing.B) {
	for _, c := range benchCases {
		b.Run(c.name, func(b *testing.B) {
			stream := benchStream(b, c.make(rand.New(rand.NewPCG(1, 2)), 200_000))
			for b.Loop() {
				_, err := Scan(b.Context(), bytes.NewReader(stream))
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range benchCases {
		b.Run(c.name, func(b *testing.B) {
			stream := benchStream(b, c.make(rand.New(rand.NewPCG(1, 2)), 200_000))
			for b.Loop() {
				require.NoError(b, gob.NewDecoder(io.MultiReader(bytes.NewReader(stream))).Decode(c.into()))
			}
		})
	}
}
