package memsize

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"unsafe"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/trace"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/walker"
)

// MaxChains has Holders find up to n chains, 1 or more, instead of 3.
func MaxChains(n int) Option {
	if n < 1 {
		panic("memsize: MaxChains wants 1 or more chains: leave it out for 3")
	}
	return func(o *options) { o.MaxChains = n }
}

// Holders tells who leads to target, a pointer, map, slice, string, channel or func of this process: up
// to 3 chains of references from the roots to its block, the shortest first. No two of them have
// anything in common but what all chains lead through, which is marked (report.Step.Only). Each chain is a Go expression where Go has one. It is an error if target is nil,
// of another kind, without memory of its own (an empty string), not on the heap, or if no root leads
// to it; and where the runtime cannot be asked for blocks.
func Holders(roots map[string]any, target any, opts ...Option) (chains []report.Chain, err error) {
	return HoldersContext(context.Background(), roots, target, opts...)
}

// HoldersContext is Holders with a way to stop it: when ctx is done it returns the chains that were found so
// far, and the context's error.
func HoldersContext(ctx context.Context, roots map[string]any, target any,
	opts ...Option) (chains []report.Chain, err error) {
	o, err := callHolders.checked(opts)
	if err != nil {
		return nil, err
	}
	found, err := blockOf(target)
	if err != nil {
		return nil, err
	}
	var walked []walker.Root
	for _, name := range slices.Sorted(maps.Keys(roots)) {
		if err := check(roots[name], o.Models); err != nil {
			return nil, err
		}
		if root, ok := rootOf(name, roots[name]); ok {
			walked = append(walked, root)
		}
	}
	chains, err = holders(ctx, walked, target, found, &o)
	runtime.KeepAlive(roots)
	runtime.KeepAlive(target)
	return chains, err
}

// holders is Holders for the block of a target.
func holders(ctx context.Context, roots []walker.Root, target any, b block.Block, o *options) ([]report.Chain, error) {
	e := engineOf(o.Models[0])
	m := e.measurement(true)
	w := walkOptions(o)
	w.ByPath, w.Context, w.Graph = true, ctx, walker.NewGraph()
	w.Graph.Entries, w.Graph.Slots, w.Graph.MaxBytes = true, true, memoryLeft()
	defer w.Graph.Free()
	if err := m.session.Walk(roots, e.reach(w)); err != nil {
		return nil, err
	}
	if err := w.Graph.Finish(); err != nil {
		return nil, err
	}
	vertex, known := w.Graph.Find(uintptr(b.Base), b.Size)
	d, err := account.NewDominators(ctx, w.Graph)
	if err != nil {
		return nil, err
	}
	most := o.MaxChains
	if most == 0 {
		most = 3
	}
	var hops [][]trace.Hop
	if known {
		hops, err = d.Chains(ctx, vertex, most)
	}
	if err == nil && len(hops) == 0 {
		err = fmt.Errorf("memsize: none of the %d roots leads to the %T", len(roots), target)
	}
	t := &trace.Tracer{Graph: w.Graph, Nodes: m.session.Nodes(), Roots: roots, Hide: o.NoValues}
	var chains []report.Chain
	for _, h := range hops {
		chain := t.To(h, uintptr(targetWord(target)), reflect.TypeOf(target))
		d.MarkSteps(&chain, h, vertex)
		chains = append(chains, chain)
	}
	return chains, err
}

// targetWord is where the memory of a target begins; nil if it has none.
func targetWord(target any) unsafe.Pointer {
	switch v := reflect.ValueOf(target); v.Kind() {
	case reflect.String:
		return unsafe.Pointer(unsafe.StringData(v.String()))
	case reflect.Slice:
		if v.Cap() == 0 {
			return nil
		}
		return v.UnsafePointer()
	default:
		return v.UnsafePointer()
	}
}

// blockOf is the block of a target, or why it has none.
func blockOf(target any) (block.Block, error) {
	v := reflect.ValueOf(target)
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		if v.IsNil() {
			return block.Block{}, fmt.Errorf("memsize: Holders: the %T is nil: nothing is held", target)
		}
	case reflect.Slice, reflect.String:
		if v.Len() == 0 && targetWord(target) == nil {
			return block.Block{}, fmt.Errorf("memsize: Holders: the %T is empty: it has no memory", target)
		}
	default:
		return block.Block{}, fmt.Errorf("memsize: Holders wants a pointer, map, slice, string, channel or "+
			"func, as in Holders(roots, &x), not %T", target)
	}
	if !walker.BlocksExact() {
		return block.Block{}, fmt.Errorf("memsize: Holders: this build cannot ask the runtime for blocks: %w",
			errors.ErrUnsupported)
	}
	p := targetWord(target)
	if b, ok := block.Of(p); ok {
		return b, nil
	}
	if v.Kind() == reflect.String && v.Len() == 0 || v.Kind() == reflect.Slice && v.Cap() == 0 {
		return block.Block{}, fmt.Errorf("memsize: Holders: the %T is empty: it has no memory", target)
	}
	return block.Block{}, fmt.Errorf("memsize: Holders: the %T lies in %v memory, not on the heap: no "+
		"reference keeps it", target, block.Where(p))
}
