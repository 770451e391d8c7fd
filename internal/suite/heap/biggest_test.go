package heap_test

import (
	"container/list"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/truth"
	"github.com/bitcoin-mem/memsize/report"
)

type customer struct {
	owner string
	log   [][]byte
	any   any
	next  *customer
}

// accounts is a map of which each entry is larger than the one before, and two of which share much.
func accounts(n int) map[string]*customer {
	m := map[string]*customer{}
	common := make([]byte, 100_000)
	for i := range n {
		a := &customer{owner: fmt.Sprint("the owner of number ", i), next: &customer{}}
		for k := range i {
			a.log = append(a.log, make([]byte, 64*(1+k)))
		}
		a.any = map[int]any{1: []any{a.next, a.log}}
		if i < 2 {
			a.log = append(a.log, common)
		}
		m[fmt.Sprint("account number ", i)] = a
	}
	return m
}

// The biggest entries are told by what they retain, which is what the collector frees without them, by
// their keys, and by an expression that leads to them.
func TestBiggestIsFreed(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	defer truth.Quiet()()
	const n = 40
	root := &struct{ Accounts map[string]*customer }{accounts(n)}
	scan := func() *memsize.Report { return memsize.Scan(root, memsize.OnHeap(), memsize.WithBiggest(3)) }
	for i := range 3 { // one after another is dropped
		biggest := placeIn(scan(), "root.Accounts").Biggest
		require.Len(t, biggest, 3)
		key := fmt.Sprint("account number ", n-1-i)
		require.Equal(t, fmt.Sprintf("%q", key), biggest[0].Key)
		require.Equal(t, fmt.Sprintf("root.Accounts[%q]", key), biggest[0].Path)
		freed := -grown(func() { delete(root.Accounts, key) })
		require.Equal(t, freed, int64(biggest[0].Retained))
	}
	logs := placeIn(scan(), "root.Accounts[].log").Biggest
	require.Regexp(t, `^root\.Accounts\["account number 3\d"\]\.log\[3\d\]$`, logs[0].Path)
	require.True(t, strings.HasSuffix(logs[0].Path, "["+logs[0].Key+"]"))
	require.Equal(t, uint64(2304), logs[0].Retained, "the size class of the longest lines")
	runtime.KeepAlive(root)
}

// A key is bounded and escaped; with NoValues nothing of it is in the report.
func TestBiggestKeys(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	long := strings.Repeat("secret ü", 100)
	root := map[string][]byte{long: make([]byte, 1000), "secret\n": make([]byte, 500)}
	r := memsize.Scan(root, memsize.WithBiggest(5), memsize.OnHeap())
	keys := placeIn(r, "root").Biggest
	require.Len(t, keys, 2)
	require.Less(t, len(keys[0].Key), 80)
	require.Equal(t, `"secret\n"`, keys[1].Key)
	require.Equal(t, "root[key]", keys[0].Path, "not all of it is shown")
	r = memsize.Scan(root, memsize.WithBiggest(5), memsize.OnHeap(), memsize.NoValues())
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.NotContains(t, string(text), "secret")
	require.Len(t, placeIn(r, "root").Biggest, 2)
}

// The entries of lists are told by their index, and what one retains is freed with it: of a list that a
// pointer leads to, of one that lies in a struct, and of one that is a variable of the program's.
func TestBiggestOfLists(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	defer truth.Quiet()()
	type queues struct {
		Far  *list.List
		Near list.List
	}
	q := &queues{Far: list.New()}
	for i := range 11 {
		size := 16 << i // size classes of their own
		q.Far.PushBack(make([]byte, size))
		q.Near.PushFront(&[1]*customer{{log: [][]byte{make([]byte, size)}}})
	}
	for _, c := range []struct {
		root any
		path string
		list *list.List
		most int
	}{
		{q, "root.Far", q.Far, 10}, {q, "root.Near", &q.Near, 0}, {memsize.Var(q), "root.Near", &q.Near, 0},
		{memsize.Var(&q.Near), "root", &q.Near, 0},
	} {
		var biggest []report.Entry
		for n := range memsize.Scan(c.root, memsize.OnHeap(), memsize.WithBiggest(3)).Nodes() {
			for _, e := range n.Biggest {
				if strings.HasPrefix(e.Path, c.path+"[") {
					biggest = append(biggest, e)
				}
			}
		}
		require.Len(t, biggest, 3, c.path)
		require.Equal(t, fmt.Sprintf("%s[%d]", c.path, c.most), biggest[0].Path)
		require.Equal(t, fmt.Sprint(c.most), biggest[0].Key)
		freed := -grown(func() { removeFrom(c.list, c.most) })
		require.Equal(t, freed, int64(biggest[0].Retained), c.path)
	}
	runtime.KeepAlive(q)
}

// removeFrom removes element i of a list.
func removeFrom(l *list.List, i int) {
	e := l.Front()
	for range i {
		e = e.Next()
	}
	l.Remove(e)
}
