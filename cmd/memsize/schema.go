package main

import (
	"context"
	"errors"

	"github.com/bitcoin-mem/memsize/internal/schema"
)

// schemaCommand shows the types of a file.
type schemaCommand struct {
	File string `arg:"" predictor:"file" help:"Gob file, or saved census; - is standard input."`

	inputFlags
}

// Help says what the declarations are.
func (schemaCommand) Help() string {
	return `The types in a file as Go declarations, formatted. Comments say what gob does not: the
widths of numbers that were assumed, what interfaces held, the types that encode themselves.

Examples:
  memsize schema utxo.gob
  memsize schema - < utxo.gob > types.go

Of a broken file they are the types of what could be read, and the exit code is 1.`
}

// Run prints the declarations. Of a broken file they are those of what could be read.
func (c *schemaCommand) Run(ctx context.Context, std *streams) error {
	census, err := c.read(ctx, std, c.File, 0)
	if err != nil && len(census.Roots) == 0 {
		return err
	}
	return errors.Join(err, schema.Write(std.out, census, c.File))
}
