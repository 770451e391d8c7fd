package golden_test

import (
	"container/list"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/rules"
)

// noReserve is why rows of hash containers that were reserved or cleared have no counterpart.
const noReserve = "a Go map has no reserve, and forgets what was cleared"

// noSpareString is why short strings with a reserved block have none: the twin of a byte slice is
// inline by its length, since Go's append rounds capacities up where std::string would not.
const noSpareString = "a string of at most 15 bytes is inline, whatever its capacity"

func TestGoldenCore64(t *testing.T) {
	g := newGolden(t, "core", "memusage64", 8)
	g.run(goldenRows(t, "core_x86_64"), g.core, map[string]int{
		"malloc": 400, "scalar": 11, "layout": 24, "layout_unordered": 29,
		"vector": 350, "vector_pushback": 60, "vector_bool": 60, "prevector": 234, "string": 132,
		"set": 120, "set_incr": 22, "map": 250, "map_incr": 99,
		"indirectmap": 60, "indirectmap_incr": 33, "list": 100,
		"unordered_set": 86, "unordered_map": 394, "unordered_map_pool": 90,
		"unique_ptr": 46, "shared_ptr": 46, "raw_pointer": 23,
		"rec_vector_vector_u8": 44, "rec_map_u32_vector_u8": 18,
		"rec_unordered_map_u32_vector_u8": 18, "rec_vector_shared_vector_u32": 64,
		"rec_vector_string": 4, "rec_vector_unique_vector_u8": 4,
	}, map[string]int{
		"unordered_set: " + noReserve: 49, "unordered_map: " + noReserve: 61,
		"unordered_map_pool: " + noReserve: 5, "string: " + noSpareString: 35,
	})
}

func TestGoldenCore32(t *testing.T) {
	g := newGolden(t, "core-32", "memusage32", 4)
	g.run(goldenRows(t, "core_i386"), g.core, map[string]int{
		"malloc": 208, "scalar": 11, "layout": 20, "layout_unordered": 20,
		"vector": 184, "vector_pushback": 20, "vector_bool": 20, "prevector": 54, "string": 12,
		"set": 28, "set_incr": 20, "map": 132, "map_incr": 20,
		"indirectmap": 20, "indirectmap_incr": 20, "list": 29,
		"unordered_set": 28, "unordered_map": 329, "unordered_map_pool": 18,
		"unique_ptr": 20, "shared_ptr": 20, "raw_pointer": 20,
		"rec_vector_vector_u8": 20, "rec_map_u32_vector_u8": 18,
		"rec_unordered_map_u32_vector_u8": 18, "rec_vector_shared_vector_u32": 20,
		"rec_vector_string": 4, "rec_vector_unique_vector_u8": 4,
	}, map[string]int{
		"unordered_set: " + noReserve: 6, "unordered_map: " + noReserve: 59,
		"unordered_map_pool: " + noReserve: 2, "string: " + noSpareString: 8,
	})
}

// newGolden checks under a model that knows the scalars that Go lacks.
func newGolden(t *testing.T, model, allocator string, pointer uint64) *golden {
	t.Helper()
	m, err := rules.Lookup(model)
	require.NoError(t, err)
	a, err := malloc.Lookup(allocator)
	require.NoError(t, err)
	wide := []rules.Override{ // x86_64: 16 bytes both; i386: no __int128, a long double of 12
		rules.ForType[goldenInt128](wideScalar{2 * pointer, 2 * pointer}),
		rules.ForType[goldenLongDouble](wideScalar{16, 16}),
	}
	if pointer == 4 {
		wide[1] = rules.ForType[goldenLongDouble](wideScalar{12, 4})
	}
	g := &golden{T: t, model: m.With(wide...), allocator: a, pointer: pointer}
	if exact, err := rules.Lookup(model + "+exact"); err == nil {
		g.exact = exact.With(wide...)
	}
	return g
}

// core checks a row of the files that the C++ headers made.
func (g *golden) core(row goldenRow) (missing string) {
	switch row.Rule {
	case "unordered_set", "unordered_map", "unordered_map_pool":
		if row.How != "insert" {
			return noReserve
		}
	case "string":
		if row.Len <= 15 && !row.Sso {
			return noSpareString
		}
	}
	kind, _, _ := strings.Cut(row.Rule, "_")
	switch {
	case row.Rule == "malloc":
		g.malloc(row)
	case row.Rule == "scalar" || kind == "layout":
		g.layout(row)
	case kind == "rec":
		g.recursive(row)
	case strings.HasSuffix(row.Rule, "_ptr") || row.Rule == "raw_pointer":
		g.pointerRow(row)
	case kind == "vector" || kind == "prevector" || kind == "string" || kind == "list":
		g.sequence(row)
	case kind == "set" || row.Rule == "unordered_set":
		g.set(row)
	default:
		g.mapping(row)
	}
	return ""
}

// malloc: the allocator by itself, and a block of so many bytes where a test can afford it.
func (g *golden) malloc(row goldenRow) {
	g.equal(row.Bytes, g.allocator.Usage(row.Request), "Usage")
	if g.pointer == 8 {
		g.equal(row.Bytes, malloc.Usage(row.Request), "malloc.Usage")
	}
	if row.Request <= 1<<20 {
		g.priced(row.Bytes, make([]byte, 0, row.Request), "capacity alone")
		block := reflect.New(reflect.ArrayOf(int(row.Request), reflect.TypeFor[byte]()))
		if row.Request > 0 {
			g.equal(row.Bytes, memsize.Of(block.Interface(), memsize.WithModel(g.model)), "pointee")
		}
	}
}

// layout: sizeof and alignof, and the nodes of tree, list and hash containers around a type.
func (g *golden) layout(row goldenRow) {
	elem, size, align := g.elem(row)
	g.equal(row.ElemSize, size, "Sizeof")
	g.equal(row.ElemAlign, align, "alignment")
	switch row.Rule {
	case "scalar":
		value := reflect.New(elem).Elem()
		if row.Elem == "ptr" {
			value.Set(reflect.ValueOf(new(byte)))
			g.container(row.Bytes, value, "raw", rules.RawPtr())
			return
		}
		setNumber(value, 1)
		g.priced(row.Bytes, value.Interface(), "value")
	case "layout":
		g.increment(row.TreeNodeBytes, makeSet(elem, 0), "set")
		g.container(row.ListNodeBytes, makeSlice(elem, 1, 1), "list", rules.List())
		g.node(row.TreeNode, makeSet(elem, 1), "set", 0)
		g.node(row.ListNode, makeSlice(elem, 1, 1), "list", 0)
	case "layout_unordered":
		// One element has 13 buckets.
		buckets := g.allocator.Usage(13 * g.pointer)
		one := makeSet(elem, 1)
		if key, value, ok := goldenPair(row.Elem); ok {
			one = makeMap(goldenType(key), goldenType(value), 1)
		}
		g.priced(row.Bytes+buckets, one.Interface(), "unordered, one element")
		g.node(row.UnorderedNode, one, "_", 13)
	}
}

// elem is the row's element type with its size and alignment in the model. A pair's are those of
// a struct with two fields.
func (g *golden) elem(row goldenRow) (t reflect.Type, size, align uint64) {
	if key, value, ok := goldenPair(row.Elem); ok {
		t = reflect.StructOf([]reflect.StructField{
			{Name: "First", Type: goldenType(key)}, {Name: "Second", Type: goldenType(value)},
		})
	} else {
		t = goldenType(row.Elem)
	}
	inner := t
	if row.Elem == "empty" {
		inner = reflect.TypeFor[goldenEmpty]() // struct{} has no size where it is no member
	}
	size, align = g.model.Sizeof(inner)
	return t, size, align
}

// node checks the unrounded size of the only node of v.
func (g *golden) node(want uint64, v reflect.Value, tag string, buckets uint64) {
	g.Helper()
	if g.exact != nil && want != 0 {
		got := memsize.Dynamic(tagged(v, tag), memsize.WithModel(g.exact))
		g.equal(want, got-buckets*g.pointer, "node, tag "+tag)
	}
}

func (g *golden) sequence(row goldenRow) {
	if row.Rule == "vector_bool" {
		// The C++ figure takes each bit for a byte; []bool has a byte for each.
		bools := makeSlice(reflect.TypeFor[bool](), row.Len, row.CapBits)
		g.container(row.Bytes, bools, "vector", nil)
		g.priced(row.Bytes, bools.Interface(), "default")
		return
	}
	switch row.Rule {
	case "vector", "vector_pushback":
		slice := makeSlice(goldenType(row.Elem), row.Len, row.Cap)
		g.container(row.Bytes, slice, "vector", nil)
		g.priced(row.Bytes, slice.Interface(), "default")
	case "prevector":
		tag := "prevector=" + strconv.Itoa(row.N)
		slice := makeSlice(goldenType(row.Elem), row.Len, row.Cap)
		g.container(row.Bytes, slice, tag, rules.Prevector(row.N))
		g.sizeof(row, slice.Type(), tag)
	case "string":
		slice := makeSlice(reflect.TypeFor[byte](), row.Len, row.Cap)
		g.container(row.Bytes, slice, "string", rules.String())
		g.sizeof(row, slice.Type(), "string")
		if row.Len == row.Cap || row.Sso { // a Go string has no capacity of its own
			g.priced(row.Bytes, string(make([]byte, row.Len)), "default")
			g.sizeof(row, reflect.TypeFor[string](), "_")
		}
	case "list":
		elem := goldenType(row.Elem)
		g.container(row.Bytes, makeSlice(elem, row.Len, row.Len), "list", rules.List())
		g.node(row.NodeSize*uint64(row.Len), makeSlice(elem, row.Len, row.Len), "list", 0)
		if size, _ := g.model.Sizeof(elem); size == g.pointer {
			// Its elements are interfaces, which take a pointer each.
			got := memsize.New[list.List](memsize.WithModel(g.model)).Of(nilList(row.Len))
			g.equal(row.Bytes, got, "container/list")
		}
	}
}

func nilList(n int) *list.List {
	l := list.New()
	for range n {
		l.PushBack(nil)
	}
	return l
}

func (g *golden) sizeof(row goldenRow, t reflect.Type, tag string) {
	size, _ := g.model.Sizeof(taggedType(t, tag))
	g.equal(row.Sizeof, size, "Sizeof, tag "+tag)
}

func (g *golden) set(row goldenRow) {
	elem, n := goldenType(row.Elem), row.Len
	switch row.Rule {
	case "set":
		g.container(row.Bytes, makeSet(elem, n), "set", rules.Set())
		g.container(row.Bytes, makeSlice(elem, n, n), "set", nil)
		g.node(row.NodeSize*uint64(n), makeSet(elem, n), "set", 0)
	case "set_incr":
		g.increment(row.Bytes, makeSet(elem, 0), "set")
		g.node(row.NodeSize, makeSet(elem, 1), "set", 0)
	case "unordered_set":
		g.priced(row.Bytes, makeSet(elem, n).Interface(), "default")
		g.container(row.Bytes, makeSet(elem, n), "unordered_set", rules.UnorderedSet())
		if row.Elem != "empty" { // a list of them may be long, a set of them may not
			g.container(row.Bytes, makeSlice(elem, n, n), "unordered_set", nil)
		}
		g.node(row.NodeSize*uint64(n), makeSet(elem, n), "unordered_set", row.BucketCount)
	}
}

func (g *golden) mapping(row goldenRow) {
	m := makeMap(goldenType(row.Key), goldenValueType(row.Val), row.Len)
	nodes := row.NodeSize * uint64(row.Len)
	switch row.Rule {
	case "map":
		g.container(row.Bytes, m, "map", rules.Map())
		g.node(nodes, m, "map", 0)
	case "indirectmap":
		g.container(row.Bytes, m, "indirectmap", rules.IndirectMap())
		g.node(nodes, m, "indirectmap", 0)
	case "map_incr":
		g.increment(row.Bytes, m, "map")
	case "indirectmap_incr":
		g.increment(row.Bytes, m, "indirectmap")
	case "unordered_map":
		g.priced(row.Bytes, m.Interface(), "default")
		g.container(row.Bytes, m, "unordered_map", rules.UnorderedMap())
		g.node(nodes, m, "unordered_map", row.BucketCount)
	case "unordered_map_pool":
		pool := rules.PoolUnorderedMap(uint64(row.ChunkSize))
		g.container(row.Bytes, m, "pool_unordered_map="+strconv.Itoa(row.ChunkSize), pool)
	default:
		g.Errorf("no check for rule %q", row.Rule)
	}
}

func (g *golden) pointerRow(row goldenRow) {
	elem := goldenType(row.Elem)
	pointer := reflect.Zero(reflect.PointerTo(elem))
	if !row.Nil {
		pointer = reflect.New(elem)
	}
	switch row.Rule {
	case "unique_ptr":
		g.priced(row.Bytes, struct{ F any }{pointer.Interface()}, "interface with a pointer")
		g.container(row.Bytes, pointer, "unique_ptr", nil)
		g.priced(row.Bytes, pointer.Interface(), "default")
		if !row.Nil {
			box := struct{ F any }{pointer.Elem().Interface()}
			g.priced(row.Bytes, box, "interface with a value")
		}
	case "shared_ptr":
		g.container(row.Bytes, pointer, "shared_ptr", rules.SharedPtr())
	case "raw_pointer":
		g.container(row.Bytes, pointer, "raw", rules.RawPtr())
	}
}

// recursive: containers of containers. The C++ figures charge a shared pointee for each reference
// to it, as PerReference does; bytes_dedup charges it once, as Of does.
func (g *golden) recursive(row goldenRow) {
	v, tag := recursiveValue(row)
	once, model := row.Bytes, memsize.WithModel(g.model)
	if row.Rule == "rec_vector_shared_vector_u32" {
		once = row.BytesDedup
	}
	box := tagged(v, tag)
	g.equal(row.Shallow, memsize.Dynamic(box, model), "Dynamic")
	g.equal(once, memsize.Of(box, model), "Of")
	g.equal(row.Bytes, memsize.Of(box, model, memsize.PerReference()), "Of, PerReference")
}

func recursiveValue(row goldenRow) (v reflect.Value, tag string) {
	switch row.Rule {
	case "rec_vector_vector_u8":
		outer := make([][]byte, row.OuterLen, row.OuterCap)
		for i, capacity := range row.InnerCaps {
			outer[i] = make([]byte, 0, capacity)
		}
		return reflect.ValueOf(outer), "_"
	case "rec_vector_string":
		outer := make([]string, row.OuterLen, row.OuterCap)
		for i, n := range row.InnerLens {
			outer[i] = string(make([]byte, n))
		}
		return reflect.ValueOf(outer), "_"
	case "rec_vector_unique_vector_u8":
		outer := make([]*[]byte, row.OuterLen, row.OuterCap)
		for i, capacity := range row.InnerCaps {
			outer[i] = new(make([]byte, capacity))
		}
		return reflect.ValueOf(outer), "vector<unique_ptr>"
	case "rec_vector_shared_vector_u32":
		return reflect.ValueOf(sharedVectors(row)), "vector<shared_ptr>"
	}
	m := make(map[uint32][]byte)
	for i, capacity := range row.InnerCaps {
		m[uint32(i)] = make([]byte, 0, capacity)
	}
	if row.Rule == "rec_map_u32_vector_u8" {
		return reflect.ValueOf(m), "map"
	}
	return reflect.ValueOf(m), "_"
}

// sharedVectors are pointers to the vectors that the row's index names, -1 for nil.
func sharedVectors(row goldenRow) []*[]uint32 {
	pointees := make([]*[]uint32, len(row.PointeeCaps))
	for i, capacity := range row.PointeeCaps {
		pointees[i] = new(make([]uint32, 0, capacity))
	}
	outer := make([]*[]uint32, row.OuterLen, row.OuterCap)
	for i, pointee := range row.Index {
		if pointee >= 0 {
			outer[i] = pointees[pointee]
		}
	}
	return outer
}
