// Package heapdump_test holds memsize.Heap to the runtime's own heap dump, to the byte, on structures
// of libraries that are measured nowhere else in this repository. It is a module of its own: memsize
// does not depend on these libraries, and they take minutes to build.
package heapdump_test

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/heapdump"
)

// kept are the structures, which live as long as the test.
var kept []any

// TestLibrariesAgainstDump takes one dump of all structures, and measures each.
func TestLibrariesAgainstDump(t *testing.T) {
	elsewhere := make([]byte, 64<<20) // which other parts of the program hold by a timer
	other := time.AfterFunc(time.Hour, func() { elsewhere[0]++ })
	defer other.Stop()
	for _, s := range structures {
		kept = append(kept, s.build(t))
	}
	time.Sleep(50 * time.Millisecond) // goroutines of the libraries come to wait
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()
	dump, err := heapdump.Take()
	require.NoError(t, err)
	for i, s := range structures {
		t.Run(s.module, func(t *testing.T) {
			bytes, blocks := dump.Reach(dataWord(kept[i]))
			r := memsize.Scan(kept[i], memsize.OnHeap())
			t.Logf("%d bytes in %d blocks, %d of them the program's", bytes, blocks, r.Program)
			require.Equal(t, bytes, memsize.Heap(kept[i]))
			require.Equal(t, bytes, r.Total)
			require.Equal(t, "exact", r.Exactness)
			require.Positive(t, bytes)
			require.Less(t, bytes, uint64(len(elsewhere)), "what others hold by a timer is not in it")
		})
	}
}

// dataWord is the pointer in v, which must be pointer-shaped.
func dataWord(v any) uintptr {
	return *(*uintptr)(unsafe.Add(unsafe.Pointer(&v), unsafe.Sizeof(uintptr(0))))
}

// A session leads to what the program has one of.
type session struct {
	body     []byte
	message  *wrapperspb.StringValue
	log      *zap.Logger
	conn     grpc.ClientConnInterface
	registry prometheus.Registerer
	text     *logrus.Entry
}

// TestProgramOfLibraries: what a value leads to but does not own is told apart, and is no part of the cost
// of a cache's entry.
func TestProgramOfLibraries(t *testing.T) {
	own := &session{body: make([]byte, 1000), message: wrapperspb.String("a text of its own, made here")}
	_ = proto.Size(own.message) // a message that was used leads to the descriptions of all messages
	full := *own
	full.log, full.registry = zap.NewExample(), prometheus.NewRegistry()
	full.text = logrus.New().WithField("a", 1)
	var err error
	full.conn, err = grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	kept = append(kept, own, &full)
	time.Sleep(50 * time.Millisecond)     // the connection's goroutines come to wait
	memsize.Scan(&full, memsize.OnHeap()) // which fills caches of types
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	dump, err := heapdump.Take()
	require.NoError(t, err)
	const entry, body, message = 80, 1024, 64
	for _, s := range []*session{own, &full} {
		bytes, _ := dump.Reach(uintptr(unsafe.Pointer(s)))
		r := memsize.Scan(s, memsize.OnHeap())
		require.Equal(t, bytes, r.Total)
		require.Equal(t, uint64(entry+body+message), r.Total-r.Program, "the text is static")
		require.Equal(t, r.Total-r.Program, memsize.Cost[session]()(s))
		require.Equal(t, memsize.Of(own), memsize.Of(s), "as-if models do not follow it")
	}
}
