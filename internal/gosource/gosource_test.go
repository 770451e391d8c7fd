package gosource_test

import (
	"context"
	"fmt"
	"go/types"
	"os"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"

	"github.com/bitcoin-mem/memsize/internal/gosource"
	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/rules"
)

const here = "github.com/bitcoin-mem/memsize/internal/testdata"

// TestEqualsReflect: a type from source is the type that reflect shows: the same text and, in each
// world, the same shape.
func TestEqualsReflect(t *testing.T) {
	for expr, want := range map[string]reflect.Type{
		here + ".CoinsMap":            reflect.TypeFor[testdata.CoinsMap](),
		here + ".Sessions":            reflect.TypeFor[testdata.Sessions](),
		here + ":map[string]*Mempool": reflect.TypeFor[map[string]*testdata.Mempool](),
		here + ":[][3]struct{A int8; B Tx}": reflect.TypeFor[[][3]struct {
			A int8
			B testdata.Tx
		}](),
		"sync/atomic.Pointer[int]": reflect.TypeFor[atomic.Pointer[int]](),
		"map[string]int":           reflect.TypeFor[map[string]int](),
		"time.Time":                reflect.TypeFor[time.Time](),
	} {
		l, err := gosource.Load(context.Background(), expr, gosource.Config{})
		require.NoError(t, err, expr)
		if want.Name() != "" {
			require.Equal(t, want.String(), l.Type.String())
		}
		require.Equal(t, want.Name(), l.Type.Name())
		for _, name := range rules.Names()[:7] {
			m, err := rules.Lookup(name)
			require.NoError(t, err)
			require.Equal(t, m.Shape(m.Bind(rules.TypeOf(want))), m.Shape(m.Bind(l.Type)), "%s under %s", expr, name)
		}
	}
}

// TestSizesEqualGoTypes: the sizes that the go models work out of a package's types are those of
// the compiler's own rules, for 64 and for 32 bits.
func TestSizesEqualGoTypes(t *testing.T) {
	for model, arch := range map[string]string{"go": runtime.GOARCH, "go-386": "386"} {
		l, err := gosource.Load(context.Background(), here+".Sessions", gosource.Config{Arch: arch})
		require.NoError(t, err)
		m, err := rules.Lookup(model)
		require.NoError(t, err)
		list, err := packages.Load(&packages.Config{
			Mode: packages.NeedTypes | packages.NeedSyntax | packages.NeedImports | packages.NeedDeps,
			Env:  append(os.Environ(), "GOARCH="+arch, "CGO_ENABLED=0"),
		}, here)
		require.NoError(t, err)
		compared := 0
		for _, name := range list[0].Types.Scope().Names() {
			declared, ok := list[0].Types.Scope().Lookup(name).(*types.TypeName)
			if !ok {
				continue
			}
			got, err := l.Lookup(here + "." + name)
			require.NoError(t, err)
			want := types.SizesFor("gc", arch).Sizeof(declared.Type())
			require.EqualValues(t, want, m.Shape(m.Bind(got)).Size, "%s on %s", name, arch)
			compared++
		}
		require.Greater(t, compared, 15)
	}
}

// TestRegistered: types that interfaces hold are found by the names that gob registers, those of
// generic types with their arguments; names of a hostile stream find nothing.
func TestRegistered(t *testing.T) {
	l, err := gosource.Load(context.Background(), here+".Tx", gosource.Config{})
	require.NoError(t, err)
	for name, wants := range map[string]string{
		"container/list.Element":                            "list.Element",
		"sync/atomic.Pointer[int]":                          "atomic.Pointer[int]",
		"sync/atomic.Pointer[container/list.List]":          "atomic.Pointer[container/list.List]",
		"sync/atomic.Pointer[map[string][]*time.Time]":      "atomic.Pointer[map[string][]*time.Time]",
		"sync/atomic.Pointer[sync/atomic.Pointer[[3]int8]]": "atomic.Pointer[sync/atomic.Pointer[[3]int8]]",
		"sync/atomic.Pointer":                               "",
		"sync/atomic.Pointer[int,int]":                      "",
		"sync/atomic.Pointer[":                              "",
		"sync/atomic.Pointer[[]":                            "",
		"sync/atomic.Pointer[[-1]int]":                      "",
		"container/list.List[int]":                          "",
		"container/list.New":                                "",
		"no/such/package.T":                                 "",
		"-exec.T":                                           "",
		"./...T":                                            "",
		".":                                                 "",
	} {
		if got := l.Load(name); wants == "" {
			require.Nil(t, got, name)
		} else {
			require.NotNil(t, got, name)
			require.Equal(t, wants, got.String())
		}
	}
	for i := range 200 { // each takes a go command, up to a limit
		require.Nil(t, l.Load(fmt.Sprintf("no/such/package%d.T", i)))
	}
}

// TestScopes: an expression may name what the package's files import.
func TestScopes(t *testing.T) {
	for _, expr := range []string{here + ":map[string]time.Time", here + ":[]*Tx"} {
		_, err := gosource.Load(context.Background(), expr, gosource.Config{})
		require.NoError(t, err)
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/go.mod", []byte("module broken\n"), 0o600))
	source := "package broken\ntype T struct { A Undefined; B int }\ntype Good struct { B int }\n"
	require.NoError(t, os.WriteFile(dir+"/a.go", []byte(source), 0o600))
	_, err := gosource.Load(context.Background(), "T", gosource.Config{Dir: dir})
	require.ErrorContains(t, err, "Undefined", "a type of unknown size has none")
	_, err = gosource.Load(context.Background(), "Good", gosource.Config{Dir: dir})
	require.NoError(t, err)
}

func TestErrors(t *testing.T) {
	for expr, want := range map[string]string{
		here + ".Nope":        "undefined: Nope",
		here + ".NewMempool":  "is no type",
		"./nowhere.T":         "nowhere",
		"sync/atomic.Pointer": "type arguments",
		"container/list:[]":   "list",
	} {
		_, err := gosource.Load(context.Background(), expr, gosource.Config{})
		require.ErrorContains(t, err, want, expr)
	}
	_, err := gosource.Load(context.Background(), "int", gosource.Config{Arch: "z80"})
	require.ErrorContains(t, err, "z80")
	t.Setenv("PATH", "")
	_, err = gosource.Load(context.Background(), "int", gosource.Config{})
	require.ErrorIs(t, err, gosource.ErrNoGo)
}

func ExampleLoad() {
	l, err := gosource.Load(context.Background(), "container/list.Element", gosource.Config{Arch: "386"})
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Type, l.Type.Field(0).Name, l.Type.Field(0).Type)
	// Output: list.Element next *list.Element
}
