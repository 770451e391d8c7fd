package heap_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/truth"
	"github.com/bitcoin-mem/memsize/walker"
)

var updateReleases = flag.Bool("update-goreleases", false,
	"write testdata/goreleases of the running Go release")

// release is what a Go release was seen to take on one architecture, in bytes. A difference is an
// alarm: the runtime changed, and what is modelled must be looked at.
type release struct {
	Go           string            `json:"go"`
	Architecture string            `json:"architecture"`
	Exact        bool              `json:"exact"`   // the checks at first use held
	Classes      []uint64          `json:"classes"` // size classes of blocks without pointers
	WithPointers map[string]uint64 `json:"withPointers"`
	Values       map[string]uint64 `json:"values"` // as measured by MemStats
	// Maps is map[int64]int64 by how many entries were inserted. Tables split as hashes fall, so
	// only those of one table are the same in every process.
	Maps map[string]uint64 `json:"maps"`
}

func measureRelease(t *testing.T) release {
	defer truth.Quiet()()
	r := release{Go: minorRelease(), Architecture: runtime.GOARCH, Exact: walker.BlocksExact(),
		WithPointers: map[string]uint64{}, Values: map[string]uint64{}, Maps: map[string]uint64{}}
	for size := uint64(0); size < 32<<10; {
		size = uint64(cap(append([]byte(nil), make([]byte, size+1)...)))
		r.Classes = append(r.Classes, size)
	}
	measure := func(into map[string]uint64, name string, build func() any) {
		bytes, err := truth.Case{Build: build}.Measure()
		require.NoError(t, err, name)
		into[name] = bytes
	}
	word := unsafe.Sizeof(uintptr(0))
	sizes := []uintptr{8, 64, 128, 136, 512, 520, 1024, 8192, 32752, 32760, 32768, 40000}
	for _, bytes := range sizes {
		measure(r.WithPointers, strconv.Itoa(int(bytes)), func() any {
			return unsafe.Pointer(unsafe.SliceData(make([]*int, bytes/word)))
		})
	}
	for _, n := range []int{0, 1, 8, 9, 14, 15, 100, 448, 449, 896} {
		measure(r.Maps, strconv.Itoa(n), func() any {
			m := map[int64]int64{}
			for i := range n {
				m[int64(i)] = 0
			}
			return m
		})
	}
	for name, build := range map[string]func() any{
		"chan":             func() any { return make(chan int64) },
		"chan of 10":       func() any { return make(chan int64, 10) },
		"chan of pointers": func() any { return make(chan *int, 10) },
		"set of 100": func() any {
			return fill(map[int]struct{}{}, 100)
		},
		"map with a value over 128 B": func() any { return fill(map[int][17]int64{}, 1) },
		"map with a value of 128 B":   func() any { return fill(map[int][16]int64{}, 1) },
		"tiny value":                  func() any { return new(byte) },
		"box of a number":             func() any { return at(any(variable())) },
		"box of a struct of a pointer": func() any {
			return at(any(struct{ p *[2]int64 }{new([2]int64)}))
		},
	} {
		measure(r.Values, name, build)
	}
	return r
}

// minorRelease is go1.26 for go1.26.8, and all of it for a development version; go1.27-mapsplitgroup with
// an experiment (GOEXPERIMENT), for that may change what is taken.
func minorRelease() string {
	version, experiments, _ := strings.Cut(runtime.Version(), "X:")
	parts := strings.Split(strings.TrimRight(strings.Fields(version)[0], "-"), ".")
	release := strings.Join(parts[:min(2, len(parts))], ".")
	if experiments != "" {
		release += "-" + strings.ReplaceAll(experiments, ",", "-")
	}
	return release
}

// TestGoRelease compares what the running Go takes with what was committed for it.
func TestGoRelease(t *testing.T) {
	file := filepath.Join("testdata", "goreleases", minorRelease()+"-"+runtime.GOARCH+".json")
	seen := measureRelease(t)
	if *updateReleases {
		text, err := json.MarshalIndent(seen, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o644))
		return
	}
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		t.Fatalf("%s on %s has no table: run go test -run TestGoRelease -update-goreleases . and "+
			"compare %s with that of the release before", minorRelease(), runtime.GOARCH, file)
	}
	require.NoError(t, err)
	var want release
	require.NoError(t, json.Unmarshal(text, &want))
	if !block.Exact() { // the portable build
		want.Exact = false
	}
	require.Equal(t, want, seen)
}
