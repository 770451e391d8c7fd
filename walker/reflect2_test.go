//go:build !memsize_portable

package walker

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/modern-go/reflect2"
	"github.com/stretchr/testify/require"
)

// reflect2 knows the compiler's rule of before Go 1.26 for what interfaces hold in their data
// word. What it builds or opens an interface with is wrong for these types: this test is why none
// of that is called. Should it fail one day, reflect2 has caught up.
func TestLikePtrIsWrong(t *testing.T) {
	wrong := 0
	for _, row := range direct {
		typ := reflect.TypeOf(row.value)
		if typ.Size() != wordSize || reflect2.Type2(typ).LikePtr() == isDirect(typ) {
			continue
		}
		wrong++
		t.Logf("%v: LikePtr %v, in truth %v", typ, reflect2.Type2(typ).LikePtr(), isDirect(typ))
	}
	require.False(t, reflect2.Type2(reflect.TypeFor[blankAndOne]()).LikePtr())
	require.True(t, isDirect(reflect.TypeFor[blankAndOne]()))
	require.GreaterOrEqual(t, wrong, 2)
}

// safe are the names of reflect2 that pass pointers, never interfaces.
var safe = map[string]bool{
	"Type2": true, "UnsafeMapType": true, "MapIterator": true,
	"UnsafeIterate": true, "HasNext": true, "UnsafeNext": true,
}

// Only one file uses reflect2, and of it only what passes pointers.
func TestReflect2IsUsedForPointersOnly(t *testing.T) {
	methods := map[string]bool{}
	for _, typ := range []reflect.Type{reflect.TypeFor[*reflect2.UnsafeMapType](),
		reflect.TypeFor[reflect2.MapIterator](), reflect.TypeFor[reflect2.Type]()} {
		for i := range typ.NumMethod() {
			methods[typ.Method(i).Name] = true
		}
	}
	require.True(t, methods["Iterate"] && methods["UnsafeSet"], "the list of methods is real")
	var users []string
	require.NoError(t, filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "bench" { // a module of its own
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") ||
			strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil || !imports(file, "github.com/modern-go/reflect2") {
			return nil // a file that is being written is no concern of ours
		}
		users = append(users, filepath.ToSlash(path))
		used := map[string]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				x, _ := s.X.(*ast.Ident)
				if methods[s.Sel.Name] || x != nil && x.Name == "reflect2" {
					used[s.Sel.Name] = true
				}
			}
			return true
		})
		require.Equal(t, safe, used, path)
		return nil
	}))
	require.Equal(t, []string{"../walker/reflect2.go"}, users)
}

func imports(f *ast.File, path string) bool {
	for _, i := range f.Imports {
		if i.Path.Value == `"`+path+`"` {
			return true
		}
	}
	return false
}
