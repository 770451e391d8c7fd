package heapdump_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"github.com/PuerkitoBio/goquery"
	"github.com/VictoriaMetrics/fastcache"
	"github.com/VictoriaMetrics/metrics"
	"github.com/alecthomas/participle/v2"
	"github.com/allegro/bigcache/v3"
	"github.com/alphadose/haxmap"
	"github.com/antchfx/xmlquery"
	"github.com/armon/go-radix"
	"github.com/benbjohnson/immutable"
	"github.com/bits-and-blooms/bloom/v3"
	"github.com/coocood/freecache"
	"github.com/d5/tengo/v2"
	mapset "github.com/deckarep/golang-set/v2"
	"github.com/derekparker/trie"
	"github.com/elliotchance/orderedmap/v3"
	"github.com/gammazero/deque"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/golang/geo/s2"
	"github.com/google/go-jsonnet"
	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5/pgtype"
	cmap "github.com/orcaman/concurrent-map/v2"
	"github.com/patrickmn/go-cache"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/quadtree"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/shopspring/decimal"
	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"
	"github.com/stretchr/testify/require"
	"github.com/syndtr/goleveldb/leveldb/comparer"
	"github.com/syndtr/goleveldb/leveldb/memdb"
	"github.com/tidwall/buntdb"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/zyedidia/generic"
	"github.com/zyedidia/generic/avl"
	bolt "go.etcd.io/bbolt"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// A structure is one that a library makes, with contents. build returns a pointer, a map or a func.
type structure struct {
	module string
	build  func(t *testing.T) any
}

const entries = 500

func key(i int) string { return fmt.Sprintf("key-%06d", i) }

var structures = []structure{
	{"HdrHistogram", func(t *testing.T) any {
		h := hdr.New(1, 1<<30, 3)
		for i := range entries {
			require.NoError(t, h.RecordValue(int64(i*i)))
		}
		return h
	}},
	{"goquery", func(t *testing.T) any {
		d, err := goquery.NewDocumentFromReader(strings.NewReader(strings.Repeat("<p class=a>x<b>y</b>", entries)))
		require.NoError(t, err)
		return d.Find("b")
	}},
	{"VictoriaMetrics/fastcache", func(*testing.T) any {
		c := fastcache.New(1 << 20)
		for i := range entries {
			c.Set([]byte(key(i)), []byte(key(i)))
		}
		return c
	}},
	{"VictoriaMetrics/metrics", func(*testing.T) any {
		s := metrics.NewSet()
		for i := range entries {
			s.GetOrCreateHistogram(fmt.Sprintf("h{n=%q}", key(i))).Update(float64(i))
		}
		return s
	}},
	{"participle", func(t *testing.T) any {
		type entry struct {
			Key   string `parser:"@Ident '='"`
			Value string `parser:"(@Ident|@String|@Int)"`
		}
		type file struct {
			Entries []*entry `parser:"@@*"`
		}
		p, err := participle.Build[file]()
		require.NoError(t, err)
		return p
	}},
	{"bigcache", func(t *testing.T) any {
		config := bigcache.DefaultConfig(time.Hour)
		config.Shards, config.CleanWindow, config.MaxEntriesInWindow = 16, 0, entries
		c, err := bigcache.New(context.Background(), config)
		require.NoError(t, err)
		for i := range entries {
			require.NoError(t, c.Set(key(i), []byte(key(i))))
		}
		return c
	}},
	{"haxmap", func(*testing.T) any {
		m := haxmap.New[string, []byte]()
		for i := range entries {
			m.Set(key(i), []byte(key(i)))
		}
		return m
	}},
	{"xmlquery", func(t *testing.T) any {
		d, err := xmlquery.Parse(strings.NewReader("<r>" + strings.Repeat(`<a b="c">d<e/></a>`, entries) + "</r>"))
		require.NoError(t, err)
		return d
	}},
	{"go-radix", func(*testing.T) any {
		r := radix.New()
		for i := range entries {
			r.Insert(key(i), &i)
		}
		return r
	}},
	{"immutable", func(*testing.T) any {
		m := immutable.NewSortedMap[string, int](nil)
		for i := range entries {
			m = m.Set(key(i), i)
		}
		return m
	}},
	{"bloom", func(*testing.T) any { return bloom.NewWithEstimates(entries, 0.01) }},
	{"freecache", func(t *testing.T) any {
		c := freecache.NewCache(1 << 20)
		for i := range entries {
			require.NoError(t, c.Set([]byte(key(i)), []byte(key(i)), 0))
		}
		return c
	}},
	{"tengo", func(t *testing.T) any {
		s := tengo.NewScript([]byte(`f := func(x) { return [x, {a: x}] }; y := f(3); z := "s" + y[0]`))
		c, err := s.Run()
		require.NoError(t, err)
		return c
	}},
	{"golang-set", func(*testing.T) any {
		s := mapset.NewSet[string]()
		for i := range entries {
			s.Add(key(i))
		}
		return s
	}},
	{"derekparker/trie", func(*testing.T) any {
		r := trie.New()
		for i := range entries {
			r.Add(key(i), i)
		}
		return r
	}},
	{"orderedmap", func(*testing.T) any {
		m := orderedmap.NewOrderedMap[string, []int]()
		for i := range entries {
			m.Set(key(i), make([]int, i%7))
		}
		return m
	}},
	{"deque", func(*testing.T) any {
		d := new(deque.Deque[string])
		for i := range entries {
			d.PushFront(key(i))
		}
		return d
	}},
	{"kin-openapi", func(t *testing.T) any {
		d, err := openapi3.NewLoader().LoadFromData([]byte(`{"openapi":"3.0.0","info":{"title":"a","version":"1"},
"paths":{"/x/{id}":{"get":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer"}}],
"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/T"}}}}}}}},
"components":{"schemas":{"T":{"type":"object","properties":{"a":{"type":"string"},"t":{"$ref":"#/components/schemas/T"}}}}}}`))
		require.NoError(t, err)
		return d
	}},
	{"gin", func(*testing.T) any {
		gin.SetMode(gin.ReleaseMode)
		e := gin.New()
		for i := range entries {
			e.GET("/a/"+key(i)+"/:id", func(*gin.Context) {})
		}
		return e
	}},
	{"chi", func(*testing.T) any {
		r := chi.NewRouter()
		for i := range entries {
			r.Get("/a/"+key(i)+"/{id}", nil)
		}
		return r
	}},
	{"golang/geo", func(*testing.T) any {
		index := s2.NewShapeIndex()
		for i := range 20 {
			center := s2.PointFromLatLng(s2.LatLngFromDegrees(float64(i), float64(2*i)))
			index.Add(s2.RegularLoop(center, 0.01, 50))
		}
		index.Build()
		return index
	}},
	{"go-jsonnet", func(t *testing.T) any {
		node, err := jsonnet.SnippetToAST("a.jsonnet", `local f(x) = {a: x, b: [y * 2 for y in [1, 2, x]]}; f(3) + {c: $.a}`)
		require.NoError(t, err)
		return &node
	}},
	{"gorilla/mux", func(*testing.T) any {
		r := mux.NewRouter()
		for i := range 50 {
			r.HandleFunc("/a/"+key(i)+"/{id:[0-9]+}", nil).Methods("GET")
		}
		return r
	}},
	{"pgx", func(*testing.T) any { return pgtype.NewMap() }},
	{"concurrent-map", func(*testing.T) any {
		m := cmap.New[*int]()
		for i := range entries {
			m.Set(key(i), &i)
		}
		return &m
	}},
	{"go-cache", func(*testing.T) any {
		c := cache.New(time.Hour, time.Hour) // its janitor waits on a ticker
		for i := range entries {
			c.SetDefault(key(i), &i)
		}
		return c
	}},
	{"orb", func(t *testing.T) any {
		q := quadtree.New(orb.Bound{Max: orb.Point{entries, entries}})
		for i := range entries {
			require.NoError(t, q.Add(orb.Point{float64(i), float64(i * i % entries)}))
		}
		return q
	}},
	{"prometheus/client_golang", func(*testing.T) any {
		r := prometheus.NewRegistry()
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h", Buckets: prometheus.DefBuckets}, []string{"n"})
		r.MustRegister(v)
		for i := range 100 {
			v.WithLabelValues(key(i)).Observe(float64(i))
		}
		return r
	}},
	{"jsonschema", func(t *testing.T) any {
		d, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"type":"object","properties":{"a":{"$ref":"#"},
"b":{"type":"array","items":{"type":"string","pattern":"^x+$"}}},"required":["a"]}`))
		require.NoError(t, err)
		c := jsonschema.NewCompiler()
		require.NoError(t, c.AddResource("s.json", d))
		s, err := c.Compile("s.json")
		require.NoError(t, err)
		return s
	}},
	{"shopspring/decimal", func(*testing.T) any {
		all := make([]decimal.Decimal, entries)
		for i := range all {
			all[i] = decimal.NewFromInt(int64(i)).Pow(decimal.NewFromInt(9))
		}
		return &all
	}},
	{"logrus", func(*testing.T) any { return logrus.New().WithField("a", key(1)) }},
	{"cobra", func(*testing.T) any {
		root := &cobra.Command{Use: "root"}
		for i := range 50 {
			c := &cobra.Command{Use: key(i), Run: func(*cobra.Command, []string) {}}
			c.Flags().String("name", "", "a name")
			c.Flags().Duration("wait", time.Second, "how long")
			root.AddCommand(c)
		}
		return root
	}},
	{"viper", func(t *testing.T) any {
		v := viper.New()
		v.SetConfigType("json")
		require.NoError(t, v.ReadConfig(strings.NewReader(`{"a":{"b":[1,2,{"c":"d"}]},"e":null}`)))
		return v
	}},
	{"goleveldb", func(t *testing.T) any {
		db := memdb.New(comparer.DefaultComparer, 1<<10)
		for i := range entries {
			require.NoError(t, db.Put([]byte(key(i)), []byte(key(i))))
		}
		return db
	}},
	{"buntdb", func(t *testing.T) any {
		db, err := buntdb.Open(":memory:")
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, db.Update(func(tx *buntdb.Tx) error {
			for i := range entries {
				if _, _, err := tx.Set(key(i), key(i), nil); err != nil {
					return err
				}
			}
			return nil
		}))
		return db
	}},
	{"gqlparser", func(t *testing.T) any {
		s, err := gqlparser.LoadSchema(&ast.Source{Name: "s", Input: `type Query { a(x: Int = 3): T! } type T { t: [T!] s: String }`})
		require.NoError(t, err)
		return s
	}},
	{"zyedidia/generic", func(*testing.T) any {
		m := avl.New[string, *int](generic.Less[string])
		for i := range entries {
			m.Put(key(i), &i)
		}
		return m
	}},
	{"bbolt", func(t *testing.T) any { // its file is mapped, behind an array of the whole address space
		db, err := bolt.Open(filepath.Join(t.TempDir(), "db"), 0o600, nil)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, db.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucket([]byte("b"))
			require.NoError(t, err)
			for i := range entries {
				require.NoError(t, b.Put([]byte(key(i)), []byte(key(i))))
			}
			return nil
		}))
		return db
	}},
	{"zap", func(t *testing.T) any {
		l, err := zap.NewProduction()
		require.NoError(t, err)
		return l.With(zap.String("a", key(1)))
	}},
	{"grpc", func(t *testing.T) any {
		c, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()))
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		return c
	}},
}
