// Command memsize-explore shows in a terminal where the bytes of a gob file are, of a census of one, or
// of an account that memsize wrote as JSON. With a second file the first is compared with it.
//
// Exit codes: 0 all well, 1 a file cannot be read, 2 the command line is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/bitcoin-mem/memsize/explore"
	"github.com/bitcoin-mem/memsize/report"
)

const usage = `usage: memsize-explore [--model NAMES] FILE [OLDER]

FILE is a gob file, a census (memsize --census) or an account (memsize --output json); it may be
compressed. With OLDER, what grew since that file comes first.

  memsize-explore utxo.gob
  memsize-explore --model go today.gob yesterday.gob

  --model NAMES   the models to choose from in turn, by commas (core,go)
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("memsize-explore", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprint(errs, usage) }
	models := flags.String("model", "core,go", "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() < 1 || flags.NArg() > 2:
		fmt.Fprint(errs, usage)
		return 2
	}
	list, err := lookup(strings.Split(*models, ","))
	if err != nil {
		fmt.Fprintln(errs, "memsize-explore:", err)
		return 2
	}
	var reports [2]*report.Report
	for i, name := range flags.Args() {
		if reports[i], err = read(context.Background(), name, list); err != nil {
			fmt.Fprintf(errs, "memsize-explore: %s: %v\n", name, err)
			if reports[i] == nil {
				return 1
			}
		}
	}
	e := explore.New(filepath.Base(flags.Arg(0)), reports[0], reports[1])
	if _, err := tea.NewProgram(e, tea.WithOutput(out)).Run(); err != nil {
		fmt.Fprintln(errs, "memsize-explore:", err)
		return 1
	}
	return 0
}
