package watch

import (
	"context"
	"encoding/json"
	"errors"
	"expvar"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// ledger notes which locks are taken and given back, in order.
type ledger struct{ events []string }

// noted is a lock that writes into a ledger.
type noted struct {
	name string
	to   *ledger
}

func (n *noted) Lock()   { n.to.events = append(n.to.events, "+"+n.name) }
func (n *noted) Unlock() { n.to.events = append(n.to.events, "-"+n.name) }

// held is what the ledger says, once.
func (l *ledger) held() string {
	s := strings.Join(l.events, " ")
	l.events = nil
	return s
}

func TestGuardsAreHeldForTheirOwnWalks(t *testing.T) {
	var l ledger
	a, b := &noted{"a", &l}, &noted{"b", &l}
	within := Within(func(walk func()) {
		l.events = append(l.events, "(")
		walk()
		l.events = append(l.events, ")")
	})
	w := New(memsize.OnHeap())
	w.Add("one", &[]int{1}, Lock(b), Lock(a))
	w.Add("two", &[]int{2}, Lock(a), within)
	w.Add("three", &[]int{3}, within, Lock(b))
	w.Add("free", &[]int{4})

	for _, row := range []struct{ name, held, why string }{
		{"one", "+b +a -a -b", "a root holds its own guards in the order of its options"},
		{"two", "+a ( ) -a", "and no other's"},
		{"three", "( +b -b )", ""},
		{"free", "", "a root without guards holds none"},
		{All, "+b +a ( ) -a -b", "all roots hold each guard once, in the order of Add"},
	} {
		_, err := w.ScanRoot(context.Background(), row.name)
		require.NoError(t, err)
		require.Equal(t, row.held, l.held(), "%s: %s", row.name, row.why)
	}
}

func TestReadersGoOn(t *testing.T) {
	var mu sync.RWMutex
	w := New(memsize.OnHeap())
	w.Add("one", &[]int{1}, Lock(mu.RLocker()))
	w.Add("two", &[]int{2}, Lock(mu.RLocker())) // one lock, though RLocker was called twice
	reading := false
	w.Add("three", &[]int{3}, Within(func(walk func()) {
		reading = mu.TryRLock()
		if reading {
			mu.RUnlock()
		}
		require.False(t, mu.TryLock(), "a writer waits")
		walk()
	}))
	require.Len(t, distinct(w.roots), 2)
	_, err := w.Scan(context.Background())
	require.NoError(t, err)
	require.True(t, reading)
}

func TestFiguresAreThoseOfTheLibrary(t *testing.T) {
	shared := make([]byte, 1000)
	a, b := [][]byte{shared, make([]byte, 200)}, [][]byte{shared}
	w := New(memsize.WithModels(rules.Go(), rules.Core()))
	w.Add("a", &a)
	w.Add("b", &b)
	all, err := w.Scan(context.Background())
	require.NoError(t, err)
	want := memsize.ScanRoots(map[string]any{"a": &a, "b": &b},
		memsize.WithModels(rules.Go(), rules.Core()))
	require.Equal(t, want.Total, all.Total)
	require.Equal(t, want.Models, all.Models)
	require.Equal(t, want.Roots, all.Roots)

	one, err := w.ScanRoot(context.Background(), "a")
	require.NoError(t, err)
	require.Equal(t, want.Roots[0].Total, one.Total, "a root alone is what all say of it")
	last, at := w.Last()
	require.Same(t, all, last)
	require.False(t, at.IsZero())
}

func TestOneWalkAtATime(t *testing.T) {
	w := New(memsize.OnHeap())
	inside, release := make(chan bool), make(chan bool)
	w.Add("slow", &[]int{1}, Within(func(walk func()) {
		inside <- true
		<-release
		walk()
	}))
	w.Add("other", &[]int{1})
	done := make(chan error)
	go func() {
		_, err := w.ScanRoot(context.Background(), "slow")
		done <- err
	}()
	<-inside
	_, err := w.ScanRoot(context.Background(), "other")
	require.ErrorIs(t, err, ErrBusy)
	_, known := w.State("slow") // states can be read meanwhile
	require.True(t, known)
	close(release)
	require.NoError(t, <-done)
	_, err = w.ScanRoot(context.Background(), "other")
	require.NoError(t, err, "and is free again")
}

func TestErrors(t *testing.T) {
	w := New(memsize.OnHeap())
	_, err := w.Scan(context.Background())
	require.ErrorIs(t, err, ErrNoRoot, "nothing to walk")
	_, err = w.ScanRoot(context.Background(), "coins")
	require.ErrorIs(t, err, ErrNoRoot)
	require.ErrorContains(t, err, "coins")

	w.Add("never", &[]int{1}, Within(func(func()) {}))
	w.Add("twice", &[]int{1}, Within(func(walk func()) { walk(); walk() }))
	for name, calls := range map[string]string{"never": "0 times", "twice": "2 times"} {
		_, err = w.ScanRoot(context.Background(), name)
		require.ErrorContains(t, err, calls, name)
		s, _ := w.State(name)
		require.Nil(t, s.Last.Report, "a walk that was not guarded is not kept")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w.Add("well", &[]int{1})
	_, err = w.ScanRoot(ctx, "well")
	require.ErrorIs(t, err, context.Canceled)
}

func TestCancelledMeanwhile(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := New(memsize.OnHeap())
	list := numbered(100_000)
	w.Add("list", &list, Budget(time.Hour), Within(func(walk func()) { cancel(); walk() }))
	r, err := w.ScanRoot(ctx, "list")
	require.ErrorIs(t, err, context.Canceled)
	var refused *BudgetError
	require.False(t, errors.As(err, &refused), "the budget has no part in it")
	require.True(t, r == nil || r.Truncated)
	s, _ := w.State("list")
	require.Nil(t, s.Last.Report, "a part is not kept")
	require.Empty(t, s.Trend)
}

func TestDeadline(t *testing.T) {
	w := New(memsize.OnHeap())
	list := []int{1}
	pause := 20 * time.Millisecond
	w.Add("list", &list, Lock(new(sync.Mutex)), Within(func(walk func()) { time.Sleep(pause); walk() }))
	scan := func(d time.Duration) error {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		defer cancel()
		_, err := w.ScanRoot(ctx, "list")
		return err
	}
	require.ErrorIs(t, scan(10*time.Millisecond), context.DeadlineExceeded, "not known before")
	s, _ := w.State("list")
	require.True(t, s.Known && s.AtLeast)
	require.GreaterOrEqual(t, s.Expected.Time, pause)
	require.Nil(t, s.Refused, "it has no budget of its own")
	var refused *BudgetError
	require.ErrorAs(t, scan(10*time.Millisecond), &refused, "it would come to nothing again")
	require.NoError(t, scan(time.Minute))
	s, _ = w.State("list")
	require.False(t, s.AtLeast)
}

func TestEstimate(t *testing.T) {
	var l ledger
	w := New(memsize.OnHeap())
	list := numbered(1000)
	w.Add("list", memsize.Var(&list), Lock(&noted{"a", &l}), Budget(time.Minute))
	e, err := w.Estimate(context.Background(), "list", time.Minute)
	require.NoError(t, err)
	require.Equal(t, "+a -a", l.held())
	require.LessOrEqual(t, e.Low, memsize.Heap(memsize.Var(&list)))
	require.GreaterOrEqual(t, e.High, memsize.Heap(memsize.Var(&list)))
	s, _ := w.State("list")
	require.Nil(t, s.Last.Report, "it is not kept")
	_, err = w.Estimate(context.Background(), "none", time.Minute)
	require.ErrorIs(t, err, ErrNoRoot)
	w.Add("never", &[]int{1}, Within(func(func()) {}))
	_, err = w.Estimate(context.Background(), "never", time.Minute)
	require.ErrorContains(t, err, "0 times")
}

// numbered is n numbers, each in a block of its own.
func numbered(n int) []*int {
	list := make([]*int, n)
	for i := range list {
		list[i] = new(int)
	}
	return list
}

func TestBudget(t *testing.T) {
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	w := New(memsize.OnHeap())
	w.now = func() time.Time { return at }
	pause := time.Duration(0)
	slow := Within(func(walk func()) { time.Sleep(pause); walk() })
	list := numbered(1000)
	const budget = 300 * time.Millisecond
	w.Add("list", &list, Lock(new(sync.Mutex)), slow, Budget(budget))

	_, err := w.ScanRoot(context.Background(), "list")
	require.NoError(t, err, "what a first walk takes is not known: it may begin")
	s, _ := w.State("list")
	require.True(t, s.Known)
	require.Equal(t, s.Newest.Total, s.Last.Cost.Bytes)
	require.Nil(t, s.Refused)

	pause = 2 * budget // with the first guard held
	began := time.Now()
	_, err = w.ScanRoot(context.Background(), "list")
	var refused *BudgetError
	require.ErrorAs(t, err, &refused)
	require.True(t, refused.Stopped, "what takes longer than its budget is stopped")
	require.Less(t, time.Since(began), 100*budget)
	require.ErrorContains(t, err, `the walk of "list" was stopped when its budget of 300ms was used up`)

	pause = 0
	for range 2 {
		_, err = w.ScanRoot(context.Background(), "list")
		require.ErrorAs(t, err, &refused)
		require.False(t, refused.Stopped, "and then not begun")
		require.GreaterOrEqual(t, refused.Expected.Time, budget)
		require.ErrorContains(t, err, `a walk of "list" is expected to lock it for`)
		_, err = w.Scan(context.Background())
		require.ErrorContains(t, err, `a walk of "all"`, "nor is it among all")
	}
	s, _ = w.State("list")
	require.NotNil(t, s.Last.Report, "the kept report stays")
	require.Equal(t, refused.Until, s.Refused.Until)

	at = at.Add(believed*budget + 1)
	_, err = w.ScanRoot(context.Background(), "list")
	require.NoError(t, err, "after a thousand budgets it may try anew")
}

func TestGrowthIsPredicted(t *testing.T) {
	w := New(memsize.OnHeap())
	w.Add("a", new([]byte))
	w.Add("b", new([]byte), Budget(time.Second))
	known := func(name string) Cost {
		s, _ := w.State(name)
		require.True(t, s.Known, name)
		return s.Expected
	}
	s, _ := w.State(All)
	require.False(t, s.Known)
	require.Equal(t, time.Second, s.Budget, "all roots have the smallest budget of any")

	fill := func(name string, bytes uint64, took time.Duration) {
		r := &w.root(name).record
		r.take(Kept{&report.Report{Total: bytes}, w.clock(), Cost{bytes, took}})
	}
	fill("a", 100, time.Millisecond)
	fill("b", 1000, 2*time.Millisecond)
	require.Equal(t, Cost{100, time.Millisecond}, known("a"))
	require.Equal(t, Cost{1100, 3 * time.Millisecond}, known(All), "before a walk of all: the sum")

	w.share(&report.Report{Roots: []report.RootFigures{{Name: "a", Total: 300}, {Name: "gone"}}}, w.clock())
	require.Equal(t, Cost{300, 3 * time.Millisecond}, known("a"), "three times the bytes")

	w.share(&report.Report{Roots: []report.RootFigures{{Name: "b", Total: 600_000}}}, w.clock())
	_, err := w.ScanRoot(context.Background(), "b")
	var refused *BudgetError
	require.ErrorAs(t, err, &refused, "it is now expected to take 1.2 s")
	require.Equal(t, Cost{600_000, 1200 * time.Millisecond}, refused.Expected)
}

func TestAWalkOfAllTellsOfEach(t *testing.T) {
	w := New(memsize.OnHeap())
	a, b := make([]byte, 1000), make([]byte, 3000)
	w.Add("a", &a)
	w.Add("b", &b)
	_, err := w.Scan(context.Background())
	require.NoError(t, err)
	s, _ := w.State("b")
	require.Equal(t, memsize.Heap(&b), s.Newest.Total, "with the block of the variable, which is its own")
	require.Nil(t, s.Last.Report)
	require.True(t, s.Known, "the time a byte is that of the walk of all")
	require.Equal(t, memsize.Heap(&b), s.Expected.Bytes)
}

func TestRing(t *testing.T) {
	var r record
	for i := range uint64(points + 10) {
		r.take(Kept{Report: &report.Report{Total: i}})
	}
	require.Len(t, r.ring, points)
	require.Equal(t, uint64(10), r.ring[0].Total)
	require.Equal(t, uint64(points+9), r.newest().Total)
	require.Equal(t, uint64(points+8), r.previous.Report.Total)
	require.LessOrEqual(t, cap(r.ring), 2*points, "it does not grow")
}

func TestKeep(t *testing.T) {
	w := New(memsize.OnHeap())
	list := []int{1}
	w.Add("list", &list)
	require.False(t, w.Keep("list"), "no report yet")
	require.False(t, w.Keep("none"))
	first, err := w.ScanRoot(context.Background(), "list")
	require.NoError(t, err)
	require.True(t, w.Keep("list"))
	for range 3 {
		_, err = w.ScanRoot(context.Background(), "list")
		require.NoError(t, err)
	}
	s, _ := w.State("list")
	require.Same(t, first, s.Baseline.Report)
	require.NotSame(t, first, s.Previous.Report)
	_, err = w.Scan(context.Background())
	require.NoError(t, err)
	require.True(t, w.Keep(All))
}

func TestAddTeaches(t *testing.T) {
	var mu sync.RWMutex
	var nothing *int
	type both struct{ sync.Mutex }
	lock := new(both)
	for _, row := range []struct {
		why, says string
		add       func(w *Watch)
	}{
		{"no name", "wants a name", func(w *Watch) { w.Add("", new(int)) }},
		{"reserved", "all roots together", func(w *Watch) { w.Add("all", new(int)) }},
		{"no part of an address", "without slashes", func(w *Watch) { w.Add("a/b", new(int)) }},
		{"climbs", "without slashes", func(w *Watch) { w.Add("..", new(int)) }},
		{"twice", "of that name", func(w *Watch) { w.Add("a", new(int)); w.Add("a", new(int)) }},
		{"nil", "nothing to watch", func(w *Watch) { w.Add("a", nil) }},
		{"nil pointer", "stay so", func(w *Watch) { w.Add("a", nothing) }},
		{"nil map", "stay so", func(w *Watch) { w.Add("a", map[int]int(nil)) }},
		{"a slice does not grow with the variable", "a copy", func(w *Watch) { w.Add("a", []int{1}) }},
		{"a struct", "a copy", func(w *Watch) { w.Add("a", struct{ p *int }{new(int)}) }},
		{"no budget", "more than nothing", func(w *Watch) { w.Add("a", new(int), Budget(0)) }},
		{"no lock", "wants a lock", func(w *Watch) { w.Add("a", new(int), Lock(nil)) }},
		{"no function", "wants a function", func(w *Watch) { w.Add("a", new(int), Within(nil)) }},
		{"two forms of one lock", "same form", func(w *Watch) {
			w.Add("a", new(int), Lock(&mu))
			w.Add("b", new(int), Lock(mu.RLocker()))
		}},
		{"two forms in one root", "same form", func(w *Watch) {
			w.Add("a", new(int), Lock(&mu), Lock(mu.RLocker()))
		}},
		{"a lock and what embeds it", "same form", func(w *Watch) {
			w.Add("a", new(int), Lock(lock))
			w.Add("b", new(int), Lock(&lock.Mutex))
		}},
	} {
		w := New()
		func() {
			defer func() { require.Contains(t, recover(), row.says, row.why) }()
			row.add(w)
		}()
	}
	w := New()
	w.Add("map", map[int]int{})
	w.Add("variable", memsize.Var(new(int)))
	w.Add("odd name?", make(chan int), nil, Lock(locker{}), Lock(lister(nil)))
	for name, v := range memsize.Fields(&struct{ A, B []int }{}) {
		w.Add(name, v)
	}
	require.Len(t, w.Roots(), 5)
	_, err := w.Scan(context.Background())
	require.NoError(t, err)
}

// locker is a lock without an address, lister one that cannot be compared.
type (
	locker struct{}
	lister []int
)

func (locker) Lock()   {}
func (locker) Unlock() {}
func (lister) Lock()   {}
func (lister) Unlock() {}

func TestWrongTagIsAnError(t *testing.T) {
	type wrong struct {
		A []int `memusage:"nonsense<"`
	}
	w := New()
	w.Add("wrong", new(wrong))
	_, err := w.Scan(context.Background())
	var tag *rules.TagError
	require.ErrorAs(t, err, &tag)
}

func TestFigures(t *testing.T) {
	w := New(memsize.OnHeap())
	a := make([]byte, 1000)
	w.Add("a", memsize.Var(&a))
	w.Add("never walked", new([]byte))
	_, err := w.ScanRoot(context.Background(), "a")
	require.NoError(t, err)

	var figures map[string]Figure
	require.NoError(t, json.Unmarshal([]byte(expvar.Func(w.Figures).String()), &figures))
	require.Len(t, figures, 1)
	require.Equal(t, uint64(1024), figures["a"].Bytes)
	require.Greater(t, figures["a"].WalkSeconds, 0.0)

	var out strings.Builder
	slog.New(slog.NewJSONHandler(&out, nil)).Info("memory", "live", w)
	var line struct{ Live map[string]uint64 }
	require.NoError(t, json.Unmarshal([]byte(out.String()), &line))
	require.Equal(t, map[string]uint64{"a": 1024}, line.Live)
}

// A writer under its lock, readers of every method, and walks that may be refused.
func TestConcurrently(t *testing.T) {
	var mu sync.Mutex
	sessions := map[int][]byte{}
	w := New(memsize.OnHeap())
	w.Add("sessions", &sessions, Lock(&mu), Budget(time.Minute))
	w.Add("other", &[]int{1})
	stop := make(chan bool)
	var running sync.WaitGroup
	loop := func(f func(i int)) {
		running.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					f(i)
				}
			}
		})
	}
	loop(func(i int) {
		mu.Lock()
		defer mu.Unlock()
		sessions[i%1000] = make([]byte, i%100)
	})
	walks := make(chan error, 1000)
	for _, name := range []string{All, "sessions", "sessions"} {
		loop(func(int) {
			_, err := w.ScanRoot(context.Background(), name)
			select {
			case walks <- err:
			default:
			}
			time.Sleep(time.Millisecond)
		})
	}
	loop(func(int) {
		w.Roots()
		w.Figures()
		w.LogValue()
		w.Keep("sessions")
		w.Last()
		time.Sleep(time.Millisecond)
	})
	time.Sleep(300 * time.Millisecond)
	close(stop)
	running.Wait()
	close(walks)
	made := 0
	for err := range walks {
		if err == nil {
			made++
		} else {
			require.ErrorIs(t, err, ErrBusy)
		}
	}
	require.Greater(t, made, 3)
}
