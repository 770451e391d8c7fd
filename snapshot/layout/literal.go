package layout

import (
	"go/ast"
	"go/parser"
	"go/types"
	"reflect"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
)

// gob registers a type without a name under its literal, in which packages have their own names
// and not their paths: "[]shop.Item", "map[string]*shop.Item".

const maxLiteral = 1024 // bytes of a name that are parsed, as many as encoding/gob takes

// literal is the type of a literal, made of known types; nil where one of them is not known, or
// several have its name.
func (l *Layout) literal(name string) rules.Type {
	if len(name) > maxLiteral {
		return nil
	}
	expr, err := parser.ParseExpr(name)
	if err != nil {
		return nil
	}
	n := l.ofExpr(expr)
	if n == nil {
		return nil
	}
	return n
}

// ofExpr is the type of an expression.
func (l *Layout) ofExpr(expr ast.Expr) *Node {
	var n *Node
	switch x := expr.(type) {
	case *ast.StarExpr:
		n = &Node{K: reflect.Pointer, E: l.ofExpr(x.X)}
	case *ast.MapType:
		n = &Node{K: reflect.Map, MapKey: l.ofExpr(x.Key), E: l.ofExpr(x.Value)}
		if n.MapKey == nil {
			return nil
		}
	case *ast.ArrayType:
		n = &Node{K: reflect.Slice, E: l.ofExpr(x.Elt)}
		if length, ok := x.Len.(*ast.BasicLit); ok {
			var err error
			if n.Length, err = strconv.Atoi(length.Value); err != nil || n.Length > maxArray {
				return nil
			}
			n.K = reflect.Array
		}
	case *ast.InterfaceType:
		return &Node{K: reflect.Interface}
	default:
		return l.ofName(strings.ReplaceAll(types.ExprString(expr), ", ", ","))
	}
	if n.E == nil {
		return nil
	}
	return n
}

// maxArray is far more elements than an array of a registered type has.
const maxArray = 1 << 30

// ofName is the basic or the only known type of a name.
func (l *Layout) ofName(name string) *Node {
	if k, ok := kinds[name]; ok && (k <= reflect.Complex128 || k == reflect.String) {
		return &Node{K: k}
	}
	var found *Node
	for _, t := range l.Known {
		if n, ok := t.(*Node); ok && n.N != "" && base(n.Pkg)+"."+n.N == name {
			if found != nil {
				return nil
			}
			found = n
		}
	}
	return found
}
