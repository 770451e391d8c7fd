package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
)

// ErrBusy is returned when another walk of the same Watch is under way. Last has the report before
// it.
var ErrBusy = errors.New("watch: another walk is under way")

// ErrNoRoot is returned for a name that no root has, and by Scan where there are no roots.
var ErrNoRoot = errors.New("watch: no such root")

// BudgetError says that a walk was refused, or was stopped, for its budget.
type BudgetError struct {
	Name     string        // the root, or All
	Expected Cost          // predicted from the last walk; of a walk that was stopped, at least that
	Budget   time.Duration // the smallest of the roots, or what was left to the context
	Stopped  bool          // the walk ran out of its budget; false where it was not begun
	Until    time.Time     // when a walk may try anew
}

func (e *BudgetError) Error() string {
	if e.Stopped {
		return fmt.Sprintf("watch: the walk of %q was stopped when its budget of %v was used up; a next "+
			"one is refused until %s", e.Name, e.Budget, e.Until.Format(time.TimeOnly))
	}
	return fmt.Sprintf("watch: a walk of %q is expected to lock it for %v, its budget is %v: refused "+
		"until %s", e.Name, e.Expected.Time.Round(time.Microsecond), e.Budget.Round(time.Microsecond),
		e.Until.Format(time.TimeOnly))
}

// believed is for how many budgets a prediction is believed: walks that come to nothing lock a
// value for at most a thousandth of the time.
const believed = 1000

// Scan walks all roots in one account, with all their guards held, and keeps the report. What two
// roots share is counted once. Without a report it returns ErrBusy, ErrNoRoot, a *BudgetError, the
// error of ctx, or that of memsize.ScanRootsContext; a walk that was stopped also returns what it
// saw, which is marked Truncated and not kept.
func (w *Watch) Scan(ctx context.Context) (*report.Report, error) { return w.ScanRoot(ctx, All) }

// ScanRoot is Scan of one root by name, with its own guards held alone.
func (w *Watch) ScanRoot(ctx context.Context, name string) (*report.Report, error) {
	if !w.walking.TryLock() {
		return nil, ErrBusy
	}
	defer w.walking.Unlock()
	t, err := w.task(ctx, name)
	if err != nil {
		return nil, err
	}
	r, cost, err := w.walk(ctx, t)
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.clock()
	if isStop(err) {
		at := t.record.stopped.Cost
		t.record.stopped = Kept{At: now, Cost: Cost{max(at.Bytes, cost.Bytes), max(at.Time, cost.Time)}}
	}
	if errors.Is(err, errBudget) {
		return r, &BudgetError{name, cost, t.budget, true, now.Add(believed * t.budget)}
	}
	if err != nil {
		return r, err
	}
	t.record.take(Kept{r, now, cost})
	if name == All {
		w.share(r, now)
	}
	return r, nil
}

// Estimate says about what a root holds, from a part of it: its guards are held for about as long as
// the budget says, and its own budget, if that is less. The estimate is kept until the next report. The
// errors are those of ScanRoot, but for walks that would take too long; there is none of All.
func (w *Watch) Estimate(ctx context.Context, name string, budget time.Duration) (memsize.Estimation,
	error) {
	if !w.walking.TryLock() {
		return memsize.Estimation{}, ErrBusy
	}
	defer w.walking.Unlock()
	w.mu.Lock()
	r := w.root(name)
	w.mu.Unlock()
	if r == nil {
		return memsize.Estimation{}, fmt.Errorf("%w: %q", ErrNoRoot, name)
	}
	if r.budget > 0 {
		budget = min(budget, r.budget)
	}
	if budget < time.Millisecond { // an estimate takes no less
		return memsize.Estimation{}, &BudgetError{name, Cost{0, time.Millisecond}, budget, false, w.clock()}
	}
	var e memsize.Estimation
	calls := 0
	within(each(r.guards), func() {
		if calls++; calls == 1 && ctx.Err() == nil {
			e = memsize.Estimate(r.value, budget, w.options...)
		}
	})
	if calls != 1 {
		return memsize.Estimation{}, errCalls(calls)
	}
	if err := ctx.Err(); err != nil {
		return memsize.Estimation{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	r.estimated = Estimated{e, w.clock()}
	return e, nil
}

// errCalls tells of a function that did not call walk once.
func errCalls(calls int) error {
	return fmt.Errorf("watch: a function given to Within called walk %d times, not once", calls)
}

// share gives each root its figure of a walk of all. The caller holds w.mu.
func (w *Watch) share(r *report.Report, now time.Time) {
	for _, f := range r.Roots {
		if root := w.root(f.Name); root != nil {
			root.point(Point{now, f.Total})
		}
	}
}

// task is a walk to be made.
type task struct {
	values map[string]any
	guards []*guard
	budget time.Duration // 0 for none
	record *record
}

// isStop tells whether a walk was stopped before its end, by its budget or by whoever asked for it.
func isStop(err error) bool {
	return errors.Is(err, errBudget) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded)
}

// task is the walk of a root or of all, or the error for which there is none. A walk that is
// expected to take longer than its context has is refused as one that is over its budget.
func (w *Watch) task(ctx context.Context, name string) (*task, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	roots := w.roots
	t := &task{values: map[string]any{}, record: &w.all}
	if name != All {
		r := w.root(name)
		if r == nil {
			return nil, fmt.Errorf("%w: %q", ErrNoRoot, name)
		}
		roots, t.record = []*root{r}, &r.record
	}
	if len(roots) == 0 {
		return nil, ErrNoRoot
	}
	for _, r := range roots {
		t.values[r.name] = r.value
	}
	t.guards, t.budget = distinct(roots), smallest(roots)
	left := t.budget
	if end, ok := ctx.Deadline(); ok && (left == 0 || time.Until(end) < left) {
		left = max(1, time.Until(end))
	}
	if e := w.refusal(name, left); e != nil {
		return nil, e
	}
	return t, nil
}

// smallest is the smallest budget of any root, 0 for none.
func smallest(roots []*root) (least time.Duration) {
	for _, r := range roots {
		if r.budget > 0 && (least == 0 || r.budget < least) {
			least = r.budget
		}
	}
	return least
}

// refusal is the error of a walk that its budget does not allow; nil where it does. The caller
// holds w.mu.
func (w *Watch) refusal(name string, budget time.Duration) *BudgetError {
	e := w.expect(name)
	until := e.since.Add(believed * budget)
	if budget == 0 || !e.known || e.Time < budget || !w.clock().Before(until) {
		return nil
	}
	return &BudgetError{name, e.Cost, budget, false, until}
}

// expect is what a walk is expected to take. The caller holds w.mu.
func (w *Watch) expect(name string) expectation {
	if name != All {
		return w.root(name).expected(w.all.last)
	}
	if e := w.all.expected(Kept{}); e.known {
		return e
	}
	sum := expectation{known: len(w.roots) > 0}
	for _, r := range w.roots {
		e := r.expected(Kept{})
		if !e.known {
			return expectation{}
		}
		sum.Bytes, sum.Time, sum.atLeast = sum.Bytes+e.Bytes, sum.Time+e.Time, sum.atLeast || e.atLeast
		if e.since.After(sum.since) {
			sum.since = e.since
		}
	}
	return sum
}

// over is why a context is over, by the clock as well: its timer may fire late on a busy machine.
func over(ctx context.Context) error {
	if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// errBudget is why the context of a walk ended when its budget was used up.
var errBudget = errors.New("watch: the budget is used up")

// walk makes a walk, and tells what it took. The budget begins when the first guard is taken.
func (w *Watch) walk(ctx context.Context, t *task) (r *report.Report, cost Cost, err error) {
	if err := ctx.Err(); err != nil {
		return nil, cost, err
	}
	first := min(1, len(t.guards))
	calls := 0
	var begin time.Time
	within(t.guards[:first], func() {
		begin = time.Now()
		bounded, cancel := ctx, func() {}
		if t.budget > 0 {
			bounded, cancel = context.WithTimeoutCause(ctx, t.budget, errBudget)
		}
		defer cancel()
		within(t.guards[first:], func() {
			if calls++; calls > 1 {
				return
			}
			if err = over(bounded); err == nil { // else waiting for a guard took all the time
				r, err = memsize.ScanRootsContext(bounded, t.values, w.options...)
			}
			spent := t.budget > 0 && time.Since(begin) >= t.budget && ctx.Err() == nil
			if isStop(err) && (spent || context.Cause(bounded) == errBudget) {
				err = errBudget
			}
		})
	})
	if calls != 1 {
		return nil, cost, errCalls(calls)
	}
	cost.Time = time.Since(begin)
	if r != nil {
		cost.Bytes = r.Total
	}
	return r, cost, err
}
