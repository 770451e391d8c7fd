package memsizebeam

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/bitcoin-mem/memsize/snapshot"
)

func init() {
	register.Combiner3[Shards, Shard, Result](&unite{})
	register.DoFn3x0[context.Context, fileio.FileMetadata, func(Shard)](&scanFiles{})
	register.Emitter1[Shard]()
	register.Function1x2(keyed)
	register.Iter1[fileio.FileMetadata]()
	register.Function2x1(once)
}

// The limits of a scan: those of the command memsize.
const (
	biggest  = 20
	maxSites = 4000
)

// Scan is the account of files, a PCollection of fileio.FileMetadata as fileio.MatchFiles makes it:
// a PCollection of one [Result]. A file that is named twice counts once.
func Scan(s beam.Scope, files beam.PCollection) beam.PCollection {
	s = s.Scope("memsizebeam.Scan")
	// Files are grouped by name, which also spreads them over the workers.
	distinct := beam.ParDo(s, once, beam.GroupByKey(s, beam.ParDo(s, keyed, files)))
	return beam.Combine(s, &unite{}, beam.ParDo(s, &scanFiles{}, distinct))
}

// keyed is a file by its name.
func keyed(f fileio.FileMetadata) (string, fileio.FileMetadata) { return f.Path, f }

// once is one of the files of a name.
func once(name string, files func(*fileio.FileMetadata) bool) fileio.FileMetadata {
	var f fileio.FileMetadata
	files(&f)
	return f
}

// scanFiles makes a Shard of each file. It scans as many files of a bundle at a time as this worker
// has processors, because a runner may give all files of a job to one bundle, and reading waits.
type scanFiles struct {
	begun []chan Shard // the scans under way, the oldest first
}

// StartBundle forgets scans of a bundle that has failed.
func (f *scanFiles) StartBundle(_ context.Context, _ func(Shard)) { f.begun = nil }

// ProcessElement begins the scan of one file. It returns no error: a file that cannot be read is a
// Shard that says so, for an error would fail the bundle, and with it, in the end, the job.
func (f *scanFiles) ProcessElement(ctx context.Context, file fileio.FileMetadata, emit func(Shard)) {
	if len(f.begun) >= runtime.GOMAXPROCS(0) {
		f.emitOldest(emit)
	}
	done := make(chan Shard, 1)
	go func() { done <- scanShard(ctx, file.Path, pause) }()
	f.begun = append(f.begun, done)
}

// FinishBundle waits for the last scans. A runner puts what it emits into the global window, where
// files that were matched are anyway.
func (f *scanFiles) FinishBundle(_ context.Context, emit func(Shard)) {
	for len(f.begun) > 0 {
		f.emitOldest(emit)
	}
}

func (f *scanFiles) emitOldest(emit func(Shard)) {
	shard := <-f.begun[0]
	f.begun = f.begun[1:]
	emit(shard)
}

const (
	attempts = 3
	pause    = 200 * time.Millisecond // before the second attempt, twice as long before the next
)

// scanShard scans a file by its name. Reading is tried again, for storage fails now and then.
func scanShard(ctx context.Context, name string, pause time.Duration) Shard {
	for attempt := 1; ; attempt++ {
		census, err := scanOnce(ctx, name)
		if !isTransient(err) || attempt == attempts || ctx.Err() != nil {
			return newShard(name, census, err)
		}
		select {
		case <-time.After(pause << (attempt - 1)):
		case <-ctx.Done():
		}
	}
}

// readError is an error of the file system, where another attempt may do better.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

func isTransient(err error) bool {
	var read readError
	return errors.As(err, &read)
}

// scanOnce scans a file. The census, if any, covers what could be read.
func scanOnce(ctx context.Context, name string) (*snapshot.Census, error) {
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	file, err := fs.OpenRead(ctx, name)
	if err != nil {
		return nil, readError{err}
	}
	defer file.Close()
	source := &watchedReader{source: file}
	census, err := snapshot.Scan(ctx, source, snapshot.Biggest(biggest), snapshot.MaxSites(maxSites))
	if err != nil && source.failed {
		err = readError{err}
	}
	return census, err
}

// watchedReader tells whether it was the file system that failed.
type watchedReader struct {
	source io.Reader
	failed bool
}

func (r *watchedReader) Read(b []byte) (n int, err error) {
	n, err = r.source.Read(b)
	r.failed = r.failed || err != nil && err != io.EOF
	return n, err
}

// newShard is a shard of what was scanned, and why that is not all.
func newShard(name string, census *snapshot.Census, err error) Shard {
	shard := Shard{Name: name}
	if err != nil {
		shard.Reason = err.Error()
	}
	if census == nil || len(census.Roots) == 0 && err != nil {
		return shard
	}
	var saved bytes.Buffer
	if err := census.Save(&saved); err != nil {
		shard.Reason = fmt.Sprintf("its census cannot be saved: %v", err)
		return shard
	}
	shard.Census = pack(saved.Bytes())
	return shard
}
