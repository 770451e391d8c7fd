package watch

import (
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
)

// Cost is what a walk takes: so many bytes measured, and the guards held for so long.
type Cost struct {
	Bytes uint64        // of the first model
	Time  time.Duration // from the first guard taken to the last released
}

// scaled is what a walk of so many bytes takes at as much time a byte.
func (c Cost) scaled(bytes uint64) Cost {
	if c.Bytes == 0 || bytes == c.Bytes {
		return Cost{bytes, c.Time}
	}
	return Cost{bytes, time.Duration(float64(c.Time) * (float64(bytes) / float64(c.Bytes)))}
}

// Kept is a report that is kept, with the time at which its walk was done. The zero value is none.
type Kept struct {
	Report *report.Report
	At     time.Time
	Cost   Cost
}

// Point is a total, in bytes, and its time.
type Point struct {
	At    time.Time
	Total uint64
}

// Estimated is an estimate that is kept, with its time. The zero value is none.
type Estimated struct {
	memsize.Estimation
	At time.Time
}

// points is how many totals are kept of each root.
const points = 128

// record is what is known of a root, or of all.
type record struct {
	last, previous, baseline Kept
	ring                     []Point // at most points, the oldest first
	stopped                  Kept    // the last walk, if it was stopped before its end: no report
	estimated                Estimated
}

// take keeps a report.
func (r *record) take(k Kept) {
	r.previous, r.last, r.stopped, r.estimated = r.last, k, Kept{}, Estimated{}
	r.point(Point{k.At, k.Report.Total})
}

// point keeps a total.
func (r *record) point(p Point) {
	if len(r.ring) == points {
		copy(r.ring, r.ring[1:])
		r.ring = r.ring[:points-1]
	}
	r.ring = append(r.ring, p)
}

// newest is the newest total that is known; the zero Point for none.
func (r *record) newest() Point {
	if len(r.ring) == 0 {
		return Point{}
	}
	return r.ring[len(r.ring)-1]
}

// expectation is what the next walk will take, as far as that is known.
type expectation struct {
	Cost
	since   time.Time // when that was learned
	known   bool
	atLeast bool // a walk was stopped after that time
}

// expected is what the next walk will take. Other walks, of all roots, tell the time a byte where
// none of this record has.
func (r *record) expected(other Kept) (e expectation) {
	newest := r.newest()
	switch {
	case r.last.Report != nil:
		e = expectation{r.last.Cost.scaled(newest.Total), newest.At, true, false}
	case other.Report != nil && len(r.ring) > 0:
		e = expectation{other.Cost.scaled(newest.Total), newest.At, true, false}
	}
	if !r.stopped.At.IsZero() && r.stopped.Cost.Time >= e.Time {
		cost := Cost{max(r.stopped.Cost.Bytes, newest.Total), r.stopped.Cost.Time}
		e = expectation{cost, r.stopped.At, true, true}
	}
	return e
}
