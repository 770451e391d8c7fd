package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// sizeCommand is the default command: the account of snapshots.
type sizeCommand struct {
	Files []string `arg:"" optional:"" name:"file" predictor:"file" help:"Gob files, or saved censuses; - is standard input, which is read as well where no file is named."`

	pricingFlags
	viewFlags
	inputFlags
	jobsFlag
	Census string `placeholder:"FILE" predictor:"file" help:"Save the census as well: what the account is made from, a small file that memsize reads instead of the snapshot."`
}

// Help shows how it is used; the program's own help has more of the same.
func (sizeCommand) Help() string {
	return `What the values in a file would cost once loaded: as memory of a Go program, as Bitcoin
Core's C++ would count them, by place and by type. All of it is said of a file that any Go program
wrote; --type, --binary, --layout and --rule replace what had to be assumed (--why lists it, and
between which figures the true ones lie). On a terminal the account is cut to fit the screen, unless
flags say how much to show; | less shows all of it.

How to read it: the first line says what the file is, and where its Go types were found. The wire is
the gob itself, which tells less than Go source does. The second line says what a Go program needs
that decodes it: the values, and meanwhile what encoding/gob holds besides.
A line of the tree includes what is below it. Its name is a step of a Go expression: .Field, [] for
the elements of a slice, an array or a map, [key] for a map's keys, .(T) for what an interface holds,
* for what a pointer leads to, and step… where the path comes back to itself: what lies deeper is
counted there. Entries, or values, is what the containers of the line above take themselves. Count
is how many there are, each what one of them takes itself: the smallest … average … largest.

Words of --parts: used bytes hold elements, spare is capacity beyond the length, padding the holes in
structs, overhead what containers need for themselves (links of nodes, hash buckets), rounding what
the allocator rounds away. Blocks are the containers that own memory; own is what the containers of
a line take themselves.

Examples:
  memsize utxo.gob
  memsize utxo.gob --model core,crate,go --bytes --depth 2
  memsize utxo.gob --parts
  memsize utxo.gob --rule '.=pool_unordered_map=262144' --rule '[].Script=prevector=36'
  memsize utxo.gob --type ./node.Snapshot --why
  zcat old.gob.gz | memsize --by type
  memsize shards/*.gob                        a line for each, and a total
  memsize 'shards/*.gob' --jobs 4             one account of all, of which 4 are read at once
  memsize utxo.gob --output html > utxo.html  a page for a browser
  memsize utxo.gob --output json | jq .file.decode
  memsize utxo.gob --output pprof > utxo.pb.gz && go tool pprof -top utxo.pb.gz

Exit codes: 0 done, 1 input broken, 2 usage, 3 a limit reached, 130 interrupted, 143 terminated; with
1, 3, 130 and 143 the account of what could be read is shown.`
}

// Validate finds flags that cannot be.
func (c *sizeCommand) Validate() error {
	if c.Census == "-" {
		return errNoFileForCensus
	}
	return errors.Join(c.stopFlags.Validate(), c.viewFlags.Validate(), c.jobsFlag.Validate())
}

var errNoFileForCensus = errors.New("--census needs a file, for the account goes to standard output: " +
	"memsize merge FILE -o - writes a census and no account")

// Run prints the account of a file, or a line for each of several.
func (c *sizeCommand) Run(ctx context.Context, std *streams) error {
	if len(c.Files) == 0 {
		if isTerminal(std.in) {
			return failure{exitUsage, errors.New("name a file, or - for standard input")}
		}
		c.Files = []string{"-"}
	}
	var err error
	if c.Files, err = expanded(c.Files); err != nil {
		return err
	}
	if c.Census != "" && std.isStandardOutput(c.Census) {
		return failure{exitUsage, errNoFileForCensus}
	}
	if err := std.keepInputs(c.Census, append(c.layoutFlags.files(), c.Files...)...); err != nil {
		return err
	}
	pricing, err := c.pricingFlags.parse(ctx, c.Output)
	if err != nil {
		return err
	}
	if len(c.Files) > 1 && c.Jobs > 0 {
		return c.together(ctx, std, pricing)
	}
	if len(c.Files) > 1 {
		return c.several(ctx, std, pricing)
	}
	return c.file(ctx, std, c.Files[0], func(census *snapshot.Census, r *report.Report) error {
		return c.show(std.out, c.Files[0], census, r, pricing)
	}, pricing)
}

// file accounts for one file. What could be read of a broken one is shown, and the error returned.
func (c *sizeCommand) file(ctx context.Context, std *streams, name string,
	show func(*snapshot.Census, *report.Report) error, p *pricing) error {
	census, scanErr := c.read(ctx, std, name, c.biggest())
	if scanErr != nil && len(census.Roots) == 0 {
		return scanErr
	}
	typed, r, err := p.price(ctx, std, name, census)
	if err != nil {
		return errors.Join(scanErr, err)
	}
	if err = show(typed, r); err == nil && c.Census != "" {
		err = saveCensus(std, c.Census, census)
	}
	return errors.Join(scanErr, err, refusal(name, typed))
}

// together makes one account of several files.
func (c *sizeCommand) together(ctx context.Context, std *streams, p *pricing) error {
	census, failed, err := c.mergeFiles(ctx, std, c.Files, c.Jobs, c.biggest())
	if err != nil {
		return err
	}
	err = c.account(ctx, std, andMore(c.Files), census, p)
	if err == nil && c.Census != "" {
		err = saveCensus(std, c.Census, census)
	}
	return errors.Join(failed, err)
}

// several accounts for several files: a line for each, and a total; or an account each in JSON.
// The first error is returned and the others printed: a broken file hides no other.
func (c *sizeCommand) several(ctx context.Context, std *streams, p *pricing) error {
	if c.Census != "" || c.Output == "pprof" || c.Output == "html" || c.Waste || c.By != "" {
		return failure{exitUsage, errors.New("--census, --waste, --by and --output pprof and html are for one " +
			"account: make one of several files with --jobs N or memsize merge")}
	}
	table := severalTable{pricing: p, bytes: c.Bytes}
	var failed error
	for _, name := range c.Files {
		err := c.file(ctx, std, name, func(census *snapshot.Census, r *report.Report) error {
			if c.Output == "json" {
				return writeJSON(std.out, name, census, r, p)
			}
			table.add(name, census, r)
			return nil
		}, p)
		if err != nil && c.Output != "json" && !table.has(name) {
			table.failed(name)
		}
		if err != nil && failed == nil {
			failed = err
		} else if err != nil {
			printError(std, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if c.Output == "json" {
		return failed
	}
	return errors.Join(failed, table.write(std.out, c.Output == "md", c.options(std.out)))
}

// severalTable has a row for each of several files.
type severalTable struct {
	pricing *pricing
	bytes   bool
	rows    [][]string
	values  uint64
	input   uint64
	totals  []uint64 // by model
	unread  int      // files of which nothing could be read
	last    string   // the file of the last row
}

// has tells whether the last row is that of a file.
func (t *severalTable) has(name string) bool { return t.last == name }

// failed adds the row of a file of which nothing could be read.
func (t *severalTable) failed(name string) {
	t.unread++
	row := []string{show.Printable(show.Abbreviate(name, 60)), "not read", ""}
	for range t.pricing.models {
		row = append(row, "")
	}
	t.rows = append(t.rows, append(row, ""))
	t.last = name
}

// add adds the row of a file.
func (t *severalTable) add(name string, c *snapshot.Census, r *report.Report) {
	if t.totals == nil {
		t.totals = make([]uint64, len(r.Models))
	}
	t.last = name
	if c.Incomplete {
		name += " (partial)"
	}
	var totals []uint64
	for i, m := range r.Models {
		totals = append(totals, m.Total)
		t.totals[i] = saturate.Add(t.totals[i], m.Total)
	}
	t.values += c.Values
	t.input += uint64(c.InputBytes)
	t.row(name, uint64(c.InputBytes), c.Values, totals)
}

func (t *severalTable) row(name string, input, values uint64, totals []uint64) {
	size := show.Bytes
	if t.bytes {
		size = show.Count
	}
	row := []string{show.Printable(show.Abbreviate(name, 60)), size(input), show.Count(values)}
	for _, total := range totals {
		row = append(row, size(total))
	}
	t.rows = append(t.rows, append(row, ""))
}

// write writes the table with its header and total.
func (t *severalTable) write(w io.Writer, markdown bool,
	o report.TextOptions) error {
	if len(t.rows) == t.unread {
		return nil
	}
	header := []string{fmt.Sprintf("file (%d)", len(t.rows)), "size", "values"}
	if t.unread > 0 {
		header[0] = fmt.Sprintf("file (%d of %d)", len(t.rows)-t.unread, len(t.rows))
	}
	for _, m := range t.pricing.models {
		header = append(header, m.Name())
	}
	t.row("total", t.input, t.values, t.totals)
	o.Markdown = markdown
	return report.WriteTable(w, append([][]string{append(header, "")}, t.rows...), o)
}
