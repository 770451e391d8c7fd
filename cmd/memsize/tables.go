package main

import (
	"fmt"
	"strconv"
	"text/tabwriter"

	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// modelsCommand lists the models.
type modelsCommand struct{}

// Run prints a line for each model.
func (modelsCommand) Run(std *streams) error {
	for _, name := range rules.Names() {
		fmt.Fprintln(std.out, name)
	}
	return nil
}

// mallocCommand shows what allocators take.
type mallocCommand struct {
	Requests []string `arg:"" name:"bytes" help:"Requests in bytes."`
}

// Run prints a table: a line for each request, a column for each allocator.
func (c *mallocCommand) Run(std *streams) error {
	out := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(out, "request\t")
	for _, name := range malloc.Names() {
		fmt.Fprintf(out, "%s\t", name)
	}
	fmt.Fprintln(out)
	for _, s := range c.Requests {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return failure{exitUsage, fmt.Errorf("%q is not a number of bytes", s)}
		}
		fmt.Fprintf(out, "%s\t", report.Count(n))
		for _, name := range malloc.Names() {
			a, err := malloc.Lookup(name)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s\t", report.Count(a.Usage(n)))
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}
