package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asCommand makes the test's own program run as the command, in a process of its own.
const asCommand = "MEMSIZE_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// commandFile is the file of a program that is the command where asCommand is set.
func commandFile(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return self
}

// process is a run of the command in a process of its own.
type process struct {
	*exec.Cmd
	out, errs bytes.Buffer
	ended     chan struct{} // closed once it has ended
}

// start starts the command. Where out is nil its output is kept.
func start(t *testing.T, in io.Reader, out io.Writer, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(commandFile(t), args...), ended: make(chan struct{})}
	p.Env = append(os.Environ(), asCommand+"=1")
	p.Stdin, p.Stdout, p.Stderr = in, &p.out, &p.errs
	if out != nil {
		p.Stdout = out
	}
	require.NoError(t, p.Start())
	go func() {
		_ = p.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
	})
	return p
}

// wait waits for the end, and tells how long that took.
func (p *process) wait(t *testing.T) (code int, took time.Duration) {
	t.Helper()
	began := time.Now()
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		require.Fail(t, "the command does not end")
	}
	return p.ProcessState.ExitCode(), time.Since(began)
}
