package watch

import (
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/bitcoin-mem/memsize/report"
)

// State is what is known of one root, or of all, without a walk.
type State struct {
	Name     string
	Type     string // of the value; empty for all roots and for a memsize.Var
	Last     Kept   // the last report
	Previous Kept   // the one before it
	Baseline Kept   // the one that Keep chose
	// Newest is the newest total: that of the last report, or of a root's share in a later walk of all
	// roots. The zero Point for none.
	Newest Point
	Trend  []Point // the last totals, the oldest first
	// Estimated is the last estimate, if no report is newer.
	Estimated Estimated
	// Expected is what the next walk will take, where Known; AtLeast that, where the last one was
	// stopped before its end.
	Expected Cost
	Known    bool
	AtLeast  bool
	Budget   time.Duration // 0 for none
	Guarded  bool          // a lock is held, or a function keeps the value still
	// Refused says why a walk would be refused for its budget now; nil where it would not be.
	Refused *BudgetError
}

// Last is the last report of all roots and the time at which its walk was done; nil for none.
func (w *Watch) Last() (*report.Report, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.last.Report, w.all.last.At
}

// State is what is known of a root, or of All. It reports false for a name that no root has.
func (w *Watch) State(name string) (State, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state(name)
}

// Roots is what is known of each root, in the order of Add.
func (w *Watch) Roots() []State {
	w.mu.Lock()
	defer w.mu.Unlock()
	states := make([]State, len(w.roots))
	for i, r := range w.roots {
		states[i], _ = w.state(r.name)
	}
	return states
}

// state is State. The caller holds w.mu.
func (w *Watch) state(name string) (State, bool) {
	s := State{Name: name}
	from := &w.all
	if name == All {
		s.Budget, s.Guarded = smallest(w.roots), len(distinct(w.roots)) > 0
	} else {
		r := w.root(name)
		if r == nil {
			return State{}, false
		}
		from = &r.record
		s.Budget, s.Guarded = r.budget, len(r.guards) > 0
		if t := reflect.TypeOf(r.value); t != made {
			s.Type = t.String()
		}
	}
	s.Last, s.Previous, s.Baseline = from.last, from.previous, from.baseline
	s.Newest, s.Trend, s.Estimated = from.newest(), slices.Clone(from.ring), from.estimated
	e := w.expect(name)
	s.Expected, s.Known, s.AtLeast = e.Cost, e.known, e.atLeast
	s.Refused = w.refusal(name, s.Budget)
	return s, true
}

// Keep makes the last report of a root, or of All, the baseline that later ones are compared with.
// It reports false where there is no report, or no root of that name.
func (w *Watch) Keep(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &w.all
	if name != All {
		root := w.root(name)
		if root == nil {
			return false
		}
		r = &root.record
	}
	r.baseline = r.last
	return r.last.Report != nil
}

// Figure is what is known of one root, for Figures.
type Figure struct {
	Bytes       uint64  `json:"bytes"`
	AgeSeconds  float64 `json:"age_seconds"`  // of Bytes
	WalkSeconds float64 `json:"walk_seconds"` // what the last walk took; 0 where none was of this root
}

// Figures is a Figure for each root that was walked, and for All, by name. It is a function as
// expvar wants it, and walks nothing:
//
//	expvar.Publish("memsize", expvar.Func(w.Figures))
func (w *Watch) Figures() any {
	figures := map[string]Figure{}
	for _, s := range w.states() {
		figures[s.Name] = Figure{s.Newest.Total, w.clock().Sub(s.Newest.At).Seconds(),
			s.Last.Cost.Time.Seconds()}
	}
	return figures
}

// LogValue is the newest total of each root that was walked, and of All, in bytes by name, as
// slog wants it: slog.Info("memory", "live", w). It walks nothing.
func (w *Watch) LogValue() slog.Value {
	var attributes []slog.Attr
	for _, s := range w.states() {
		attributes = append(attributes, slog.Uint64(s.Name, s.Newest.Total))
	}
	return slog.GroupValue(attributes...)
}

// states are those of the roots and of All that have a total.
func (w *Watch) states() []State {
	all, _ := w.State(All)
	return slices.DeleteFunc(append(w.Roots(), all), func(s State) bool { return s.Newest.At.IsZero() })
}
