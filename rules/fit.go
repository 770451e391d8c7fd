package rules

import (
	"fmt"
	"reflect"
	"strings"
)

// TagError is a rule expression in a struct tag or an override that does not parse or does not
// fit its type: a programmer's error.
type TagError struct {
	Type  reflect.Type // the struct with the field, or the type itself; nil for a gob type
	Field string       // empty where no field is concerned
	Expr  string       // as it was written
	Fit   string       // what is wrong, and what would fit
	gob   string       // the gob type that Type cannot be
}

// Error says type, field, expression, and what would fit.
func (e *TagError) Error() string {
	place := e.gob
	if e.Type != nil {
		place = e.Type.String()
	}
	if e.Field != "" {
		place += "." + e.Field
	}
	if place != "" {
		place = " on " + place
	}
	return fmt.Sprintf("memsize: rule %q%s: %s", e.Expr, place, e.Fit)
}

// fits lists the forms that fit a type, best known first; "-" and "_" fit everything.
func fits(t Type) []form {
	if base := arrayBase(t); base != t {
		return fits(base)
	}
	switch natureOf(t) {
	case listHead:
		return []form{formList}
	case atomicPointer, weakPointer:
		return pointerForms
	}
	switch t.Kind() {
	case reflect.String:
		return []form{formString, formVector}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return append([]form{formString}, sliceForms...)
		}
		return sliceForms
	case reflect.Map:
		if isSetType(t) {
			return append([]form{formSet, formUnorderedSet}, mapForms...)
		}
		return mapForms
	case reflect.Pointer:
		return pointerForms
	case reflect.Interface: // what it holds has no fixed size that could lie inside an option
		return ownerForms
	case reflect.UnsafePointer:
		return []form{formRawPtr}
	}
	return nil
}

var (
	ownerForms   = []form{formUniquePtr, formSharedPtr, formRawPtr}
	pointerForms = append(ownerForms[:3:3], formOption, formAmo)
	sliceForms   = []form{formVector, formPrevector, formList, formSet, formUnorderedSet}
	mapForms     = []form{formMap, formUnorderedMap, formPoolUnorderedMap, formIndirectMap}
)

// arrayBase is the element type below all arrays: arrays are transparent to rules.
func arrayBase(t Type) Type {
	for t.Kind() == reflect.Array {
		t = t.Elem()
	}
	return t
}

// misfit says why e does not fit t, and what would; empty where it fits.
func misfit(e *Expr, t Type) string {
	f := e.form()
	switch f {
	case formDefault, formSkip, formCount:
		return ""
	}
	allowed := fits(t)
	fit := false
	for _, a := range allowed {
		fit = fit || a == f
	}
	if !fit {
		return fmt.Sprintf("%s does not fit %s, which takes %s",
			forms[f].name, describe(t), formsText(allowed))
	}
	return misfitBelow(e, arrayBase(t))
}

// misfitBelow checks what e says of the types below t.
func misfitBelow(e *Expr, t Type) string {
	if len(e.Params) == 0 {
		return ""
	}
	if t.Kind() == reflect.Interface {
		return "" // only the value tells
	}
	elem, key := below(t)
	if t.Kind() == reflect.Map && e.form().isSet() {
		elem = nil // its parameter is the key's
	}
	if k := e.key(); k != nil && key != nil {
		if why := misfit(k, key); why != "" {
			return "its key: " + why
		}
	}
	if v := e.element(); v != nil && elem != nil {
		if why := misfit(v, elem); why != "" {
			return "its element: " + why
		}
	}
	if elem == nil && key == nil {
		return describe(t) + " has no elements that a parameter could speak of"
	}
	return ""
}

// below is the element and the key type of a container; nil where there is none, or where only
// the value tells (an interface).
func below(t Type) (elem, key Type) {
	if pointee, ok := pointeeOf(t); ok {
		return pointee, nil
	}
	if natureOf(t) == listHead {
		return anyType, nil
	}
	switch t.Kind() {
	case reflect.Map:
		return t.Elem(), t.Key()
	case reflect.Interface, reflect.Slice, reflect.Array, reflect.Chan:
		return t.Elem(), nil
	}
	return nil, nil
}

// describe names a type with its kind, for messages.
func describe(t Type) string {
	if s, kind := t.String(), t.Kind().String(); s != kind && t.Name() != "" {
		return fmt.Sprintf("%s (a %s)", s, kind)
	}
	return t.String()
}

// formsText lists names for messages, with the number that they need.
func formsText(allowed []form) string {
	if len(allowed) == 0 {
		return "no rule but -"
	}
	names := make([]string, 0, len(allowed)+1)
	for _, f := range allowed {
		name := forms[f].name
		if forms[f].arg != "" {
			name += "=N"
		}
		names = append(names, name)
	}
	return strings.Join(append(names, "-"), ", ")
}
