package memsize

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
)

// ErrNoIncrement is returned by Incremental where one more element has no price of its own: a
// vector may or may not grow, a string, a pointer, a pool. It also is what the error about a struct of
// several containers wraps.
var ErrNoIncrement = errors.New("memsize: no increment: what one more element costs depends on capacity")

// Incremental is what one more element of v would cost, in bytes, rehashing excluded:
// memusage.h's IncrementalDynamicUsage of a set, map, indirectmap, list or unordered container.
// On a struct with exactly one container field it is that field's; of several the error names them, and
// Incremental(Fields(&v)["Name"]) is that of one.
// It returns ErrNoIncrement where there is none, and a *rules.TagError on a wrong tag.
func Incremental(v any, opts ...Option) (uint64, error) {
	o, err := callIncremental.checked(opts)
	if err != nil {
		return 0, err
	}
	if v == nil {
		return 0, ErrNoIncrement
	}
	if err := check(v, o.Models[:1]); err != nil {
		return 0, err
	}
	m := o.Models[0]
	found := containers(m, bind(m, v))
	switch {
	case len(found) > 1:
		var names []string
		for _, c := range found {
			names = append(names, c.path)
		}
		return 0, fmt.Errorf("%w: %s has %d containers, %s: pass one of them, as in "+
			"Incremental(memsize.Fields(&v)[%q]), which keeps its tag", errSeveral, typeOf(v), len(found),
			strings.Join(names, ", "), strings.Split(names[0], ".")[1])
	case len(found) == 1:
		if bytes, ok := m.NewPricer(found[0].binding).Increment(); ok {
			return bytes, nil
		}
	}
	return 0, ErrNoIncrement
}

// errSeveral is ErrNoIncrement with another reason.
var errSeveral = several{}

type several struct{}

func (several) Error() string        { return "memsize: no increment" }
func (several) Is(target error) bool { return target == ErrNoIncrement }

// typeOf is the type of v; of a Var that of the variable.
func typeOf(v any) reflect.Type {
	if v, ok := v.(variable); ok {
		return v.at.Type().Elem()
	}
	return reflect.TypeOf(v)
}

// bind is the type of v, of a field with what its tag or its override says.
func bind(m *rules.Model, v any) rules.Binding {
	if field, ok := v.(variable); ok && field.owner != nil {
		return m.Field(m.Bind(rules.TypeOf(field.owner)), field.field)
	}
	return m.Bind(rules.TypeOf(typeOf(v)))
}

// container is a container of a type's own, in no other container.
type container struct {
	path    string // from the type's value, as a Go expression
	binding rules.Binding
}

// containers are those that a value bound as b is or has in its fields.
func containers(m *rules.Model, b rules.Binding) (found []container) {
	var search func(path string, b rules.Binding)
	search = func(path string, b rules.Binding) {
		if m.Reach(b).Skip {
			return
		}
		switch {
		case m.NewPricer(b).Rule() != nil:
			found = append(found, container{path, b})
		case b.Type.Kind() == reflect.Array && b.Type.Len() == 1:
			search(path+"[0]", m.Elem(b))
		case b.Type.Kind() == reflect.Struct:
			for i := range b.Type.NumField() {
				search(path+"."+b.Type.Field(i).Name, m.Field(b, i))
			}
		}
	}
	search("", b)
	return found
}
