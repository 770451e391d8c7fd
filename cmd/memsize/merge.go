package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/bitcoin-mem/memsize/snapshot"
)

// mergeCommand makes one account of several files, or saves their census.
type mergeCommand struct {
	Files []string `arg:"" name:"file" predictor:"file" help:"Gob files and saved censuses, in order; - is standard input."`
	Out   string   `short:"o" placeholder:"FILE" predictor:"file" help:"Save the census of all to a file (- is standard output) instead of showing the account."`

	pricingFlags
	viewFlags
	inputFlags
}

// Help says what merging is for.
func (mergeCommand) Help() string {
	return `The account of all files together: what one file with all their values would give. Files
can be scanned one by one, on many machines, and only their censuses brought together:

  memsize shard-7.gob --census shard-7.json     on each machine
  memsize merge shard-*.json                    one account
  memsize merge shard-*.json -o all.json        or one census, for later`
}

// Validate finds flags that cannot be.
func (c *mergeCommand) Validate() error {
	return errors.Join(c.stopFlags.Validate(), c.viewFlags.Validate())
}

// Run merges. A file of which nothing could be read is an error: the account would silently lack
// it. What could be read of a broken one is merged, and the account marked as partial.
func (c *mergeCommand) Run(ctx context.Context, std *streams) error {
	if c.Out != "" && !std.isStandardOutput(c.Out) {
		if err := std.keepInputs(c.Out, append(c.layoutFlags.files(), c.Files...)...); err != nil {
			return err
		}
	}
	pricing, err := c.pricingFlags.parse(ctx, c.Output)
	if err != nil {
		return err
	}
	var list []*snapshot.Census
	var failed error
	for _, name := range c.Files {
		census, err := c.read(ctx, std, name, c.biggest())
		if err != nil && len(census.Roots) == 0 {
			return err
		}
		if err != nil && failed == nil {
			failed = err
		} else if err != nil {
			printError(std, err)
		}
		list = append(list, census)
	}
	census, err := snapshot.Merge(list...)
	if err != nil {
		return errors.Join(failed, err)
	}
	if c.Out != "" {
		return errors.Join(failed, saveCensus(std, c.Out, census))
	}
	name := c.Files[0]
	if len(c.Files) > 1 {
		name = fmt.Sprintf("%s and %d more", name, len(c.Files)-1)
	}
	typed, r, err := pricing.price(ctx, std, name, census)
	if err != nil {
		return errors.Join(failed, err)
	}
	return errors.Join(failed, c.show(std.out, name, typed, r, pricing), refusal(name, typed))
}
