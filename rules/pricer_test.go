package rules

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/stretchr/testify/require"
)

type (
	padded struct {
		A uint8
		B uint64
		C uint16
	}
	priced struct {
		V  []padded
		B  []bool
		Z  []struct{}
		P  []padded            `memusage:"prevector=3"`
		L  []padded            `memusage:"list"`
		S  []padded            `memusage:"set"`
		US []padded            `memusage:"unordered_set"`
		T  string              //
		TB []byte              `memusage:"string"`
		TV string              `memusage:"vector"`
		M  map[string]padded   `memusage:"map"`
		MS map[padded]struct{} `memusage:"map"`
		I  map[padded]uint16   `memusage:"indirectmap"`
		U  map[uint8]padded
		UE map[uint16]struct{}
		Q  map[uint8]padded `memusage:"pool_unordered_map=512"`
		QS map[uint8]uint8  `memusage:"pool_unordered_map=1"`
		X  *padded
		SH *padded   `memusage:"shared_ptr"`
		R  *padded   `memusage:"raw"`
		O  *padded   `memusage:"option"`
		A  *padded   `memusage:"amo"`
		E  *struct{} //
		D  *padded   `memusage:"-"`
		C  chan padded
		N  uint64
	}
)

// pricedModels is every model, with and without rules of one's own.
func pricedModels(t testing.TB) []*Model {
	var models []*Model
	for _, name := range Names() {
		m, err := Lookup(name)
		require.NoError(t, err)
		models = append(models, m)
	}
	return append(models, Core().With(ForType[padded](wordRule{}), ForKind(reflect.Chan, wordRule{})))
}

// wordRule charges one word an element; it cannot be compared, as a rule of someone's own may.
type wordRule struct{ _ []int }

func (wordRule) String() string                     { return "word" }
func (wordRule) Inline(Container) Shape             { return Shape{Size: 24, Align: 8} }
func (wordRule) Usage(c Container) Parts            { return Parts{Used: mul(c.Len, 8)} }
func (wordRule) Increment(Container) (uint64, bool) { return 8, true }

// randomLength favours what is small, powers of two, and what overflows.
func randomLength(r *rand.Rand) uint64 {
	switch r.IntN(6) {
	case 0:
		return ^uint64(0) - r.Uint64N(3)
	case 1:
		return 1<<r.IntN(64) + r.Uint64N(3) - 1
	}
	return r.Uint64N(1 << r.IntN(20))
}

func TestPartsSumToTotal(t *testing.T) {
	seed := seed.Of(t)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, m := range pricedModels(t) {
		root := m.Bind(TypeOf(reflect.TypeFor[priced]()))
		require.NoError(t, m.Check(reflect.TypeFor[priced]()))
		for i := range reflect.TypeFor[priced]().NumField() {
			field := reflect.TypeFor[priced]().Field(i)
			p := m.NewPricer(m.Field(root, i))
			last := uint64(0)
			for n := range 400 {
				length, capacity := uint64(n), uint64(n)
				if n >= 100 {
					length, capacity = randomLength(r), randomLength(r)
				}
				parts := p.Usage(length, capacity)
				total := p.Total(length, capacity)
				require.Equal(t, total, parts.Total(), "%s %s len %d cap %d: %+v",
					m.Name(), field.Name, length, capacity, parts)
				require.LessOrEqual(t, parts.Used, parts.Total())
				if n < 100 {
					require.GreaterOrEqual(t, total, last, "%s %s: more costs no less",
						m.Name(), field.Name)
					last = total
				}
			}
			if n, ok := p.Increment(); ok && m.world.asIf {
				require.Positive(t, n)
			}
		}
	}
}

func TestTotalsSaturate(t *testing.T) {
	huge := ^uint64(0)
	root := Core().Bind(TypeOf(reflect.TypeFor[priced]()))
	for i := range reflect.TypeFor[priced]().NumField() {
		f := reflect.TypeFor[priced]().Field(i)
		p := Core().NewPricer(Core().Field(root, i))
		switch {
		case f.Type.Kind() == reflect.Pointer, f.Name == "Z", f.Name == "N":
			continue // no length to speak of
		}
		require.Equal(t, huge, p.Total(huge, huge), f.Name)
		require.Equal(t, huge, p.Total(huge-1, 0), f.Name)
	}
}

func TestPricerAllocatesNothing(t *testing.T) {
	for _, m := range pricedModels(t) {
		root := m.Bind(TypeOf(reflect.TypeFor[priced]()))
		for i := range reflect.TypeFor[priced]().NumField() {
			p := m.NewPricer(m.Field(root, i))
			require.Zero(t, testing.AllocsPerRun(10, func() {
				p.Usage(1000, 2000)
				p.Total(1000, 2000)
				p.Increment()
			}), "%s field %d", m.Name(), i)
		}
	}
}

// A pool filled in one go must be the pool filled element by element.
func TestPoolOneByOne(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		pointer := uint64(4 << r.IntN(2))
		entry := pointer * (1 + r.Uint64N(40))
		maxBlock, node := entry+4*pointer, entry+pointer
		if r.IntN(10) == 0 {
			node = maxBlock + pointer // over-aligned
		}
		chunk := maxBlock + r.Uint64N(4000)
		n := r.Uint64N(3000)
		fast := newPool(pointer, maxBlock, chunk, node, pointer)
		fast.insert(n)
		require.Equal(t, naivePoolChunks(pointer, maxBlock, chunk, node, n), fast.chunks,
			"pointer %d node %d chunk %d n %d", pointer, node, chunk, n)
	}
}

// naivePoolChunks is PoolResource step by step, with a free list for every size.
func naivePoolChunks(pointer, maxBlock, chunk, node, n uint64) uint64 {
	free := map[uint64]int{}
	chunk = alignUp(chunk, pointer)
	chunks, left := uint64(1), chunk
	take := func(size uint64) {
		if size > maxBlock {
			return
		}
		if free[size] > 0 {
			free[size]--
			return
		}
		if size > left {
			if left > 0 {
				free[left]++
			}
			chunks, left = chunks+1, chunk
		}
		left -= size
	}
	buckets := uint64(1)
	for i := range n {
		take(node)
		if i+1 > buckets || i == 0 {
			next := bucketCount(i + 1)
			take(next * pointer)
			if buckets > 1 && buckets*pointer <= maxBlock {
				free[buckets*pointer]++
			}
			buckets = next
		}
	}
	return chunks
}

func TestBucketsOfEveryLength(t *testing.T) {
	require.EqualValues(t, 1, bucketCount(0))
	last := uint64(1)
	for n := uint64(1); n < 3000; n++ {
		got := bucketCount(n)
		require.GreaterOrEqual(t, got, n, "a load of at most 1")
		require.GreaterOrEqual(t, got, last)
		last = got
	}
	require.Equal(t, uint64(18446744073709551557), bucketCount(^uint64(0)), "the last prime")
}

func TestModelsAreSafeForConcurrentUse(t *testing.T) {
	m := Core().With(ForKind(reflect.Map, Map()))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			root := m.Bind(TypeOf(reflect.TypeFor[priced]()))
			for i := range reflect.TypeFor[priced]().NumField() {
				m.NewPricer(m.Field(root, i)).Usage(3, 4)
			}
			m.Shape(root)
			m.Derived("key", func() any { return new(int) })
		})
	}
	wait.Wait()
	a := m.Derived("key", func() any { return new(int) })
	require.Same(t, a, m.Derived("key", func() any { return new(int) }))
}

func TestVectorOfBool(t *testing.T) {
	p := Core().NewPricer(Core().Bind(TypeOf(reflect.TypeFor[[]bool]())))
	require.Equal(t, malloc.Usage(64), p.Total(5, 5), "whole words of bits, a byte charged for each")
	size, _ := Core().Sizeof(reflect.TypeFor[[]bool]())
	require.EqualValues(t, 40, size)
	p = Crate().NewPricer(Crate().Bind(TypeOf(reflect.TypeFor[[]bool]())))
	require.Equal(t, malloc.Usage(5), p.Total(5, 5), "Rust's Vec<bool> is a Vec")
}

func BenchmarkTotal(b *testing.B) {
	root := Core().Bind(TypeOf(reflect.TypeFor[priced]()))
	for _, i := range []int{0, 7, 13, 17} {
		p := Core().NewPricer(Core().Field(root, i))
		b.Run(fmt.Sprint(p.Rule()), func(b *testing.B) {
			sum := uint64(0)
			for n := range b.N {
				sum += p.Total(uint64(n), uint64(n))
			}
			_ = sum
		})
	}
}
