package golden_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// bucketMap has nodes of 16 bytes: a pair of 8 and a pointer. Under an allocator that rounds
// nothing, what it costs beyond them is 8 bytes for each bucket.
type bucketMap map[uint32]uint32

// bucketsOf is the number of buckets that a figure of the model core+exact holds.
func bucketsOf(bytes, length uint64) uint64 { return (bytes - 16*length) / 8 }

// The bucket counts of libstdc++'s unordered containers: of real maps up to three million entries,
// by the pricer alone beyond that.
func TestGoldenBuckets(t *testing.T) {
	const (
		reserved  = "a Go map has no reserve"
		forgotten = "a Go map forgets what was erased or moved away"
	)
	exact, err := rules.Lookup("core+exact")
	require.NoError(t, err)
	pricer := exact.NewPricer(exact.Bind(rules.TypeOf(reflect.TypeFor[bucketMap]())))
	buckets := func(n uint64) uint64 { return bucketsOf(pricer.Total(n, n), n) }
	filled := make(bucketMap)

	g := newGolden(t, "core", "memusage64", 8)
	g.run(goldenRows(t, "unordered_buckets"), func(row goldenRow) string {
		switch row.Rule {
		case "prime_list":
			g.growth(row.Primes, buckets)
		case "bucket_growth": // a container grows when each bucket has its element
			g.equal(row.BucketCount, buckets(row.Rehash), "buckets after the rehash")
			g.equal(max(row.Rehash-1, 1), buckets(row.Rehash-1), "buckets before the rehash")
		case "bucket_growth_real":
			filled.fill(row.Len)
			bytes := memsize.Dynamic(filled, memsize.WithModel(exact))
			g.equal(row.BucketCount, bucketsOf(bytes, uint64(row.Len)), "buckets of a map")
		case "bucket_range_ctor", "bucket_range_insert": // grow as single insertions do
			g.equal(row.BucketCount, buckets(uint64(row.N)), "buckets")
		case "bucket_after_clear", "bucket_after_clear_rehash0", "bucket_after_erase_to_10",
			"bucket_moved_from":
			return forgotten
		default:
			return reserved
		}
		return ""
	}, map[string]int{
		"prime_list": 1, "bucket_growth": 28, "bucket_growth_real": 20,
		"bucket_range_ctor": 1, "bucket_range_insert": 1,
	}, map[string]int{
		"bucket_ctor: " + reserved: 9, "bucket_reserve: " + reserved: 2108,
		"bucket_reserve_then_fill: " + reserved: 8, "bucket_copy_ctor: " + reserved: 8,
		"bucket_after_clear: " + forgotten: 1, "bucket_after_clear_rehash0: " + forgotten: 1,
		"bucket_after_erase_to_10: " + forgotten: 1, "bucket_moved_from: " + forgotten: 8,
	})
}

// fill gives m the entries up to n: rows come in the order of their lengths, or start anew.
func (m bucketMap) fill(n int) {
	if len(m) > n {
		clear(m)
	}
	for i := len(m); i < n; i++ {
		m[uint32(i)] = 0
	}
}

// growth checks each step of growth up to 2^58 buckets against libstdc++'s list of primes: the
// next count is the first prime of the list that is at least twice the one before.
func (g *golden) growth(primes []uint64, buckets func(n uint64) uint64) {
	count := buckets(1)
	for count < 1<<58 {
		want := uint64(0)
		for _, prime := range primes {
			if prime >= 2*count {
				want = prime
				break
			}
		}
		next := buckets(count + 1)
		g.equal(want, next, "buckets after growth")
		if next <= count {
			return
		}
		count = next
	}
}
