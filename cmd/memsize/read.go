package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/bitcoin-mem/memsize/snapshot"
)

// inputFlags say how to read files.
type inputFlags struct {
	MaxInput int64         `placeholder:"BYTES" help:"Stop after so many bytes, counted after decompression."`
	MaxSites int           `placeholder:"N" default:"4000" help:"Stop after so many different places in the types (${default})."`
	Timeout  time.Duration `placeholder:"TIME" help:"Stop after so long a time, such as 30s; the account of what was read is shown."`
}

// Validate finds limits that cannot be.
func (f *inputFlags) Validate() error {
	if f.MaxInput < 0 || f.MaxSites < 0 || f.Timeout < 0 {
		return errors.New("a limit cannot be negative: leave it out for none")
	}
	return nil
}

// read makes the census of a file, or of standard input for "-". The error names the file and has
// its exit code; the census then covers what could be read, perhaps nothing.
func (f *inputFlags) read(ctx context.Context, std *streams, name string, biggest int) (
	*snapshot.Census, error) {
	if f.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.Timeout)
		defer cancel()
	}
	in, size, err := open(ctx, name, std.in)
	if err != nil {
		return &snapshot.Census{}, failure{exitInput, err}
	}
	defer in.Close()
	progress := newProgress(std.err, name, size)
	options := []snapshot.Option{snapshot.Biggest(biggest), snapshot.Progress(progress.update),
		snapshot.MaxSites(f.MaxSites)}
	if f.MaxInput > 0 {
		options = append(options, snapshot.MaxInput(f.MaxInput))
	}
	census, err := snapshot.Scan(ctx, in, options...)
	progress.done()
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("the time limit of %v is reached: %w", f.Timeout, err)
	}
	if err != nil {
		err = failure{exitCode(err), fmt.Errorf("%s: %w", name, err)}
	}
	return census, err
}

// open opens a file, or standard input for "-". The size is 0 where it is not known. What is no
// regular file is waited for as long as the context lets it.
func open(ctx context.Context, name string, in io.Reader) (io.ReadCloser, int64, error) {
	if name == "-" {
		if f, ok := in.(*os.File); ok {
			if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
				return io.NopCloser(in), info.Size(), nil
			}
		}
		wait := newPatientReader(ctx, func() (io.Reader, error) { return in, nil })
		return io.NopCloser(wait), 0, nil
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, 0, explainOpen(err)
	case info.IsDir():
		return nil, 0, fmt.Errorf("%s is a directory: name the files in it", name)
	case !info.Mode().IsRegular():
		wait := newPatientReader(ctx, func() (io.Reader, error) { return os.Open(name) })
		return io.NopCloser(wait), 0, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, explainOpen(err)
	}
	return f, info.Size(), nil
}

func explainOpen(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return err
}

// exitCode is what the error of a scan means.
func exitCode(err error) int {
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, snapshot.ErrLimit), errors.Is(err, context.DeadlineExceeded):
		return exitLimit
	}
	return exitInput
}

// saveCensus writes a census to a file, or to standard output for "-".
func saveCensus(std *streams, name string, c *snapshot.Census) error {
	if name == "-" {
		return c.Save(std.out)
	}
	f, err := os.Create(name)
	if err != nil {
		return failure{exitInput, explainOpen(err)}
	}
	return errors.Join(c.Save(f), f.Close())
}
