package memsize

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"runtime/metrics"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/trace"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// recording is what a scan of this process's heap keeps of its walk: the graph of blocks, and what each of
// several roots holds.
type recording struct {
	graph    *walker.Graph
	holdings *walker.Holdings // nil where nobody asks for it
}

// begin has a walk record its graph, if anything of the scan needs it.
func (k *recording) begin(o *options, w *walker.Options) {
	if !o.Retained && !o.Waste {
		return
	}
	k.graph = walker.NewGraph()
	k.graph.Entries, k.graph.Slots = o.Biggest > 0, o.Biggest > 0 || o.Waste
	k.graph.MaxBytes = memoryLeft()
	w.Graph = k.graph
}

// end works out what was asked for, and writes it to the report.
func (k *recording) end(ctx context.Context, o *options, r *report.Report, session *walker.Session,
	roots []walker.Root) error {
	if k.graph == nil {
		return nil
	}
	if err := k.graph.Finish(); err != nil {
		return err
	}
	if o.Waste {
		waste, err := account.Waste(ctx, session.Nodes(), k.graph)
		if r.Waste = waste; err != nil {
			return err
		}
	}
	if !o.Retained {
		return nil
	}
	names := make([]string, len(roots))
	for i, root := range roots {
		names[i] = root.Name
	}
	kept, err := account.Retain(ctx, r, session.Nodes(), k.graph, names)
	if err != nil {
		return err
	}
	if o.Biggest == 0 {
		return nil
	}
	t := &trace.Tracer{Graph: k.graph, Nodes: session.Nodes(), Roots: roots, Hide: o.NoValues}
	return kept.Biggest(ctx, r, t, o.Biggest)
}

// unsupported is the error that what is retained or wasted was asked for, and this build cannot tell; the
// report says so too. nil where all is well.
func unsupported(r *report.Report, opts []Option) error {
	if walker.BlocksExact() || r == nil {
		return nil
	}
	if o := callScan.options(opts); !o.Retained && !o.Waste {
		return nil
	}
	const why = "what is retained, and waste, are not known: this build cannot ask the runtime for blocks"
	r.Assumptions = append(r.Assumptions, why)
	return fmt.Errorf("memsize: %s: %w", why, errors.ErrUnsupported)
}

// each is what every root holds when it is alone, and what only it holds, in bytes: as the scan found it,
// if it did. together is what all of them hold.
func (k *recording) each(e *engine, roots []walker.Root, together uint64,
	o walker.Options) (alone, only []uint64) {
	if k.holdings == nil || !k.holdings.Known {
		return e.each(roots, together, o)
	}
	for _, i := range k.holdings.Leads {
		k.holdings.Alone[i] = e.total(o, roots[i])
	}
	return k.holdings.Alone, k.holdings.Only
}

// free gives the memory of the graph back: nothing of it may be asked any more.
func (k *recording) free() {
	if k.graph != nil {
		k.graph.Free()
		k.graph = nil
	}
}

// memoryLeft is what a graph may take, in bytes: a quarter of the soft memory limit of the process, as
// what is worked out from it takes as much again. 0 for no limit.
func memoryLeft() uint64 {
	limit := debug.SetMemoryLimit(-1)
	if limit <= 0 || limit == 1<<63-1 {
		return 0
	}
	return uint64(limit) / 4
}

// records tells whether blocks can be asked for under the model: it is this process's heap.
func records(m *rules.Model) bool { return engineOf(m).blocks }

// coverage is how much of the live heap so many bytes explain; nil before the first collection.
func coverage(held uint64) *report.Coverage {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(samples)
	for _, s := range samples {
		if s.Value.Kind() != metrics.KindUint64 {
			return nil
		}
	}
	live, now := samples[0].Value.Uint64(), samples[1].Value.Uint64()
	if live == 0 {
		return nil
	}
	return &report.Coverage{Held: held, Live: live, Since: now - min(live, now)}
}
