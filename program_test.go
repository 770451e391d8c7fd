package memsize_test

import (
	"context"
	"log"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// registry stands for what a program has one of.
type registry struct{ entries [100]*[50]int64 }

func newRegistry() *registry {
	r := new(registry)
	for i := range r.entries {
		r.entries[i] = new([50]int64)
	}
	return r
}

type session struct {
	name     []byte
	ctx      context.Context
	zone     *time.Location
	typ      reflect.Type
	log      *log.Logger
	registry *registry
}

// TestProgram: what is reached only through types that lead to the program counts, and is told apart; as-if
// models do not follow it.
func TestProgram(t *testing.T) {
	big := new([1000]int64)
	plain := &session{name: make([]byte, 100)}
	full := &session{name: make([]byte, 100), registry: newRegistry(),
		ctx:  context.WithValue(context.Background(), registry{}, big),
		zone: time.FixedZone("somewhere", 3600), typ: reflect.TypeFor[session](),
		log: log.New(nil, string(make([]byte, 100)), 0)}
	go1 := memsize.Scan(full, memsize.OnHeap())
	require.Equal(t, memsize.Heap(full), go1.Total, "the total stays what the collector says")
	own := memsize.Heap(plain) + memsize.Heap(newRegistry())
	require.Equal(t, own, go1.Total-go1.Program)
	var text strings.Builder
	require.NoError(t, go1.WriteText(&text))
	require.Contains(t, text.String(), "is the program's")

	named := rules.Go().With(rules.ForProgram[*registry]("the registry"))
	r := memsize.Scan(full, memsize.WithModel(named))
	require.Equal(t, go1.Total, r.Total)
	require.Equal(t, memsize.Heap(plain), r.Total-r.Program)
	require.Zero(t, memsize.Scan(plain, memsize.WithModel(named)).Program)
	require.Zero(t, memsize.Scan(newRegistry(), memsize.WithModel(named)).Program, "it was asked about")
	require.Equal(t, r.Total-r.Program, memsize.Cost[session](memsize.WithModel(named))(full),
		"what stays when an entry of a cache goes is no part of its cost")
	shared := &struct {
		a *registry
		b *[50]int64
	}{full.registry, full.registry.entries[3]}
	r = memsize.Scan(shared, memsize.WithModel(named))
	require.Equal(t, memsize.Heap(full.registry)-memsize.Heap(new([50]int64)), r.Program,
		"what something else leads to as well is not the program's alone")

	core := rules.Core().With(rules.ForProgram[*registry]("the registry"))
	asIf := memsize.Scan(full, memsize.WithModel(core))
	require.Equal(t, memsize.Of(plain), asIf.Total)
	require.Len(t, asIf.Unaccounted, 5)
	require.Contains(t, asIf.Unaccounted[len(asIf.Unaccounted)-1].Reason, "the registry")
	require.Greater(t, memsize.Of(full, memsize.WithModel(core.With(
		rules.ForType[*registry](rules.UniquePtr())))), memsize.Of(plain)+100*50*8)
	require.Panics(t, func() { rules.ForProgram[registry]("no pointer") })
}
