package rules

import (
	"fmt"
	"reflect"
)

// Override gives a rule to a kind, a type or a field. Make one with ForKind, ForType or ForField
// and add it to a model with Model.With. A field's override comes before its tag, the tag before
// the type's, the type's before the kind's.
type Override struct {
	kind    reflect.Kind // ForKind; Invalid for the others
	typ     reflect.Type // ForType; ForField: the struct
	field   string       // ForField
	expr    *Expr
	program string // ForProgram
}

// ForKind prices every type of kind k by r, unless the type, its field's tag or a field's
// override says otherwise. Library types that mean more than their kind (an iterator into a list,
// *time.Location) are not touched. ForKind(reflect.Map, Map()) prices map[K]struct{} as a set.
func ForKind(k reflect.Kind, r Rule) Override { return Override{kind: k, expr: exprOf(r)} }

// ForType prices exactly the type T by r, unless a tag or a field's override says otherwise. It
// also opens types that are opaque by default, and may give a scalar or a struct a layout of its
// own by a rule of one's own; what that rule's Usage says of one element is charged too.
func ForType[T any](r Rule) Override {
	return Override{typ: reflect.TypeFor[T](), expr: exprOf(r)}
}

// ForField prices the field of the struct T by r, whatever its tag says: for types that one does
// not own. It panics with a *TagError where T is no struct or has no such field.
func ForField[T any](field string, r Rule) Override {
	t := reflect.TypeFor[T]()
	e := exprOf(r)
	if t.Kind() != reflect.Struct {
		panic(&TagError{Type: t, Field: field, Expr: e.String(),
			Fit: "ForField needs a struct type, which " + t.Kind().String() + " is not"})
	}
	for i := range t.NumField() {
		if t.Field(i).Name == field {
			return Override{typ: t, field: field, expr: e}
		}
	}
	panic(&TagError{Type: t, Field: field, Expr: e.String(), Fit: fmt.Sprintf("%s has no field %q "+
		"(promoted fields belong to the struct that declares them)", t, field)})
}

// exprOf is the expression that a Rule stands for: a rule of Parse keeps its parameters.
func exprOf(r Rule) *Expr {
	if r == nil {
		panic("rules: an override needs a Rule; the model's default is Parse(\"_\")")
	}
	if b, ok := r.(*builtin); ok {
		return b.expr
	}
	return &Expr{Rule: r}
}

// overrides is a model's overrides, indexed; later ones win. Rules of one's own may not be
// comparable, so everything is told apart by *Expr.
type overrides struct {
	list     []Override
	kinds    map[reflect.Kind]*Expr
	types    map[reflect.Type]*Expr
	fields   map[fieldKey]*Expr
	programs map[reflect.Type]string
}

type fieldKey struct {
	owner reflect.Type
	name  string
}

func newOverrides(list []Override) overrides {
	o := overrides{
		list:     list,
		kinds:    make(map[reflect.Kind]*Expr),
		types:    make(map[reflect.Type]*Expr),
		fields:   make(map[fieldKey]*Expr),
		programs: make(map[reflect.Type]string),
	}
	for _, v := range list {
		switch {
		case v.program != "":
			o.programs[v.typ] = v.program
			delete(o.types, v.typ)
		case v.expr == nil: // the zero Override says nothing
		case v.field != "":
			o.fields[fieldKey{v.typ, v.field}] = v.expr
		case v.typ != nil:
			o.types[v.typ] = v.expr
			delete(o.programs, v.typ)
		default:
			o.kinds[v.kind] = v.expr
		}
	}
	return o
}

// field is what ForField says of a field of owner; nil where it says nothing.
func (o *overrides) field(owner Type, name string) *Expr {
	if len(o.fields) == 0 {
		return nil
	}
	t, ok := reflected(owner)
	if !ok {
		return nil
	}
	return o.fields[fieldKey{t, name}]
}

// ofType is what ForType says of exactly t.
func (o *overrides) ofType(t Type) *Expr {
	if b, ok := t.(boxType); ok {
		t = b.iface
	}
	if g, ok := reflected(t); ok {
		return o.types[g]
	}
	return nil
}

// of is what ForType, or else ForKind says of t; nil where neither does.
func (o *overrides) of(t Type) *Expr {
	if len(o.list) == 0 {
		return nil
	}
	if e := o.ofType(t); e != nil {
		return e
	}
	switch natureOf(t) {
	case ordinary:
		return o.kinds[t.Kind()]
	case atomicPointer:
		return o.kinds[reflect.Pointer]
	}
	return nil
}

// same tells whether two lists say the same.
func (o *overrides) same(p *overrides) bool {
	if len(o.list) != len(p.list) {
		return false
	}
	for i := range o.list {
		if o.list[i] != p.list[i] {
			return false
		}
	}
	return true
}
