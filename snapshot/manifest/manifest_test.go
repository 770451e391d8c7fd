package manifest_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/manifest"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

type node struct {
	Script []byte `memusage:"prevector=36"`
	Height uint32
	Any    any
	Next   *node
	cache  map[string]int
}

func write(t testing.TB, v any) []byte {
	var b bytes.Buffer
	require.NoError(t, manifest.Write(&b, v))
	return b.Bytes()
}

func scan(t testing.TB, stream []byte) *snapshot.Census {
	c, err := snapshot.Scan(context.Background(), bytes.NewReader(stream))
	require.NoError(t, err)
	return c
}

// TestDecodersDoNotNotice decodes streams with a manifest, also after each other with a decoder
// for each, and with a manifest of more than a megabyte.
func TestDecodersDoNotNotice(t *testing.T) {
	in := testdata.NewMempool(50)
	var out testdata.Mempool
	require.NoError(t, gob.NewDecoder(bytes.NewReader(write(t, in))).Decode(&out))
	require.Equal(t, in, &out)

	list := &node{Height: 1, Any: testdata.OutPoint{N: 5}, Next: &node{Script: make([]byte, 80)}}
	gob.Register(testdata.OutPoint{})
	two := bytes.NewReader(append(write(t, list), write(t, 7)...))
	var got node
	var n int
	require.NoError(t, gob.NewDecoder(two).Decode(&got))
	require.NoError(t, gob.NewDecoder(two).Decode(&n))
	require.Equal(t, list, &got)
	require.Equal(t, 7, n)
	require.ErrorIs(t, gob.NewDecoder(two).Decode(&n), io.EOF)
}

// TestFiguresFromManifest: with a manifest, a census costs what the value costs, tags included,
// and the manifest says what the value held.
func TestFiguresFromManifest(t *testing.T) {
	gob.Register(testdata.OutPoint{})
	for name, v := range map[string]any{
		"list": &node{Script: make([]byte, 36), Any: testdata.OutPoint{},
			Next: &node{Script: make([]byte, 37)}},
		"mempool": testdata.NewMempool(100),
		"utxo":    testdata.UTXO(1000),
	} {
		c := scan(t, write(t, v))
		m, err := manifest.Parse(c.Manifest)
		require.NoError(t, err, name)
		typed := c.Retype(m.Layout)
		require.Empty(t, typed.Drift, name)
		r, err := price.Price(typed, []*rules.Model{rules.Core()}, nil)
		require.NoError(t, err)
		want := memsize.Of(v, memsize.CapIsLen())
		require.Equal(t, want, r.Total, name)
		require.Equal(t, "core", m.Figures[0].Model)
		require.Equal(t, memsize.Of(v), m.Figures[0].Total, name)
	}
	_ = node{}.cache
}

// TestBoxesWithoutNames: interfaces hold lists and maps of types that stand nowhere else.
func TestBoxesWithoutNames(t *testing.T) {
	type item struct {
		Code   uint8
		Count  *int8
		hidden string
	}
	count := int8(1)
	one := item{Code: 1, Count: &count}
	for _, v := range []any{[]item{one, one}, map[string]*item{"a": &one}, &[][2]item{{one, one}}} {
		gob.Register(v)
		c := scan(t, write(t, []any{v}))
		m, err := manifest.Parse(c.Manifest)
		require.NoError(t, err)
		r, err := price.Price(c.Retype(m.Layout), []*rules.Model{rules.Core()}, nil)
		require.NoError(t, err)
		want := memsize.Of([]any{v}, memsize.CapIsLen(), memsize.PerReference())
		require.Equal(t, want, r.Total, "%T", v)
	}
	_ = one.hidden
}

func TestAliasedBytes(t *testing.T) {
	shared := &node{Script: make([]byte, 1000)}
	m, err := manifest.Make([]*node{shared, shared, shared})
	require.NoError(t, err)
	require.Equal(t, 2*memsize.Of(shared), m.Aliased)
}

func TestManifestErrors(t *testing.T) {
	require.ErrorContains(t, manifest.Write(io.Discard, nil), "no type")
	type bad struct {
		N int `memusage:"vector"`
	}
	require.ErrorContains(t, manifest.Write(io.Discard, bad{}), "vector")
	_, err := manifest.Parse([]byte(`{"layout":{"schema":"memsize-layout/1","types":[{"kind":"array","elem":1,"len":9}],"type":1}}`))
	require.ErrorContains(t, err, "contains itself")
	_, err = manifest.Parse([]byte("{"))
	require.Error(t, err)
}

// TestLongManifestIsBounded: a manifest beyond the limit is not kept, and nothing else is lost.
func TestLongManifestIsBounded(t *testing.T) {
	stream := write(t, []string{"a"})
	c := scan(t, stream)
	require.NotEmpty(t, c.Manifest)
	at := bytes.Index(stream, []byte(snapshot.ManifestPrefix))
	require.Positive(t, at)
	other := bytes.Replace(stream, []byte(snapshot.ManifestPrefix), []byte(strings.ToUpper(snapshot.ManifestPrefix)), 1)
	require.Nil(t, scan(t, other).Manifest, "another name is not a manifest")
}

// TestManyManifests: of the manifests of a long file the first is kept, and the others need no memory.
func TestManyManifests(t *testing.T) {
	one := write(t, testdata.UTXO(1))
	c := scan(t, bytes.Repeat(one, (32<<20)/len(one)))
	require.NotEmpty(t, c.Manifest)
}

func ExampleWrite() {
	var stream bytes.Buffer
	value := []int16{1, 2, 3}
	if err := manifest.Write(&stream, value); err != nil {
		panic(err)
	}
	census, err := snapshot.Scan(context.Background(), bytes.NewReader(stream.Bytes()))
	if err != nil {
		panic(err)
	}
	m, err := manifest.Parse(census.Manifest)
	if err != nil {
		panic(err)
	}
	var decoded []int16
	err = gob.NewDecoder(&stream).Decode(&decoded)
	fmt.Println(census.Retype(m.Layout).Roots[0].Type, decoded, err)
	// Output: []int16 [1 2 3] <nil>
}
