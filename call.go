package memsize

import (
	"slices"

	"github.com/bitcoin-mem/memsize/rules"
)

// call is what one of the functions of this package can do, which decides what options can act on it.
type call struct {
	name   string
	heap   bool // its model is always of this process's heap
	report bool // it makes a report, which can tell that it is of a part
	chains bool // it makes chains of references
	sample bool // it draws a sample
}

var (
	callOf          = call{name: "Of"}
	callHeap        = call{name: "Heap", heap: true}
	callDynamic     = call{name: "Dynamic"}
	callIncremental = call{name: "Incremental"}
	callNew         = call{name: "New"}
	callScan        = call{name: "a scan", report: true}
	callHolders     = call{name: "Holders", heap: true, chains: true}
	callEstimate    = call{name: "Estimate", sample: true}
)

// optionError is an option that can act on nothing that a call does: a programmer's error. Functions
// that return errors return it, the others panic with it.
type optionError string

func (e optionError) Error() string { return "memsize: " + string(e) }

// options are the choices of a call. It panics where one of them can act on nothing.
func (c call) options(opts []Option) options {
	o, err := c.checked(opts)
	if err != nil {
		panic(err)
	}
	return o
}

// checked are the choices of a call, or the error that one of them can act on nothing.
func (c call) checked(opts []Option) (options, error) {
	var o options
	for _, set := range opts {
		if set != nil {
			set(&o)
		}
	}
	if len(o.Models) == 0 {
		o.Models = []*rules.Model{rules.Core()}
		if c.heap {
			o.Models[0] = rules.Go()
		}
	}
	if why := c.useless(&o); why != "" {
		return o, optionError(c.name + ": " + why)
	}
	return o, nil
}

// useless says why an option can act on nothing, and what to do; "" where all of them can act.
func (c call) useless(o *options) string {
	isGoHeap, isProcessHeap := (*rules.Model).IsGoHeap, (*rules.Model).IsProcessHeap
	asIf := slices.ContainsFunc(o.Models, func(m *rules.Model) bool { return !isGoHeap(m) })
	process := slices.ContainsFunc(o.Models, isProcessHeap)
	const onHeap = "acts on this process's heap alone: add OnHeap(), or WithModels with rules.Go()"
	switch {
	case c.heap && !isProcessHeap(o.Models[0]):
		return "its model is always go, not " + o.Models[0].Name() + ": call Of with WithModel instead"
	case o.PerReference && !asIf:
		return "PerReference acts on as-if models alone, for a heap holds a block once: leave it out, " +
			"or call Of"
	case o.CapIsLen && !asIf:
		return "CapIsLen acts on as-if models alone, for on a heap the capacity is what there is: leave " +
			"it out, or call Of"
	case o.Seeded && !c.sample:
		return "Seed acts on what is drawn at random: call Estimate, or leave it out"
	case c.sample && len(o.Models) > 1:
		return "an estimate is under one model: call it once for each"
	case c.sample && o.PerReference:
		return "an estimate counts what is shared once: leave PerReference out, or call Of"
	case o.MaxContainers > 0 && !c.report && !c.sample:
		return "a number cannot tell that it is of a part: call ScanContext with MaxContainers instead"
	case o.MaxChains > 0 && !c.chains:
		return "MaxChains acts on Holders alone: leave it out"
	case (o.Retained || o.Waste || o.NoValues && !c.chains) && !c.report:
		return "WithRetained, WithBiggest, WithWaste and NoValues act on reports: call Scan instead"
	case o.Retained && !process:
		return "WithRetained " + onHeap
	case o.Waste && !process:
		return "WithWaste " + onHeap
	case o.Parallel && !process:
		return "Parallel " + onHeap
	}
	return ""
}
