package golden_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/rules"
)

// Rust's owning pointers as types of their own, so that a map can have them as keys.
type (
	goldenArc       *uint64
	goldenOption    *uint64
	goldenOptionArc *goldenArc
)

var crateTypes = map[string]reflect.Type{
	"()": reflect.TypeFor[struct{}](), "bool": reflect.TypeFor[bool](),
	"u8": reflect.TypeFor[uint8](), "u16": reflect.TypeFor[uint16](),
	"u32": reflect.TypeFor[uint32](), "u64": reflect.TypeFor[uint64](),
	"u128":   reflect.TypeFor[goldenInt128](),
	"[u8;3]": reflect.TypeFor[[3]uint8](), "[u8;5]": reflect.TypeFor[[5]uint8](),
	"[u8;20]": reflect.TypeFor[[20]uint8](), "[u8;32]": reflect.TypeFor[[32]uint8](),
	"[u8;36]": reflect.TypeFor[[36]uint8](), "[u64;5]": reflect.TypeFor[[5]uint64](),
	"O36":     reflect.TypeFor[goldenO36](),
	"String":  reflect.TypeFor[string](),
	"Vec<u8>": reflect.TypeFor[[]uint8](), "Vec<u32>": reflect.TypeFor[[]uint32](),
	"Arc<u64>":         reflect.TypeFor[goldenArc](),
	"Option<u64>":      reflect.TypeFor[goldenOption](),
	"Option<Arc<u64>>": reflect.TypeFor[goldenOptionArc](),
	"(u32,u32)":        reflect.TypeFor[struct{ A, B uint32 }](),
	"(u32,u64)": reflect.TypeFor[struct {
		A uint32
		B uint64
	}](),
	"(u64,u32)": reflect.TypeFor[struct {
		A uint64
		B uint32
	}](),
	"(u8,u64)": reflect.TypeFor[struct {
		A uint8
		B uint64
	}](),
	"(u8,u32,u16)": reflect.TypeFor[struct { // 12 bytes in C++, 8 where fields may move
		A uint8
		B uint32
		C uint16
	}](),
	"(String,u32)": reflect.TypeFor[struct {
		A string
		B uint32
	}](),
	"(O36,[u64;6])": reflect.TypeFor[struct {
		A goldenO36
		B [6]uint64
	}](),
}

func TestGoldenCrate(t *testing.T) {
	option, err := rules.Parse("option")
	require.NoError(t, err)
	const unused = "a fact about Rust that no formula of the crate uses"
	g := newGolden(t, "crate", "memusage64", 8)
	g.model = g.model.With(
		rules.ForType[goldenArc](rules.SharedPtr()),
		rules.ForType[goldenOption](option),
		rules.ForType[goldenOptionArc](option),
	)
	g.run(goldenRows(t, "crate_x86_64"), func(row goldenRow) string {
		switch rule := strings.TrimPrefix(row.Rule, "crate_"); {
		case rule == "shared_counter" || rule == "std_hashmap_capacity":
			return unused
		case rule == "malloc":
			g.equal(row.Bytes, malloc.Usage(row.Request), "malloc.Usage")
			g.malloc(row)
		case strings.HasPrefix(rule, "rec_"):
			g.crateRecursive(row)
		case strings.HasPrefix(rule, "hash"):
			g.crateHash(row)
		default:
			g.crate(row, rule)
		}
		return ""
	}, map[string]int{
		"crate_malloc": 522, "crate_layout": 20, "crate_vec": 106, "crate_prevector": 48,
		"crate_box": 16, "crate_arc": 16, "crate_amo": 16, "crate_option": 16,
		"crate_hashset": 44, "crate_hashset_incr": 16,
		"crate_hashmap": 173, "crate_hashmap_incr": 20,
		"crate_rec_vec_vec_u8": 4, "crate_rec_arc_vec_u32": 7, "crate_rec_arc_arc_vec_u32": 7,
		"crate_rec_option_arc_vec_u32": 8, "crate_rec_amo_vec_u32": 14,
	}, map[string]int{
		"crate_shared_counter: " + unused: 1, "std_hashmap_capacity: " + unused: 12,
	})
}

// crate checks layouts, vectors and pointers.
func (g *golden) crate(row goldenRow, rule string) {
	elem := crateTypes[row.Elem]
	full, null := reflect.New(elem), reflect.Zero(reflect.PointerTo(elem))
	switch rule {
	case "layout":
		size, align := g.model.Sizeof(elem)
		g.equal(row.ElemSize, size, "Sizeof")
		g.equal(row.ElemAlign, align, "alignment")
		g.increment(row.NodeBytes, makeSet(elem, 0), "_")
	case "vec":
		g.priced(row.Bytes, makeSlice(elem, 0, row.Cap).Interface(), "default")
		g.container(row.Bytes, makeSlice(elem, row.Cap, row.Cap), "vector", nil)
	case "prevector":
		tag := "prevector=" + strconv.Itoa(row.N)
		g.container(row.Bytes, makeSlice(elem, 0, row.Cap), tag, rules.Prevector(row.N))
	case "box":
		g.priced(row.Bytes, full.Interface(), "default")
		g.container(row.Bytes, full, "unique_ptr", nil)
	case "arc":
		g.container(row.Bytes, full, "shared_ptr", rules.SharedPtr())
	case "option":
		g.container(row.Bytes, full, "option", nil)
		g.container(row.Bytes, null, "option", nil)
		size, _ := g.model.Sizeof(taggedType(full.Type(), "option"))
		g.equal(row.OptionSize, size, "Sizeof, tag option")
	case "amo": // the lock is there whether it holds something or not
		g.container(row.Bytes, full, "amo", nil)
		g.container(row.Bytes, null, "amo", nil)
	default:
		g.Errorf("no check for rule %q", row.Rule)
	}
}

// crateHash checks HashSet and HashMap, by themselves: keys may own memory. A Go slice stands in
// for sets whose elements cannot be keys in Go, or not so many.
func (g *golden) crateHash(row goldenRow) {
	key, value := crateTypes[row.Key], crateTypes[row.Val]
	if row.Elem != "" {
		key, value = crateTypes[row.Elem], crateTypes["()"]
		slice := makeSlice(key, row.Len, row.Len)
		if row.Rule == "crate_hashset_incr" {
			g.increment(row.Bytes, slice, "unordered_set")
		} else {
			g.shallow(row.Bytes, tagged(slice, "unordered_set"), "slice, tag unordered_set")
		}
		if !key.Comparable() {
			return
		}
	}
	if key.Size() < 2 && row.Len > 1<<(8*key.Size()) {
		// The row is the formula's alone: no map, of Rust or of Go, has so many keys.
		m := g.model.Bind(rules.TypeOf(reflect.MapOf(key, value)))
		g.equal(row.Bytes, g.model.NewPricer(m).Total(uint64(row.Len), uint64(row.Len)), "Pricer")
		return
	}
	m := makeMap(key, value, row.Len)
	if strings.HasSuffix(row.Rule, "_incr") {
		g.increment(row.Bytes, m, "_")
		return
	}
	g.shallow(row.Bytes, m.Interface(), "default")
}

func (g *golden) shallow(want uint64, v any, route string) {
	g.Helper()
	g.equal(want, memsize.Dynamic(v, memsize.WithModel(g.model)), "Dynamic, "+route)
}

// crateRecursive checks containers of containers. The crate does not look into the elements of a
// Vec: its figure is Dynamic's there, and Of's is the one that it calls deep.
func (g *golden) crateRecursive(row goldenRow) {
	vector := new(make([]uint32, 0, row.Cap))
	var box any
	own, all := row.Own, row.Bytes
	switch row.Rule {
	case "crate_rec_vec_vec_u8":
		outer := make([][]byte, len(row.InnerCaps))
		for i, capacity := range row.InnerCaps {
			outer[i] = make([]byte, 0, capacity)
		}
		box, own, all = outer, row.Bytes, row.BytesIfDeep
	case "crate_rec_arc_vec_u32":
		box = tagged(reflect.ValueOf(vector), "shared_ptr")
	case "crate_rec_arc_arc_vec_u32":
		box = tagged(reflect.ValueOf(&vector), "shared_ptr<shared_ptr>")
		own = malloc.Usage(16 + 8) // the row does not say: a header and the inner Arc
	case "crate_rec_option_arc_vec_u32":
		arc := &vector
		if !row.Some {
			arc = nil
		}
		box, own = tagged(reflect.ValueOf(arc), "option<shared_ptr>"), 0
	case "crate_rec_amo_vec_u32":
		if !row.Some {
			vector = nil
		}
		box = tagged(reflect.ValueOf(vector), "amo")
	default:
		g.Errorf("no check for rule %q", row.Rule)
		return
	}
	model := memsize.WithModel(g.model)
	g.shallow(own, box, "itself")
	g.equal(all, memsize.Of(box, model), "Of")
	g.equal(all, memsize.Of(box, model, memsize.PerReference()), "Of, PerReference")
}
