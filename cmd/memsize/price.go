package main

import (
	"strings"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/account"
)

// pricingFlags say how to price.
type pricingFlags struct {
	Model []string `default:"core,core-golayout" predictor:"model" help:"Models to price with; the first gives the tree (memsize models lists them)."`
	Rule  []string `sep:"none" placeholder:"PATH=EXPR" help:"Price a path by a rule, such as '[].Script=prevector=36' ('.' is the value itself). May be repeated."`
}

// pricing is the flags read.
type pricing struct {
	models []*rules.Model
	paths  []account.PathRule
}

// parse reads the flags; an error is one of usage.
func (f *pricingFlags) parse() (*pricing, error) {
	p := &pricing{}
	for _, name := range f.Model {
		m, err := rules.Lookup(strings.TrimSpace(name))
		if err != nil {
			return nil, failure{exitUsage, err}
		}
		p.models = append(p.models, m)
	}
	for _, s := range f.Rule {
		rule, err := account.ParsePathRule(s)
		if err != nil {
			return nil, failure{exitUsage, err}
		}
		p.paths = append(p.paths, rule)
	}
	return p, nil
}

// price is the account of a census. An error is one of usage: a rule that fits no place.
func (p *pricing) price(c *snapshot.Census) (*report.Report, error) {
	r, err := account.Price(c, p.models, p.paths)
	if err != nil {
		return nil, failure{exitUsage, err}
	}
	return r, nil
}
