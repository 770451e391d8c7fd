package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/rules"
)

// large are values of 10^9 bytes without sharing and of light tails, by the size of their elements.
var large = []struct {
	name string
	make func() any
}{
	{"`map[uint64][120]byte`, 7.5 million", func() any {
		m := make(map[uint64][120]byte)
		for i := range uint64(7_500_000) {
			m[i] = [120]byte{}
		}
		return m
	}},
	{"`[][]byte`, 10 thousand of 100 kB", func() any { return slicesOf(10_000, 100_000) }},
	{"`[][]byte`, 100 thousand of 10 kB", func() any { return slicesOf(100_000, 10_000) }},
	{"`[][]byte`, 1 million of 1 kB", func() any { return slicesOf(1_000_000, 1000) }},
	{"`[]*[1000]byte`, 1 million", func() any {
		list := make([]*[1000]byte, 1_000_000)
		for i := range list {
			list[i] = new([1000]byte)
		}
		return list
	}},
	{"`[][]byte`, 10 million of 100 B", func() any { return slicesOf(10_000_000, 100) }},
	{"`[][]byte`, 10 million of 16 B, one of 800 MB", func() any {
		list := slicesOf(10_000_000, 16)
		list[7_654_321] = make([]byte, 800_000_000)
		return list
	}},
}

// slicesOf is n slices of about a size.
func slicesOf(n, size int) [][]byte {
	list := make([][]byte, n)
	for i := range list {
		list[i] = make([]byte, size*9/10+i%(size/5+1))
	}
	return list
}

// gigabytes measures values of 1 GB in 1 ms, and in 10.
func gigabytes(page *bytes.Buffer, seed uint64) {
	fmt.Fprintf(page, "\n### Values of 10^9 bytes in 1 ms and 10 ms\n\n")
	fmt.Fprintln(page, "| value | model | truth | budget | took | low | guess | high | width / truth |")
	fmt.Fprintln(page, "|---|---|---|---|---|---|---|---|---|")
	for _, l := range large {
		v := l.make()
		runtime.GC()
		for _, m := range []*rules.Model{rules.Core(), rules.Go()} {
			truth := memsize.Of(v, memsize.WithModel(m))
			for _, budget := range []time.Duration{time.Millisecond, 10 * time.Millisecond} {
				memsize.Estimate(v, budget, memsize.WithModel(m)) // types are compiled
				begin := time.Now()
				e := memsize.Estimate(v, budget, memsize.WithModel(m), memsize.Seed(seed))
				took := time.Since(begin)
				width := fmt.Sprintf("%.1f %%", 100*float64(e.High-e.Low)/float64(truth))
				high := show.Bytes(e.High)
				if e.High == math.MaxUint64 {
					width, high = "unbounded", "unbounded"
				}
				if e.Exact {
					width = "exact"
				}
				fmt.Fprintf(page, "| %s | %s | %s | %v | %.1f ms | %s | %s | %s | %s |\n", l.name, m.Name(),
					show.Bytes(truth), budget, took.Seconds()*1e3, show.Bytes(e.Low), show.Bytes(e.Bytes),
					high, width)
			}
		}
		runtime.KeepAlive(v)
		fmt.Fprintln(os.Stderr, l.name, "is done")
	}
}
