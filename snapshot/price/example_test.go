package price_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"

	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// A stream is scanned once and priced as often as one likes: under Bitcoin Core's rules as it is,
// and with the coins in a list.
func ExamplePrice() {
	type Coin struct {
		Value  int64
		Script []byte
	}
	var stream bytes.Buffer
	coins := []Coin{{50_0000_0000, make([]byte, 25)}, {1_0000_0000, make([]byte, 67)}}
	if err := gob.NewEncoder(&stream).Encode(coins); err != nil {
		fmt.Println(err)
		return
	}
	census, err := snapshot.Scan(context.Background(), &stream)
	if err != nil {
		fmt.Println(err)
		return
	}
	list, err := price.ParsePathRule(".=list")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, paths := range [][]price.PathRule{nil, {list}} {
		r, err := price.Price(census, []*rules.Model{rules.Core()}, paths)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Total, "bytes:", r.Tree.Own, "of coins,", r.Total-r.Tree.Own, "of scripts")
	}
	// Output:
	// 224 bytes: 80 of coins, 144 of scripts
	// 272 bytes: 128 of coins, 144 of scripts
}
