package report

import (
	"cmp"
	"go/ast"
	"go/parser"
	"io"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/saturate"
)

// What Packages calls types without a package.
const (
	builtIn   = "(built in)" // strings, slices and maps of types that Go has
	noPackage = "(package not known)"
)

// Packages has the containers by the package of what they hold: []wallet.Coin belongs to wallet,
// as does map[string]*wallet.Coin. Type is the package's name as the type has it. Types whose
// names come without a package, as a gob stream often has them, are together. The largest total
// comes first; they sum to the report's total.
func (r *Report) Packages() []TypeFigures {
	byName := map[string]*TypeFigures{}
	for _, t := range r.Types {
		name := packageOf(t.Type)
		p := byName[name]
		if p == nil {
			p = &TypeFigures{Type: name}
			byName[name] = p
		}
		p.Count = saturate.Add(p.Count, t.Count)
		p.Parts = p.Parts.Plus(t.Parts)
		p.Total = p.Parts.Total()
	}
	var list []TypeFigures
	for _, p := range byName {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b TypeFigures) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Type, b.Type))
	})
	return list
}

// WritePackages writes the containers by package, the largest total first.
func (r *Report) WritePackages(w io.Writer, o TextOptions) error {
	byPackage := *r
	byPackage.Types = r.Packages()
	t := &textWriter{options: o, w: w}
	t.types(&byPackage, "package")
	return t.err
}

// packageOf is the package of the innermost element of a type in Go's notation.
func packageOf(typ string) string {
	if len(typ) > 4096 {
		return noPackage
	}
	expr, err := parser.ParseExpr(typ)
	if err != nil {
		return noPackage
	}
	for {
		switch x := expr.(type) {
		case *ast.StarExpr:
			expr = x.X
		case *ast.ArrayType:
			expr = x.Elt
		case *ast.MapType:
			expr = x.Value
			if _, set := x.Value.(*ast.StructType); set {
				expr = x.Key
			}
		case *ast.ChanType:
			expr = x.Value
		case *ast.ParenExpr:
			expr = x.X
		case *ast.IndexExpr: // a generic type
			expr = x.X
		case *ast.IndexListExpr:
			expr = x.X
		case *ast.CallExpr: // any(T), the box of a T
			if len(x.Args) != 1 {
				return noPackage
			}
			expr = x.Args[0]
		case *ast.SelectorExpr:
			if p, ok := x.X.(*ast.Ident); ok {
				return p.Name
			}
			return noPackage
		case *ast.Ident:
			if isPredeclared(x.Name) {
				return builtIn
			}
			return noPackage
		case *ast.StructType, *ast.InterfaceType, *ast.FuncType:
			return builtIn
		default:
			return noPackage
		}
	}
}

// isPredeclared tells whether Go itself declares a type.
func isPredeclared(name string) bool {
	return slices.Contains([]string{"bool", "string", "int", "int8", "int16", "int32", "int64", "uint",
		"uint8", "uint16", "uint32", "uint64", "uintptr", "float32", "float64", "complex64",
		"complex128", "byte", "rune", "any", "error"}, name)
}
