// Package vet finds memusage tags that are wrong before memsize panics because of them.
//
// # What is reported
//
// A tag whose expression does not parse (`memusage:"vector<"`); a tag on a kind that it does not fit
// (`memusage:"set"` on a string); and a tag that looks like ours and is not read: a key such as
// memusge, or one that is not of the form key:"value". What is said of an expression is what package
// rules says of it at run time, for rules itself is asked.
//
// Fields whose type depends on a type parameter are checked for their expression alone. Overrides
// (rules.ForField and its like) are code, not tags: they are not looked at.
//
// # Usage
//
// Analyzer is for any driver of golang.org/x/tools/go/analysis. The command memsizevet is one:
//
//	go install github.com/bitcoin-mem/memsize/cmd/memsizevet@latest
//	go vet -vettool=$(which memsizevet) ./...
package vet

import (
	"go/ast"
	"go/types"
	"reflect"
	"strconv"

	"golang.org/x/tools/go/analysis"

	"github.com/bitcoin-mem/memsize/internal/gotype/fromsource"
	"github.com/bitcoin-mem/memsize/internal/spelling"
	"github.com/bitcoin-mem/memsize/rules"
)

// Analyzer reports wrong memusage tags. It needs no facts and no flags.
var Analyzer = &analysis.Analyzer{
	Name: "memusage",
	Doc:  "report memusage tags that memsize would panic on, or would not read",
	URL:  "https://pkg.go.dev/github.com/bitcoin-mem/memsize/vet",
	Run:  run,
}

// key is that of the tags that memsize reads.
const key = "memusage"

func run(pass *analysis.Pass) (any, error) {
	known := &fromsource.Types{}
	for _, file := range pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.StructType); ok {
				for _, field := range s.Fields.List {
					if field.Tag != nil {
						check(pass, field, known)
					}
				}
			}
			return true
		})
	}
	return nil, nil
}

// check reports what is wrong with the tag of a field, or of fields declared together.
func check(pass *analysis.Pass, field *ast.Field, known *fromsource.Types) {
	tag, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return // the compiler says so
	}
	text, ours := reflect.StructTag(tag).Lookup(key)
	if !ours {
		if why := spelling.Tag(tag, key); why != "" {
			pass.Reportf(field.Tag.Pos(), "%s", why)
		}
		return
	}
	expr, err := rules.ParseExpr(text)
	if err != nil {
		pass.Reportf(field.Tag.Pos(), "memusage tag %q: %v", text, err)
		return
	}
	t := pass.TypesInfo.TypeOf(field.Type)
	if t == nil || text == "" || generic(t) {
		return
	}
	if _, err := rules.Core().At(known.Of(t), expr); err != nil {
		why := err.Error()
		if e, ok := err.(*rules.TagError); ok {
			why = e.Fit
		}
		pass.Reportf(field.Tag.Pos(), "memusage tag %q on %s: %s", text, types.ExprString(field.Type), why)
	}
}
