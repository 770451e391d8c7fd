package decoding_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"

	"github.com/bitcoin-mem/memsize/internal/decoding"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// Before a program of 64 bits decodes a stream: what the values will hold, and what encoding/gob
// holds besides until it is done, most of it the message that it reads whole.
func ExampleOf() {
	var stream bytes.Buffer
	if err := gob.NewEncoder(&stream).Encode(make([][36]byte, 100_000)); err != nil {
		panic(err)
	}
	census, err := snapshot.Scan(context.Background(), &stream)
	if err != nil {
		panic(err)
	}
	need, err := decoding.Of(census, rules.Go(), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println("values:", need.Result, "bytes")
	fmt.Println("the message is most of what is held besides:", 2*need.Buffer > need.Beyond)
	// Output:
	// values: 3604480 bytes
	// the message is most of what is held besides: true
}
