package memsizehttp

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/report/pprof"
	"github.com/bitcoin-mem/memsize/watch"
)

// page serves the report of a root.
func (c *call) page() {
	k, ok := c.kept()
	switch {
	case !ok:
	case c.plain():
		c.text(k)
	default:
		c.html("./", c.story(k), k.Report.WriteHTML)
	}
}

// plain tells whether text is asked for.
func (c *call) plain() bool { return c.r.URL.Query().Get("debug") == "1" }

// html serves a page, with what is to be said of its walk and links to the other views. Up leads
// to the index.
func (c *call) html(up, note string, write func(io.Writer, report.HTMLOptions) error) {
	c.rw.Header().Add("Content-Security-Policy", "frame-ancestors 'none'")
	at := up + url.PathEscape(c.name)
	links := []report.HTMLLink{{Name: "text", URL: at + "?debug=1"}, {Name: "json", URL: at + "/json"},
		{Name: "pprof", URL: at + "/pprof"}}
	switch {
	case up == "../":
		links = append(links, report.HTMLLink{Name: "now", URL: at})
	case hasDiff(c.state):
		links = append(links, report.HTMLLink{Name: "diff", URL: at + "/diff"})
	}
	c.send("text/html; charset=utf-8", func(w io.Writer) error {
		return write(w, report.HTMLOptions{Title: c.name, Notes: []string{note}, Home: up, Links: links})
	})
}

// text serves a report as text, after a line on its walk.
func (c *call) text(k watch.Kept) {
	c.send("text/plain; charset=utf-8", func(w io.Writer) error {
		if _, err := fmt.Fprintf(w, "%s, %s\n\n", c.name, c.story(k)); err != nil {
			return err
		}
		return k.Report.WriteText(w)
	})
}

// story tells of a walk in one line.
func (c *call) story(k watch.Kept) string {
	s := "walked " + ago(k.At) + " in " + duration(k.Cost.Time)
	if c.state.Known {
		s += "; a walk now would lock it for about " + duration(c.state.Expected.Time)
	}
	return s
}

// json serves the report of a root as JSON.
func (c *call) json() {
	if k, ok := c.kept(); ok {
		c.send("application/json", func(w io.Writer) error {
			data, err := k.Report.JSON()
			if err != nil {
				return err
			}
			_, err = w.Write(append(data, '\n'))
			return err
		})
	}
}

// pprof serves the report of a root as a profile.
func (c *call) pprof() {
	if k, ok := c.kept(); ok {
		c.rw.Header().Set("Content-Disposition",
			mime.FormatMediaType("attachment", map[string]string{"filename": c.name + ".pb.gz"}))
		c.send("application/octet-stream", func(w io.Writer) error { return pprof.Write(w, k.Report) })
	}
}

// diff serves what changed since an older report.
func (c *call) diff() {
	k, ok := c.kept()
	if !ok {
		return
	}
	old, which := c.state.Baseline, "the baseline"
	against := c.r.URL.Query().Get("against")
	switch {
	case against == "previous", against == "" && old.Report == nil:
		old, which = c.state.Previous, "the report before"
	case against != "" && against != "baseline":
		c.fail(http.StatusBadRequest, "against is baseline or previous, not "+quoted(against))
		return
	}
	if old.Report == nil {
		c.fail(http.StatusNotFound, which+" does not exist: walk twice, or keep a baseline and walk again")
		return
	}
	d := report.Compare(old.Report, k.Report)
	note := "from " + which + " of " + ago(old.At) + " to the report of " + ago(k.At)
	if !c.plain() {
		c.html("../", note, d.WriteHTML)
		return
	}
	c.send("text/plain; charset=utf-8", func(w io.Writer) error {
		if _, err := fmt.Fprintf(w, "%s, %s\n\n", c.name, note); err != nil {
			return err
		}
		return d.WriteText(w, report.TextOptions{})
	})
}

// send serves what write writes, all of it or an error.
func (c *call) send(contentType string, write func(io.Writer) error) {
	var body bytes.Buffer
	if err := write(&body); err != nil {
		c.fail(http.StatusInternalServerError, err.Error())
		return
	}
	c.rw.Header().Set("Content-Type", contentType)
	c.rw.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	if c.r.Method != http.MethodHead {
		_, _ = c.rw.Write(body.Bytes()) // an error is the reader's, who is gone
	}
}

// ago is how long before now a time was.
func ago(t time.Time) string {
	if d := time.Since(t); d >= time.Second {
		return duration(d) + " ago"
	}
	return "just now"
}

// duration is a duration for a person: two digits or so.
func duration(d time.Duration) string {
	switch {
	case d >= 10*time.Minute:
		return d.Round(time.Minute).String()[:len(d.Round(time.Minute).String())-2]
	case d >= 10*time.Second:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// quoted is a name that a request gave, safe to show.
func quoted(name string) string { return strconv.Quote(show.Abbreviate(name, 60)) }

// hasDiff tells whether there is a report to compare the last one with.
func hasDiff(s watch.State) bool { return s.Baseline.Report != nil || s.Previous.Report != nil }
