package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/bitcoin-mem/memsize/report"
)

// progress is a line on a terminal about a long scan; nothing is written elsewhere.
type progress struct {
	w           io.Writer // nil where there is no terminal
	name        string
	size        int64 // 0 for unknown
	began, last time.Time
	shown       bool
}

// progressAfter is how long a scan must take before it is worth a line.
const progressAfter = time.Second

func newProgress(w io.Writer, name string, size int64) *progress {
	p := &progress{name: name, size: size, began: time.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.w = w
	}
	return p
}

func (p *progress) update(read int64) {
	now := time.Now()
	if p.w == nil || now.Sub(p.began) < progressAfter || now.Sub(p.last) < progressAfter/5 {
		return
	}
	p.last, p.shown = now, true
	elapsed := now.Sub(p.began).Seconds()
	line := fmt.Sprintf("%s  %s  %s/s", report.Printable(p.name), report.Bytes(uint64(read)),
		report.Bytes(uint64(float64(read)/elapsed)))
	if p.size > 0 && read > 0 {
		left := elapsed * float64(p.size-read) / float64(read)
		line += fmt.Sprintf("  %d%%  %.0f s left", 100*read/p.size, left)
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s", line)
}

// done takes the line away.
func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
