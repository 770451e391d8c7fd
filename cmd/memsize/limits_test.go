package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// limitsVariable asks for the long runs, which measure times: make test-full sets it.
const limitsVariable = "MEMSIZE_LIMITS"

// spent is what a run of the command took.
type spent struct {
	Code int
	Peak int64 // bytes of resident memory at most
	CPU  time.Duration
}

// built are the command, and the one that measures it.
type built struct{ command, measure string }

func build(t *testing.T) (b built) {
	if runtime.GOOS != "linux" {
		t.Skip("NOT RUN: what a process takes is measured on Linux only")
	}
	folder := t.TempDir()
	b = built{filepath.Join(folder, "memsize"), filepath.Join(folder, "measure")}
	for file, pkg := range map[string]string{b.command: ".", b.measure: "../../internal/measure"} {
		out, err := exec.Command("go", "build", "-buildvcs=false", "-o", file, pkg).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	return b
}

// settings are those that decide how much memory a Go process takes: each processor, for one, has
// caches of its own.
var settings = []string{"GOMAXPROCS=2", "GOGC=", "GOMEMLIMIT=", "GODEBUG="}

// run runs the command in a process of its own. One that does not end is a failure.
func (b built) run(t *testing.T, in io.Reader, args ...string) (w spent, messages string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	var errs bytes.Buffer
	child := exec.CommandContext(ctx, b.measure, append([]string{b.command}, args...)...)
	child.Env = append(os.Environ(), settings...)
	child.Stdin, child.Stderr = in, &errs
	out, err := child.Output()
	require.NoError(t, err, errs.String())
	require.NoError(t, json.Unmarshal(out, &w))
	return w, errs.String()
}

// TestHostileFiles accounts for files that were made to break readers, each within the memory,
// and in the long runs the processor time, that the manifest grants.
func TestHostileFiles(t *testing.T) {
	folder := os.Getenv("MEMSIZE_SNAPSHOTS")
	if folder == "" {
		t.Skip("NOT RUN: MEMSIZE_SNAPSHOTS is not set to a folder with hostile/")
	}
	manifest, err := os.Open(filepath.Join(folder, "hostile", "manifest.csv"))
	require.NoError(t, err)
	defer manifest.Close()
	rows, err := csv.NewReader(manifest).ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(rows), 50)
	b := build(t)
	for _, row := range rows[1:] {
		t.Run(row[0], func(t *testing.T) { b.hostileFile(t, filepath.Join(folder, "hostile"), row) })
	}
}

// hostileFile checks one line of the manifest: file, bytes, what, expected, MiB, seconds.
func (b built) hostileFile(t *testing.T, folder string, row []string) {
	var mib, seconds int64
	_, err := fmt.Sscan(row[4]+" "+row[5], &mib, &seconds)
	require.NoError(t, err)
	args := []string{filepath.Join(folder, row[0]), "--why"}
	if strings.Contains(row[3], "only with --max-input") {
		args = append(args, "--max-input", "100000000")
	}
	b.hostileRun(t, row, mib, seconds, args...)
	b.hostileRun(t, row, mib, seconds, append(args, "--output", "json")...)
}

func (b built) hostileRun(t *testing.T, row []string, mib, seconds int64, args ...string) {
	w, messages := b.run(t, nil, args...)
	t.Logf("exit %d, %.1f MiB, %v: %s", w.Code, float64(w.Peak)/(1<<20), w.CPU, messages)
	require.Contains(t, []int{exitOK, exitInput, exitLimit}, w.Code)
	require.LessOrEqual(t, w.Peak, mib<<20, row[2])
	require.NotContains(t, messages, "\x1b")
	if os.Getenv(limitsVariable) != "" {
		require.LessOrEqual(t, w.CPU, time.Duration(seconds)*time.Second, row[2])
	}
}

// TestDeepTypes: a real stream in which each interface value holds one of yet another type. The
// paths of its places, and what indents them in JSON, must not take more than other bad streams.
func TestDeepTypes(t *testing.T) {
	b := build(t)
	plain := encoded(t, ptr(deepTypes(1000)))
	files := map[string][]byte{"deep.gob": plain}
	if !testing.Short() { // the window of the decompressor besides
		files["deep.zst"] = withWideWindow(t, plain)
	}
	for name, data := range files {
		path := writeFile(t, name, data)
		for _, output := range []string{"text", "json", "md", "pprof"} {
			w, messages := b.run(t, nil, path, "--output", output)
			t.Logf("%s %s: exit %d, %.1f MiB, %v", name, output, w.Code, float64(w.Peak)/(1<<20), w.CPU)
			require.Equal(t, exitLimit, w.Code, messages)
			require.LessOrEqual(t, w.Peak, int64(64<<20), output)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// withWideWindow is a stream behind a value that fills the widest window that is decompressed.
func withWideWindow(t *testing.T, stream []byte) []byte {
	noise := make([]byte, 40<<20)
	r := rand.NewChaCha8([32]byte{})
	_, err := r.Read(noise)
	require.NoError(t, err)
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithWindowSize(32<<20), zstd.WithEncoderConcurrency(1))
	require.NoError(t, err)
	for _, piece := range [][]byte{encoded(t, noise), stream} {
		_, err = w.Write(piece)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// deepTypes is an interface value that holds one of another type, and so on.
func deepTypes(depth int) any {
	var value any = 1
	for i := range depth {
		field := reflect.StructField{Name: fmt.Sprint("V", i), Type: reflect.TypeFor[any]()}
		typ := reflect.StructOf([]reflect.StructField{field})
		outer := reflect.New(typ).Elem()
		outer.Field(0).Set(reflect.ValueOf(value))
		gob.RegisterName(fmt.Sprint("level", i), outer.Interface())
		value = outer.Interface()
	}
	return value
}

// maxMemory is what the command may take at any size of input; zstd holds its window besides.
const (
	maxMemory  = 20 << 20 // 3 MiB of these are the code and tables of pprof's and Go's web servers
	zstdWindow = 8 << 20
)

// TestMemoryDoesNotGrow pipes ever larger streams through the command: 5 GB in the long runs.
func TestMemoryDoesNotGrow(t *testing.T) {
	sizes := []int64{1e6, 5e7}
	if os.Getenv(limitsVariable) != "" {
		sizes = []int64{1e6, 1e7, 1e8, 1e9, 5e9}
	}
	b := build(t)
	for _, size := range sizes {
		for compression, limit := range map[string]int64{
			"plain": maxMemory, "gzip": maxMemory, "zstd": maxMemory + zstdWindow,
		} {
			w, messages := b.run(t, longStream(t, compression, size), "-")
			require.Zero(t, w.Code, messages)
			require.LessOrEqual(t, w.Peak, limit, "%d bytes, %s", size, compression)
			t.Logf("%5d MB, %5s: %.1f MiB, %v", size/1e6, compression, float64(w.Peak)/(1<<20), w.CPU)
		}
	}
}

// longStream is a gob stream of about size bytes, which is made while it is read: one message with
// definitions, and another again and again. Compressions join what was compressed apart.
func longStream(t *testing.T, compression string, size int64) io.Reader {
	var head, message bytes.Buffer
	out := &head
	encoder := gob.NewEncoder(writerFunc(func(b []byte) (int, error) { return out.Write(b) }))
	entries := make(map[[4]int]string)
	for i := range 5000 {
		entries[[4]int{i, i * 7919, i * 104729, -i}] = strings.Repeat("script", i%9)
	}
	require.NoError(t, encoder.Encode(entries))
	out = &message
	require.NoError(t, encoder.Encode(entries))
	again := compressed(t, compression, message.Bytes())
	left := size / int64(message.Len())
	var current io.Reader = bytes.NewReader(nil)
	return io.MultiReader(bytes.NewReader(compressed(t, compression, head.Bytes())),
		readerFunc(func(b []byte) (int, error) {
			for {
				if n, err := current.Read(b); n > 0 || err != io.EOF || left == 0 {
					return n, err
				}
				left--
				current = bytes.NewReader(again)
			}
		}))
}

func compressed(t *testing.T, compression string, plain []byte) []byte {
	var out bytes.Buffer
	var w io.WriteCloser
	switch compression {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zstd":
		zip, err := zstd.NewWriter(&out, zstd.WithWindowSize(zstdWindow))
		require.NoError(t, err)
		w = zip
	default:
		return plain
	}
	_, err := w.Write(plain)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
