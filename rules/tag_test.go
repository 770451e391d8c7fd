package rules

import (
	"container/list"
	"context"
	"reflect"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
	"weak"

	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/stretchr/testify/require"
)

// field makes a struct type with one tagged field.
func field(t reflect.Type, tag string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{
		Name: "F", Type: t, Tag: reflect.StructTag(`memusage:"` + tag + `"`),
	}})
}

func TestWhatAppliesToWhat(t *testing.T) {
	var (
		slice  = reflect.TypeFor[[]int]()
		bytes  = reflect.TypeFor[[]byte]()
		text   = reflect.TypeFor[string]()
		dict   = reflect.TypeFor[map[int]string]()
		set    = reflect.TypeFor[map[int]struct{}]()
		ptr    = reflect.TypeFor[*int]()
		iface  = reflect.TypeFor[any]()
		atom   = reflect.TypeFor[atomic.Pointer[int]]()
		weakly = reflect.TypeFor[weak.Pointer[int]]()
		linked = reflect.TypeFor[list.List]()
		number = reflect.TypeFor[int]()
		array  = reflect.TypeFor[[2][3][]int]()
	)
	every := []reflect.Type{slice, bytes, text, dict, set, ptr, iface, atom, weakly, linked,
		number, array}
	pointers := []reflect.Type{ptr, iface, atom, weakly}
	maps := []reflect.Type{dict, set}
	slices := []reflect.Type{slice, bytes, array}
	for expr, fit := range map[string][]reflect.Type{
		"_": every, "-": every,
		"vector": {slice, bytes, text, array}, "prevector=4": slices,
		"list": {slice, bytes, array, linked}, "string": {bytes, text},
		"set": {slice, bytes, array, set}, "unordered_set": {slice, bytes, array, set},
		"map": maps, "unordered_map": maps, "pool_unordered_map=1024": maps, "indirectmap": maps,
		"unique_ptr": pointers, "shared_ptr": pointers, "raw": pointers,
		"amo": {ptr, atom, weakly}, "option": {ptr, atom, weakly},
	} {
		for _, typ := range every {
			err := Check(field(typ, expr))
			fits := false
			for _, f := range fit {
				fits = fits || f == typ
			}
			if fits {
				require.NoError(t, err, "%s on %s", expr, typ)
				continue
			}
			var tagError *TagError
			require.ErrorAs(t, err, &tagError, "%s on %s", expr, typ)
			require.Equal(t, "F", tagError.Field)
			require.Equal(t, expr, tagError.Expr)
			require.Equal(t, field(typ, expr), tagError.Type)
			require.Contains(t, tagError.Fit, "which takes")
			require.PanicsWithError(t, tagError.Error(), func() {
				Core().Sizeof(field(typ, expr))
			})
		}
	}
	require.NoError(t, Check(field(reflect.TypeFor[unsafe.Pointer](), "raw")))
	require.Error(t, Check(field(reflect.TypeFor[chan int](), "vector")))
}

func TestParametersFitToo(t *testing.T) {
	slices := reflect.TypeFor[[]*int]()
	require.NoError(t, Check(field(slices, "vector<shared_ptr>")))
	require.ErrorContains(t, Check(field(slices, "vector<string>")), "its element: string does not")
	dict := reflect.TypeFor[map[string][]byte]()
	require.NoError(t, Check(field(dict, "map<string,prevector=36>")))
	require.NoError(t, Check(field(dict, "map<prevector=36>")))
	require.ErrorContains(t, Check(field(dict, "map<list,_>")), "its key: list does not fit")
	require.NoError(t, Check(field(reflect.TypeFor[map[string]struct{}](), "set<string>")))
	require.NoError(t, Check(field(reflect.TypeFor[any](), "shared_ptr<vector>")), "data decides")
	require.ErrorContains(t, Check(field(reflect.TypeFor[string](), "vector<raw>")), "no elements")
	require.ErrorContains(t, Check(field(dict, "nonsense<")), `unknown rule "nonsense"`)
}

type (
	deepTag  struct{ M map[string][]*wrongTag }
	wrongTag struct {
		Next *wrongTag
		Bad  int `memusage:"vector"`
	}
)

func TestCheckReachesEveryTypeBelow(t *testing.T) {
	err := Check(reflect.TypeFor[deepTag]())
	require.EqualError(t, err, `memsize: rule "vector" on rules.wrongTag.Bad: `+
		`vector does not fit int, which takes no rule but -`)
	require.Same(t, err, Check(reflect.TypeFor[deepTag]()), "checked once")
	require.NoError(t, Check(nil))
}

type target struct {
	Tagged   []byte `memusage:"prevector=36"`
	Plain    []byte
	Set      map[int]struct{}
	Map      map[int]int
	Location *time.Location
	Node     *list.Element
	Atomic   atomic.Pointer[int]
	Context  context.Context
	Array    [2][]byte `memusage:"prevector=36"`
	Any      any       `memusage:"shared_ptr"`
	Default  []byte    `memusage:"vector"`
}

// ruleOf is the name of the rule that m gives to a field of target.
func ruleOf(m *Model, name string) string {
	f, _ := reflect.TypeFor[target]().FieldByName(name)
	b := m.Field(m.Bind(TypeOf(reflect.TypeFor[target]())), f.Index[0])
	r := m.NewPricer(b).Rule()
	if r == nil {
		return ""
	}
	return r.String()
}

func TestPrecedence(t *testing.T) {
	kind := ForKind(reflect.Slice, List())
	typ := ForType[[]byte](String())
	fieldOverride := ForField[target]("Tagged", Vector())
	for _, row := range []struct {
		why, field, want string
		overrides        []Override
	}{
		{"the default", "Plain", "vector", nil},
		{"a kind before the default", "Plain", "list", []Override{kind}},
		{"a type before its kind", "Plain", "string", []Override{typ, kind}},
		{"a tag before the type", "Tagged", "prevector=36", []Override{typ, kind}},
		{"a tag that is the default, too", "Default", "vector", []Override{typ, kind}},
		{"a field before its tag", "Tagged", "vector", []Override{fieldOverride, typ, kind}},
		{"the later of two", "Plain", "set", []Override{kind, ForKind(reflect.Slice, Set())}},
		{"a map without values is a set", "Set", "map", []Override{ForKind(reflect.Map, Map())}},
		{"an iterator is no plain pointer", "Node", "raw",
			[]Override{ForKind(reflect.Pointer, SharedPtr())}},
		{"unless it is named", "Node", "shared_ptr",
			[]Override{ForType[*list.Element](SharedPtr())}},
		{"an atomic pointer is a pointer", "Atomic", "shared_ptr",
			[]Override{ForKind(reflect.Pointer, SharedPtr())}},
	} {
		require.Equal(t, row.want, ruleOf(Core().With(row.overrides...), row.field), row.why)
	}
	entry := Core().With(ForKind(reflect.Map, Map())).NewPricer(
		Binding{Type: TypeOf(reflect.TypeFor[map[int64]struct{}]())})
	require.Equal(t, 3*malloc.Usage(32+8), entry.Total(3, 3), "tree nodes of the key alone")
}

func TestOverridesThatCannotBe(t *testing.T) {
	require.PanicsWithError(t, `memsize: rule "set" on rules.target.Nope: rules.target has no `+
		`field "Nope" (promoted fields belong to the struct that declares them)`,
		func() { ForField[target]("Nope", Set()) })
	require.Panics(t, func() { ForField[int]("X", Set()) })
	require.Panics(t, func() { ForKind(reflect.Map, nil) })

	m := Core().With(ForKind(reflect.Slice, Map()))
	var tagError *TagError
	require.ErrorAs(t, m.Check(reflect.TypeFor[target]()), &tagError)
	require.NoError(t, Check(reflect.TypeFor[target]()), "the model's override, not the type's tag")
	require.NoError(t, m.Check(reflect.TypeFor[int]()), "it meets no slice")
}

func TestParametersOfAParsedRule(t *testing.T) {
	shared := must("vector<shared_ptr>")
	m := Core().With(ForType[[]*int](shared))
	elem := m.Elem(m.Bind(TypeOf(reflect.TypeFor[[]*int]())))
	require.Equal(t, "shared_ptr", elem.Expr.String())
	require.EqualValues(t, 16, m.Shape(elem).Size)
}

func TestReach(t *testing.T) {
	m := Core()
	root := m.Bind(TypeOf(reflect.TypeFor[target]()))
	reach := func(i int) Reach { return m.Reach(m.Field(root, i)) }
	require.Equal(t, Reach{Inline: 36}, reach(0))
	require.Equal(t, Reach{}, reach(1))
	require.Equal(t, Reach{Keys: true, NilCosts: true}, reach(3))
	require.NotEmpty(t, reach(4).Opaque)
	require.True(t, reach(5).Skip)
	require.NotEmpty(t, reach(7).Opaque)
	require.Empty(t, m.With(ForType[*time.Location](UniquePtr())).Reach(m.Field(root, 4)).Opaque)
	text := m.Bind(TypeOf(reflect.TypeFor[string]()))
	require.Equal(t, Reach{Inline: 15, ByLen: true}, m.Reach(text))
	require.Equal(t, Reach{}, Crate().Reach(text), "a Rust String has no inline bytes")
	require.False(t, Crate().Reach(m.Field(root, 3)).NilCosts)
	require.False(t, m.Reach(m.Rebind(TypeOf(reflect.TypeFor[map[int]int]()), nil)).Skip)
	indirect := must("indirectmap").(*builtin).expr
	require.False(t, m.Reach(Binding{TypeOf(reflect.TypeFor[map[int]int]()), indirect}).Keys)
}

func TestBindings(t *testing.T) {
	m := Core()
	root := m.Bind(TypeOf(reflect.TypeFor[target]()))
	require.Equal(t, m.Bind(TypeOf(reflect.TypeFor[[]byte]())), m.Field(root, 10),
		"a tag that says the default is the default")
	array := m.Field(root, 8)
	require.Equal(t, m.Field(root, 0), m.Elem(array), "arrays are transparent")
	require.EqualValues(t, 80, m.Shape(array).Size)
	require.Nil(t, m.Elem(m.Bind(TypeOf(reflect.TypeFor[string]()))).Type)
	require.Equal(t, reflect.Interface,
		m.Elem(m.Bind(TypeOf(reflect.TypeFor[list.List]()))).Type.Kind())
	pointee, ok := pointeeOf(TypeOf(reflect.TypeFor[atomic.Pointer[string]]()))
	require.True(t, ok)
	require.Equal(t, TypeOf(reflect.TypeFor[string]()), pointee)
	require.Equal(t, listHead, natureOf(TypeOf(reflect.TypeFor[list.List]())))
	require.Equal(t, ordinary, natureOf(TypeOf(reflect.TypeFor[list.Element]())))
}

// wireType is a Type that is not of this process, as a gob stream gives them: a map from a struct
// of bytes to text.
type wireType struct{ kind reflect.Kind }

func (w wireType) Kind() reflect.Kind { return w.kind }
func (w wireType) String() string     { return "wire " + w.kind.String() }
func (w wireType) Name() string       { return "" }
func (w wireType) PkgPath() string    { return "" }
func (w wireType) Elem() Type         { return wireType{reflect.String} }
func (w wireType) Key() Type          { return wireType{reflect.Struct} }
func (w wireType) Len() int           { return 0 }
func (w wireType) NumField() int      { return 2 }
func (w wireType) Field(i int) Field {
	return Field{Name: "AB"[i : i+1], Type: wireType{reflect.Uint8}, Tag: "_"}
}

func TestTypesOfAnotherProcess(t *testing.T) {
	dict := wireType{reflect.Map}
	m := Core().With(ForType[string](Vector()), ForKind(reflect.Map, Map()))
	p := m.NewPricer(m.Bind(dict))
	require.Equal(t, 7*malloc.Usage(32+8+32), p.Total(7, 7), "a tree node of a 2-byte key, a string")
	require.EqualValues(t, 2, m.Shape(m.Key(m.Bind(dict))).Size)
	_, ok := reflected(dict)
	require.False(t, ok)
	require.Nil(t, TypeOf(nil))

	vector, err := ParseExpr("vector")
	require.NoError(t, err)
	_, err = Core().At(dict, vector)
	require.ErrorContains(t, err, "wire map: vector does not fit")
	b, err := Core().At(wireType{reflect.String}, vector)
	require.NoError(t, err)
	require.Equal(t, malloc.Usage(3), Core().NewPricer(b).Total(3, 3), "no inline bytes")
}

func TestInterfaces(t *testing.T) {
	m := Core()
	holder := m.Field(m.Bind(TypeOf(reflect.TypeFor[target]())), 9) // any, shared_ptr
	ptr := m.Rebind(TypeOf(reflect.TypeFor[*uint64]()), holder.Expr)
	require.Equal(t, malloc.Usage(8)+malloc.Usage(24), m.NewPricer(ptr).Total(1, 1),
		"a pointer in an interface is that pointer, under the interface's rule")
	box := m.Box(holder, TypeOf(reflect.TypeFor[[4]uint64]()))
	require.Equal(t, malloc.Usage(32)+malloc.Usage(24), m.NewPricer(box).Total(1, 1))
	require.Equal(t, box, m.Rebind(TypeOf(reflect.TypeFor[[4]uint64]()), holder.Expr))
	require.Equal(t, TypeOf(reflect.TypeFor[[4]uint64]()), m.Elem(box).Type)

	plain := m.Rebind(TypeOf(reflect.TypeFor[map[int]int]()), nil)
	require.Equal(t, malloc.Usage(56), m.NewPricer(plain).Total(1, 1), "unique_ptr of the map")
	require.Equal(t, malloc.Usage(1), m.NewPricer(
		m.Rebind(TypeOf(reflect.TypeFor[struct{}]()), nil)).Total(1, 1))

	// What data chose cannot be a programmer's error.
	misfit := must("unique_ptr<string>").(*builtin).expr
	held := m.Rebind(TypeOf(reflect.TypeFor[*int]()), misfit)
	require.Nil(t, held.Expr)
	direct := must("vector").(*builtin).expr
	bytes := m.Rebind(TypeOf(reflect.TypeFor[[]byte]()), direct)
	require.Equal(t, malloc.Usage(100), m.NewPricer(bytes).Total(100, 100))

	// A rule for pointers is not one for boxes; a rule for interfaces is.
	pointers := m.With(ForKind(reflect.Pointer, SharedPtr()))
	number := TypeOf(reflect.TypeFor[int64]())
	require.Equal(t, malloc.Usage(8), pointers.NewPricer(pointers.Rebind(number, nil)).Total(1, 1))
	boxes := m.With(ForKind(reflect.Interface, SharedPtr()))
	require.Equal(t, malloc.Usage(8)+malloc.Usage(24),
		boxes.NewPricer(boxes.Rebind(number, nil)).Total(1, 1))
}

func TestSkippedFieldsStayInGo(t *testing.T) {
	type skipping struct {
		A uint8
		B [100]uint64 `memusage:"-"`
	}
	size, _ := Core().Sizeof(reflect.TypeFor[skipping]())
	require.EqualValues(t, 1, size)
	size, _ = mustLookup("core-golayout").Sizeof(reflect.TypeFor[skipping]())
	require.EqualValues(t, 1, size, "as-if models all agree on what exists")
	size, _ = Go().Sizeof(reflect.TypeFor[skipping]())
	require.EqualValues(t, unsafe.Sizeof(skipping{}), size)
}

func TestModels(t *testing.T) {
	for _, name := range Names() {
		m, err := Lookup(name)
		require.NoError(t, err)
		require.Equal(t, name, m.Name())
		again, err := Lookup(name)
		require.NoError(t, err)
		require.Same(t, m, again)
	}
	_, err := Lookup("cor")
	require.ErrorContains(t, err, "there are core, core-32, core-golayout, crate, go, go-386")
	_, err = Lookup("core+nothing")
	require.ErrorContains(t, err, "memusage64")

	list := ForKind(reflect.Slice, List())
	require.True(t, SameReach(Core(), Crate()))
	require.False(t, SameReach(Core(), Go()))
	require.False(t, SameReach(Core(), Core().With(list)))
	require.True(t, SameReach(Core().With(list), Crate().With(list)))
	require.True(t, Go().IsGoHeap())
	require.False(t, Core().IsGoHeap())
}

func TestTagsDoNotChangeGo(t *testing.T) {
	require.Equal(t, "vector", ruleOf(Go(), "Tagged"))
	require.Empty(t, Go().Reach(Go().Bind(TypeOf(reflect.TypeFor[*time.Location]()))).Opaque)
}
