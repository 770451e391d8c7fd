package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/bitcoin-mem/memsize/snapshot"
)

// jobsFlag says how many files are scanned at once.
type jobsFlag struct {
	Jobs int `placeholder:"N" help:"Scan N files at once, into one account, in the memory of N scans."`
}

// Validate finds a number that cannot be.
func (f *jobsFlag) Validate() error {
	if f.Jobs < 0 {
		return errors.New("--jobs counts files: it cannot be negative")
	}
	return nil
}

// expanded are the names of files, with the patterns among them replaced by the files that match,
// sorted: for shells that leave that to programs, and for more files than a command line can have.
// A name that is a file is no pattern, whatever signs it has.
func expanded(names []string) ([]string, error) {
	var list []string
	for _, name := range names {
		if _, err := os.Lstat(name); err == nil || !strings.ContainsAny(name, "*?[") {
			list = append(list, name)
			continue
		}
		matches, err := filepath.Glob(name)
		switch {
		case err != nil:
			return nil, failure{exitUsage, fmt.Errorf("%s: %w", name, err)}
		case len(matches) == 0:
			return nil, failure{exitInput, fmt.Errorf("%s: no file matches", name)}
		}
		list = append(list, matches...)
	}
	return list, nil
}

// scanned is what a scan gave.
type scanned struct {
	census *snapshot.Census
	err    error
}

// mergeFiles is the census of all files, of which so many are scanned at once; they are merged in
// their order. An error that leaves a part of a file in the census is the first of all; a file of
// which nothing could be read is an error without a census, for the account would silently lack it.
func (f *inputFlags) mergeFiles(ctx context.Context, std *streams, names []string, jobs, biggest int) (
	merged *snapshot.Census, failed, err error) {
	jobs = max(jobs, 1)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal * int64(jobs))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := newProgress(std.err)
	defer p.done()
	var fatal error
	merged, err = snapshot.MergeSeq(func(yield func(*snapshot.Census) bool) {
		for s := range f.scanAll(ctx, std, names, jobs, biggest, p) {
			switch {
			case s.err != nil && len(s.census.Roots) == 0:
				fatal = s.err
				return
			case s.err != nil && failed == nil:
				failed = s.err
			case s.err != nil:
				printError(std, s.err)
			}
			if !yield(s.census) {
				return
			}
		}
	})
	if fatal != nil {
		return nil, nil, fatal
	}
	return merged, failed, err
}

// scanAll gives what scans of files give, in the order of the files. So many files at most are being
// scanned or wait for their turn.
func (f *inputFlags) scanAll(ctx context.Context, std *streams, names []string, jobs, biggest int,
	p *progress) iter.Seq[scanned] {
	return func(yield func(scanned) bool) {
		var waiting []chan scanned
		for next := 0; next < len(names) || len(waiting) > 0; {
			for ; next < len(names) && len(waiting) < jobs; next++ {
				result := make(chan scanned, 1)
				waiting = append(waiting, result)
				go func(name string) {
					census, err := f.scan(ctx, std, name, biggest, p)
					result <- scanned{census, err}
				}(names[next])
			}
			if !yield(<-waiting[0]) {
				return
			}
			waiting = waiting[1:]
		}
	}
}
