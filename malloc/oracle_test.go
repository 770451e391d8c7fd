package malloc_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/malloc"
)

// figures is the folder of what reference/sizes.c and reference/containers.cpp were told by the real
// libraries; its README says how the files are read.
const figures = "../testdata/malloc"

// everyRequest is the last request of those that were made one and all.
const everyRequest = 1 << 20

// answer is what a real allocator gave to the requests first to last.
type answer struct{ first, last, usable, chunk uint64 }

// readAnswers reads the figures of one library and the line that names it.
func readAnswers(t *testing.T, name string) (answers []answer, release string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(figures, name+".csv"))
	require.NoError(t, err)
	library, table, found := strings.Cut(string(text), "\n")
	require.True(t, found && strings.HasPrefix(library, "# "), "the first line names the library")
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"first", "width", "times", "usable", "chunk"}, rows[0])
	for _, row := range rows[1:] {
		answers = append(answers, expand(t, row)...)
	}
	return answers, strings.TrimPrefix(library, "# ")
}

// expand undoes the joining of runs into lines: each next run of a line starts width requests
// later and got width bytes more.
func expand(t *testing.T, row []string) (answers []answer) {
	var number [5]uint64
	for i := range number {
		var err error
		number[i], err = strconv.ParseUint(row[i], 10, 64)
		require.NoError(t, err)
	}
	first, width, times, usable, chunk := number[0], number[1], number[2], number[3], number[4]
	for i := range times {
		a := answer{first: first + i*width, last: first + i*width + width - 1, usable: usable + i*width}
		if chunk != 0 {
			a.chunk = chunk + i*width
		}
		answers = append(answers, a)
	}
	return answers
}

// exception is a range of requests whose real figure is another, smaller one.
type exception struct {
	first, last uint64
	reason      string
}

func (e exception) covers(n uint64) bool { return e.reason != "" && e.first <= n && n <= e.last }

// TestRealLibraries holds each allocator against the library that it models: equal for every
// request from 0 to 1 MiB and for the samples to 1 GiB, but for the exceptions.
func TestRealLibraries(t *testing.T) {
	const top = "the heap of a new process still has room at its end, so that nothing is mapped"
	tests := []struct {
		figures   string
		release   string // what the figures must be of
		allocator string
		chunk     bool // what is taken is the chunk; else the usable size, for want of a header
		exception exception
	}{
		{figures: "glibc", release: "libc6 2.36", allocator: "glibc", chunk: true},
		{figures: "glibc32", release: "libc6-i386 2.36", allocator: "glibc32", chunk: true},
		{figures: "glibc_first_top", release: "libc6 2.36", allocator: "glibc", chunk: true,
			exception: exception{131049, 132936, top}},
		{figures: "glibc32_first_top", release: "libc6-i386 2.36", allocator: "glibc32", chunk: true,
			exception: exception{131053, 134220, top}},
		{figures: "jemalloc", release: "libjemalloc2 5.3.0", allocator: "jemalloc"},
		{figures: "tcmalloc", release: "libtcmalloc-minimal4 2.10", allocator: "tcmalloc"},
		{figures: "mimalloc", release: "libmimalloc2.0 2.0.9", allocator: "mimalloc"},
	}
	for _, tt := range tests {
		t.Run(tt.figures, func(t *testing.T) {
			answers, library := readAnswers(t, tt.figures)
			require.True(t, strings.HasPrefix(library, tt.release), "figures of %s", library)
			requireEveryRequest(t, answers)
			var equal, excepted uint64
			for _, a := range answers {
				taken := a.usable
				if tt.chunk {
					taken = a.chunk
				}
				e, x := compare(t, lookup(t, tt.allocator), a, taken, tt.exception)
				equal, excepted = equal+e, excepted+x
			}
			require.Greater(t, equal, uint64(everyRequest)-4096)
			t.Logf("%s: %d requests equal, %d excepted", library, equal, excepted)
			if excepted > 0 {
				t.Logf("requests %d to %d: %s", tt.exception.first, tt.exception.last, tt.exception.reason)
			}
		})
	}
}

// requireEveryRequest checks that no request from 0 to 1 MiB was left out.
func requireEveryRequest(t *testing.T, answers []answer) {
	t.Helper()
	next := uint64(0)
	for _, a := range answers {
		if next > everyRequest {
			return // samples from here on
		}
		require.Equal(t, next, a.first)
		next = a.last + 1
	}
	require.Equal(t, uint64(everyRequest)+1, next)
}

// compare holds all requests of one answer, each of which took the same, against an allocator. An
// exception must be one: there the model says more.
func compare(t *testing.T, allocator malloc.Allocator, a answer, taken uint64, e exception) (
	equal, excepted uint64,
) {
	t.Helper()
	for n := a.first; n <= a.last; n++ {
		usage := allocator.Usage(n)
		switch {
		case e.covers(n):
			require.Less(t, taken, usage, "request %d is no exception", n)
			excepted++
		case usage != taken:
			require.Equal(t, taken, usage, "request %d", n)
		default:
			equal++
		}
	}
	return equal, excepted
}
