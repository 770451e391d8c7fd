package rules

import "reflect"

// Type is a Go type as the rules see it: of this process (TypeOf), or read from a gob stream.
// Implementations are comparable and immutable; two equal values are the same type.
type Type interface {
	Kind() reflect.Kind
	// String is the type as Go source for people; Name and PkgPath are empty for unnamed types.
	String() string
	Name() string
	PkgPath() string
	Elem() Type // pointee, element, a map's value; nil for other kinds
	Key() Type  // a map's key; nil for other kinds
	Len() int   // elements of an array
	NumField() int
	Field(i int) Field
}

// Field is a struct field as the rules see it.
type Field struct {
	Name string
	Type Type
	Tag  string // the expression of the memusage tag; empty for none
	// Expr is an expression that comes from outside the type, such as a command line, and stands
	// for the tag; nil for none.
	Expr *Expr
}

// Binding is a type together with the rule that tags and overrides give it at one place. The
// zero Expr means the model's default. It is comparable: equal bindings cost the same.
type Binding struct {
	Type Type
	Expr *Expr
}

// Expr is a parsed rule expression: a rule, and what it says of the types below it.
type Expr struct {
	Rule   Rule    // nil for "_", the default
	Params []*Expr // elements; for a map one (values) or two (keys, values)
}

// Reach says what a walk does at a Binding.
type Reach struct {
	Skip   bool   // the field does not exist ("-"), or is never followed (a raw pointer)
	Opaque string // not followed by default: the reason, to be listed as unaccounted
	Keys   bool   // follow a map's keys
	// Inline is the capacity in elements up to which the content lies inside the container
	// (prevector, option, short strings): it owns nothing then and has no memory of its own.
	// ByLen tells that the length decides, not the capacity (a string, also one in a []byte).
	Inline uint64
	ByLen  bool
	// NilCosts tells that a nil or empty container costs something (a nil map is an empty
	// unordered_map): it must be reported each time.
	NilCosts bool
}
