package rules_test

import (
	"fmt"
	"reflect"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// A Bitcoin Core engineer's first check: sizeof of one's own class.
func ExampleModel_Sizeof() {
	type OutPoint struct {
		Hash [32]byte
		N    uint32
	}
	type TxIn struct {
		PrevOut   OutPoint
		ScriptSig []byte `memusage:"prevector=36"`
		Sequence  uint32
		Witness   [][]byte
	}
	size, align := rules.Core().Sizeof(reflect.TypeFor[TxIn]())
	fmt.Println("sizeof(CTxIn) ==", size, "alignof", align)
	// Output: sizeof(CTxIn) == 112 alignof 8
}

// deque prices a slice as a libstdc++ std::deque: blocks of 512 bytes and a map of pointers to
// them.
type deque struct{}

func (deque) String() string { return "deque" }
func (deque) Inline(c rules.Container) rules.Shape {
	return rules.Shape{Size: 10 * c.PointerSize(), Align: c.PointerSize()}
}
func (deque) Increment(rules.Container) (uint64, bool) { return 0, false }

func (deque) Usage(c rules.Container) rules.Parts {
	blocks := c.Len*c.Elem.Size/512 + 1
	table := c.PointerSize() * max(8, blocks+2)
	charged := blocks*c.Alloc(512) + c.Alloc(table)
	used := c.Len * c.Elem.Size
	return rules.Parts{
		Used: used, Spare: blocks*512 - used, Overhead: table, Rounding: charged - blocks*512 - table,
	}
}

// A rule of one's own: the formula, and an override that applies it.
func ExampleRule() {
	for _, name := range []string{"core", "core-32", "core+jemalloc"} {
		model, err := rules.Lookup(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		model = model.With(rules.ForType[[]uint64](deque{}))
		fmt.Println(name, memsize.Of(make([]uint64, 100), memsize.WithModel(model)), "bytes")
	}
	// Output:
	// core 1136 bytes
	// core-32 1080 bytes
	// core+jemalloc 1088 bytes
}

// Two variants of a model stand side by side under names of their own.
func ExampleModel_Named() {
	pooled := rules.Core().With(rules.ForKind(reflect.Map, rules.PoolUnorderedMap(1<<18))).Named("pooled")
	r := memsize.Scan(map[uint64]uint64{1: 1}, memsize.WithModels(rules.Core(), pooled))
	for _, m := range r.Models {
		fmt.Println(m.Name, m.Total > 0)
	}
	// Output:
	// core true
	// pooled true
}

func ExampleParse() {
	rule, err := rules.Parse("map< _, vector<shared_ptr> >")
	fmt.Println(rule, err)
	_, err = rules.Parse("vector<shared_ptr")
	fmt.Println(err)
	// Output:
	// map<vector<shared_ptr>> <nil>
	// rules: expected ',' or '>' at byte 17 of expression "vector<shared_ptr"
}

func ExampleCheck() {
	type Session struct {
		Hits int `memusage:"vector"`
	}
	fmt.Println(rules.Check(reflect.TypeFor[Session]()))
	// Output:
	// memsize: rule "vector" on rules_test.Session.Hits: vector does not fit int, which takes no rule but -
}

// What Core charges for a map, and what its containers really ask for and get.
func ExampleLibStdCxx() {
	t := rules.TypeOf(reflect.TypeFor[map[string]uint32]())
	for _, name := range []string{"core", "core+glibc", "libstdcxx+exact", "libstdcxx"} {
		m, err := rules.Lookup(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		p := m.NewPricer(m.Bind(t))
		node, _ := p.Node()
		fmt.Printf("%-15s empty %2d, 100 elements %4d, each %2d of which rounding %2d\n", name,
			p.Total(0, 0), p.Total(100, 100), node.Total(), node.Rounding)
	}
	// Output:
	// core            empty 32, 100 elements 7440, each 64 of which rounding 16
	// core+glibc      empty 32, 100 elements 7424, each 64 of which rounding 16
	// libstdcxx+exact empty  0, 100 elements 6616, each 56 of which rounding  0
	// libstdcxx       empty  0, 100 elements 7424, each 64 of which rounding  8
}
