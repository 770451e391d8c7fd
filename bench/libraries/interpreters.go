package main

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"runtime"
	"strings"
	"text/template"

	"github.com/dop251/goja"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/robertkrimen/otto"
	"github.com/xwb1989/sqlparser"
	lua "github.com/yuin/gopher-lua"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// program is source of many functions, in a language whose functions look like this.
func program(n int, each string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, each, i, i, i)
	}
	return b.String()
}

const script = "function f%d(a, b) { var o = {name: 'x%d', list: [1, 2, a], inner: {deep: b}}; return o.list[0] + %d; }\n"

// standardPackage is where a package of the standard library has its source.
func standardPackage(name string) string {
	return filepath.Join(runtime.GOROOT(), "src", filepath.FromSlash(name))
}

func parsed(names ...string) (*token.FileSet, []*ast.File) {
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		for _, file := range must(filepath.Glob(filepath.Join(standardPackage(name), "*.go"))) {
			if !strings.HasSuffix(file, "_test.go") {
				files = append(files, must(parser.ParseFile(set, file, nil, parser.ParseComments)))
			}
		}
	}
	return set, files
}

var interpreters = map[string]func() any{
	"goja": func() any {
		vm := goja.New()
		must(vm.RunString(program(3000, script)))
		must(vm.RunString("var all = []; for (var i = 0; i < 20000; i++) all.push({id: i, name: 'n' + i});"))
		return vm
	},
	"otto": func() any {
		vm := otto.New()
		must(vm.Run(program(1000, script)))
		must(vm.Run("var all = []; for (var i = 0; i < 10000; i++) all.push({id: i, name: 'n' + i});"))
		return vm
	},
	"gopher-lua": func() any {
		l := lua.NewState()
		if err := l.DoString(program(1000, "function f%d(a) local t = {name='x%d', n=%d} return t end\n")); err != nil {
			panic(err)
		}
		if err := l.DoString("all = {} for i = 1, 20000 do all[i] = {id = i, name = 'n' .. i} end"); err != nil {
			panic(err)
		}
		return l
	},
	"starlark": func() any {
		source := program(2000, "def f%d(a):\n    t = {'name': 'x%d', 'n': [a, %d]}\n    return t\n") +
			"all = [{'id': i, 'name': 'n%d' % i} for i in range(20000)]\n"
		return must(starlark.ExecFileOptions(&syntax.FileOptions{}, new(starlark.Thread), "x.star", source, nil))
	},
	"text/template set": func() any {
		t := template.New("all")
		for i := range 2000 {
			template.Must(t.New(fmt.Sprint("t", i)).Parse(
				"{{range .Items}}{{if .OK}}<b>{{.Name | printf \"%q\"}}</b>{{else}}{{template \"t0\" .}}{{end}}{{end}}"))
		}
		return t
	},
	"expr-lang programs": func() any {
		var all []*vm.Program
		for i := range 500 {
			all = append(all, must(expr.Compile(fmt.Sprintf(
				`filter(items, {# > %d and # %% 3 == 0}) | map(# * %d) | sum() > 5`, i, i),
				expr.Env(map[string]any{"items": []int{}}))))
		}
		return all
	},
	"SQL statements": func() any {
		var all []sqlparser.Statement
		for i := range 3000 {
			all = append(all, must(sqlparser.Parse(fmt.Sprintf("select a, b, count(*) from t%d join u on "+
				"t%d.id = u.id where a > %d and b in (1, 2, 3) group by a order by b limit 10", i, i, i))))
		}
		return all
	},
	"go/ast of net/http": func() any {
		set, files := parsed("net/http", "go/types", "encoding/json", "reflect")
		return []any{set, files}
	},
	"go/types of net/http": func() any {
		set, files := parsed("net/http")
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
			Uses: map[*ast.Ident]types.Object{}}
		config := types.Config{Importer: importer.ForCompiler(set, "source", nil), Error: func(error) {}}
		pkg, _ := config.Check("net/http", set, files, info) // files of other systems do not fit
		return []any{pkg, info}
	},
}
