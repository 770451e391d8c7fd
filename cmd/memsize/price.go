package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/document"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// pricingFlags say how to price.
type pricingFlags struct {
	Model modelList `predictor:"model" placeholder:"MODEL,…" help:"Models to price with, the first gives percentages and types (default: go,core, and core,go in JSON; memsize models lists all)."`
	Rule  []string  `sep:"none" placeholder:"PATH=EXPR" help:"Price a path by a rule, such as '[].Script=prevector=36' ('.' is the value itself). May be repeated."`

	layoutFlags
}

// modelList are names of models, with commas between them.
type modelList []string

// UnmarshalText is encoding.TextUnmarshaler's. A flag that is given again adds to the list.
func (l *modelList) UnmarshalText(text []byte) error {
	if *l == nil {
		*l = modelList{}
	}
	if len(text) > 0 {
		*l = append(*l, strings.Split(string(text), ",")...)
	}
	return nil
}

// pricing is the flags read.
type pricing struct {
	models []*rules.Model
	paths  []price.PathRule
	layout *layoutFlags
	arch   string // of the go models: see layoutFlags.arch
}

// defaultModels are those of an account for a person, who asks what a Go program needs first; JSON
// has them in the order in which it always had the first.
func defaultModels(output string) []string {
	if output == "json" {
		return []string{"core", "go"}
	}
	return []string{"go", "core"}
}

// parse reads the flags, for an account in the form of an output; an error is one of usage.
func (f *pricingFlags) parse(ctx context.Context, output string) (*pricing, error) {
	arch, err := f.arch(ctx)
	if err != nil {
		return nil, err
	}
	if f.Model == nil {
		f.Model = defaultModels(output)
	}
	if len(f.Model) == 0 {
		return nil, failure{exitUsage, errors.New("--model is empty: name one at least " +
			"(memsize models lists them)")}
	}
	p := &pricing{layout: &f.layoutFlags, arch: arch}
	for _, name := range f.Model {
		m, err := rules.Lookup(goModel(strings.TrimSpace(name), arch))
		if err != nil {
			return nil, failure{exitUsage, err}
		}
		p.models = append(p.models, m)
	}
	for _, s := range f.Rule {
		rule, err := price.ParsePathRule(s)
		if err != nil {
			return nil, failure{exitUsage, err}
		}
		p.paths = append(p.paths, rule)
	}
	return p, nil
}

// price is the account of a file's census, and the census in the Go types that the flags name. An
// error is one of usage, such as a rule that fits no place.
func (p *pricing) price(ctx context.Context, std *streams, name string, c *snapshot.Census) (
	*snapshot.Census, *report.Report, error) {
	typed, err := p.layout.apply(ctx, std, name, c)
	if err != nil {
		return typed, nil, err
	}
	r, err := price.Price(typed, p.models, p.paths)
	var tag *rules.TagError
	if errors.As(err, &tag) && !p.layout.given() { // what a stream carries is no fault of who asks
		fmt.Fprintf(std.err, "memsize: warning: %s: the types that the stream carries are of no use, "+
			"priced from the wire: %s\n", show.Printable(name), harmless(err.Error()))
		typed = c
		r, err = price.Price(c, p.models, p.paths)
	}
	if err != nil {
		return typed, nil, failure{exitUsage, err}
	}
	return typed, r, nil
}

// account prices a census and shows the account.
func (v *viewFlags) account(ctx context.Context, std *streams, name string, c *snapshot.Census,
	p *pricing) error {
	typed, r, err := p.price(ctx, std, name, c)
	if err != nil {
		return err
	}
	return errors.Join(v.show(std.out, name, typed, r, p), refusal(name, typed))
}

// refusal is the error where encoding/gob would not decode a file into the types that the flags name;
// nil where it would, and where the types come from the file itself.
func refusal(name string, c *snapshot.Census) error {
	if d := document.Refused(c); d != nil {
		return failure{exitInput, fmt.Errorf("%s: encoding/gob refuses to decode this into the types from "+
			"%s: %s: %s", name, document.LayoutOrigin(c), d.Path, d.Text)}
	}
	return nil
}
