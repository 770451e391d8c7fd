package snapshot_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"

	"github.com/bitcoin-mem/memsize/snapshot"
)

// Scan needs neither the Go types nor the memory that decoding would take.
func ExampleScan() {
	type Coin struct {
		Height uint32
		Script []byte
	}
	type Wallet struct {
		Owner string
		Coins []Coin
	}
	var stream bytes.Buffer
	err := gob.NewEncoder(&stream).Encode(Wallet{"alice", []Coin{
		{840_000, []byte("short")}, {840_001, []byte("a longer script")}, {840_002, nil},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}

	census, err := snapshot.Scan(context.Background(), &stream)
	if err != nil {
		fmt.Println(err) // and census covers what came before
	}
	for site := range census.Sites() {
		fmt.Printf("%-16s %-8s %d values, lengths %v\n", site.Path(), site.Type, site.Count, site.Lengths)
	}
	for _, a := range census.Assumptions {
		fmt.Println(a)
	}
	// Output:
	//                  Wallet   1 values, lengths []
	// Owner            string   1 values, lengths [{5 1}]
	// Coins            []snapshot_test.Coin 1 values, lengths [{3 1}]
	// Coins[]          snapshot_test.Coin 3 values, lengths []
	// Coins[].Height   uint     3 values, lengths []
	// Coins[].Script   []uint8  3 values, lengths [{5 1} {15 1}]
	// Height uint: 4..8 bytes, assumed 8
}

// Files that were scanned apart, on several machines, make one account.
func ExampleMerge() {
	var shards []*snapshot.Census
	for _, names := range [][]string{{"alice", "bob"}, {"carol"}} {
		var stream, saved bytes.Buffer
		if err := gob.NewEncoder(&stream).Encode(names); err != nil {
			fmt.Println(err)
		}
		census, err := snapshot.Scan(context.Background(), &stream)
		if err != nil {
			fmt.Println(err)
		}
		if err := census.Save(&saved); err != nil { // some hundred bytes to send
			fmt.Println(err)
		}
		census, err = snapshot.Scan(context.Background(), &saved)
		if err != nil {
			fmt.Println(err)
		}
		shards = append(shards, census)
	}
	all, err := snapshot.Merge(shards...)
	if err != nil {
		fmt.Println(err)
	}
	for site := range all.Sites() {
		fmt.Println(site.Type, site.Count, site.Lengths)
	}
	// Output:
	// []string 2 [{1 1} {2 1}]
	// string 3 [{3 1} {5 2}]
}
