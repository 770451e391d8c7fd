package snapshot

import (
	"go/ast"
	"go/parser"
	"reflect"
	"strings"
)

// Names carry more than gob's documentation says: an unnamed type that was first met as a struct
// field is named by its whole Go type, such as "map[string]*main.Node" or "[][]int8", and the
// registered name of an interface's type is a Go type with its import path. From there pointers,
// widths and the names of elements are recovered.

// hint is what names say of a type.
type hint struct {
	name, pkg string
	expr      ast.Expr // of an unnamed type
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
	work  []*wireType
}

const (
	maxStars = 8    // pointers to pointers that are told apart
	maxExpr  = 4096 // bytes of a type name that are parsed
)

func newHints() *hints {
	return &hints{types: make(map[*wireType]hint), edges: make(map[edge]edgeHint)}
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
func (h *hints) give(t *wireType, n hint) {
	old, had := h.types[t]
	switch {
	case !had || old == hint{}:
		h.types[t] = n
	case old.name != "" && old.name == n.name && old.pkg == "" && n.pkg != "":
		h.types[t] = n
	default:
		return
	}
	h.work = append(h.work, t)
}

// registered takes the name that a type was registered with, and returns what it says of the box:
// whether it holds a pointer, and the name if the type is basic.
func (h *hints) registered(t *wireType, name string) edgeHint {
	stars := 0
	for strings.HasPrefix(name, "*") && stars < maxStars {
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

// spread follows the hints down the types until nothing is new.
func (h *hints) spread() {
	for len(h.work) > 0 {
		t := h.work[len(h.work)-1]
		h.work = h.work[:len(h.work)-1]
		switch x := h.types[t].expr.(type) {
		case *ast.MapType:
			if t.kind == wireMap {
				h.part(t, keyField, x.Key)
				h.part(t, elemField, x.Value)
			}
		case *ast.ArrayType:
			if t.kind == wireSlice || t.kind == wireArray {
				h.part(t, elemField, x.Elt)
			}
		case *ast.StructType:
			h.structParts(t, x)
		}
	}
}

// structParts matches the fields of a struct literal by name.
func (h *hints) structParts(t *wireType, x *ast.StructType) {
	if t.kind != wireStruct || x.Fields == nil {
		return
	}
	exprs := make(map[string]ast.Expr)
	for _, f := range x.Fields.List {
		for _, name := range f.Names {
			exprs[name.Name] = f.Type
		}
	}
	for i := range t.fields {
		if expr := exprs[t.fields[i].name]; expr != nil {
			h.part(t, i, expr)
		}
	}
}

// part takes what an expression says of a part of t.
func (h *hints) part(t *wireType, field int, expr ast.Expr) {
	var e edgeHint
	for star, ok := expr.(*ast.StarExpr); ok && e.stars < maxStars; star, ok = expr.(*ast.StarExpr) {
		expr, e.stars = star.X, e.stars+1
	}
	name, pkg := typeName(expr)
	child := t.fields[field].typ
	if child != nil && child.isComposite() {
		if name != "" {
			h.give(child, hint{name: name, pkg: pkg})
		} else {
			h.give(child, hint{expr: expr})
		}
	} else {
		e.name, e.pkg = name, pkg
	}
	h.edges[edge{t, field}] = e
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
