package walker_test

import (
	"container/list"
	"context"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

type (
	tree struct {
		Name        string
		Left, Right *tree
	}
	everything struct {
		Number   int64
		Pointer  *int64
		Slice    []int64
		Map      map[string]*int64
		Any      any
		Chan     chan string
		Func     func()
		Word     unsafe.Pointer
		Embedded struct{ Inner struct{ Text string } }
		_        string
	}
	tagged struct {
		Skipped string  `memusage:"-"`
		Raw     *string `memusage:"raw"`
		Kept    []byte  `memusage:"prevector=36"`
	}
	bookshelf struct {
		List    list.List
		Iter    *list.Element
		Atomic  atomic.Pointer[int64]
		Weak    weak.Pointer[int64]
		Zone    *time.Location
		Context context.Context
		Type    reflect.Type
	}
	arrays struct {
		Scalars [1000]int64
		None    [0]string
		One     [1]string
		Two     [2]string
		Nested  [2][2]string
		Skip    [2]struct{ N int64 }
	}
)

// A plan is a flat list of operations: what a plan does is seen, not guessed. Offsets are those of
// 64-bit machines.
func TestPlans(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("offsets of 64-bit machines")
	}
	for _, row := range []struct {
		why  string
		typ  reflect.Type
		want string
	}{
		{"a scalar leads nowhere", reflect.TypeFor[int64](), `
int64: 8 bytes
`},
		{"pointer-free data of any length leads nowhere", reflect.TypeFor[[1000]pair](), `
[1000]walker_test.pair: 16000 bytes
`},
		{"a recursive type is as long as a level of it", reflect.TypeFor[tree](), `
walker_test.tree: 32 bytes
  +0    string      .Name string
  +16   pointer     .Left *walker_test.tree
  +24   pointer     .Right *walker_test.tree
`},
		{"one operation for each word that leads somewhere, structs laid flat, blank fields too",
			reflect.TypeFor[everything](), `
walker_test.everything: 120 bytes
  +8    pointer     .Pointer *int64
  +16   slice       .Slice []int64
  +40   map         .Map map[string]*int64
  +48   interface   .Any interface {}
  +64   chan        .Chan chan string
  +72   unaccounted .Func func()
  +80   unaccounted .Word unsafe.Pointer
  +88   string      .Embedded.Inner.Text string
  +104  string      ._ string
`},
		{"what a tag takes away is not there", reflect.TypeFor[tagged](), `
walker_test.tagged: 48 bytes
  +24   slice       .Kept []uint8
`},
		{"types of the bookshelf that mean more than their kind", reflect.TypeFor[bookshelf](), `
walker_test.bookshelf: 112 bytes
  +0    list        .List list.List
  +56   pointer     .Atomic atomic.Pointer[int64]
  +72   unaccounted .Zone *time.Location
  +80   unaccounted .Context context.Context
  +96   unaccounted .Type reflect.Type
`},
		{"arrays run a plan of their own, unless they have one element or none",
			reflect.TypeFor[arrays](), `
walker_test.arrays: 8128 bytes
  +8000 string      .One[] string
  +8016 array       .Two [2]string
  +8048 array       .Nested [2][2]string
`},
	} {
		t.Run(row.why, func(t *testing.T) {
			require.Equal(t, strings.TrimPrefix(row.want, "\n"), walker.New(core).Plan(row.typ))
		})
	}
}

// Another policy gives another plan: under the model go tags do not change what is followed.
func TestPlanFollowsThePolicy(t *testing.T) {
	heap := walker.New(account.NewPolicy([]*rules.Model{rules.Go()}))
	require.Contains(t, heap.Plan(reflect.TypeFor[bookshelf]()), ".Iter")
	require.NotContains(t, walker.New(core).Plan(reflect.TypeFor[bookshelf]()), ".Iter")
}
