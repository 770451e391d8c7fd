package watch

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/bitcoin-mem/memsize"
)

// All is the name of all roots together, in one account: no root can have it.
const All = "all"

// A Watch is a set of named live values. Its zero value is an empty one that prices as C++ does
// (memsize.Of); New(memsize.OnHeap()) prices the heap of this process.
type Watch struct {
	options []memsize.Option
	walking sync.Mutex // held by the one walk that is under way

	mu    sync.Mutex // guards what follows
	roots []*root
	all   record
	now   func() time.Time // nil for time.Now; tests have a clock of their own
}

// root is a value with what guards it, and what is known of it.
type root struct {
	name   string
	value  any
	guards []*guard
	budget time.Duration
	record
}

// New is a Watch whose walks take the options: models, details, limits.
func New(opts ...memsize.Option) *Watch {
	return &Watch{options: append([]memsize.Option(nil), opts...)}
}

// A RootOption tells how a root is to be walked.
type RootOption func(*root)

// Lock names a lock that is held while the root is walked. For values that are guarded by a
// sync.RWMutex, RLocker() lets other readers go on. Several locks of one root are taken in the
// order of the options.
func Lock(l sync.Locker) RootOption {
	if l == nil {
		panic("watch: Lock wants a lock, as in Lock(&mu)")
	}
	g := &guard{lock: l}
	return func(r *root) { r.guards = append(r.guards, g) }
}

// Within names a function that calls walk once, before it returns, while the root holds still: for
// types whose locks are not at hand, as in Within(cache.Locked). A function that guards several
// roots must be one option, given to each: then a walk of all roots calls it once.
func Within(hold func(walk func())) RootOption {
	if hold == nil {
		panic("watch: Within wants a function that calls walk while the value holds still")
	}
	g := &guard{hold: hold}
	return func(r *root) { r.guards = append(r.guards, g) }
}

// Budget is the longest that a walk may hold what guards the root. Without it a walk takes as long
// as it takes.
func Budget(longest time.Duration) RootOption {
	if longest <= 0 {
		panic("watch: a Budget is more than nothing; a root that must not be walked is not added")
	}
	return func(r *root) { r.budget = longest }
}

// Add adds a root under a name: a pointer to a variable (counted is what the variable owns, if it
// lies in a larger block), a map, a channel, or what memsize.Var and memsize.Fields make. It
// panics, and says what would do, on a name that is taken or cannot be part of an address, on nil,
// on a value that would be a copy, and on a lock that was given in another form.
func (w *Watch) Add(name string, v any, opts ...RootOption) {
	if err := wrongName(name); err != "" {
		panic("watch: Add: " + err)
	}
	if err := wrongValue(v); err != "" {
		panic(fmt.Sprintf("watch: Add(%q): %s", name, err))
	}
	r := &root{name: name, value: v}
	for _, set := range opts {
		if set != nil {
			set(r)
		}
	}
	if err := conflict(r.guards, r.guards); err != "" {
		panic(fmt.Sprintf("watch: Add(%q): %s", name, err))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, other := range w.roots {
		if other.name == name {
			panic(fmt.Sprintf("watch: Add(%q): there is a root of that name", name))
		}
		if err := conflict(r.guards, other.guards); err != "" {
			panic(fmt.Sprintf("watch: Add(%q): %s, and %q has the other", name, err, other.name))
		}
	}
	w.roots = append(w.roots, r)
}

// wrongName says what is wrong with a name, if anything.
func wrongName(name string) string {
	switch {
	case name == "":
		return "a root wants a name"
	case name == All:
		return `"all" is the name of all roots together`
	case name == "." || name == ".." || strings.ContainsRune(name, '/'):
		return fmt.Sprintf("%q cannot be part of an address: take a name without slashes", name)
	}
	return ""
}

// made is the type of what memsize.Var makes.
var made = reflect.TypeOf(memsize.Var(new(int)))

// wrongValue says why a value cannot be watched, if it cannot.
func wrongValue(v any) string {
	at := reflect.ValueOf(v)
	switch at.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		if at.IsNil() {
			return fmt.Sprintf("this %T is nil and would stay so: give a pointer to the variable", v)
		}
	case reflect.Invalid:
		return "there is nothing to watch: give a pointer to a variable"
	default:
		if at.Type() != made {
			return fmt.Sprintf("this %T is a copy, which does not change with the variable: give a "+
				"pointer to it", v)
		}
	}
	return ""
}

// root is the root of that name; nil where there is none. The caller holds w.mu.
func (w *Watch) root(name string) *root {
	for _, r := range w.roots {
		if r.name == name {
			return r
		}
	}
	return nil
}

// clock is the time.
func (w *Watch) clock() time.Time {
	if w.now != nil {
		return w.now()
	}
	return time.Now()
}
