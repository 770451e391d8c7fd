package snapshot

import (
	"go/ast"
	"go/parser"
	"go/types"
	"reflect"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/gotype"
)

// Names carry more than gob's documentation says: an unnamed type that was first met as a struct
// field is named by its whole Go type, such as "map[string]*main.Node" or "[][]int8", and the
// registered name of an interface's type is a Go type with its import path. From there pointers,
// widths and the names of elements are recovered.

// hint is what names say of a type.
type hint struct {
	name, pkg string
	expr      ast.Expr // of an unnamed type
	// mixed tells that two names say different things: types without a name that look alike on
	// the wire need not be one. Nothing is known of it then.
	mixed bool
}

// edgeHint is what names say of an edge.
type edgeHint struct {
	stars     int
	name, pkg string // of a basic type
}

// hints are collected per type and per edge.
type hints struct {
	types map[*wireType]hint
	edges map[edge]edgeHint
	work  []told
	told  map[told]bool
}

// told is a Go type that names say a wire type is.
type told struct {
	of   *wireType
	text string
}

const (
	maxExpr = 4096 // bytes of a type name that are parsed
)

func newHints() *hints {
	return &hints{types: make(map[*wireType]hint), edges: make(map[edge]edgeHint),
		told: make(map[told]bool)}
}

// parseType parses a name that is a Go type; nil if it is not, or not worth it.
func parseType(name string) ast.Expr {
	if len(name) > maxExpr || strings.Count(name, "[")+strings.Count(name, "(") > 200 {
		return nil
	}
	expr, err := parser.ParseExpr(name)
	if err != nil {
		return nil
	}
	return expr
}

// isLiteral tells whether a wire name is a type literal and not a type's own name.
func isLiteral(name string) bool {
	for _, prefix := range []string{"[", "map[", "struct {", "*"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// own takes what the wire says of the type itself.
func (h *hints) own(t *wireType) {
	switch {
	case t.name == "":
	case isLiteral(t.name):
		h.give(t, hint{expr: parseType(t.name)})
	default:
		h.give(t, hint{name: t.name})
	}
}

// give adds a hint for t; the first that says something stays, a package is added to a name.
// Expressions that differ make t a type of which nothing is known.
func (h *hints) give(t *wireType, n hint) {
	old := h.types[t]
	switch {
	case n.expr != nil:
		text := types.ExprString(n.expr)
		if h.told[told{t, text}] {
			return
		}
		h.told[told{t, text}] = true
		h.work = append(h.work, told{t, text})
		switch {
		case old == hint{}:
			h.types[t] = n
		case old.expr != nil:
			h.types[t] = hint{mixed: true}
		}
	case old == hint{}, old.name != "" && old.name == n.name && old.pkg == "" && n.pkg != "":
		h.types[t] = n
	}
}

// registered takes the name that a type was registered with, and returns what it says of the box:
// whether it holds a pointer, and the name if the type is basic.
func (h *hints) registered(t *wireType, name string) edgeHint {
	stars := 0
	for strings.HasPrefix(name, "*") && stars < gotype.MaxStars {
		name, stars = name[1:], stars+1
	}
	e := edgeHint{stars: stars}
	if isLiteral(name) {
		if t.isComposite() {
			h.give(t, hint{expr: parseType(name)})
		}
		return e
	}
	pkg, base := "", name
	if i := strings.LastIndexByte(strings.SplitN(name, "[", 2)[0], '.'); i >= 0 {
		pkg, base = name[:i], name[i+1:]
	}
	switch {
	case !t.isComposite():
		e.name, e.pkg = base, pkg
	case t.name == base || t.name == "" && pkg != "":
		h.give(t, hint{name: base, pkg: pkg})
	}
	return e
}

// spread follows the hints down the types until nothing is new. What is said of a type that is
// mixed is followed as well, for what lies below may then be mixed in turn.
func (h *hints) spread() {
	for len(h.work) > 0 {
		next := h.work[len(h.work)-1]
		h.work = h.work[:len(h.work)-1]
		expr := parseType(next.text)
		for i := range next.of.fields {
			if part := partOf(next.of, i, expr); part != nil {
				h.part(next.of, i, part)
			}
		}
	}
	for e := range h.edges {
		if h.types[e.of].mixed {
			delete(h.edges, e)
		}
	}
}

// part takes what an expression says of a part of t.
func (h *hints) part(t *wireType, field int, expr ast.Expr) {
	e, expr := hintOf(expr)
	if child := t.fields[field].typ; child != nil && child.isComposite() {
		if e.name != "" {
			h.give(child, hint{name: e.name, pkg: e.pkg})
		} else {
			h.give(child, hint{expr: expr})
		}
		e.name, e.pkg = "", ""
	}
	h.edges[edge{t, field}] = e
}

// partOf is what the Go type expr says of a part of the wire type t; nil where it says nothing.
func partOf(t *wireType, field int, expr ast.Expr) ast.Expr {
	switch x := expr.(type) {
	case *ast.MapType:
		switch {
		case t.kind == wireMap && field == keyField:
			return x.Key
		case t.kind == wireMap:
			return x.Value
		}
	case *ast.ArrayType:
		if t.kind == wireSlice || t.kind == wireArray {
			return x.Elt
		}
	case *ast.StructType:
		if t.kind == wireStruct && x.Fields != nil {
			return fieldOf(x, t.fields[field].name)
		}
	}
	return nil
}

// fieldOf is the type of a struct literal's field; nil if it has none of that name.
func fieldOf(x *ast.StructType, name string) ast.Expr {
	for _, f := range x.Fields.List {
		for _, n := range f.Names {
			if n.Name == name {
				return f.Type
			}
		}
	}
	return nil
}

// hintOf is what an expression says of an edge, and the expression behind its stars.
func hintOf(expr ast.Expr) (e edgeHint, behind ast.Expr) {
	for star, ok := expr.(*ast.StarExpr); ok && e.stars < gotype.MaxStars; star, ok = expr.(*ast.StarExpr) {
		expr, e.stars = star.X, e.stars+1
	}
	e.name, e.pkg = typeName(expr)
	return e, expr
}

// typeName is the name in an identifier, pkg.Name, or the generic Name[…].
func typeName(expr ast.Expr) (name, pkg string) {
	switch x := expr.(type) {
	case *ast.Ident:
		return x.Name, ""
	case *ast.SelectorExpr:
		if p, ok := x.X.(*ast.Ident); ok {
			return x.Sel.Name, p.Name
		}
	case *ast.IndexExpr:
		return typeName(x.X)
	case *ast.IndexListExpr:
		return typeName(x.X)
	}
	return "", ""
}

// basicKinds are the predeclared types by name.
var basicKinds = func() map[string]reflect.Kind {
	kinds := map[string]reflect.Kind{"byte": reflect.Uint8, "rune": reflect.Int32}
	for k := reflect.Bool; k <= reflect.Complex128; k++ {
		kinds[k.String()] = k
	}
	kinds["string"] = reflect.String
	return kinds
}()
