package expr_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/oracle/arbitrary/expr"
	"github.com/bitcoin-mem/memsize/rules"
)

func Example() {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		fmt.Println(expr.Random(r, expr.Of(reflect.TypeFor[map[string]*int](), 3)))
	}
	// Output:
	// _
	// map
	// unordered_map
}

// Every random expression must fit the field that it is made for, as the rules see it.
func TestRandomExpressionsFit(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	types := []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[[][]string](),
		reflect.TypeFor[map[string]*int](), reflect.TypeFor[map[[2]string]struct{}](),
		reflect.TypeFor[**any](), reflect.TypeFor[[3]map[any][]error](), reflect.TypeFor[any](),
		reflect.TypeFor[[][1]byte](),
		reflect.TypeFor[int](), reflect.TypeFor[chan int](), reflect.TypeFor[struct{ A *int }](),
	}
	seen := map[string]bool{}
	for range 3000 {
		typ := types[r.IntN(len(types))]
		text := expr.Random(r, expr.Of(typ, 3))
		seen[text] = true
		tag := reflect.StructTag(fmt.Sprintf("memusage:%q", text))
		field := reflect.StructField{Name: "F", Type: typ, Tag: tag}
		require.NoError(t, rules.Check(reflect.StructOf([]reflect.StructField{field})))
	}
	require.Greater(t, len(seen), 200, "expressions are of many forms")
}
