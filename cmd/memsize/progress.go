package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/bitcoin-mem/memsize/internal/show"
)

// progress is a line on a terminal about a long scan: bytes, rate, time left. Nothing is written
// elsewhere, nor on a terminal that cannot take a line away again (TERM=dumb). It is safe for
// concurrent use: files that are scanned at once share a line.
type progress struct {
	w     io.Writer // nil where there is no terminal
	began time.Time

	mu    sync.Mutex
	name  string
	size  int64 // of all files so far; 0 for unknown
	read  int64
	shown time.Time // when the line was last written; zero for never
}

// progressAfter is how long a scan must take before it is worth a line, and progressEvery how
// often the line is written.
const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

func newProgress(w io.Writer) *progress {
	p := &progress{began: time.Now()}
	if isTerminal(w) && os.Getenv("TERM") != "dumb" {
		p.w = w
	}
	return p
}

// file adds a file of a size, 0 for unknown, and returns what to call with the bytes read of it.
func (p *progress) file(name string, size int64) (update func(read int64)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name = show.Printable(show.Abbreviate(name, 40))
	p.size += size
	var before int64
	return func(read int64) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.read, before = p.read+read-before, read
		p.show(time.Now())
	}
}

// show writes the line, where it is time to.
func (p *progress) show(now time.Time) {
	if p.w == nil || now.Sub(p.began) < progressAfter || now.Sub(p.shown) < progressEvery {
		return
	}
	p.shown = now
	const startOfLine, restOfLine = "\r", "\x1b[K"
	line := []rune(p.line(now.Sub(p.began)))
	if columns := terminalWidth(p.w); columns > 0 && len(line) >= columns {
		line = line[:columns-1]
	}
	fmt.Fprint(p.w, startOfLine+string(line)+restOfLine)
}

// line is the text after some time.
func (p *progress) line(elapsed time.Duration) string {
	parts := []string{p.name, show.Bytes(uint64(p.read))}
	rate := float64(p.read) / elapsed.Seconds()
	if p.size > 0 {
		parts[1] += " of " + show.Bytes(uint64(p.size))
	}
	parts = append(parts, show.Bytes(uint64(rate))+"/s")
	if p.size > p.read && rate > 0 {
		left := time.Duration(float64(p.size-p.read) / rate * float64(time.Second))
		parts = append(parts, left.Round(time.Second).String()+" left")
	}
	return strings.Join(parts, "  ")
}

// done takes the line away.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil && !p.shown.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
