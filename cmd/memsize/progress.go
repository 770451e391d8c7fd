package main

import (
	"io"
	"os"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/bitcoin-mem/memsize/report"
)

// progress is a line on a terminal about a long scan: bytes, rate, time left. Nothing is written
// elsewhere, nor on a terminal that cannot take a line away again (TERM=dumb).
type progress struct {
	w     io.Writer // nil where there is no terminal
	name  string
	size  int64 // 0 for unknown
	began time.Time
	bars  *mpb.Progress // nil until the line is shown
	bar   *mpb.Bar
}

// progressAfter is how long a scan must take before it is worth a line.
const progressAfter = time.Second

func newProgress(w io.Writer, name string, size int64) *progress {
	p := &progress{name: name, size: size, began: time.Now()}
	if isTerminal(w) && os.Getenv("TERM") != "dumb" {
		p.w = w
	}
	return p
}

func (p *progress) update(read int64) {
	if p.w == nil || p.bar == nil && time.Since(p.began) < progressAfter {
		return
	}
	if p.bar == nil {
		p.show()
	}
	p.bar.SetCurrent(read)
}

// show begins the line.
func (p *progress) show() {
	p.bars = mpb.New(mpb.WithOutput(p.w), mpb.WithWidth(30), mpb.WithAutoRefresh())
	count := decor.CurrentKibiByte("  % .1f")
	after := []decor.Decorator{decor.NewAverageSpeed(decor.SizeB1024(0), "  % .1f", p.began)}
	style := mpb.NopStyle() // a bar needs an end to reach
	if p.size > 0 {
		style = mpb.BarStyle().Rbound("]").Lbound("[")
		count = decor.CountersKibiByte("  % .1f of % .1f ")
		after = append(after, decor.Name("  "),
			decor.NewAverageETA(decor.ET_STYLE_GO, p.began, nil), decor.Name(" left"))
	}
	name := report.Printable(report.Abbreviate(p.name, 40))
	p.bar = p.bars.New(p.size, style, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(name), count), mpb.AppendDecorators(after...))
}

// done takes the line away.
func (p *progress) done() {
	if p.bar != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
}
