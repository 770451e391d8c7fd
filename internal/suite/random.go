package suite

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/oracle/arbitrary"
)

// The environment chooses what a run does:
//
//	MEMSIZE_SEED           the seed; the time by default
//	MEMSIZE_GRAPH          one graph of that seed, by number; all by default
//	MEMSIZE_PROPERTY_TIME  how long to go on, as a Go duration; 3s by default
//	MEMSIZE_PROPERTY_LEAST how many graphs must be tried at least, however long it takes
const (
	defaultTime   = 3 * time.Second
	GraphsPerPool = 3000 // reflect never frees a type: graphs share the types that it makes
	MadeTypes     = 150
	Containers    = 60 // that a graph allocates at most
)

// HeapSource makes random graphs for the model go. Two sorts of types are left out. The collector
// knows no tags, so those in which one leaves something out. And structs that reflect made with
// interfaces in them: there, unlike in compiled ones, the collector follows the interface's type
// word as well, to a type that may lie on the heap (reflect.addTypeBits). That type is reflect's,
// who keeps it for ever, and not charged to the value.
type HeapSource struct {
	Seed  uint64
	Made  int                     // how many types reflect makes for each pool
	Leave func(reflect.Type) bool // types of its own to leave out; nil for none
	pool  int
	types []reflect.Type
}

// Roots is graph number i of the seed, always of the same shape.
func (s *HeapSource) Roots(i int) []any {
	if pool := i/GraphsPerPool + 1; pool != s.pool {
		s.pool = pool
		r := rand.New(rand.NewPCG(s.Seed, uint64(pool)<<32))
		s.types = s.types[:0]
		for _, t := range arbitrary.Types(r, s.Made) {
			if !s.leavesOut(t, map[reflect.Type]bool{}) {
				s.types = append(s.types, t)
			}
		}
	}
	r := rand.New(rand.NewPCG(s.Seed, uint64(i)))
	return arbitrary.Roots(r, s.types, 1+r.IntN(Containers))
}

// leavesOut tells whether t, or a type below it, is of no use here.
func (s *HeapSource) leavesOut(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if s.Leave != nil && s.Leave(t) {
		return true
	}
	switch t.Kind() {
	case reflect.Map:
		return s.leavesOut(t.Key(), seen) || s.leavesOut(t.Elem(), seen)
	case reflect.Array, reflect.Chan, reflect.Pointer, reflect.Slice:
		return s.leavesOut(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if strings.Contains(f.Tag.Get("memusage"), "-") ||
				t.Name() == "" && hasInterface(f.Type) || s.leavesOut(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// hasInterface tells whether values of type t have an interface in them, not behind a pointer.
func hasInterface(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Array:
		return hasInterface(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasInterface(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// Graphs yields the numbers of the graphs to try: at least MEMSIZE_PROPERTY_LEAST, and as many as
// fit into MEMSIZE_PROPERTY_TIME. At the end it says how many these were.
func Graphs(t *testing.T) iter.Seq[int] {
	d, err := time.ParseDuration(cmp.Or(os.Getenv("MEMSIZE_PROPERTY_TIME"), defaultTime.String()))
	require.NoError(t, err, "MEMSIZE_PROPERTY_TIME")
	least, err := strconv.Atoi(cmp.Or(os.Getenv("MEMSIZE_PROPERTY_LEAST"), "1"))
	require.NoError(t, err, "MEMSIZE_PROPERTY_LEAST")
	return func(yield func(int) bool) {
		end, i := time.Now().Add(d), 0
		for ; i < least || time.Now().Before(end); i++ {
			if !yield(i) {
				return
			}
		}
		t.Logf("%d random graphs", i)
	}
}
