package walker_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// Sessions are kept for the next walk: they must not keep alive what the last one met.
func TestSessionKeepsNothingAlive(t *testing.T) {
	models := []*rules.Model{rules.Go()}
	session := walker.New(account.NewPolicy(models)).NewSession(account.NewTally(models, false))
	for what, walk := range map[string]func(pair *pair) (any, walker.Options){
		"the value": func(p *pair) (any, walker.Options) { return &p, walker.Options{} },
		"what a closure captures": func(p *pair) (any, walker.Options) {
			f := func() uint64 { return p.A }
			return &f, walker.Options{}
		},
		"the context": func(p *pair) (any, walker.Options) {
			return new(int), walker.Options{Context: context.WithValue(context.Background(), cell{}, p)}
		},
	} {
		freed := make(chan struct{})
		func() {
			p := &pair{1, 2}
			runtime.AddCleanup(p, func(freed chan struct{}) { close(freed) }, freed)
			v, o := walk(p)
			o.Blocks, o.ToCapacity = walker.BlocksExact(), true
			require.NoError(t, session.Walk([]walker.Root{walker.RootOf("root", v)}, o))
			runtime.KeepAlive(v)
		}()
		require.Eventually(t, func() bool {
			runtime.GC()
			select {
			case <-freed:
				return true
			default:
				return false
			}
		}, time.Minute, 10*time.Millisecond, what)
	}
	runtime.KeepAlive(session)
}
