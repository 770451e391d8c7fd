package property_test

import (
	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/oracle"
	"github.com/bitcoin-mem/memsize/rules"
)

// checkReport holds every view of a scan against the oracle: all must have the same sum.
func checkReport(s sample, once oracle.Account, check func(what string, got, want any)) {
	r := memsize.Scan(s.roots, s.options()...)
	check("Scan.Total", r.Total, once.Total())
	check("Scan.Parts", r.Parts, once.Parts)
	check("Scan.Models", r.Models[0].Total, once.Total())
	check("Scan.Models.Parts", r.Models[0].Parts, once.Parts)
	check("Scan.Tree", r.Tree.Total, once.Total())
	var types, own, unaccounted uint64
	var parts rules.Parts
	for _, t := range r.Types {
		types += t.Total
		parts = parts.Plus(t.Parts)
	}
	check("sum of Scan.Types", types, once.Total())
	check("parts of Scan.Types", parts, once.Parts)
	for n := range r.Nodes() {
		own += n.Own
	}
	check("sum over Scan.Tree", own, once.Total())
	for _, u := range r.Unaccounted {
		unaccounted += u.Count
	}
	check("Scan.Unaccounted", unaccounted, once.Unaccounted)
}

// checkModels: models that share a walk give what each gives alone.
func checkModels(s sample, check func(what string, got, want any)) {
	var models []*rules.Model
	for _, name := range []string{"core", "core-32", "crate"} {
		model, err := rules.Lookup(name)
		if err != nil {
			panic(err)
		}
		models = append(models, model)
	}
	opts := []memsize.Option{memsize.WithModels(models...)}
	if s.opts.CapIsLen {
		opts = append(opts, memsize.CapIsLen())
	}
	r := memsize.Scan(s.roots, opts...)
	for i, model := range models {
		alone := oracle.Of(s.roots, model, s.opts)
		check("WithModels "+model.Name(), r.Models[i].Total, alone.Total())
		check("WithModels parts "+model.Name(), r.Models[i].Parts, alone.Parts)
	}
}
