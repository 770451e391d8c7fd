package main

import (
	"bufio"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"io"
	"math/rand/v2"
	"os"
)

// corpus is one shape of snapshot.
type corpus struct {
	name string
	goal float64 // times as fast as decoding
	// full is how many elements the snapshot has at -scale 1.
	full  int
	write func(file *os.File, n int) error
	// decode reads the stream as its own program would.
	decode func(r io.Reader) error
}

var corpora = []corpus{
	{"map, one value", 25, 5_000_000, writeMap, decodeInto[map[[36]byte]coin]},
	{"map, messages of 1,000", 12, 5_000_000, writeMessages, decodeInto[map[[36]byte]coin]},
	{"map[string]string", 12, 5_000_000, writeStrings, decodeInto[map[string]string]},
	{"[]struct", 10, 1_000_000, writeRecords, decodeInto[[]record]},
	{"[][]float64", 6, 20_000_000, writeFloats, decodeInto[[][]float64]},
	{"[][]int", 6, 40_000_000, writeInts, decodeInto[[][]int]},
	{"[]any", 6, 2_000_000, writeAny, decodeInto[[]any]},
	{"linked list", 50, 1_000_000, writeList, decodeInto[listNode]},
}

type coin struct {
	Height   uint32
	Coinbase bool
	Value    int64
	Script   []byte
}

type point struct{ X, Y float64 }

type record struct {
	ID    int
	Name  string
	At    *point
	Tags  []string
	Score []float64
	Attrs map[string]int
}

type listNode struct {
	Value int
	Next  *listNode
}

// decodeInto decodes all values of a stream, each into a new T.
func decodeInto[T any](r io.Reader) error {
	gob.Register(map[string]any{})
	d := gob.NewDecoder(r)
	for {
		if err := d.Decode(new(T)); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// write writes a value of n elements; parts gives what one consists of (a map's has two).
func write(file *os.File, n int, parts func(r *rand.Rand, i int) []any, samples ...any) error {
	v, err := newLargeValue(file, samples...)
	if err != nil {
		return err
	}
	v.count(n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		for _, part := range parts(r, i) {
			if err := v.element(part); err != nil {
				return err
			}
		}
	}
	return v.close()
}

func randomKey(r *rand.Rand) (key [36]byte) {
	for i := 0; i < 32; i += 8 {
		binary.LittleEndian.PutUint64(key[i:], r.Uint64())
	}
	key[32] = byte(r.IntN(4))
	return key
}

func randomCoin(r *rand.Rand) coin {
	return coin{r.Uint32N(900_000), r.IntN(50) == 0, r.Int64N(1e10), randomBytes(r, 22+r.IntN(13))}
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func writeMap(file *os.File, n int) error {
	return write(file, n, func(r *rand.Rand, _ int) []any {
		return []any{randomKey(r), randomCoin(r)}
	}, map[[36]byte]coin{})
}

func writeMessages(file *os.File, n int) error {
	out := bufio.NewWriterSize(file, 1<<20)
	encoder := gob.NewEncoder(out)
	r := rand.New(rand.NewPCG(1, 2))
	for range n / 1000 {
		coins := make(map[[36]byte]coin, 1000)
		for range 1000 {
			coins[randomKey(r)] = randomCoin(r)
		}
		if err := encoder.Encode(coins); err != nil {
			return err
		}
	}
	return out.Flush()
}

func writeStrings(file *os.File, n int) error {
	return write(file, n, func(r *rand.Rand, _ int) []any {
		return []any{string(randomBytes(r, 16)), string(randomBytes(r, 8+r.IntN(40)))}
	}, map[string]string{})
}

func writeRecords(file *os.File, n int) error {
	return write(file, n, func(r *rand.Rand, i int) []any {
		return []any{record{
			ID: i, Name: string(randomBytes(r, 12)), At: &point{r.Float64(), r.Float64()},
			Tags: []string{"a", "bb", "ccc"}, Score: []float64{1, 2.5, r.Float64()},
			Attrs: map[string]int{"x": 1, "y": r.IntN(1000)},
		}}
	}, []record{})
}

func writeFloats(file *os.File, n int) error {
	return write(file, n/100, func(r *rand.Rand, _ int) []any {
		row := make([]float64, 100)
		for i := range row {
			row[i] = r.NormFloat64()
		}
		return []any{row}
	}, [][]float64{})
}

// writeInts writes integers of all widths, all as likely.
func writeInts(file *os.File, n int) error {
	return write(file, n/200, func(r *rand.Rand, _ int) []any {
		row := make([]int, 200)
		for i := range row {
			row[i] = int(r.Int64() >> r.IntN(64))
		}
		return []any{row}
	}, [][]int{})
}

// box holds an interface value: between the number of its field and the zero that ends it.
type box struct{ V any }

func writeAny(file *os.File, n int) error {
	gob.Register(map[string]any{})
	v, err := newLargeValue(file, box{}, map[string]any{}, []any{})
	if err != nil {
		return err
	}
	v.count(n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		b, err := v.payload(box{randomAny(r, i)})
		if err != nil {
			return err
		}
		v.write(b[1 : len(b)-1])
	}
	return v.close()
}

func randomAny(r *rand.Rand, i int) any {
	switch r.IntN(4) {
	case 0:
		return i
	case 1:
		return string(randomBytes(r, 10))
	case 2:
		return r.Float64()
	}
	return map[string]any{"k": i, "v": "x"}
}

// writeList opens n nodes and closes them all at the end, as the wire does.
func writeList(file *os.File, n int) error {
	v, err := newLargeValue(file, listNode{})
	if err != nil {
		return err
	}
	for i := range n {
		b, err := v.payload(listNode{Value: i + 1})
		if err != nil {
			return err
		}
		v.write(b[:len(b)-1])
		if i < n-1 {
			v.write([]byte{1})
		}
	}
	v.write(make([]byte, n))
	return v.close()
}
