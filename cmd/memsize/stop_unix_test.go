//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// slack is what a busy machine may add to the 0.3 s in which the command ends. It is far less than
// what any of the commands below would take if it were not told to stop: for ever, or seconds.
const slack = 700 * time.Millisecond

// fifo makes a FIFO.
func fifo(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(name, 0o600))
	return name
}

// fullPipe is the writing end of a pipe that nobody reads and that has no room left.
func fullPipe(t *testing.T) *os.File {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = w.Close()
		_ = r.Close()
	})
	require.NoError(t, w.SetWriteDeadline(time.Now().Add(200*time.Millisecond)))
	_, err = w.Write(make([]byte, 1<<20))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	return w
}

// emptyFrames is a file of many zstd frames that hold nothing, before one that holds a gob.
func emptyFrames(t *testing.T, frames int) string {
	var b bytes.Buffer
	b.Write(bytes.Repeat([]byte("\x50\x2a\x4d\x18\x00\x00\x00\x00"), frames))
	w, err := zstd.NewWriter(&b)
	require.NoError(t, err)
	_, err = w.Write(encoded(t, []string{"x"}))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return writeFile(t, "frames.zst", b.Bytes())
}

// stoppable are command lines that do not end by themselves, or not soon.
func stoppable(t *testing.T, flags ...string) map[string]func() *process {
	utxo := snapshotFile("utxo.gob")
	open := func() *os.File { // a pipe that nobody writes
		r, w, err := os.Pipe()
		require.NoError(t, err)
		t.Cleanup(func() {
			_ = w.Close()
			_ = r.Close()
		})
		return r
	}
	run := func(args ...string) func() *process {
		return func() *process { return start(t, nil, nil, append(args, flags...)...) }
	}
	full := func(args ...string) func() *process {
		return func() *process { return start(t, nil, fullPipe(t), append(args, flags...)...) }
	}
	return map[string]func() *process{
		"the input is a FIFO": run(fifo(t)),
		"the input is silent": func() *process {
			return start(t, open(), nil, append([]string{"-"}, flags...)...)
		},
		"the layout is a FIFO":           run(utxo, "--layout", fifo(t)),
		"the program is a FIFO":          run(utxo, "--binary", fifo(t)),
		"the output is full":             full(utxo),
		"JSON where the output is full":  full(utxo, "--output", "json"),
		"the census goes to a FIFO":      run(utxo, "--census", fifo(t)),
		"merge into a FIFO":              run("merge", utxo, "-o", fifo(t)),
		"merge where the output is full": full("merge", utxo, "-o", "-"),
		"diff with a FIFO":               run("diff", utxo, fifo(t)),
		"the types of a FIFO":            run("schema", fifo(t)),
		"a layout of a FIFO":             run("layout", "--binary", fifo(t)),
		"frames that hold nothing":       run(emptyFrames(t, 5_000_000)),
	}
}

// TestStopsAtOnce: whatever the command waits for, a signal ends it, with the code that shells give.
func TestStopsAtOnce(t *testing.T) {
	for why, begin := range stoppable(t) {
		t.Run(why, func(t *testing.T) {
			sig, want := syscall.SIGINT, exitInterrupted
			if len(why)%2 == 0 {
				sig, want = syscall.SIGTERM, exitTerminated
			}
			var p *process
			code, took := -1, time.Duration(0)
			for begun := 400 * time.Millisecond; code == -1 && begun < 10*time.Second; begun *= 4 {
				p = begin()
				time.Sleep(begun) // it waits by now, or works; on a busy machine it may not have begun to
				require.NoError(t, p.Process.Signal(sig))
				code, took = p.wait(t)
			}
			require.Equal(t, want, code, p.errs.String())
			require.Less(t, took, 300*time.Millisecond+slack)
		})
	}
}

// TestTimeLimitHoldsEverywhere is the same for --timeout.
func TestTimeLimitHoldsEverywhere(t *testing.T) {
	for why, begin := range stoppable(t, "--timeout", "400ms") {
		t.Run(why, func(t *testing.T) {
			p := begin()
			code, took := p.wait(t)
			require.Equal(t, exitLimit, code, p.errs.String())
			require.Less(t, took, 700*time.Millisecond+slack)
		})
	}
}
