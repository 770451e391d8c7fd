package golden_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// What the crate bitcoin-mem can measure, and the Go twin of it. A user of the crate finds here:
//
//	the crate                      here
//	DynamicUsage                   memsize.Dynamic
//	RecursiveDynamicUsage          memsize.Of (and PerReference, for an Arc held twice)
//	IncrementalDynamicUsage        memsize.Incremental
//	malloc_usage                   malloc.Usage
//	Vec<T>                         []T
//	HashMap<K, V>, HashSet<K>      map[K]V, map[K]struct{}
//	Box<T>                         *T
//	Arc<T>                         *T, tag shared_ptr
//	Option<Arc<T>>                 **T, tag option<shared_ptr>
//	Amo<T>                         *T, tag amo
//	PreVector<T, N>                []T, tag prevector=N
//	*const T                       *T, tag raw
//
// The crate's HashSet and HashMap are len nodes in one block: a node has a colour of 4 bytes and
// three pointers, which repr(Rust) packs around the element.
type (
	crateArc struct {
		F *uint64 `memusage:"shared_ptr"`
	}
	crateArcVec struct {
		F *[]uint32 `memusage:"shared_ptr"`
	}
	crateVecArcVec struct {
		F []*[]uint32 `memusage:"vector<shared_ptr>"`
	}
	crateOptionBox struct {
		F **uint64 `memusage:"option<unique_ptr>"`
	}
	crateOptionArcVec struct {
		F **[]uint32 `memusage:"option<shared_ptr>"`
	}
	crateAmoVec struct {
		F *[]uint32 `memusage:"amo"`
	}
	cratePreVector struct {
		F []byte `memusage:"prevector=28"`
	}
	crateRaw struct {
		F *[1000]byte `memusage:"raw"`
	}
	crateTuple struct { // (u8, u32, u16): repr(Rust) makes 8 bytes of it, C++ 12
		A uint8
		B uint32
		C uint16
	}
)

func crateMap(n uint32) map[uint32]uint64 {
	m := make(map[uint32]uint64)
	for i := range n {
		m[i] = 1
	}
	return m
}

func crateSet(n uint32) map[uint32]struct{} {
	m := make(map[uint32]struct{})
	for i := range n {
		m[i] = struct{}{}
	}
	return m
}

func TestCrateScenarios(t *testing.T) {
	const (
		header = 16 // of an Arc: two counters
		vec    = 24 // size of a Vec: pointer, capacity, length
	)
	ten := new(make([]uint32, 10)) // 40 bytes
	number := new(uint64(7))
	for _, row := range []struct {
		why       string
		value     any
		shallow   uint64 // DynamicUsage
		recursive uint64 // RecursiveDynamicUsage
	}{
		{"numbers own nothing", uint64(1), 0, 0},
		{"nor do arrays of them", [32]byte{}, 0, 0},
		{"a Vec owns its capacity, not its length", make([]uint16, 1, 10), m64(20), m64(20)},
		{"an empty Vec owns nothing", []uint64{}, 0, 0},
		{"a Vec of tuples, whose fields move to save room", make([]crateTuple, 3),
			m64(3 * 8), m64(3 * 8)},
		{"a Vec in a Vec: the crate stops at the outer one, Of goes on",
			[][]byte{make([]byte, 5), nil}, m64(2 * vec), m64(2*vec) + m64(5)},
		{"a Box", number, m64(8), m64(8)},
		{"a Box of a Vec", ten, m64(vec), m64(vec) + m64(40)},
		{"a Box of nothing", new(struct{}{}), 0, 0},
		{"an Arc has its counters in the same block", crateArc{number},
			m64(header + 8), m64(header + 8)},
		{"an Arc of a Vec", crateArcVec{ten}, m64(header + vec), m64(header+vec) + m64(40)},
		{"an Arc held twice: Of charges it once", crateVecArcVec{[]*[]uint32{ten, ten}},
			m64(2 * 8), m64(2*8) + m64(header+vec) + m64(40)},
		{"None", crateOptionBox{}, 0, 0},
		{"Some: an Option owns nothing, what is in it does", crateOptionBox{&number}, 0, m64(8)},
		{"Some(Arc)", crateOptionArcVec{&ten}, 0, m64(header+vec) + m64(40)},
		{"an empty Amo has its lock: a word and the Option", crateAmoVec{},
			m64(header + 8 + vec), m64(header + 8 + vec)},
		{"a full Amo", crateAmoVec{ten}, m64(header + 8 + vec), m64(header+8+vec) + m64(40)},
		{"a PreVector up to its inline capacity", cratePreVector{make([]byte, 3, 28)}, 0, 0},
		{"a PreVector beyond it", cratePreVector{make([]byte, 3, 29)}, m64(29), m64(29)},
		{"a HashSet is one block of nodes: 28 bytes and the element", crateSet(10),
			m64(10 * 32), m64(10 * 32)},
		{"an empty HashSet", crateSet(0), 0, 0},
		{"a HashMap", crateMap(1000), m64(1000 * 48), m64(1000 * 48)},
		{"a HashMap of Strings: 24 bytes each, no inline text",
			map[string]string{"key": "a value"}, m64(28 + 48 + 4), m64(28+48+4) + m64(3) + m64(7)},
		{"raw pointers are not followed", crateRaw{new([1000]byte)}, 0, 0},
	} {
		crate := memsize.WithModel(rules.Crate())
		require.Equal(t, row.shallow, memsize.Dynamic(row.value, crate), "Dynamic: %s", row.why)
		require.Equal(t, row.recursive, memsize.Of(row.value, crate), "Of: %s", row.why)
	}
}

// The crate charges an Arc for each reference to it.
func TestCrateChargesArcsPerReference(t *testing.T) {
	ten := new(make([]uint32, 10))
	twice := crateVecArcVec{[]*[]uint32{ten, ten}}
	require.Equal(t, m64(2*8)+2*(m64(16+24)+m64(40)),
		memsize.Of(twice, memsize.WithModel(rules.Crate()), memsize.PerReference()))
}

// One more element costs a node; the crate's own tests go from none to one, where that is the
// difference as well.
func TestCrateIncremental(t *testing.T) {
	crate := memsize.WithModel(rules.Crate())
	for _, row := range []struct {
		why               string
		empty, one        any
		increment, really uint64
	}{
		{"HashSet<u32>", crateSet(0), crateSet(1), m64(32), m64(32)},
		{"HashMap<u32, u64>", crateMap(0), crateMap(1), m64(48), m64(48)},
		{"from one to two, the block grows by less", crateSet(1), crateSet(2), m64(32), 32},
	} {
		got, err := memsize.Incremental(row.empty, crate)
		require.NoError(t, err)
		require.Equal(t, row.increment, got, row.why)
		difference := memsize.Dynamic(row.one, crate) - memsize.Dynamic(row.empty, crate)
		require.Equal(t, row.really, difference, row.why)
	}
	for _, none := range []any{[]uint32{1}, new(uint64), cratePreVector{}, crateArc{}} {
		_, err := memsize.Incremental(none, crate)
		require.ErrorIs(t, err, memsize.ErrNoIncrement, "%T", none)
	}
}
