package price_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

type (
	wallet struct {
		Owner string
		Coins []coin
		Index map[string]coin
		Notes map[string]any
		Seen  map[string]bool
		Seed  [4]string
		Best  *coin
		Next  *wallet
	}
	coin struct {
		Value  int64
		Script []byte
		Tags   []string
	}
	label struct{ Text string }
	flags []string
	// forest is maps in maps, where what is nil costs something as well.
	forest map[string]tree
	tree   struct{ Below forest }
)

func init() {
	for _, v := range []any{label{}, flags{}, map[string]string{}, &coin{}} {
		gob.Register(v)
	}
}

// scan writes values as gob, one after another, and scans that.
func scan(t testing.TB, values ...any) *snapshot.Census {
	t.Helper()
	var b bytes.Buffer
	encoder := gob.NewEncoder(&b)
	for _, v := range values {
		require.NoError(t, encoder.Encode(v))
	}
	census, err := snapshot.Scan(context.Background(), &b)
	require.NoError(t, err)
	return census
}

// decoded is what encoding/gob makes of v: no spare capacity, nothing shared.
func decoded(t testing.TB, v any) any {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(v))
	back := reflect.New(reflect.TypeOf(v))
	require.NoError(t, gob.NewDecoder(&b).DecodeValue(back))
	return back.Elem().Interface()
}

// asIf are models in which an integer of the wire is as wide as an int64.
var asIf = []*rules.Model{rules.Core(), rules.Crate(), lookup("core+jemalloc"), lookup("libstdcxx")}

func lookup(name string) *rules.Model {
	m, err := rules.Lookup(name)
	if err != nil {
		panic(err)
	}
	return m
}

// random makes a wallet with a bit of everything, up to a depth. The last of a chain has no Best:
// that a struct is ever missing is what tells a pointer to it from a struct by value.
func random(r *rand.Rand, depth int) wallet {
	// The runtime shares texts of one byte, a snapshot cannot: they are at least two long.
	text := func() string { return strings.Repeat("xy", r.IntN(20)) }
	aCoin := func() coin {
		c := coin{Value: r.Int64(), Script: make([]byte, r.IntN(60))}
		for range r.IntN(4) {
			c.Tags = append(c.Tags, text())
		}
		return c
	}
	w := wallet{Owner: text(), Seed: [4]string{text(), text()}}
	for i := range r.IntN(6) {
		w.Coins = append(w.Coins, aCoin())
		if w.Index == nil {
			w.Index, w.Notes, w.Seen = map[string]coin{}, map[string]any{}, map[string]bool{}
		}
		key := fmt.Sprint(strings.Repeat("key", i+1), i)
		w.Index[key] = aCoin()
		w.Seen[key] = true
		w.Notes[key] = []any{text(), int64(i), label{text()}, flags{text(), text()},
			map[string]string{text(): text()}, &coin{Tags: []string{text()}}, label{}}[r.IntN(7)]
	}
	if depth > 0 && r.IntN(3) > 0 {
		next := random(r, depth-1)
		w.Next = &next
		if c := aCoin(); r.IntN(2) == 0 {
			w.Best = &c
		}
	}
	return w
}

// Where the types fix the layout (64-bit integers, texts, bytes), a snapshot costs what the
// decoded value costs, to the byte and part by part, under every as-if model.
func TestPriceIsTheDecodedValue(t *testing.T) {
	seed := seed.Of(t)
	for round := range uint64(100) {
		w := random(rand.New(rand.NewPCG(seed, round)), 4)
		r, err := price.Price(scan(t, w), asIf, nil)
		require.NoError(t, err)
		equal(t, decoded(t, w), r, fmt.Sprintf("MEMSIZE_SEED=%d round %d", seed, round))
	}
}

// equal compares a report with the facade's figures for a live value.
func equal(t testing.TB, v any, r *report.Report, why string) {
	t.Helper()
	for i, m := range asIf {
		live := memsize.Scan(v, memsize.WithModel(m), memsize.CapIsLen())
		require.Equal(t, live.Total, r.Models[i].Total, "%s under %s", why, m.Name())
		require.Equal(t, live.Parts, r.Models[i].Parts, "%s under %s", why, m.Name())
	}
}

func TestPriceOfEveryKind(t *testing.T) {
	type box struct{ V any }
	type recursive struct {
		Children []recursive
		Name     string
	}
	long := strings.Repeat("long ", 20)
	for _, row := range []struct {
		why   string
		value any
	}{
		{"a scalar owns nothing", int64(7)},
		{"nor does a short text, inline in C++ but not in Rust", "short"},
		{"a long text", long},
		{"bytes", []byte(long)},
		{"an empty slice", []int64{}},
		{"integers of a word", []int64{1, 2, 3}},
		{"floats of a word", []float64{1.5}},
		{"booleans", []bool{true, false, true}},
		{"texts", []string{"", "short", long}},
		{"a map", map[string]int64{"a": 1, long: 2}},
		{"an empty map", map[string]int64{}},
		{"a map of maps", map[string]map[string]string{"a": {"x": long}, "b": {}}},
		{"arrays lie inline", [3]string{long, "", "short"}},
		{"a struct without anything", coin{}},
		{"nil map, nil pointer, nil interface, in a struct", wallet{}},
		{"a pointer, known by being nil elsewhere",
			wallet{Best: &coin{Script: []byte(long)}, Next: &wallet{}}},
		{"nil in an interface", box{}},
		{"a text in an interface is boxed", box{long}},
		{"a struct in an interface", box{label{long}}},
		{"a named slice in an interface", box{flags{long, "s"}}},
		{"a map in an interface", box{map[string]string{"k": long}}},
		{"a pointer in an interface", box{&coin{Tags: []string{long}}}},
		{"a recursive type", recursive{[]recursive{{nil, long}, {[]recursive{{}}, "x"}}, "root"}},
		{"maps in themselves, the innermost nil", forest{"a": {}, "b": {forest{"c": {}}}}},
		{"a map in itself, nil elsewhere", []tree{{}, {forest{"a": {}, "b": {forest{"c": {}}}}}}},
		{"a linked list", wallet{Next: &wallet{Next: &wallet{Owner: long}}}},
	} {
		t.Run(row.why, func(t *testing.T) {
			r, err := price.Price(scan(t, row.value), asIf, nil)
			require.NoError(t, err)
			equal(t, decoded(t, row.value), r, row.why)
			var own uint64
			everyNode(r.Tree, func(n *report.Node) { own += n.Own })
			require.Equal(t, r.Total, own, "the tree has all of it")
		})
	}
}

func everyNode(n *report.Node, f func(*report.Node)) {
	f(n)
	for _, c := range n.Children {
		everyNode(c, f)
	}
}

// Several values in one stream are priced together.
func TestPriceOfSeveralValues(t *testing.T) {
	one, two := label{strings.Repeat("a", 50)}, []string{strings.Repeat("b", 70)}
	r, err := price.Price(scan(t, one, two, one), asIf, nil)
	require.NoError(t, err)
	for i, m := range asIf {
		of := func(v any) uint64 { return memsize.Of(v, memsize.WithModel(m), memsize.CapIsLen()) }
		require.Equal(t, 2*of(one)+of(two), r.Models[i].Total, m.Name())
	}
}

// Integers apart, a snapshot costs on 32 bits what the decoded value does.
func TestPriceOn32Bits(t *testing.T) {
	core32 := []*rules.Model{lookup("core-32")}
	v := map[string][]string{"a": {strings.Repeat("x", 50)}, strings.Repeat("b", 30): nil}
	r, err := price.Price(scan(t, v), core32, nil)
	require.NoError(t, err)
	require.Equal(t, memsize.Of(decoded(t, v), memsize.WithModels(core32...), memsize.CapIsLen()),
		r.Total)
}

// A rule for a path prices as the tag on the field would.
func TestPathRules(t *testing.T) {
	type tagged struct {
		Coins []struct {
			Value  int64
			Script []byte
			Tags   []string `memusage:"list"`
		} `memusage:"list"`
		Seen map[string]bool `memusage:"map"`
		Best *coin           `memusage:"shared_ptr"`
		Seed [4]string       `memusage:"vector"`
		Code []byte          `memusage:"prevector=36"`
	}
	type plain struct {
		Coins []coin
		Seen  map[string]bool
		Best  *coin
		Seed  [4]string
		Code  []byte
	}
	long := strings.Repeat("s", 40)
	value := plain{[]coin{{1, make([]byte, 36), nil}, {2, make([]byte, 37), []string{long}}},
		map[string]bool{long: true, "b": false}, &coin{Value: 9}, [4]string{long}, make([]byte, 36)}
	var twin tagged
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(value))
	require.NoError(t, gob.NewDecoder(&b).Decode(&twin))
	// The second value has no Best, so that it is known to be a pointer.
	r, err := price.Price(scan(t, value, plain{}), asIf, pathRules(t, "Coins=list",
		"Coins[].Tags=list", "Seen=map", "Best=shared_ptr", "Seed=vector", "Code=prevector=36"))
	require.NoError(t, err)
	for i, m := range asIf {
		of := func(v any) uint64 { return memsize.Of(v, memsize.WithModel(m), memsize.CapIsLen()) }
		require.Equal(t, of(twin)+of(tagged{}), r.Models[i].Total, m.Name())
	}
	require.Contains(t, text(t, r), "(prevector=36)", "the tree says which rule it was")
}

// A rule can change how large its place is inside its owner: the elements, nodes and blocks that
// hold it grow or shrink with it, as they do under a tag.
func TestPathRuleResizesOwner(t *testing.T) {
	type inline struct {
		Value  int64
		Script []byte `memusage:"prevector=36"`
		Tags   []string
	}
	type keys struct {
		M map[string]string `memusage:"unordered_map<vector,_>"`
	}
	long := strings.Repeat("long ", 20)
	texts := map[string]string{long: "v"}
	for _, row := range []struct {
		why, rule   string
		value, twin any
	}{
		{"a field of a slice's elements", "[].Script=prevector=36",
			[]coin{{Script: make([]byte, 30)}}, []inline{{Script: make([]byte, 30)}}},
		{"a field of a map's values", "[].Script=prevector=36",
			map[int64]coin{1: {}}, map[int64]inline{1: {}}},
		{"a map's keys", "[key]=vector", texts, keys{texts}},
		{"a field that does not exist", "[].Tags=-", []coin{{}}, []struct {
			Value  int64
			Script []byte
			Tags   []string `memusage:"-"`
		}{{}}},
	} {
		t.Run(row.why, func(t *testing.T) {
			r, err := price.Price(scan(t, row.value), asIf, pathRules(t, row.rule))
			require.NoError(t, err)
			equal(t, row.twin, r, row.why)
		})
	}
}

func pathRules(t testing.TB, list ...string) (all []price.PathRule) {
	for _, s := range list {
		rule, err := price.ParsePathRule(s)
		require.NoError(t, err)
		all = append(all, rule)
	}
	return all
}

func text(t testing.TB, r *report.Report) string {
	var b strings.Builder
	require.NoError(t, r.WriteTextOptions(&b, report.TextOptions{All: true}))
	return b.String()
}

// "." is the value itself; what an interface holds has its type in the path.
func TestPathsThatNeedCare(t *testing.T) {
	long := strings.Repeat("long ", 20)
	type keyed struct {
		M map[string]string `memusage:"map"`
	}
	r, err := price.Price(scan(t, map[string]string{long: "v"}), asIf, pathRules(t, ".=map"))
	require.NoError(t, err)
	equal(t, keyed{map[string]string{long: "v"}}, r, "the value itself")

	type box struct{ V any }
	type boxed struct{ V any }
	r, err = price.Price(scan(t, box{flags{long}}), asIf,
		pathRules(t, "V.(github.com/bitcoin-mem/memsize/snapshot/price_test.flags)=list"))
	require.NoError(t, err)
	model := rules.Core().With(rules.ForType[flags](rules.List()))
	require.Equal(t, memsize.Of(boxed{flags{long}}, memsize.WithModel(model)), r.Total)
}

// What a raw pointer leads to, and a field that does not exist, cost nothing: below them neither.
func TestDropped(t *testing.T) {
	type plain struct {
		Best *coin
		Skip []coin
	}
	value := plain{&coin{Script: make([]byte, 1000)}, []coin{{Tags: []string{"x"}}}}
	r, err := price.Price(scan(t, value, plain{}), asIf, pathRules(t, "Best=raw", "Skip=-"))
	require.NoError(t, err)
	require.Zero(t, r.Total)
	require.NotContains(t, text(t, r), "Script")

	// The keys of an indirectmap are pointers to what someone else owns.
	m := map[string]int64{strings.Repeat("k", 100): 1}
	type indirect struct {
		M map[string]int64 `memusage:"indirectmap"`
	}
	r, err = price.Price(scan(t, m), asIf, pathRules(t, ".=indirectmap"))
	require.NoError(t, err)
	equal(t, indirect{m}, r, "indirectmap")
}

// Trees, diffs and JSON begin a path with the name of the value: a rule takes such a path as well,
// but for a place that is called so itself.
func TestPathRuleOfAShownPath(t *testing.T) {
	figure := func(v any, rule string) *report.Report {
		r, err := price.Price(scan(t, v), asIf, pathRules(t, rule))
		require.NoError(t, err, rule)
		return r
	}
	w := wallet{Coins: []coin{{1, make([]byte, 10), nil}}}
	require.Equal(t, figure(w, "Coins[].Script=prevector=36"),
		figure(w, "wallet.Coins[].Script=prevector=36"))
	require.Equal(t, figure([]int{1}, ".=prevector=4"), figure([]int{1}, "value=prevector=4"))
	require.Equal(t, figure([]string{"x"}, "[]=vector"), figure([]string{"x"}, "value[]=vector"))

	type Named struct{ Named, Other []uint32 }
	named := Named{make([]uint32, 9), make([]uint32, 9)}
	require.Equal(t, figure(named, ".Named=prevector=12"), figure(named, "Named.Named=prevector=12"))
	require.Equal(t, figure(named, "Other=prevector=12"), figure(named, "Named.Other=prevector=12"))
	require.Equal(t, figure(named, "Named.Named=prevector=12"), figure(named, "Named=prevector=12"),
		"the field goes first")
	_, err := price.Price(scan(t, w), asIf, pathRules(t, "walletCoins=vector"))
	require.ErrorContains(t, err, "no place", "a path begins at a step")
}

// Rules of which each fits its place need not fit together, or in themselves: an error, too.
func TestPathRulesInThemselves(t *testing.T) {
	v := branch{Kids: []branch{{Fruits: 1}}, ByName: map[string]branch{"a": {}}}
	_, err := price.Price(scan(t, v), asIf, pathRules(t, "Kids=prevector=4"))
	require.ErrorContains(t, err, "holds its own owner inline")
	dropped, err := price.Price(scan(t, v), asIf, pathRules(t, "ByName=-"))
	require.NoError(t, err)
	r, err := price.Price(scan(t, v), asIf, pathRules(t, "ByName=-", "ByName[key]=vector"))
	require.NoError(t, err)
	require.Equal(t, dropped.Models, r.Models, "what is below is gone with its owner")
}

// What an interface holds is boxed as large as the rule for it says.
func TestPathRuleResizesBox(t *testing.T) {
	gob.Register([]int64{})
	v := []any{[]int64{1 << 40, 2, 3}, []int64{4, 5, 6, 7, 8, 9}}
	for _, expr := range []int{1, 4, 36} {
		m := rules.Core().With(rules.ForType[[]int64](rules.Prevector(expr)))
		r, err := price.Price(scan(t, v), []*rules.Model{rules.Core()},
			pathRules(t, fmt.Sprintf("[].([]int64)=prevector=%d", expr)))
		require.NoError(t, err)
		want := memsize.Of(decoded(t, v), memsize.WithModel(m), memsize.CapIsLen())
		require.Equal(t, want, r.Total, "prevector=%d", expr)
	}
}

func TestPathRuleErrors(t *testing.T) {
	for _, row := range []struct {
		why, rule string
		wants     []string
	}{
		{"no expression", "Coins", []string{"want PATH=EXPR", "prevector=36"}},
		{"no path", "=vector", []string{"want PATH=EXPR"}},
		{"no such rule", "Coins=vektor", []string{`"Coins=vektor"`, "vektor"}},
		{"an expression cut short", "Coins=vector<", []string{"Coins=vector<"}},
	} {
		_, err := price.ParsePathRule(row.rule)
		require.Error(t, err, row.why)
		for _, want := range row.wants {
			require.ErrorContains(t, err, want, row.why)
		}
	}
	for _, row := range []struct {
		why, rule string
		wants     []string
	}{
		{"no such place, and what there is", "Coin=vector", []string{`"Coin"`, `"Coins"`, "paths"}},
		{"a letter is wrong, and what was meant", "Coins[].Skript=vector",
			[]string{`did you mean "Coins[].Script"?`}},
		{"does not fit the type, and what would", "Coins=map",
			[]string{`"Coins"`, "map", "vector", "list"}},
		{"a number has no rule", "Coins[].Value=vector", []string{"Coins[].Value", "vector"}},
	} {
		_, err := price.Price(scan(t, wallet{Coins: []coin{{1, nil, nil}}}), asIf,
			pathRules(t, row.rule))
		require.Error(t, err, row.why)
		for _, want := range row.wants {
			require.ErrorContains(t, err, want, row.why)
		}
	}
}

func FuzzParsePathRule(f *testing.F) {
	for _, s := range []string{"[].Script=prevector=36", ".=map<_,vector>", "=", "a=-", "a=b=c"} {
		f.Add(s)
	}
	census := scan(f, wallet{Coins: []coin{{1, []byte("x"), nil}}})
	f.Fuzz(func(t *testing.T, s string) {
		rule, err := price.ParsePathRule(s)
		if err != nil {
			return
		}
		require.NotEmpty(t, rule.Path)
		if r, err := price.Price(census, asIf[:1], []price.PathRule{rule}); err == nil {
			require.Equal(t, r.Total, r.Tree.Total)
		}
	})
}

// The account of a broken stream says that it is one, and of what was assumed it tells.
func TestPartialAndAssumptions(t *testing.T) {
	var b bytes.Buffer
	long := strings.Repeat("x", 100)
	require.NoError(t, gob.NewEncoder(&b).Encode([]string{long, long, long}))
	census, err := snapshot.Scan(context.Background(), bytes.NewReader(b.Bytes()[:b.Len()-50]))
	require.Error(t, err)
	r, err := price.Price(census, asIf, nil)
	require.NoError(t, err)
	require.True(t, r.Truncated)
	require.Contains(t, r.Reason, "byte ")
	require.Equal(t, "modelled", r.Exactness)

	r, err = price.Price(scan(t, struct{ Height uint32 }{1 << 20}), asIf, nil)
	require.NoError(t, err)
	require.Len(t, r.Assumptions, 3)
	for i, what := range []string{"Height uint: 4..8 bytes", "no pointers", "no fields"} {
		require.Contains(t, r.Assumptions[i], what)
	}
}

// A census is priced many times; pricing does not change it.
func TestPriceTwice(t *testing.T) {
	census := scan(t, random(rand.New(rand.NewPCG(1, 2)), 3))
	first, err := price.Price(census, asIf, nil)
	require.NoError(t, err)
	_, err = price.Price(census, asIf[1:], pathRules(t, "Owner=vector"))
	require.NoError(t, err)
	again, err := price.Price(census, asIf, nil)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

// What a rule leaves out under one model is there under another that takes no notice of it.
func TestDroppedByModel(t *testing.T) {
	type value struct{ M map[string]int }
	c := scan(t, value{map[string]int{"a key of more than fifteen bytes": 1}})
	figure := func(paths []price.PathRule, models ...*rules.Model) map[string]uint64 {
		r, err := price.Price(c, models, paths)
		require.NoError(t, err)
		totals := map[string]uint64{}
		for _, m := range r.Models {
			totals[m.Name] = m.Total
		}
		return totals
	}
	indirect := pathRules(t, ".M=indirectmap")
	both := figure(indirect, rules.Core(), rules.Go())
	require.Equal(t, both, figure(indirect, rules.Go(), rules.Core()), "the order of models")
	require.Equal(t, figure(indirect, rules.Core())["core"], both["core"])
	require.Equal(t, figure(nil, rules.Go())["go"], both["go"], "Go knows no indirectmap")
	_, err := price.Price(c, []*rules.Model{rules.Core()}, pathRules(t, "M=map", ".M=indirectmap"))
	require.ErrorContains(t, err, `two rules for "M"`)
}

// What a model works out for the types of a census goes with the census: a program that prices
// one snapshot after the other does not grow.
func TestPriceKeepsNothing(t *testing.T) {
	c := scan(t, random(rand.New(rand.NewPCG(3, 4)), 2))
	_, err := price.Price(c, asIf, nil)
	require.NoError(t, err)
	kept := weak.Make(c.Roots[0].Type)
	require.NotNil(t, kept.Value())
	c = nil
	for range 3 {
		runtime.GC()
	}
	require.Nil(t, kept.Value())
}
