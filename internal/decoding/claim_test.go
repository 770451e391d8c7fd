package decoding_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/decoding"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// claiming is a gob of a map[string]string with one entry that claims to have n, up to 2^32-1.
func claiming(n uint64) []byte {
	head := "\x0d\x7f\x04\x01\x02\xff\x80\x00\x01\x0c\x01\x0c\x00\x00"
	body := []byte{0xff, 0x80, 0x00, 0xfc, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), 1, 'a', 1, 'b'}
	return append(append([]byte(head), byte(len(body))), body...)
}

// What a map claims, encoding/gob allocates before it fails: as much as the claim says.
func TestClaim(t *testing.T) {
	for _, n := range []uint64{2, 8, 9, 100, 1000, 5000, 100_000, 1 << 20, 3 << 20} {
		stream := claiming(n)
		c, err := snapshot.Scan(t.Context(), bytes.NewReader(stream))
		require.ErrorIs(t, err, snapshot.ErrFormat)
		claim := decoding.ClaimOf(c, rules.Go())
		require.Equal(t, n, claim.Entries)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var m map[string]string
		require.Error(t, gob.NewDecoder(bytes.NewReader(stream)).Decode(&m))
		runtime.ReadMemStats(&after)
		allocated := after.TotalAlloc - before.TotalAlloc
		require.LessOrEqual(t, claim.Bytes, allocated, "%d entries", n)
		require.InDelta(t, claim.Bytes, allocated, 64<<10, "%d entries", n) // the decoder's own, too

		var saved bytes.Buffer
		require.NoError(t, c.Save(&saved))
		again, _ := snapshot.Scan(t.Context(), &saved)
		require.Equal(t, claim, decoding.ClaimOf(again, rules.Go()))
	}
}

// A map that claims gigabytes, in 26 bytes; a complete one claims nothing.
func ExampleClaimOf() {
	c, _ := snapshot.Scan(context.Background(), bytes.NewReader(claiming(1<<30-1)))
	claim := decoding.ClaimOf(c, rules.Go())
	fmt.Println(claim.Entries, claim.Bytes>>30, "GiB")
	// Output: 1073741823 80 GiB
}
