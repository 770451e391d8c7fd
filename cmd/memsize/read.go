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
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/internal/spelling"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// inputFlags say how to read files.
type inputFlags struct {
	MaxInput byteCount `placeholder:"BYTES" help:"Stop after so many bytes, such as 100MB, counted after decompression."`
	MaxSites siteCount `placeholder:"N" default:"4000" help:"Stop after so many different places in the types (${default})."`
	stopFlags
}

// byteCount is a number of bytes, on the command line with a unit or without.
type byteCount int64

// UnmarshalText is encoding.TextUnmarshaler's.
func (b *byteCount) UnmarshalText(text []byte) error {
	n, ok := show.ParseBytes(string(text))
	if !ok || n > math.MaxInt64 {
		return fmt.Errorf("%q is not a number of bytes, such as 1000000, 100MB or 2GiB", text)
	}
	if n == 0 {
		return errors.New("a limit of 0 bytes would read nothing: leave it out for no limit")
	}
	*b = byteCount(n)
	return nil
}

// siteCount is a number of places.
type siteCount int

// UnmarshalText is encoding.TextUnmarshaler's.
func (c *siteCount) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 31)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is not a number of places, 1 or more", text)
	}
	*c = siteCount(n)
	return nil
}

// read makes the census of a file, or of standard input for "-". The error names the file and has
// its exit code; the census then covers what could be read, perhaps nothing.
func (f *inputFlags) read(ctx context.Context, std *streams, name string, biggest int) (
	*snapshot.Census, error) {
	p := newProgress(std.err)
	defer p.done()
	return f.scan(ctx, std, name, biggest, p)
}

// scan is read with a line of progress that other files may share.
func (f *inputFlags) scan(ctx context.Context, std *streams, name string, biggest int, p *progress) (
	*snapshot.Census, error) {
	in, size, err := std.open(ctx, name)
	if err != nil {
		return &snapshot.Census{}, failure{exitOf(err), err}
	}
	defer in.Close()
	options := []snapshot.Option{snapshot.Biggest(biggest), snapshot.Progress(p.file(name, size)),
		snapshot.MaxSites(int(f.MaxSites))}
	if f.MaxInput > 0 {
		options = append(options, snapshot.MaxInput(int64(f.MaxInput)))
	}
	census, err := snapshot.Scan(ctx, heedful{ctx, in}, options...)
	if err != nil {
		err = failure{exitCode(ctx, err), fmt.Errorf("%s: %w", name, inContext(ctx, err))}
	}
	return census, err
}

// heedful is a reader that ends with its context: what reads from it, such as a decompressor, may
// read much before it gives anything.
type heedful struct {
	ctx context.Context
	in  io.Reader
}

// Read is io.Reader's.
func (h heedful) Read(b []byte) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	return h.in.Read(b)
}

// open opens a file, or standard input for "-". The size is 0 where it is not known. What is no
// regular file is waited for as long as the context lets it.
func (s *streams) open(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return s.openInput(ctx)
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
	case s.writesTo(info):
		return nil, 0, failure{exitUsage, fmt.Errorf("%s is also standard output, which would "+
			"overwrite it: send the output elsewhere", name)}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, explainOpen(err)
	}
	return f, info.Size(), nil
}

// openInput is open for standard input.
func (s *streams) openInput(ctx context.Context) (io.ReadCloser, int64, error) {
	if f, ok := s.in.(*os.File); ok {
		info, err := f.Stat()
		switch {
		case err != nil || !info.Mode().IsRegular():
		case s.writesTo(info):
			return nil, 0, failure{exitUsage, errors.New("standard input is also standard output, " +
				"which would overwrite it: send the output elsewhere")}
		default:
			return io.NopCloser(f), info.Size(), nil
		}
	}
	wait := newPatientReader(ctx, func() (io.Reader, error) { return s.in, nil })
	return io.NopCloser(wait), 0, nil
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

// saveCensus writes a census to a file, or to standard output. One of a part of a file does not
// replace another census, which may be whole.
func saveCensus(std *streams, name string, c *snapshot.Census) error {
	if std.isStandardOutput(name) {
		return c.Save(std.out)
	}
	if info, err := os.Stat(name); c.Incomplete && err == nil && info.Mode().IsRegular() && info.Size() > 0 {
		return failure{exitInput, fmt.Errorf("%s is kept as it was: the census of a part does not "+
			"replace it; name a new file for it", name)}
	}
	if err := std.save(name, c.Save); err != nil {
		return failure{exitInput, err}
	}
	return nil
}
