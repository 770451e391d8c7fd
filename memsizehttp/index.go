package memsizehttp

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/watch"
)

//go:embed index.html
var indexHTML string

//go:embed index.css
var indexCSS string

// indexPage is the index; it is never changed.
var indexPage = template.Must(template.New("index").Parse(indexHTML))

// indexPolicy lets the index load nothing but its own style, and send forms only to where it came
// from.
var indexPolicy = policy()

func policy() string {
	sum := sha256.Sum256([]byte(indexCSS))
	return "default-src 'none'; img-src data:; style-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// index is what the index shows.
type index struct {
	Program, Model, Time, Notice string
	Style                        template.CSS
	Facts                        []fact
	Roots                        []row
	All                          row
}

// fact is a figure of all roots.
type fact struct{ Name, Value, Note string }

// row is what the index shows of a root, or of all.
type row struct {
	Name, Link, Type, Size string
	Estimated              string // the interval of an estimate, where Size is one
	Share                  *share
	Trend                  *trend
	Age, At, Cost          string // of the last walk
	Next, Budget, Refused  string
	Kept, Diff             bool // there is a report, and one to compare it with
}

// share is a part of all as text and as the width of a bar, of 100.
type share struct{ Text, Width string }

// index serves the index.
func (c *call) index() { c.render(http.StatusOK, "") }

// render serves the index with a status and a notice.
func (c *call) render(status int, notice string) {
	var body bytes.Buffer
	if err := indexPage.Execute(&body, c.indexOf(notice)); err != nil {
		http.Error(c.rw, "memsize: "+err.Error(), http.StatusInternalServerError)
		return
	}
	c.rw.Header().Set("Content-Security-Policy", indexPolicy)
	c.rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	c.rw.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	c.rw.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		_, _ = c.rw.Write(body.Bytes()) // an error is the reader's, who is gone
	}
}

// indexOf is what is known of all roots, without a walk.
func (c *call) indexOf(notice string) index {
	all, _ := c.watch.State(watch.All)
	roots := c.watch.Roots()
	whole := all.Newest.Total
	if all.Newest.At.IsZero() {
		for _, s := range roots {
			whole += s.Newest.Total
		}
	}
	page := index{Program: filepath.Base(os.Args[0]), Time: time.Now().Format(time.DateTime),
		Notice: notice, Style: template.CSS(indexCSS), Facts: facts(all, roots), All: c.row(all, whole)}
	for _, s := range append(roots, all) {
		if r := s.Last.Report; r != nil {
			page.Model = r.Model
		}
		if s.Name != watch.All {
			page.Roots = append(page.Roots, c.row(s, whole))
		}
	}
	return page
}

// facts are the figures of all roots.
func facts(all watch.State, roots []watch.State) []fact {
	r := all.Last.Report
	if r == nil {
		note := "a walk of all tells what they hold together, and what they share"
		return []fact{{"roots", strconv.Itoa(len(roots)), note}}
	}
	list := []fact{
		{"all roots", show.Bytes(r.Total), "walked " + ago(all.Last.At)},
		{"shared by two or more", show.Bytes(r.Shared), "counted once in all"},
	}
	if v := r.Coverage; v != nil && v.Live > 0 {
		list = append(list, fact{"of the live heap", percent(v.Held, v.Live),
			fmt.Sprintf("%s were live at the last collection, %s were allocated since",
				show.Bytes(v.Live), show.Bytes(v.Since))})
	}
	return list
}

// row is what the index shows of a root, or of all roots, which hold whole bytes.
func (c *call) row(s watch.State, whole uint64) row {
	r := row{Name: show.Printable(s.Name), Link: "./" + url.PathEscape(s.Name), Type: typeOf(s),
		Size: "–", Trend: trendOf(s.Trend), Next: next(s), Budget: budget(s),
		Kept: s.Last.Report != nil, Diff: hasDiff(s)}
	if !s.Newest.At.IsZero() {
		r.Size = show.Bytes(s.Newest.Total)
		if s.Name != watch.All && whole > 0 {
			width := 100 * min(1, float64(s.Newest.Total)/float64(whole))
			r.Share = &share{percent(s.Newest.Total, whole), strconv.FormatFloat(width, 'f', 1, 64)}
		}
		r.Age, r.At, r.Cost = ago(s.Newest.At), s.Newest.At.Format(time.DateTime), "with all roots"
		if s.Newest.At.Equal(s.Last.At) {
			r.Cost = "took " + duration(s.Last.Cost.Time)
		}
	}
	if e := s.Estimated; !e.At.IsZero() {
		r.Size, r.Estimated = show.Bytes(e.Bytes), interval(e)
	}
	if e := s.Refused; e != nil {
		r.Refused = "over budget: refused until " + e.Until.Format(time.TimeOnly)
	}
	return r
}

// interval is how far off an estimate may be.
func interval(e watch.Estimated) string {
	if e.Exact {
		return "exact " + ago(e.At)
	}
	high := "unbounded above"
	if e.High != math.MaxUint64 {
		high = "to " + show.Bytes(e.High)
	}
	return fmt.Sprintf("estimated %s: %s %s", ago(e.At), show.Bytes(e.Low), high)
}

// typeOf is the type of a root, as its last report has it where there is one.
func typeOf(s watch.State) string {
	if r := s.Last.Report; r != nil && r.Tree != nil && s.Name != watch.All {
		return show.Printable(r.Tree.Type)
	}
	return show.Printable(s.Type)
}

// next tells what a walk is expected to take.
func next(s watch.State) string {
	locks, about := "takes ", "about "
	if s.Guarded {
		locks = "locks for "
	}
	if s.AtLeast {
		about = "at least "
	}
	switch {
	case s.Known:
		return locks + about + duration(s.Expected.Time)
	case s.Guarded:
		return "locks for a time not yet known"
	}
	return "takes a time not yet known"
}

// budget tells how long a walk may take.
func budget(s watch.State) string {
	switch {
	case s.Budget > 0:
		return "at most " + duration(s.Budget)
	case !s.Guarded:
		return "no lock was named"
	}
	return "no budget"
}

// percent is a part of a whole.
func percent(part, whole uint64) string {
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 1, 64) + " %"
}
