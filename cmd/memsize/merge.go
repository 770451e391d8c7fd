package main

import (
	"context"
	"errors"
	"fmt"
)

// mergeCommand makes one account of several files, or saves their census.
type mergeCommand struct {
	Files []string `arg:"" name:"file" predictor:"file" help:"Gob files and saved censuses, in order; - is standard input."`
	Out   string   `short:"o" placeholder:"FILE" predictor:"file" help:"Save the census of all to a file (- is standard output) instead of showing the account."`

	pricingFlags
	viewFlags
	inputFlags
	jobsFlag
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
	return errors.Join(c.stopFlags.Validate(), c.viewFlags.Validate(), c.jobsFlag.Validate())
}

// Run merges. A file of which nothing could be read is an error: the account would silently lack
// it. What could be read of a broken one is merged, and the account marked as partial.
func (c *mergeCommand) Run(ctx context.Context, std *streams) error {
	var err error
	if c.Files, err = expanded(c.Files); err != nil {
		return err
	}
	if c.Out != "" && !std.isStandardOutput(c.Out) {
		if err := std.keepInputs(c.Out, append(c.layoutFlags.files(), c.Files...)...); err != nil {
			return err
		}
	}
	pricing, err := c.pricingFlags.parse(ctx, c.Output)
	if err != nil {
		return err
	}
	census, failed, err := c.mergeFiles(ctx, std, c.Files, c.Jobs, c.biggest())
	if err != nil {
		return err
	}
	if c.Out != "" {
		return errors.Join(failed, saveCensus(std, c.Out, census))
	}
	return errors.Join(failed, c.account(ctx, std, andMore(c.Files), census, pricing))
}

// andMore names several files by the first.
func andMore(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
}
