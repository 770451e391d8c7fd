package main

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// flatSizes are the inputs of the memory table, in bytes after decompression.
var flatSizes = []int64{1e6, 1e7, 1e8, 1e9, 5e9}

// flatTable shows the peak memory of a scan by the size and compression of its input, which is
// made while it is read.
func flatTable() error {
	head, block, err := blocks()
	if err != nil {
		return err
	}
	fmt.Println("| input MB | plain MiB | gzip MiB | zstd MiB |\n|--:|--:|--:|--:|")
	for _, size := range flatSizes {
		fmt.Printf("| %.0f |", float64(size)/1e6)
		for _, compression := range []string{"plain", "gzip", "zstd"} {
			in, err := flatInput(compression, head, block, size)
			if err != nil {
				return err
			}
			s, err := child(in, "-task", "scan")
			if err != nil {
				return err
			}
			fmt.Printf(" %.1f |", mib(s.Peak))
		}
		fmt.Println()
	}
	return nil
}

// flatInput is a stream of many messages: the same over and over, in the memory of one. No
// compression minds that its pieces were compressed apart.
func flatInput(compression string, head, block []byte, size int64) (io.Reader, error) {
	first, err := compress(compression, head)
	if err != nil {
		return nil, err
	}
	again, err := compress(compression, block)
	times := max((size-int64(len(head)))/int64(len(block)), 1)
	return io.MultiReader(bytes.NewReader(first), &repeat{piece: again, times: times}), err
}

// blocks are a message with the definitions of its types, and one without.
func blocks() (head, block []byte, err error) {
	var out bytes.Buffer
	encoder := gob.NewEncoder(&out)
	coins := make(map[[36]byte]coin)
	for r := rand.New(rand.NewPCG(1, 2)); len(coins) < 3000; {
		coins[randomKey(r)] = randomCoin(r)
	}
	if err := encoder.Encode(coins); err != nil {
		return nil, nil, err
	}
	head = bytes.Clone(out.Bytes())
	out.Reset()
	err = encoder.Encode(coins)
	return head, out.Bytes(), err
}

func compress(compression string, piece []byte) ([]byte, error) {
	var out bytes.Buffer
	var w io.WriteCloser
	switch compression {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zstd":
		zip, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
		if err != nil {
			return nil, err
		}
		w = zip
	default:
		return piece, nil
	}
	if _, err := w.Write(piece); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

// repeat reads a piece so many times.
type repeat struct {
	piece []byte
	at    int
	times int64
}

func (r *repeat) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if r.at == len(r.piece) {
			r.at = 0
			r.times--
		}
		if r.times <= 0 {
			return n, io.EOF
		}
		step := copy(b[n:], r.piece[r.at:])
		r.at += step
		n += step
	}
	return n, nil
}
