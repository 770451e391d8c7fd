package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/bitcoin-mem/memsize/internal/spelling"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// inputFlags say how to read files.
type inputFlags struct {
	MaxInput byteCount     `placeholder:"BYTES" help:"Stop after so many bytes, such as 100MB, counted after decompression."`
	MaxSites int           `placeholder:"N" default:"4000" help:"Stop after so many different places in the types (${default})."`
	Timeout  time.Duration `placeholder:"TIME" help:"Stop after so long a time, such as 30s; the account of what was read is shown."`
}

// byteCount is a number of bytes, on the command line with a unit or without.
type byteCount int64

// UnmarshalText is encoding.TextUnmarshaler's.
func (b *byteCount) UnmarshalText(text []byte) error {
	n, ok := report.ParseBytes(string(text))
	if !ok || n > math.MaxInt64 {
		return fmt.Errorf("%q is not a number of bytes, such as 1000000, 100MB or 2GiB", text)
	}
	*b = byteCount(n)
	return nil
}

// Validate finds limits that cannot be.
func (f *inputFlags) Validate() error {
	if f.MaxSites < 0 || f.Timeout < 0 {
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
		options = append(options, snapshot.MaxInput(int64(f.MaxInput)))
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
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, fmt.Errorf("%w%s", explainOpen(err), perhapsCommand(name))
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

// perhapsCommand is what to say of a file that does not exist and may have been meant as a command:
// a word that is no command is a file to the default one.
func perhapsCommand(name string) string {
	if name == "help" || name == "version" {
		return "; did you mean memsize --" + name + "?"
	}
	if meant := spelling.Nearest(name, commandNames()); meant != "" {
		return "; did you mean memsize " + meant + "?"
	}
	return ""
}

// commandNames are the names of the commands.
func commandNames() (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[commandLine]()) {
		if _, ok := f.Tag.Lookup("cmd"); ok {
			names = append(names, strings.ToLower(f.Name))
		}
	}
	return names
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
