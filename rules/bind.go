package rules

import (
	"fmt"
	"reflect"
	"strings"
)

// Bind is the Binding of a type that no field leads to: a root, or the dynamic type of an
// interface without a rule. Overrides by type and kind apply to it when it is priced.
func (m *Model) Bind(t Type) Binding { return Binding{Type: t} }

// Field is the Binding of field i of a struct: what a ForField override says, or else the tag. It
// panics with a *TagError where that does not parse or fit; Check finds all of them.
func (m *Model) Field(b Binding, i int) Binding {
	f := b.Type.Field(i)
	e := m.field(b.Type, f.Name)
	if e == nil {
		e = f.Expr
	}
	if e == nil && f.Tag != "" {
		var err error
		if e, err = ParseExpr(f.Tag); err != nil {
			panic(tagError(b.Type, f.Name, f.Tag, strings.TrimPrefix(err.Error(), "rules: ")))
		}
	}
	if why := misfit(e, f.Type); why != "" {
		written := f.Tag
		if m.field(b.Type, f.Name) != nil || f.Expr != nil {
			written = e.String()
		}
		panic(tagError(b.Type, f.Name, written, why))
	}
	return m.bind(f.Type, e)
}

func tagError(t Type, field, expr, fit string) *TagError {
	g, _ := reflected(t)
	return &TagError{Type: g, Field: field, Expr: expr, Fit: fit, gob: t.String()}
}

// Elem is the Binding of what lies in a container: the pointee, an element of a slice, an array
// or a channel, a map's value, the Value of a list's elements, the content of a Box. It is the
// zero Binding where there is none (a string) or only the value tells (an interface).
func (m *Model) Elem(b Binding) Binding {
	if b.Type.Kind() == reflect.Array && b.Expr != nil {
		return m.bind(b.Type.Elem(), b.Expr) // arrays are transparent
	}
	elem, _ := below(b.Type)
	if elem == nil {
		return Binding{}
	}
	_, e := m.resolve(b)
	if b.Type.Kind() == reflect.Map && e.form().isSet() {
		return m.bind(elem, nil) // the parameter of a set is its key's
	}
	if _, boxed := b.Type.(boxType); boxed {
		return m.bindDynamic(elem, e.element())
	}
	return m.bind(elem, e.element())
}

// Key is the Binding of a map's keys; the zero Binding for other kinds.
func (m *Model) Key(b Binding) Binding {
	_, key := below(b.Type)
	if key == nil {
		return Binding{}
	}
	_, e := m.resolve(b)
	return m.bind(key, e.key())
}

// Rebind is the container that an interface of expression e is when it holds a value of dynamic
// type t: the pointer itself under e, or for any other type a unique_ptr (or what e says) of the
// value, which is its Elem. Where e is a rule for t's own kind (vector for a []byte), it is t
// under e. An e that fits neither says nothing: t is data, and data must not panic.
func (m *Model) Rebind(t Type, e *Expr) Binding {
	return m.Box(Binding{Type: anyType, Expr: e}, t)
}

// Box is Rebind for a value in an interface that is bound as b: it knows also what overrides say
// of the interface's type. Price it as a pointer, with length 1.
func (m *Model) Box(b Binding, t Type) Binding {
	e := b.Expr
	if t.Kind() == reflect.Pointer {
		return m.bindDynamic(t, e)
	}
	iface := b.Type
	if m.of(iface) == nil {
		iface = anyType // which interface it is makes no difference
	}
	box := boxType{iface, t}
	if misfit(e, box) == "" {
		return m.bind(box, e)
	}
	if misfit(e, t) == "" {
		return m.bind(t, e)
	}
	return m.bind(box, nil)
}

// bindDynamic binds a type that data chose: an expression that does not fit it says nothing, for
// data must not panic. What is opaque stays so, since the expression did not name the type.
func (m *Model) bindDynamic(t Type, e *Expr) Binding {
	if misfit(e, t) != "" || m.program(t) != "" && e.form() != formSkip {
		e = nil
	}
	return m.bind(t, e)
}

// bind is the canonical Binding of t under e: an expression that says what the model does anyway
// is dropped, so that equal meaning is one Binding.
func (m *Model) bind(t Type, e *Expr) Binding {
	if e == nil || e.Rule == nil {
		return Binding{Type: t}
	}
	if len(e.Params) == 0 && m.of(t) == nil && m.program(t) == "" {
		if d := m.defaultForm(t); d != formDefault && e.form() == d {
			return Binding{Type: t}
		}
	}
	return Binding{Type: t, Expr: e}
}

// defaultForm is the form of a type without tag and override; formDefault for what is no
// container. In this process's heap a list is the struct that it is, and nothing is opaque.
func (m *Model) defaultForm(t Type) form {
	switch nature := natureOf(t); {
	case nature == atomicPointer:
		return formUniquePtr
	case nature == weakPointer:
		return formRawPtr
	case !m.world.asIf:
	case nature == listHead:
		return formList
	case nature == listNode:
		return formRawPtr
	case m.program(t) != "" && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface):
		return formRawPtr
	}
	return defaultFormOf(t)
}

// defaultFormOf is the form that the kind of a type has; formDefault for what is no container.
func defaultFormOf(t Type) form {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface:
		return formUniquePtr
	case reflect.Slice, reflect.Chan:
		return formVector
	case reflect.String:
		return formString
	case reflect.Map:
		if isSetType(t) {
			return formUnorderedSet
		}
		return formUnorderedMap
	}
	return formDefault
}

// defaultRules are the rules of defaultForm, made once.
var defaultRules = func() (rules [formCount]Rule) {
	for f, facts := range forms {
		if facts.arg == "" && form(f) != formDefault {
			rules[f] = named(form(f), 0)
		}
	}
	return rules
}()

// resolve is the rule of a Binding, nil where it is no container, and the expression that it is
// from, nil for the default. It panics with a *TagError where an override does not fit the type.
func (m *Model) resolve(b Binding) (Rule, *Expr) {
	e := b.Expr
	if e != nil && e.form() != formSkip && b.Type.Kind() == reflect.Array {
		return nil, nil // the elements' expression
	}
	if e == nil {
		if e = m.of(b.Type); e != nil {
			if why := misfit(e, b.Type); why != "" {
				panic(tagError(b.Type, "", e.String(), why))
			}
		}
	}
	if e == nil || e.Rule == nil {
		return defaultRules[m.defaultForm(b.Type)], nil
	}
	if !m.world.asIf && e.form() != formSkip {
		return defaultRules[m.defaultForm(b.Type)], nil // a rule does not change what Go allocates
	}
	return e.Rule, e
}

// Reach says what a walk does at b.
func (m *Model) Reach(b Binding) Reach {
	rule, e := m.resolve(b)
	f := formOf(rule)
	var r Reach
	if why := m.program(b.Type); why != "" && e == nil && m.world.asIf {
		r.Opaque = fmt.Sprintf("%s leads to the program: %s", b.Type, why)
	}
	r.Skip = f == formSkip || f == formRawPtr
	r.Keys = b.Type.Kind() == reflect.Map && f != formIndirectMap
	r.NilCosts = rule != nil && m.NewPricer(b).Total(0, 0) > 0
	if m.world.asIf {
		r.Inline, r.ByLen = m.inlineElements(rule)
	}
	return r
}

// ByKind tells whether b says no more than the kind of its type, and the types below it: there is no
// expression, no override, and the type's name has no meaning of its own.
func (m *Model) ByKind(b Binding) bool {
	return b.Expr == nil && m.of(b.Type) == nil && natureOf(b.Type) == ordinary && m.program(b.Type) == ""
}

// inlineElements is up to how many elements a container keeps inside itself, and whether its
// length or its capacity decides.
func (m *Model) inlineElements(rule Rule) (n uint64, byLen bool) {
	switch formOf(rule) {
	case formPrevector:
		return rule.(*builtin).arg, false
	case formOption:
		return 1, false
	case formString:
		if _, rust := m.world.containers.(rust); !rust {
			return stringInline, true
		}
	}
	return 0, false
}
