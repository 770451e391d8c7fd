// Package arbitrary makes random types, and random graphs of values over them, for property tests.
//
// A graph is made to be difficult: pointers are shared, lead to fields and to elements of arrays,
// slices and strings overlap and have spare capacity, and cycles run through pointers, slices,
// maps, interfaces and channels. The same seed gives the same types and the same graph, up to
// what Go itself leaves open (addresses, the order of maps).
package arbitrary

//go:generate go run ./gen

import (
	"container/list"
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync/atomic"
	"time"
	"weak"

	"github.com/bitcoin-mem/memsize/internal/oracle/arbitrary/expr"
)

// Types that lead to themselves with nothing but themselves on the way, one for each kind.
type (
	selfSlice   []selfSlice
	selfPointer *selfPointer
	selfMap     map[string]selfMap
	selfChan    chan selfChan
	selfAny     []any
	selfStruct  struct{ next, prev *selfStruct }
	selfArray   [2]*selfArray
)

// Types with corners of their own.
type (
	empty    struct{}
	emptyRef struct {
		P *empty
		Q *[0]int64
		S []struct{}
		I any
	}
	// direct is stored in an interface's data word, for it is one pointer wide.
	direct struct{ p *selfStruct }
	// directBlank is direct as well, though its pointer is not its first field.
	directBlank struct {
		_ struct{}
		m map[string]any
	}
	directArray [1]chan any
	holes       struct {
		a bool
		b int64
		c bool
		s []holes
	}
	iterators struct {
		L    list.List `memusage:"list"`
		Here *list.Element
		Ptr  *list.List
	}
	shared struct {
		A *int64            `memusage:"shared_ptr"`
		B *holes            `memusage:"raw"`
		C any               `memusage:"shared_ptr"`
		D []*holes          `memusage:"vector<shared_ptr>"`
		E map[string][]byte `memusage:"map<_, prevector=28>"`
		F map[*int64]string `memusage:"indirectmap"`
		G []byte            `memusage:"prevector=36"`
		H *shared           `memusage:"-"`
		I [2]*shared        `memusage:"amo"`
	}
	atoms struct {
		P atomic.Pointer[atoms]
		V atomic.Value
		W weak.Pointer[holes]
		N atomic.Int64
	}
	opaque struct {
		When time.Time
		Zone *time.Location
		Type reflect.Type
		Ctx  context.Context
	}
	small struct {
		a, b byte
		c    [3]int16
	}
	// windows are arrays that overlap by some of their elements.
	windows struct {
		all  []map[string]any
		a, b *[2]map[string]any
		c    *[3]map[string]any
		text []byte
		d, e *[17]byte
		f    []windows
	}
)

// speaker is an interface with a method, which types of several kinds satisfy.
type speaker interface{ speak() }

type (
	herd   map[string]speaker
	choir  []speaker
	caller func()
	cat    struct {
		name string
		kin  speaker
	}
)

func (herd) speak()   {}
func (choir) speak()  {}
func (caller) speak() {}
func (*cat) speak()   {}

var speakers = []reflect.Type{
	reflect.TypeFor[herd](), reflect.TypeFor[choir](), reflect.TypeFor[caller](),
	reflect.TypeFor[*cat](),
}

// known is the types above, and some of other packages.
var known = append([]reflect.Type{
	reflect.TypeFor[selfSlice](), reflect.TypeFor[selfPointer](), reflect.TypeFor[selfMap](),
	reflect.TypeFor[selfChan](), reflect.TypeFor[selfAny](), reflect.TypeFor[selfStruct](),
	reflect.TypeFor[selfArray](), reflect.TypeFor[empty](), reflect.TypeFor[emptyRef](),
	reflect.TypeFor[direct](), reflect.TypeFor[directBlank](), reflect.TypeFor[directArray](),
	reflect.TypeFor[holes](), reflect.TypeFor[iterators](), reflect.TypeFor[shared](),
	reflect.TypeFor[atoms](), reflect.TypeFor[opaque](), reflect.TypeFor[small](),
	reflect.TypeFor[windows](),
	reflect.TypeFor[speaker](), reflect.TypeFor[cat](), reflect.TypeFor[list.List](),
}, speakers...)

// Types is the types that random values are made of: written ones, generated ones, and made ones
// that reflect builds from r.
func Types(r *rand.Rand, made int) []reflect.Type {
	all := append(append([]reflect.Type{}, known...), generated...)
	for range made {
		all = append(all, randomType(r, all, 3))
	}
	for range made / 3 {
		all = append(all, relatives(r, leadingType(r, all))...)
	}
	return all
}

// relatives is structs that hold values of t in every way, under all sorts of rules, so that one of
// them leads into another: one after the other, for few to find.
func relatives(r *rand.Rand, t reflect.Type) []reflect.Type {
	array := reflect.ArrayOf(1+r.IntN(3), t)
	forms := []reflect.Type{
		t, array, reflect.SliceOf(t), reflect.PointerTo(t), reflect.PointerTo(array),
		reflect.SliceOf(array), reflect.SliceOf(reflect.PointerTo(t)), reflect.TypeFor[any](),
		reflect.MapOf(reflect.TypeFor[int8](), t),
	}
	all := make([]reflect.Type, 4)
	for i := range all {
		all[i] = randomStruct(r, 60, func() reflect.Type { return forms[r.IntN(len(forms))] })
		if i > 0 && r.IntN(3) == 0 {
			all[i] = twin(r, all[i-1])
		}
		forms = append(forms, all[i], reflect.PointerTo(all[i]))
	}
	return all
}

// twin is the struct t with other tags. Pointers convert between both.
func twin(r *rand.Rand, t reflect.Type) reflect.Type {
	fields := reflect.VisibleFields(t)
	for i := range fields {
		fields[i].Tag = ""
		if tag := randomTag(r, 60, fields[i].Type); tag != "" {
			fields[i].Tag = reflect.StructTag(fmt.Sprintf("memusage:%q", tag))
		}
	}
	return reflect.StructOf(fields)
}

// leadingType is a type of values that lead to others.
func leadingType(r *rand.Rand, there []reflect.Type) reflect.Type {
	for {
		switch t := randomType(r, there, 1); t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.String, reflect.Interface:
			return t
		}
	}
}

var scalars = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int8](), reflect.TypeFor[uint8](),
	reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[uint64](),
	reflect.TypeFor[int](), reflect.TypeFor[uintptr](), reflect.TypeFor[float32](),
	reflect.TypeFor[float64](), reflect.TypeFor[complex64](), reflect.TypeFor[complex128](),
}

// leaves is types without parameters that may refer to anything, or to nothing.
var leaves = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[any](),
	reflect.TypeFor[struct{}](), reflect.TypeFor[func()](),
}

// randomType builds a type over those that are there.
func randomType(r *rand.Rand, there []reflect.Type, depth int) reflect.Type {
	if depth == 0 {
		return randomLeaf(r, there)
	}
	below := func() reflect.Type { return randomType(r, there, depth-1) }
	switch r.IntN(9) {
	case 0, 1:
		return reflect.SliceOf(below())
	case 2:
		return reflect.PointerTo(below())
	case 3:
		return randomMap(r, below)
	case 4:
		return reflect.ArrayOf(r.IntN(4), below())
	case 5:
		if elem := below(); elem.Size() < 1<<16 { // the limit of a channel's elements
			return reflect.ChanOf(reflect.BothDir, elem)
		}
	case 6, 7:
		return randomStruct(r, 33, below)
	}
	return randomLeaf(r, there)
}

func randomLeaf(r *rand.Rand, there []reflect.Type) reflect.Type {
	switch r.IntN(3) {
	case 0:
		return scalars[r.IntN(len(scalars))]
	case 1:
		return leaves[r.IntN(len(leaves))]
	}
	for {
		if t := there[r.IntN(len(there))]; t.Size() <= 1024 {
			return t
		}
	}
}

// randomMap is a map, every fourth time a set.
func randomMap(r *rand.Rand, below func() reflect.Type) reflect.Type {
	key := below()
	for !key.Comparable() {
		key = below()
	}
	if r.IntN(4) == 0 {
		return reflect.MapOf(key, reflect.TypeFor[struct{}]())
	}
	return reflect.MapOf(key, below())
}

// randomStruct has exported and unexported fields, some of them tagged: so many in 100 as
// tagged says.
func randomStruct(r *rand.Rand, tagged int, below func() reflect.Type) reflect.Type {
	var fields []reflect.StructField
	for i := range r.IntN(6) {
		f := reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: below()}
		if r.IntN(3) == 0 {
			f.Name = fmt.Sprintf("f%d", i)
			f.PkgPath = reflect.TypeFor[empty]().PkgPath()
		}
		if tag := randomTag(r, tagged, f.Type); tag != "" {
			f.Tag = reflect.StructTag(fmt.Sprintf("memusage:%q", tag))
		}
		fields = append(fields, f)
	}
	return reflect.StructOf(fields)
}

func randomTag(r *rand.Rand, tagged int, t reflect.Type) string {
	switch {
	case r.IntN(100) >= tagged:
		return ""
	case r.IntN(4) == 0:
		return "-"
	}
	return expr.Random(r, expr.Of(t, 3))
}
