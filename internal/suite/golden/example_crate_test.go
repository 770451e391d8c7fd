package golden_test

import (
	"fmt"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// Peer is a Rust struct's twin: Arc<Vec<u64>>, Option<Box<[u8; 32]>>, PreVector<u8, 16>.
type Peer struct {
	Blocks  *[]uint64  `memusage:"shared_ptr"`
	Key     **[32]byte `memusage:"option<unique_ptr>"`
	Address []byte     `memusage:"prevector=16"`
}

// The crate bitcoin-mem's three questions, under its own rules: DynamicUsage,
// RecursiveDynamicUsage, IncrementalDynamicUsage.
func Example_crate() {
	crate := memsize.WithModel(rules.Crate())
	blocks := make([]uint64, 100)
	peer := Peer{Blocks: &blocks, Address: make([]byte, 16)}

	fmt.Println("the Arc:", memsize.Dynamic(peer, crate))
	fmt.Println("and its Vec:", memsize.Of(peer, crate))

	scores := map[uint32]uint64{1: 90}
	more, err := memsize.Incremental(scores, crate)
	fmt.Println("one more entry of a HashMap:", more, err)

	// Output:
	// the Arc: 64
	// and its Vec: 880
	// one more entry of a HashMap: 64 <nil>
}
