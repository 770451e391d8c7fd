package property_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/oracle"
	"github.com/bitcoin-mem/memsize/rules"
)

// Two references to the same memory are all that it takes to go wrong. The tests below do not leave
// them to chance: they try every view of a small value, under every rule, beside that value.

// lead is a type of values that lead to others, one of them, and the rules that it may have: in a
// field, or in what holds it.
type lead struct {
	typ   reflect.Type
	value any
	rules []string
}

var leads = []lead{
	{reflect.TypeFor[*int64](), new(int64), []string{"", "raw", "shared_ptr"}},
	{reflect.TypeFor[[]byte](), make([]byte, 20), []string{"", "prevector=28", "string"}},
	{reflect.TypeFor[[]*int64](), []*int64{new(int64)}, []string{"", "list", "vector<shared_ptr>"}},
	{reflect.TypeFor[map[int64]int64](), nil, []string{"", "map"}},
	{reflect.TypeFor[string](), strings.Repeat("x", 20), []string{"", "vector"}},
	{reflect.TypeFor[any](), [2]int64{1, 2}, []string{"", "raw", "shared_ptr"}},
	{reflect.TypeFor[atomic.Pointer[int64]](), nil, []string{"", "raw", "shared_ptr"}},
}

// ruled is a field that holds a value of type t under a rule.
func ruled(name string, t reflect.Type, rule string) reflect.StructField {
	f := reflect.StructField{Name: name, Type: t}
	if rule != "" {
		f.Tag = reflect.StructTag(fmt.Sprintf("memusage:%q", rule))
	}
	return f
}

func structOf(fields ...reflect.StructField) reflect.Type { return reflect.StructOf(fields) }

// holders are values that hold those of a lead under a rule, one in each way.
func (l *lead) holders(rule string) []reflect.Type {
	word := ruled("N", reflect.TypeFor[int64](), "")
	wrapper := structOf(ruled("V", l.typ, rule))
	larger := structOf(ruled("V", l.typ, rule), word)
	all := []reflect.Type{wrapper, larger, structOf(word, ruled("V", reflect.ArrayOf(1, l.typ), rule))}
	for _, elem := range []reflect.Type{l.typ, wrapper, larger, reflect.ArrayOf(2, l.typ)} {
		inArray := rule
		if elem == wrapper || elem == larger {
			inArray = ""
		}
		all = append(all, structOf(word, ruled("V", reflect.ArrayOf(2, elem), inArray)))
	}
	return all
}

// fill puts a value at every place of v that holds one.
func (l *lead) fill(v reflect.Value) {
	switch {
	case v.Type() == l.typ:
		if p, ok := v.Addr().Interface().(*atomic.Pointer[int64]); ok {
			p.Store(new(int64))
		} else if l.value != nil {
			v.Set(reflect.ValueOf(l.value))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			l.fill(v.Field(i))
		}
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			l.fill(v.Index(i))
		}
	}
}

// views are references to all that lies in v, under each rule.
func (l *lead) views(v reflect.Value) []any {
	all := l.pointers(v)
	switch {
	case v.Type() == l.typ:
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			all = append(all, l.views(v.Field(i))...)
		}
	case v.Kind() == reflect.Array:
		all = append(all, l.views(v.Index(v.Len()-1))...)
		for _, rule := range append(l.within("vector", v.Type().Elem()), "list") {
			all = append(all, reference(v.Slice(0, v.Len()), rule), reference(v.Slice3(0, 1, v.Len()), rule),
				reference(v.Slice(v.Len()-1, v.Len()), rule))
		}
	}
	return all
}

// pointers are pointers to v under each rule, and where its fields may have another rule, as another
// type.
func (l *lead) pointers(v reflect.Value) (all []any) {
	for _, rule := range l.within("unique_ptr", v.Type()) {
		all = append(all, reference(v.Addr(), rule))
	}
	if t := v.Type(); t.Kind() == reflect.Struct && t != l.typ && t.NumField() == 2 {
		for _, rule := range append(l.rules, "-") {
			fields := []reflect.StructField{t.Field(0), t.Field(1)}
			for i, f := range fields {
				if f.Name == "V" && f.Type == l.typ {
					fields[i] = ruled("V", f.Type, rule)
				}
			}
			other := reflect.PointerTo(structOf(fields...))
			all = append(all, v.Addr().Convert(other).Interface())
		}
	}
	return all
}

// within is the rules for what holds values of type t, of which some may be a lead's.
func (l *lead) within(outer string, t reflect.Type) []string {
	for t != l.typ && t.Kind() == reflect.Array {
		t = t.Elem()
	}
	if t != l.typ {
		return []string{""}
	}
	all := []string{""}
	for _, rule := range l.rules[1:] {
		all = append(all, outer+"<"+rule+">")
	}
	return all
}

// reference is a pointer or a slice under a rule.
func reference(r reflect.Value, rule string) any {
	v := reflect.New(structOf(ruled("R", r.Type(), rule))).Elem()
	v.Field(0).Set(r)
	return v.Interface()
}

// TestEveryViewOfSmallValues meets a value and each of its views in both orders, without what earlier
// walks found out about their types.
func TestEveryViewOfSmallValues(t *testing.T) {
	model, pairs := rules.Core().With(), 0
	for _, l := range leads {
		for _, rule := range append(l.rules, "-") {
			for _, holder := range l.holders(rule) {
				v := reflect.New(holder)
				l.fill(v.Elem())
				for _, view := range l.views(v.Elem()) {
					pairs++
					sameInBothOrders(t, model, v.Interface(), view)
				}
			}
		}
	}
	t.Logf("%d pairs", pairs)
}

func sameInBothOrders(t *testing.T, model *rules.Model, a, b any) {
	want := oracle.Of([]any{a, b}, model, oracle.Options{}).Total()
	for _, pair := range [][]any{{a, b}, {b, a}} {
		require.Equal(t, want, memsize.Of(pair, memsize.WithModel(model.With())), "%T beside %T", pair[0], pair[1])
	}
}
