package memsizehttp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bitcoin-mem/memsize/watch"
)

// kept is the report to serve for a GET: the one that is kept, or that of a walk if there is none
// or it is too old. It reports false where there is nothing to serve, and has answered why.
func (c *call) kept() (watch.Kept, bool) {
	last := c.state.Last
	old := c.maxAge > 0 && time.Since(last.At) > c.maxAge
	if (last.Report == nil || old) && !unasked(c.r) {
		_, err := c.watch.ScanRoot(c.r.Context(), c.name)
		if err != nil && last.Report == nil {
			c.refused(err)
			return last, false
		}
		c.state, _ = c.watch.State(c.name)
		last = c.state.Last
	}
	if last.Report == nil {
		c.fail(http.StatusServiceUnavailable,
			"no report is kept yet, and this request may not make a walk: press Walk now")
		return last, false
	}
	c.rw.Header().Set("Last-Modified", last.At.UTC().Format(http.TimeFormat))
	c.rw.Header().Set("Age", strconv.Itoa(int(time.Since(last.At).Seconds())))
	return last, true
}

// posted does what a POST asks for, unless a page of another site sent it.
func (c *call) posted(f func()) {
	if err := c.origin.Check(c.r); err != nil {
		c.fail(http.StatusForbidden, "a page of another site may not ask for this: "+err.Error())
		return
	}
	f()
}

// walk walks now.
func (c *call) walk() {
	if _, err := c.watch.ScanRoot(c.r.Context(), c.name); err != nil {
		c.refused(err)
		return
	}
	if c.browser() {
		c.back("./")
		return
	}
	c.state, _ = c.watch.State(c.name)
	c.text(c.state.Last)
}

// keep keeps the last report as the baseline.
func (c *call) keep() {
	switch {
	case !c.watch.Keep(c.name):
		c.fail(http.StatusNotFound, "no report is kept yet that could be a baseline")
	case c.browser():
		c.back("../")
	default:
		c.rw.WriteHeader(http.StatusNoContent)
	}
}

// back leads a browser to another page, by a link relative to the one that was asked for.
func (c *call) back(to string) {
	c.rw.Header().Set("Location", to)
	c.rw.WriteHeader(http.StatusSeeOther)
}

// browser tells whether a browser asks, and not a tool.
func (c *call) browser() bool { return strings.Contains(c.r.Header.Get("Accept"), "text/html") }

// refused answers for the error of a walk.
func (c *call) refused(err error) {
	var budget *watch.BudgetError
	switch {
	case errors.Is(err, watch.ErrBusy):
		c.retry(time.Second)
		c.fail(http.StatusTooManyRequests, "another walk is under way: try again in a moment")
	case errors.As(err, &budget):
		c.retry(time.Until(budget.Until))
		c.fail(http.StatusServiceUnavailable, strings.TrimPrefix(err.Error(), "watch: ")+c.estimate(budget))
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		c.fail(http.StatusServiceUnavailable, "the walk was given up with its request")
	default:
		c.fail(http.StatusInternalServerError, err.Error())
	}
}

// estimate is about what a root holds that may not be walked, as a sentence; none of all roots.
func (c *call) estimate(e *watch.BudgetError) string {
	if c.name == watch.All {
		return ""
	}
	about, err := c.watch.Estimate(c.r.Context(), c.name, max(e.Budget/10, time.Millisecond))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(". It holds %v", about)
}

// retry tells when to try again.
func (c *call) retry(after time.Duration) {
	seconds := max(1, int(math.Ceil(after.Seconds())))
	c.rw.Header().Set("Retry-After", strconv.Itoa(seconds))
}

// fail answers with a status and why: a browser gets the index with a notice, so that it can go on.
func (c *call) fail(status int, why string) {
	if c.browser() && c.r.Method != http.MethodHead {
		c.render(status, why)
		return
	}
	http.Error(c.rw, "memsize: "+why, status)
}
