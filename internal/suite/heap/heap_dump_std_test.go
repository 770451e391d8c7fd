package heap_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"database/sql"
	"embed"
	"encoding/gob"
	"encoding/json"
	"errors"
	"expvar"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"html/template"
	"io"
	"log/slog"
	"math"
	"math/rand"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unique"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/suite"
)

//go:embed main_test.go
var files embed.FS

// standardCases are values of the standard library that lead far, or to what is not on the heap.
func standardCases(t *testing.T) []heapCase {
	cases := append(libraryValues(t), pointerValues(t)...)
	if suite.RaceDetector { // servers and pools of connections have locks of their own: see docs/heap.md
		return cases
	}
	return append(cases, servingCases(t)...)
}

func servingCases(t *testing.T) []heapCase {
	return []heapCase{
		build("net.Conn", "its buffers are the kernel's", func() any {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			c, err := net.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			t.Cleanup(func() { _ = c.Close(); _ = l.Close() })
			return &struct {
				l net.Listener
				c net.Conn
				r *bufio.Reader
			}{l, c, bufio.NewReader(c)}
		}),
		build("net.Pipe", "channels between two ends", func() any {
			a, b := net.Pipe()
			require.NoError(t, a.SetDeadline(time.Now().Add(time.Hour)))
			t.Cleanup(func() { _ = a.Close(); _ = b.Close() })
			return &a
		}),
		build("http.Server", "that waits", func() any {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			s := &http.Server{Handler: http.NotFoundHandler(), ReadTimeout: time.Hour}
			go func() { _ = s.Serve(l) }()
			t.Cleanup(func() { _ = s.Close() })
			time.Sleep(10 * time.Millisecond)
			return s
		}),
		build("sql.DB", "no connection is open", func() any {
			db := sql.OpenDB(nil)
			db.SetConnMaxLifetime(time.Hour)
			t.Cleanup(func() { _ = db.Close() })
			return db
		}),
		build("http.Client", "with a jar and a transport", func() any {
			jar, err := cookiejar.New(nil)
			require.NoError(t, err)
			jar.SetCookies(&url.URL{Scheme: "http", Host: "example.org"}, []*http.Cookie{{Name: "a", Value: "b"}})
			return &http.Client{Transport: &http.Transport{TLSClientConfig: new(tls.Config)}, Jar: jar}
		}),
		build("http.Request", "with a context that ends", func() any {
			ctx, cancel := context.WithTimeoutCause(context.Background(), time.Hour, errors.New("late"))
			t.Cleanup(cancel)
			r, err := http.NewRequestWithContext(ctx, "GET", "http://example.org/a?b=c", strings.NewReader("x"))
			require.NoError(t, err)
			return r
		}),
		build("os.File", "its descriptor is the kernel's", func() any {
			r, w, err := os.Pipe()
			require.NoError(t, err)
			t.Cleanup(func() { _ = r.Close(); _ = w.Close() })
			return r
		}),
		build("netip.Addr", "its zone is a unique.Handle", func() any {
			return at(netip.MustParseAddr("fe80::1%eth7"))
		}),
	}
}

func libraryValues(t *testing.T) []heapCase {
	return []heapCase{
		build("template", "its tree", func() any {
			return template.Must(template.New("a").Parse(`{{range .}}<b>{{.Name | printf "%q"}}</b>{{end}}`))
		}),
		build("regexp", "its program", func() any { return regexp.MustCompile(`^(a+|b)*c\d{3,5}$`) }),
		build("slog.Logger", "with attributes", func() any {
			return slog.New(slog.NewJSONHandler(io.Discard, nil)).With("a", 1, "b", "c").WithGroup("g")
		}),
		build("rand.Rand", "its state", func() any { return rand.New(rand.NewSource(1)) }),
		build("gob.Encoder", "what it knows of types", func() any {
			e := gob.NewEncoder(io.Discard)
			require.NoError(t, e.Encode(map[string][]int{"a": {1, 2}}))
			return e
		}),
		build("json.Decoder", "its buffer", func() any {
			d := json.NewDecoder(strings.NewReader(`{"a":[1,2,3]} {"b":1}`))
			var v any
			require.NoError(t, d.Decode(&v))
			return d
		}),
		build("gzip.Writer", "its tables", func() any {
			w := gzip.NewWriter(new(bytes.Buffer))
			_, err := w.Write(bytes.Repeat([]byte("abc"), 1000))
			require.NoError(t, err)
			return w
		}),
		build("syntax tree and types", "cycles through packages, of the universe", func() any {
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, "a.go", "package a; type T struct{ p *T; f func(T) error }; var v = map[string]T{}", 0)
			require.NoError(t, err)
			info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
			p, err := new(types.Config).Check("a", set, []*ast.File{f}, info)
			require.NoError(t, err)
			return &struct {
				p    *types.Package
				info *types.Info
			}{p, info}
		}),
		build("flag.FlagSet", "its flags", func() any {
			f := flag.NewFlagSet("a", flag.ContinueOnError)
			f.Duration("wait", time.Second, "how long")
			return f
		}),
		build("expvar.Map", "a sync.Map", func() any { m := new(expvar.Map).Init(); m.Add("a", 1); return m }),
		build("embed.FS", "static", func() any { return at(files) }),
		build("time.Location", "a zone of its own", func() any { return time.FixedZone("somewhere", 1234) }),
		build("context.WithoutCancel", "the context below", func() any {
			ctx, cancel := context.WithCancel(context.WithValue(context.Background(), new(int), make([]byte, 500)))
			t.Cleanup(cancel)
			ctx = context.WithoutCancel(ctx)
			return &ctx
		}),
	}
}

func pointerValues(t *testing.T) []heapCase {
	return []heapCase{
		build("map with NaN keys", "an entry for each", func() any {
			m := map[float64]*int{}
			for i := range 50 {
				m[math.NaN()] = &i
			}
			return m
		}),
		build("sync.Pool in use", "what each processor keeps", func() any {
			p := &sync.Pool{New: func() any { return make([]byte, 100) }}
			p.Put(make([]byte, 1000))
			return p
		}),
		build("sync.OnceValue", "its closure", func() any {
			f := sync.OnceValue(func() []byte { return make([]byte, 300) })
			f()
			return f
		}),
		build("weak.Pointer", "its handle, and not the target", func() any {
			return at(weak.Make(new([100]int)))
		}),
		build("with a cleanup and a finalizer", "which the runtime keeps", func() any {
			p := new([10]*int)
			other := make([]byte, 10_000)
			runtime.AddCleanup(p, func(int) { other[0]++ }, 1)
			runtime.SetFinalizer(p, func(*[10]*int) { other[0]++ })
			return p
		}),
		build("atomic.Value and Pointer", "what they hold", func() any {
			v := new(struct {
				v atomic.Value
				p atomic.Pointer[[20]int]
			})
			v.v.Store(map[string]int{"a": 1})
			v.p.Store(new([20]int))
			return v
		}),
		build("reflect.Value of a method", "its receiver", func() any {
			return at(reflect.ValueOf(bytes.NewBufferString("text")).MethodByName("String"))
		}),
		build("slice of handles", "each value once", func() any {
			return &[]unique.Handle[string]{unique.Make("one " + t.Name()), unique.Make("two " + t.Name())}
		}),
		build("pointer into the last word of a large block", "all of the block", func() any {
			s := make([]*int, 10_000)
			return unsafe.Pointer(&s[len(s)-1])
		}),
		build("WaitGroup and RWMutex that are waited for", "no goroutine", func() any {
			v := new(struct {
				group sync.WaitGroup
				lock  sync.RWMutex
				held  *[10]int
			})
			v.group.Add(1)
			t.Cleanup(v.group.Done)
			waiters(t, 3, v.group.Wait)
			return v
		}),
	}
}
