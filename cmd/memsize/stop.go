package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// stopped is why a context of the command ended: a signal of the system.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string {
	if s.signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// withSignals is a context that the first SIGINT or SIGTERM ends. A second one ends the process at
// once, as it does where nobody listens.
func withSignals(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-heard:
			cancel(stopped{s})
		case <-ctx.Done():
		}
		signal.Stop(heard)
	}()
	return ctx, func() { cancel(nil) }
}

// Once the command is told to stop, the account of what was read so far may take the first time, and
// the message that says why the second. What takes longer is given up, because it may be waiting
// for someone who never comes: a program that reads a full pipe, or one that writes a FIFO.
const (
	graceOfAccount = 230 * time.Millisecond
	graceOfMessage = 40 * time.Millisecond
)

// patiently runs f to its end, or for the grace after the context's. It tells whether f has ended.
func patiently(ctx context.Context, grace time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
	}
	select {
	case <-done:
		return true
	case <-time.After(grace):
		return false
	}
}

// stopFlags say when to stop.
type stopFlags struct {
	Timeout time.Duration `placeholder:"TIME" help:"Stop after so long a time, such as 30s, whatever is under way then; the account of what was read is shown."`
}

// Validate finds a time that cannot be.
func (f *stopFlags) Validate() error {
	if f.Timeout < 0 {
		return errors.New("--timeout cannot be negative: leave it out for no limit")
	}
	return nil
}

// timeout is the time limit that a command line has; 0 for none.
func (f *stopFlags) timeout() time.Duration { return f.Timeout }

// withTimeout is the context of a command line, with the time limit that it has.
func withTimeout(ctx context.Context, parsed *kong.Context) (context.Context, context.CancelFunc) {
	if selected := parsed.Selected(); selected != nil && selected.Target.CanAddr() {
		limited, ok := selected.Target.Addr().Interface().(interface{ timeout() time.Duration })
		if ok && limited.timeout() > 0 {
			return context.WithTimeoutCause(ctx, limited.timeout(), timedOut{limited.timeout()})
		}
	}
	return ctx, func() {}
}

// timedOut is why a context of the command ended: its time limit.
type timedOut struct{ limit time.Duration }

func (t timedOut) Error() string { return "the time limit of " + t.limit.String() + " is reached" }

func (t timedOut) Unwrap() error { return context.DeadlineExceeded }

// exitCode is what an error means in a context that may have ended.
func exitCode(ctx context.Context, err error) int {
	if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return exitOf(err)
	}
	var s stopped
	switch {
	case errors.As(context.Cause(ctx), &s) && s.signal == syscall.SIGTERM:
		return exitTerminated
	case errors.Is(err, context.DeadlineExceeded):
		return exitLimit
	}
	return exitInterrupted
}

// inContext is the error of a scan with the time limit that stopped it, if one did.
func inContext(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.As(cause, new(timedOut)) && errors.Is(err, ctx.Err()) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}
