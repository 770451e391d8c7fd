package rules

import "reflect"

// tagKey is the struct tag that holds a rule expression: `memusage:"prevector=36"`.
const tagKey = "memusage"

// TypeOf is a type of this process as the rules see it; nil for nil.
func TypeOf(t reflect.Type) Type {
	if t == nil {
		return nil
	}
	return goType{t}
}

// reflected is the reflect.Type behind t; false where t was read from a gob stream.
func reflected(t Type) (reflect.Type, bool) {
	g, ok := t.(goType)
	return g.t, ok
}

// goType wraps a reflect.Type. It is comparable because reflect.Type is.
type goType struct{ t reflect.Type }

func (g goType) Kind() reflect.Kind { return g.t.Kind() }
func (g goType) String() string     { return g.t.String() }
func (g goType) Name() string       { return g.t.Name() }
func (g goType) PkgPath() string    { return g.t.PkgPath() }
func (g goType) Len() int           { return g.t.Len() }
func (g goType) NumField() int      { return g.t.NumField() }

func (g goType) Elem() Type {
	switch g.t.Kind() {
	case reflect.Array, reflect.Chan, reflect.Map, reflect.Pointer, reflect.Slice:
		return goType{g.t.Elem()}
	}
	return nil
}

func (g goType) Key() Type {
	if g.t.Kind() != reflect.Map {
		return nil
	}
	return goType{g.t.Key()}
}

func (g goType) Field(i int) Field {
	f := g.t.Field(i)
	return Field{Name: f.Name, Type: goType{f.Type}, Tag: f.Tag.Get(tagKey)}
}

// PointerTo is the type *t.
func PointerTo(t Type) Type {
	if g, ok := reflected(t); ok {
		return TypeOf(reflect.PointerTo(g))
	}
	return pointerType{t}
}

// pointerType is a pointer to a type that is none of this process.
type pointerType struct{ elem Type }

func (pointerType) Kind() reflect.Kind { return reflect.Pointer }
func (p pointerType) String() string   { return "*" + p.elem.String() }
func (pointerType) Name() string       { return "" }
func (pointerType) PkgPath() string    { return "" }
func (p pointerType) Elem() Type       { return p.elem }
func (pointerType) Key() Type          { return nil }
func (pointerType) Len() int           { return 0 }
func (pointerType) NumField() int      { return 0 }
func (pointerType) Field(int) Field    { return Field{} }

// boxType is an interface that holds a value which is not a pointer: the type of the box. Its
// kind is Interface, and unlike an interface it has an Elem, the dynamic type.
type boxType struct{ iface, dynamic Type }

func (b boxType) Kind() reflect.Kind { return reflect.Interface }
func (b boxType) String() string     { return b.iface.String() + "(" + b.dynamic.String() + ")" }
func (b boxType) Name() string       { return b.iface.Name() }
func (b boxType) PkgPath() string    { return b.iface.PkgPath() }
func (b boxType) Elem() Type         { return b.dynamic }
func (b boxType) Key() Type          { return nil }
func (b boxType) Len() int           { return 0 }
func (b boxType) NumField() int      { return 0 }
func (b boxType) Field(int) Field    { return Field{} }
