package main

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/emirpasic/gods/trees/redblacktree"
	"github.com/google/btree"
	iradix "github.com/hashicorp/go-immutable-radix/v2"
	"github.com/hashicorp/go-memdb"
	"github.com/puzpuzpuz/xsync/v4"
	tidwall "github.com/tidwall/btree"
	"github.com/tidwall/rtree"
	"gonum.org/v1/gonum/graph/simple"
)

// user is what most containers hold here.
type user struct {
	ID    string
	Name  string
	Tags  []string
	Score float64
}

func newUser(i int) *user {
	return &user{fmt.Sprintf("user-%06d", i), fmt.Sprint("name ", i), []string{"a", fmt.Sprint("t", i)},
		float64(i)}
}

var containers = map[string]func() any{
	"sync.Map": func() any {
		m := new(sync.Map)
		for i := range 50_000 {
			m.Store(fmt.Sprint("key ", i), newUser(i))
		}
		return m
	},
	"puzpuzpuz/xsync Map": func() any {
		m := xsync.NewMap[string, *user]()
		for i := range 50_000 {
			m.Store(fmt.Sprint("key ", i), newUser(i))
		}
		return m
	},
	"go-immutable-radix": func() any {
		t := iradix.New[*user]()
		for i := range 50_000 {
			t, _, _ = t.Insert([]byte(fmt.Sprint("key ", i*7919)), newUser(i))
		}
		return t
	},
	"go-memdb": func() any {
		schema := &memdb.DBSchema{Tables: map[string]*memdb.TableSchema{"user": {Name: "user",
			Indexes: map[string]*memdb.IndexSchema{
				"id":   {Name: "id", Unique: true, Indexer: &memdb.StringFieldIndex{Field: "ID"}},
				"name": {Name: "name", Indexer: &memdb.StringFieldIndex{Field: "Name"}},
			}}}}
		db := must(memdb.NewMemDB(schema))
		tx := db.Txn(true)
		for i := range 30_000 {
			if err := tx.Insert("user", newUser(i)); err != nil {
				panic(err)
			}
		}
		tx.Commit()
		return db
	},
	"tidwall/rtree": func() any {
		r, t := rand.New(rand.NewPCG(1, 1)), new(rtree.RTreeG[*user])
		for i := range 50_000 {
			at := [2]float64{r.Float64(), r.Float64()}
			t.Insert(at, at, newUser(i))
		}
		return t
	},
	"tidwall/btree": func() any {
		t := new(tidwall.Map[string, *user])
		for i := range 50_000 {
			t.Set(fmt.Sprint("key ", i*7919), newUser(i))
		}
		return t
	},
	"google/btree": func() any {
		t := btree.NewG(32, func(a, b *user) bool { return a.ID < b.ID })
		for i := range 50_000 {
			t.ReplaceOrInsert(newUser(i))
		}
		return t
	},
	"roaring bitmaps": func() any {
		r, all := rand.New(rand.NewPCG(2, 2)), make([]*roaring.Bitmap, 3000)
		for i := range all {
			all[i] = roaring.New()
			for range 200 {
				all[i].Add(r.Uint32N(1 << 22))
			}
		}
		return all
	},
	"gods red-black tree": func() any {
		t := redblacktree.NewWithStringComparator()
		for i := range 50_000 {
			t.Put(fmt.Sprint("key ", i*7919), newUser(i))
		}
		return t
	},
	"gonum graph": func() any {
		r, g := rand.New(rand.NewPCG(3, 3)), simple.NewUndirectedGraph()
		for i := range int64(60_000) {
			if a, b := r.Int64N(20_000), i%20_000; a != b {
				g.SetEdge(simple.Edge{F: simple.Node(a), T: simple.Node(b)})
			}
		}
		return g
	},
}
