package watch

import (
	"fmt"
	"reflect"
	"sync"
)

// guard keeps values still while they are walked: a lock, or a function that calls back.
type guard struct {
	lock sync.Locker
	hold func(walk func())
}

// do calls f while the guard holds.
func (g *guard) do(f func()) {
	if g.lock == nil {
		g.hold(f)
		return
	}
	g.lock.Lock()
	defer g.lock.Unlock()
	f()
}

// within calls f while all guards hold, the first taken first.
func within(guards []*guard, f func()) {
	if len(guards) == 0 {
		f()
		return
	}
	guards[0].do(func() { within(guards[1:], f) })
}

// same tells whether two guards are one: the same option, or the same lock.
func same(a, b *guard) bool {
	if a == b {
		return true
	}
	if a.lock == nil || b.lock == nil || !reflect.TypeOf(a.lock).Comparable() {
		return false
	}
	return a.lock == b.lock
}

// distinct are the guards of several roots, each once, in the order of the first.
func distinct(roots []*root) (guards []*guard) {
	for _, r := range roots {
		guards = append(guards, r.guards...)
	}
	return each(guards)
}

// each is the guards without those that came before.
func each(guards []*guard) (once []*guard) {
next:
	for _, g := range guards {
		for _, known := range once {
			if same(g, known) {
				continue next
			}
		}
		once = append(once, g)
	}
	return once
}

// conflict says which lock is given in two forms, if any: a walk of all roots that takes a
// sync.RWMutex and then its RLocker would wait for itself.
func conflict(a, b []*guard) string {
	for _, x := range a {
		for _, y := range b {
			if !same(x, y) && address(x) != 0 && address(x) == address(y) {
				return fmt.Sprintf("one lock is given as %T and as %T, of which a walk can hold only "+
					"one: take the same form for every root", x.lock, y.lock)
			}
		}
	}
	return ""
}

// address is where a lock lies, 0 where that is not known.
func address(g *guard) uintptr {
	if v := reflect.ValueOf(g.lock); v.Kind() == reflect.Pointer {
		return v.Pointer()
	}
	return 0
}
