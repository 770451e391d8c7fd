package browsertest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	pricing "github.com/bitcoin-mem/memsize/snapshot/price"
)

// pageOf is the page of a report.
func pageOf(t *testing.T, r *report.Report, o report.HTMLOptions) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, r.WriteHTML(&out, o))
	return out.Bytes()
}

// pageOfDiff is the page of a diff.
func pageOfDiff(t *testing.T, old, new *report.Report, o report.HTMLOptions) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Compare(old, new).WriteHTML(&out, o))
	return out.Bytes()
}

// snapshotOf is the account of one of the snapshots in testdata, under three models.
func snapshotOf(t *testing.T, name string) *report.Report {
	t.Helper()
	file, err := os.Open("../../testdata/" + name)
	require.NoError(t, err)
	defer file.Close()
	census, err := snapshot.Scan(context.Background(), file)
	require.NoError(t, err)
	r, err := pricing.Price(census, []*rules.Model{rules.Go(), rules.Core(), rules.Crate()}, nil)
	require.NoError(t, err)
	return r
}

// service is a value as a server has it.
type service struct {
	Sessions map[string]*session
	Recent   []*session
	Index    map[string][]string
	Queue    chan []byte
	Names    map[int]string
	Blobs    [][]byte
	Settings any
}

type session struct {
	User    string
	Cart    []item
	Seen    map[string]bool
	History []uint64
}

type item struct {
	Name string
	Note []byte
}

// newService makes a service of n sessions, the same one for the same n.
func newService(n int) *service {
	r := rand.New(rand.NewPCG(1, 2))
	s := &service{Sessions: map[string]*session{}, Index: map[string][]string{}, Names: map[int]string{},
		Queue: make(chan []byte, 500), Settings: map[string]any{"greeting": strings.Repeat("hello ", 99)}}
	for i := range n {
		key := fmt.Sprintf("user-%07d", i)
		x := &session{User: key, Seen: map[string]bool{}, History: make([]uint64, r.IntN(40), 64)}
		for range r.IntN(5) {
			x.Cart = append(x.Cart, item{strings.Repeat("pen", r.IntN(9)), make([]byte, r.IntN(90))})
			x.Seen[strings.Repeat("p", r.IntN(20))] = true
		}
		s.Sessions[key] = x
		if i%3 == 0 {
			s.Recent = append(s.Recent, &session{User: key, History: make([]uint64, 64)})
			s.Index[key] = append(s.Index[key], strings.Repeat("t", r.IntN(30)))
			s.Names[i] = key + "-name"
		}
		if i%20 == 0 {
			s.Blobs = append(s.Blobs, make([]byte, 100+r.IntN(900)))
		}
	}
	return s
}

// both scans a value under two models that share a walk.
func both(v any) *report.Report {
	return memsize.Scan(v, memsize.WithModels(rules.Go(), rules.Core()))
}

// many is an account of n places: a tree of random shape and sizes, some of many small children.
func many(n int) *report.Report {
	r := rand.New(rand.NewPCG(3, 4))
	places := []account.Place{{Parent: -1, Step: "root", Type: "*main.Many", Root: true, Sums: []account.Sum{{}}}}
	for i := 1; i < n; i++ {
		own := uint64(r.ExpFloat64() * r.ExpFloat64() * 1000)
		places = append(places, account.Place{Parent: int(float64(i) * r.Float64() * r.Float64()),
			Step: fmt.Sprintf(".Field%d", i), Type: fmt.Sprintf("map[string]main.T%d", i%1000),
			Sums: []account.Sum{{Count: 1 + uint64(i%7), Total: own, Blocks: 1, Parts: rules.Parts{Used: own}}}})
	}
	return account.Build([]string{"go"}, places)
}
