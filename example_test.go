package memsize_test

import (
	"fmt"
	"net/url"
	"os"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// Account is a value like any other: no method and no tag is needed.
type Account struct {
	Name    string
	Friends []*Account
	Scores  map[uint32]uint64
}

// newAccounts is two accounts that know each other.
func newAccounts() *Account {
	ann := &Account{Name: "Ann", Scores: map[uint32]uint64{1: 90, 2: 75}}
	bob := &Account{Name: "Bob, whose name is no short string", Friends: []*Account{ann}}
	ann.Friends = []*Account{bob}
	return ann
}

// What a value holds, as Bitcoin Core would count it in C++: a vector of two strings.
func ExampleOf() {
	names := []string{"Ann", "Bob, whose name is no short string"}
	fmt.Println("what it owns beyond itself:", memsize.Of(names))
	fmt.Println("with its own block:", memsize.Of(&names))
	fmt.Println("nothing:", memsize.Of(nil))
	// Output:
	// what it owns beyond itself: 144
	// with its own block: 192
	// nothing: 0
}

// What a value holds on this process's heap: here one block of a size class of 112 bytes.
func ExampleHeap() {
	fmt.Println(memsize.Heap(make([]byte, 10, 100)))
	// Output: 112
}

// Dynamic leaves out what the elements own.
func ExampleDynamic() {
	names := []string{"a name that is not inline", "another name of that sort"}
	fmt.Println(memsize.Dynamic(names), "of", memsize.Of(names))
	// Output:
	// 80 of 176
}

// One more entry of a map costs a node; rehashing is left out. A vector may grow or not.
func ExampleIncremental() {
	fmt.Println(memsize.Incremental(map[uint32]uint64{}))
	fmt.Println(memsize.Incremental([]uint64{}))
	// Output:
	// 48 <nil>
	// 0 memsize: no increment: what one more element costs depends on capacity
}

// A scan says where the bytes are and what they are for.
func ExampleScan() {
	r := memsize.Scan(newAccounts())
	fmt.Println(r.Total, "bytes, of which", r.Parts.Rounding, "are rounded away by malloc")
	for _, t := range r.Types {
		fmt.Printf("%4d  %d × %s\n", t.Total, t.Count, t.Type)
	}
	// Output:
	// 640 bytes, of which 206 are rounded away by malloc
	//  256  2 × *memsize_test.Account
	//  256  2 × map[uint32]uint64
	//   64  2 × []*memsize_test.Account
	//   64  2 × string
}

// Several values in one account: what they share is counted once.
func ExampleScanRoots() {
	block := make([]byte, 1000)
	r := memsize.ScanRoots(map[string]any{
		"cache": [][]byte{block, make([]byte, 200)}, "index": [][]byte{block}})
	for _, root := range r.Roots {
		fmt.Println(root.Name, "holds", root.Total, "of which nobody else holds", root.Only)
	}
	fmt.Println("shared", r.Shared, "total", r.Total)
	// Output:
	// cache holds 1312 of which nobody else holds 288
	// index holds 1072 of which nobody else holds 48
	// shared 1024 total 1360
}

// Dump draws the tree of what holds what.
func ExampleDump() {
	if err := memsize.Dump(os.Stdout, newAccounts()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// model  total   used  spare  padding  overhead  rounding  blocks
	// core   640 B  298 B    0 B      8 B     128 B     206 B       7
	//
	// where (core)                         bytes      %    own  count  each
	// root…  *memsize_test.Account         640 B  100.0  256 B      2  128 B
	// ├╴.Scores  map[uint32]uint64         256 B   40.0  256 B      2  32 B … 128 B … 224 B
	// ├╴.Friends  []*memsize_test.Account   64 B   10.0   64 B      2  32 B
	// ╰╴.Name  string                       64 B   10.0   64 B      2  0 B … 32 B … 64 B
	//
	// … behind a step: the path comes back here, and what lies deeper is counted here too.
}

// A Sizer is compiled once, for a type that is measured often.
func ExampleNew() {
	sizer := memsize.New[Account]()
	ann := newAccounts()
	fmt.Println(sizer.Of(ann), sizer.Of(ann.Friends[0]))
	// Output:
	// 512 512
}

// PerReference charges what is shared each time, as C++ does for values.
func ExamplePerReference() {
	shared := make([]uint64, 100)
	views := [][]uint64{shared, shared, shared}
	fmt.Println(memsize.Of(views), memsize.Of(views, memsize.PerReference()))
	// Output:
	// 912 2544
}

// CapIsLen leaves out the room that Go's append made.
func ExampleCapIsLen() {
	grown := make([]uint64, 5, 8)
	fmt.Println(memsize.Of(grown), memsize.Of(grown, memsize.CapIsLen()))
	// Output:
	// 80 64
}

// Several models in one pass.
func ExampleWithModels() {
	core32, err := rules.Lookup("core-32")
	if err != nil {
		fmt.Println(err)
		return
	}
	models := memsize.WithModels(rules.Core(), core32, rules.Crate())
	for _, m := range memsize.Scan(newAccounts(), models).Models {
		fmt.Println(m.Name, m.Total)
	}
	// Output:
	// core 640
	// core-32 352
	// crate 496
}

// A type that is not one's own can be told how to be priced: here URLs whose user information
// belongs to someone else.
func ExampleWithModel_forField() {
	model := rules.Core().With(rules.ForField[url.URL]("User", rules.RawPtr()))
	u, err := url.Parse("https://someone:secret@example.org/a/path/that/is/not/short")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(memsize.Of(u), memsize.Of(u, memsize.WithModel(model)))
	// Output:
	// 432 336
}
