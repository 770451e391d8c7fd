package decoding_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"

	"github.com/stretchr/testify/require"
)

// childVariable names the case that a process of these tests decodes and measures.
const childVariable = "MEMSIZE_DECODE"

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		measure(cases[name])
		return
	}
	os.Exit(m.Run())
}

// measured is what a process of its own saw, in bytes.
type measured struct {
	Result uint64 // heap that the values hold
	Most   uint64 // heap that could be reached at the worst moment
	Stack  uint64 // what stacks grew by
}

// childStack is how large such a process lets a stack get, in bytes.
const childStack = 1 << 25

// inChild decodes a stream of a case in a process of its own.
func inChild(t *testing.T, name string, stream []byte) (m measured) {
	t.Helper()
	out, errs := runChild(t, name, stream)
	require.NotEmpty(t, out, "%s", errs)
	require.NoError(t, json.Unmarshal(out, &m))
	return m
}

// runChild returns what the process printed, nothing on standard output if it failed.
func runChild(t *testing.T, name string, stream []byte) (out []byte, errs string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	child := exec.Command(self)
	// Without marking beside the program, what a collection finds is what could be reached then.
	child.Env = append(os.Environ(), childVariable+"="+name, "GODEBUG=gcstoptheworld=1")
	child.Stdin = bytes.NewReader(stream)
	var messages bytes.Buffer
	child.Stderr = &messages
	if out, err = child.Output(); err != nil {
		return nil, messages.String()
	}
	return out, messages.String()
}

// measure decodes standard input, keeps all values, and prints the figures.
func measure(c decodeCase) {
	runtime.MemProfileRate = 0
	debug.SetMaxStack(childStack)
	debug.SetGCPercent(1) // a collection whenever the heap has grown by a hundredth
	settle()
	base, stack := look()
	var w watch
	w.again()
	var kept []any
	d := gob.NewDecoder(os.Stdin)
	for {
		v := c.into()
		err := d.Decode(v)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			panic(err)
		}
		kept = append(kept, v)
	}
	settle()
	w.look()
	runtime.KeepAlive(d)
	d = nil
	settle()
	live, _ := look()
	runtime.KeepAlive(kept)
	m := measured{Result: live - base, Most: w.heap - base, Stack: w.stack - min(w.stack, stack)}
	if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
		panic(err)
	}
}

// settle collects all garbage, what has finalizers included.
func settle() {
	for range 3 {
		runtime.GC()
	}
}

// look is the heap that the last collection has found alive, and the stacks.
func look() (heap, stack uint64) {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64(), s[1].Value.Uint64()
}

// watch keeps the largest figures of all collections.
type watch struct{ heap, stack uint64 }

func (w *watch) look() {
	heap, stack := look()
	w.heap, w.stack = max(w.heap, heap), max(w.stack, stack)
}

// again looks after the next collection, and after that.
func (w *watch) again() {
	type garbage struct{ _ *watch }
	runtime.SetFinalizer(&garbage{w}, func(*garbage) {
		w.look()
		w.again()
	})
}
