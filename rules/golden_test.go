package rules

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// goldenRow is one figure of the real C++ headers, or of the crate's formulas. The tests here ask
// the formulas alone, by sizes and alignments; the root package's tests ask the whole library.
type goldenRow struct {
	Rule, How, Elem, Key, Val string

	ElemSize  uint64 `json:"elem_size"`
	ElemAlign uint64 `json:"elem_align"`
	KeySize   uint64 `json:"key_size"`
	KeyAlign  uint64 `json:"key_align"`
	ValSize   uint64 `json:"val_size"`
	ValAlign  uint64 `json:"val_align"`
	PairSize  uint64 `json:"pair_size"`
	NodeSize  uint64 `json:"node_size"`
	Len, Cap  uint64
	CapBits   uint64 `json:"cap_bits"`
	N         uint64
	Inline    bool
	SSO       bool
	Nil       bool
	Sizeof    uint64
	Chunk     uint64 `json:"chunk_size"`
	MaxBlock  uint64 `json:"max_block"`
	Chunks    uint64
	Buckets   uint64 `json:"bucket_count"`
	Bytes     uint64

	TreeNode      uint64 `json:"tree_node"`
	ListNode      uint64 `json:"list_node"`
	UnorderedNode uint64 `json:"unordered_node"`
	TreeBytes     uint64 `json:"tree_node_bytes"`
	ListBytes     uint64 `json:"list_node_bytes"`

	OptionSize  uint64 `json:"option_size"`
	RWLockSize  uint64 `json:"rwlock_size"`
	StlTreeNode uint64 `json:"stl_tree_node"`
	NodeBytes   uint64 `json:"node_bytes"`

	Src       string
	ScriptLen uint64 `json:"script_len"`
	PoolChunk uint64 `json:"chunk"`
	MapBytes  uint64 `json:"map_bytes"`
	PlainMap  uint64 `json:"plain_map_bytes"`

	Primes  []uint64
	Element uint64 `json:"rehash_when_inserting_element"`
}

// golden reads the rows of one file of figures.
func golden(t testing.TB, name string) []goldenRow {
	f, err := os.Open(filepath.Join("..", "testdata", "golden", name+".jsonl.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var rows []goldenRow
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var row goldenRow
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		rows = append(rows, row)
	}
	require.NoError(t, lines.Err())
	require.NotEmpty(t, rows)
	return rows
}

// question is the Container of a row in world w, and the rule that it asks.
func (r *goldenRow) question(w *world) (rule Rule, c Container) {
	p := &place{world: w, elem: plain(r.ElemSize, r.ElemAlign)}
	if r.Elem == "empty" {
		p.elem = layout{Shape: Shape{1, 1, 1}, empty: true}
	}
	p.elem.niche = rustNiches[r.Elem]
	if r.Key != "" && r.KeySize > 0 {
		p.key, p.elem = plain(r.KeySize, r.KeyAlign), plain(r.ValSize, r.ValAlign)
	}
	length, capacity := r.Len, r.Cap
	switch kind := strings.TrimPrefix(strings.TrimSuffix(r.Rule, "_incr"), "crate_"); kind {
	case "vector", "vector_pushback", "vec":
		rule = Vector()
	case "vector_bool":
		rule, capacity, p.elem, p.bits = Vector(), r.CapBits, plain(1, 1), true
	case "prevector":
		rule = Prevector(int(r.N))
	case "string":
		rule, p.elem = String(), plain(1, 1)
	case "set":
		rule = Set()
	case "map":
		rule = Map()
	case "indirectmap":
		rule = IndirectMap()
	case "unordered_set", "hashset":
		rule = UnorderedSet()
	case "unordered_map", "hashmap":
		rule = UnorderedMap()
	case "unordered_map_pool":
		rule = PoolUnorderedMap(r.Chunk)
	case "list":
		rule = List()
	case "unique_ptr", "box":
		rule, length = UniquePtr(), 1
	case "shared_ptr", "arc":
		rule, length = SharedPtr(), 1
	case "raw_pointer":
		rule, length = RawPtr(), 1
	case "option":
		rule, length = must("option"), 1
	case "amo":
		rule, length = must("amo"), 1
	}
	if r.Nil {
		length = 0
	}
	c = p.container()
	c.Len, c.Cap = length, max(length, capacity)
	return rule, c
}

// sizesByName collects what the rows say of their types, for the rows that only name them.
func sizesByName(rows []goldenRow) map[string]Shape {
	sizes := make(map[string]Shape)
	for _, r := range rows {
		if r.ElemAlign > 0 {
			sizes[r.Elem] = Shape{Size: r.ElemSize, Align: r.ElemAlign}
		}
		if r.KeyAlign > 0 {
			sizes[r.Key] = Shape{Size: r.KeySize, Align: r.KeyAlign}
			sizes[r.Val] = Shape{Size: r.ValSize, Align: r.ValAlign}
		}
	}
	return sizes
}

// rustNiches are the element types of the rows that have a niche.
var rustNiches = map[string]uint64{
	"String": vecNiche, "Vec<u8>": vecNiche, "Vec<u32>": vecNiche, "Arc<u64>": 1,
}

func must(expr string) Rule {
	r, err := Parse(expr)
	if err != nil {
		panic(err)
	}
	return r
}

// unasked are the rows that no formula of this package answers, with the reason.
var unasked = map[string]string{
	"malloc": "package malloc", "crate_malloc": "package malloc",
	"scalar":               "owns nothing by kind: TestScalars",
	"layout":               "TestGoldenNodes",
	"layout_unordered":     "TestGoldenNodes",
	"crate_layout":         "TestGoldenNodes",
	"crate_shared_counter": "declared by the crate and used by no formula",
	"std_hashmap_capacity": "what the crate does not read",
}

// A filling that Go cannot have: the figure depends on what the container held before.
func (r *goldenRow) hasNoCounterpart() bool {
	switch r.Rule {
	case "unordered_set", "unordered_map", "unordered_map_pool":
		return r.How != "insert"
	case "string":
		return r.How == "reserve" && r.Len <= stringInline && !r.SSO
	case "prevector":
		return !r.Inline && r.Cap <= r.N
	}
	return strings.HasPrefix(r.Rule, "rec_") || strings.HasPrefix(r.Rule, "crate_rec_")
}

func TestGoldenFormulas(t *testing.T) {
	for _, file := range []struct {
		name  string
		world *world
		least int // rows that are compared
	}{
		{"core_x86_64", coreWorld, 2205},
		{"core_i386", coreWorld32, 994},
		{"crate_x86_64", crateWorld(), 471},
	} {
		t.Run(file.name, func(t *testing.T) {
			compared := 0
			rows := golden(t, file.name)
			sizes := sizesByName(rows)
			for _, row := range rows {
				if row.KeySize == 0 && row.Key != "" {
					key, val := sizes[row.Key], sizes[row.Val]
					row.KeySize, row.KeyAlign = key.Size, key.Align
					row.ValSize, row.ValAlign = val.Size, val.Align
				}
				if row.ElemAlign == 0 && row.Elem != "" {
					row.ElemAlign = sizes[row.Elem].Align
				}
				if unasked[row.Rule] != "" || row.hasNoCounterpart() {
					continue
				}
				rule, c := row.question(file.world)
				require.NotNil(t, rule, "no rule for %+v", row)
				compared++
				if strings.HasSuffix(row.Rule, "_incr") {
					got, ok := rule.Increment(c)
					require.True(t, ok)
					require.Equal(t, row.Bytes, got, "%+v", row)
					continue
				}
				parts := rule.Usage(c)
				require.Equal(t, row.Bytes, parts.Total(), "%+v: %+v", row, parts)
				if row.Sizeof > 0 {
					require.Equal(t, row.Sizeof, rule.Inline(c).Size, "%+v", row)
				}
				if row.OptionSize > 0 {
					option := rustOption(c.place.elem)
					require.Equal(t, row.OptionSize, option.Size, "%+v", row)
				}
			}
			t.Logf("%d rows equal", compared)
			require.GreaterOrEqual(t, compared, file.least)
		})
	}
}

func TestGoldenNodes(t *testing.T) {
	compared := 0
	for name, w := range map[string]*world{
		"core_x86_64": coreWorld, "core_i386": coreWorld32, "crate_x86_64": crateWorld(),
	} {
		for _, row := range golden(t, name) {
			_, c := row.question(w)
			e := entryOf(Set().(*builtin), c)
			switch row.Rule {
			case "layout":
				require.Equal(t, row.TreeBytes, treeNode(w, e).Total(), "%+v", row)
				require.Equal(t, row.ListBytes, linkedNode(w, e).Total(), "%+v", row)
			case "layout_unordered":
				switch row.Elem { // pairs whose last member ends before their tail
				case "pair_i128_u64":
					e.end = 24
				case "pair_i128_u32":
					e.end = 20
				case "pair_longdouble_u64":
					e.end = min(row.ElemSize, 24)
				}
				require.Equal(t, row.Bytes, hashNode(w, e).Total(), "%+v", row)
			case "crate_layout":
				require.Equal(t, row.StlTreeNode, stlTreeNode(w, e.Shape).Size, "%+v", row)
			default:
				continue
			}
			compared++
		}
	}
	require.GreaterOrEqual(t, compared, 24+29+20+24)
}

func TestGoldenPool(t *testing.T) {
	compared := 0
	for name, w := range map[string]*world{"core_x86_64": coreWorld, "core_i386": coreWorld32} {
		for _, row := range golden(t, name) {
			if row.Rule != "unordered_map_pool" || row.How != "insert" {
				continue
			}
			_, c := row.question(w)
			e := entryOf(Map().(*builtin), c)
			require.Equal(t, row.PairSize, e.Size)
			align := max(w.pointer, e.Align)
			require.Equal(t, row.MaxBlock, alignUp(e.Size+4*w.pointer, align),
				"sizeof(pair) and 4 pointers, which the resource wants aligned: %+v", row)
			node := closed(inOrder([]layout{plain(w.pointer, w.pointer), e.layout})).Size
			p := newPool(align, row.MaxBlock, row.Chunk, node, w.pointer)
			p.insert(row.Len)
			require.Equal(t, row.Chunks, p.chunks, "%+v", row)
			compared++
		}
	}
	require.GreaterOrEqual(t, compared, 90+10)
}

func TestGoldenBuckets(t *testing.T) {
	var primes []uint64
	compared := 0
	for _, row := range golden(t, "unordered_buckets") {
		switch row.Rule {
		case "prime_list":
			primes = row.Primes
		case "bucket_growth":
			require.Equal(t, row.Buckets, bucketCount(row.Element))
			compared++
		case "bucket_growth_real":
			require.Equal(t, row.Buckets, bucketCount(row.Len))
			compared++
		}
	}
	require.Equal(t, 48, compared)

	// Every step of the chain is the first prime of the list that is at least twice the last.
	require.Equal(t, primes[len(primes)-1], bucketGrowth[len(bucketGrowth)-1])
	for i, buckets := range bucketGrowth[1:] {
		least := mul(2, bucketGrowth[i])
		for _, prime := range primes {
			if prime >= least || prime == primes[len(primes)-1] {
				require.Equal(t, prime, buckets, "after %d", bucketGrowth[i])
				break
			}
		}
	}
}

func TestGoldenCoinsCache(t *testing.T) {
	pair := reflect.TypeFor[map[outPoint]cacheEntry]()
	compared := 0
	for _, row := range golden(t, "coins_cache") {
		if row.Src != "core30.2" {
			continue // 0.21's entries have another size
		}
		pooled := Core().With(ForKind(reflect.Map, PoolUnorderedMap(row.PoolChunk)))
		p := pooled.NewPricer(pooled.Bind(TypeOf(pair)))
		require.Equal(t, row.MapBytes, p.Total(row.Len, row.Len), "%+v", row)
		p = Core().NewPricer(Core().Bind(TypeOf(pair)))
		require.Equal(t, row.PlainMap, p.Total(row.Len, row.Len), "%+v", row)
		compared++
	}
	require.Equal(t, 197, compared)
}
