package memsizetest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// fake is a test whose verdict is looked at.
type fake struct {
	testing.TB // nil: what is not below panics
	name       string
	said       []string
	logged     []string
	stopped    bool
}

func (f *fake) Helper()      {}
func (f *fake) Name() string { return f.name }

func (f *fake) Errorf(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

func (f *fake) Logf(format string, args ...any) {
	f.logged = append(f.logged, fmt.Sprintf(format, args...))
}

func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	f.stopped = true
	runtime.Goexit()
}

// verdict is what a check says of a test called name; empty if the test passes.
func verdict(name string, check func(t testing.TB)) string {
	f := &fake{name: name}
	var done sync.WaitGroup
	done.Go(func() { check(f) })
	done.Wait()
	if len(f.said) == 0 {
		return ""
	}
	return f.said[0]
}
