package rules

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whole structures are held against real ones in the root package (TestLibstdcxxEqualsTheHeap).
// Here is what each formula asks for, container by container, and why.
type realContainers struct {
	Bits    []bool
	Text    string
	Bytes   []byte                 `memusage:"string"`
	Words   map[string]struct{}    //
	Maybe   map[*string]uint64     `memusage:"unordered_map<option, _>"`
	Chars   [][]byte               `memusage:"unordered_set<string>"`
	Vectors [][]byte               `memusage:"unordered_set<vector>"`
	Numbers map[uint32]uint32      //
	Points  map[[36]byte][6]uint64 //
	Tails   map[[20]byte]uint8     //
	Nothing map[struct{}]struct{}  //
	Tree    map[[20]byte]uint8     `memusage:"map"`
	Set     map[struct{}]struct{}  `memusage:"set"`
	Linked  [][5]byte              `memusage:"list"`
	Shared  *[36]byte              `memusage:"shared_ptr"`
	Wide    *uint64                `memusage:"shared_ptr"`
	Void    *struct{}              `memusage:"shared_ptr"`
	Unique  *struct{}              //
	Locked  *uint32                `memusage:"amo"`
	Pool    map[uint32]uint32      `memusage:"pool_unordered_map=4096"`
	Inside  map[uint32][96]byte    `memusage:"pool_unordered_map=4096"`
	Strings map[string]uint64      `memusage:"pool_unordered_map=4096"`
}

func TestLibstdcxxAsks(t *testing.T) {
	exact := mustLookup("libstdcxx+exact")
	root := exact.Bind(TypeOf(reflect.TypeFor[realContainers]()))
	for _, row := range []struct {
		why              string
		field            string
		length, capacity uint64
		want             uint64
	}{
		{"no bits, no words", "Bits", 0, 0, 0},
		{"a bit is a word", "Bits", 1, 1, 8},
		{"a word of bits", "Bits", 64, 64, 8},
		{"and one more", "Bits", 65, 65, 16},
		{"the capacity decides", "Bits", 1, 129, 24},
		{"15 characters are inside", "Text", 15, 15, 0},
		{"16 are not, and have a NUL", "Text", 16, 16, 17},
		{"the capacity and the NUL", "Bytes", 16, 30, 31},
		{"a short one is inside, whatever Go's capacity", "Bytes", 3, 100, 0},
		{"an empty table has its bucket inside", "Numbers", 0, 0, 0},
		{"a link and a pair of 8; 13 buckets", "Numbers", 1, 1, 16 + 13*8},
		{"the 14th element does not fit 13 buckets", "Numbers", 14, 14, 14*16 + 29*8},
		{"a pair of 88 with a hole of 4", "Points", 1, 1, 8 + 88 + 13*8},
		{"a pair of 21 bytes: the tail is lost, nothing is put there", "Tails", 1, 1, 32 + 13*8},
		{"a class without members is a byte", "Nothing", 1, 1, 16 + 13*8},
		{"the hash of a string is kept", "Words", 1, 1, 8 + 32 + 8 + 13*8},
		{"also of a string that is a []byte in Go", "Chars", 1, 1, 8 + 32 + 8 + 13*8},
		{"and of an optional one", "Maybe", 1, 1, 8 + 48 + 8 + 13*8},
		{"but not of a vector, which has no std::hash: one's own is noexcept", "Vectors", 1, 1,
			8 + 24 + 13*8},
		{"a colour, three pointers, 21 bytes", "Tree", 1, 1, 32 + 24},
		{"an empty class in a tree", "Set", 1, 1, 40},
		{"two pointers, 5 bytes", "Linked", 1, 1, 24},
		{"counters and object in one block", "Shared", 1, 1, 16 + 40},
		{"no hole", "Wide", 1, 1, 16 + 8},
		{"an object without members is a byte", "Void", 1, 1, 24},
		{"nothing shared, no counters", "Wide", 0, 0, 0},
		{"new of an empty class is 1 byte", "Unique", 1, 1, 1},
		{"counters, lock, std::optional<uint32_t>", "Locked", 1, 1, 16 + 8 + 8},
		{"the lock is there without the value", "Locked", 0, 0, 16 + 8 + 8},
		{"a pool has its first chunk, and a node in its list", "Pool", 0, 0, 4096 + 24},
		{"13 buckets (104 bytes) are bigger than a block of 8 + 32 may be", "Pool", 1, 1,
			4096 + 24 + 13*8},
		{"256 nodes of 16 bytes fill a chunk", "Pool", 256, 256, 4096 + 24 + 257*8},
		{"one more needs another", "Pool", 257, 257, 2*(4096+24) + 257*8},
		{"13 buckets in a chunk, where a block may have 100 + 32: nothing else is asked for",
			"Inside", 13, 13, 4096 + 24},
		{"29 buckets (232 bytes) are too big for it", "Inside", 14, 14, 4096 + 24 + 29*8},
		{"nodes with hashes: 73 of 56 bytes in a chunk", "Strings", 73, 73, 4096 + 24 + 127*8},
		{"the 74th in the next", "Strings", 74, 74, 2*(4096+24) + 127*8},
	} {
		p := exact.NewPricer(fieldNamed(exact, root, row.field))
		require.Equal(t, row.want, p.Usage(row.length, row.capacity).Total(), "%s: %s", row.field,
			row.why)
	}
}

// fieldNamed is the Binding of a field by its name.
func fieldNamed(m *Model, b Binding, name string) Binding {
	for i := range b.Type.NumField() {
		if b.Type.Field(i).Name == name {
			return m.Field(b, i)
		}
	}
	panic("no field " + name)
}

// TestLibstdcxxIsNeverDearer: with the same allocator the real containers ask for no more than
// Core's formulas say, but for what Core leaves out: a NUL for each string, a hash for each node,
// the byte of a class without members, which lies in no base class here.
func TestLibstdcxxIsNeverDearer(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 2026))
	core, real := mustLookup("core+exact"), LibStdCxx()
	exact := mustLookup("libstdcxx+exact")
	require.Equal(t, "glibc", real.Allocator().Name())
	typ := TypeOf(reflect.TypeFor[realContainers]())
	root := core.Bind(typ)
	for i := range typ.NumField() {
		b := core.Field(root, i)
		require.Equal(t, core.Shape(b), real.Shape(b), "what lies inline is alike")
		require.Equal(t, core.Reach(b).Inline, real.Reach(b).Inline)
		if typ.Field(i).Name == "Strings" {
			continue // larger nodes may need whole chunks more
		}
		for range 200 {
			n := random.Uint64N(1 << random.IntN(20))
			left := n + 1 // the NUL
			if real.isSlowHash(b) || typ.Field(i).Name == "Nothing" {
				left += 8 * n
			}
			said, asked := core.NewPricer(b).Usage(n, n), exact.NewPricer(b).Usage(n, n)
			require.LessOrEqual(t, asked.Total(), said.Total()+left, "%s, %d", typ.Field(i).Name, n)
		}
	}
}

// TestNode: what a container of some elements takes grows by a Node with each, as long as the
// buckets stay.
func TestNode(t *testing.T) {
	typ := TypeOf(reflect.TypeFor[priced]())
	for _, m := range pricedModels(t) {
		if m.IsGoHeap() {
			continue // of a Go heap
		}
		root, nodes := m.Bind(typ), 0
		for i := range typ.NumField() {
			p := m.NewPricer(m.Field(root, i))
			node, ok := p.Node()
			if !ok {
				continue
			}
			nodes++
			name := m.Name() + " " + typ.Field(i).Name
			if increment, ok := p.Increment(); ok && node.Rounding+increment > 0 {
				require.Equal(t, increment, node.Total(), name)
				require.Equal(t, p.Usage(2, 2), p.Usage(1, 1).Plus(node), name)
				require.Equal(t, p.Usage(13, 13), p.Usage(1, 1).Plus(node.Times(12)), name)
				continue
			}
			rest := p.Usage(1, 1) // a pointer: the block, and a shared_ptr's counters
			require.GreaterOrEqual(t, rest.Total(), node.Total(), name)
			require.Equal(t, node.Used, rest.Used, name)
		}
		require.NotZero(t, nodes, m.Name())
	}
}
