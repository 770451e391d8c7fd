package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// diffCommand compares two snapshots.
type diffCommand struct {
	Old  string   `arg:"" predictor:"file" help:"Gob file, or saved census."`
	New  string   `arg:"" predictor:"file" help:"Gob file, or saved census; - is standard input, as of OLD."`
	More []string `arg:"" optional:"" predictor:"file" help:"Later ones: what grew from each to the next, the steadiest first."`

	pricingFlags
	By        string   `enum:"path,type," default:"" placeholder:"KIND" help:"Compare by path or by type only (default: both)."`
	Threshold []string `sep:"none" placeholder:"LIMIT" help:"Exit with 4 if the total has grown by more than so much: a share such as 5%, or bytes such as 1MiB; [].Script=5% is for one path. May be repeated."`
	All       bool     `help:"Show changes of less than 1 % of the total as well."`
	Bytes     bool     `help:"Exact bytes instead of binary units."`
	Output    string   `enum:"text,json,md,html" default:"text" help:"text; json (stable: schema memsize-diff/1, of more than two files memsize-trend/1); md, Markdown for a pull request; or html, a page for a browser in one file."`
	inputFlags
}

// Help shows how a build uses it.
func (diffCommand) Help() string {
	return `What changed from one snapshot to another, by model, path and type. In a build:

  memsize diff main.json this.gob --threshold 5% --threshold '[].Script=1MiB' --output md

exits with 4 if the total has grown by more than 5 %, or that path by more than 1 MiB.

Examples:
  memsize diff old.gob new.gob
  memsize diff old.gob new.gob --by type --bytes --all
  memsize diff mon.gob tue.gob wed.gob thu.gob
  memsize diff old.json - --output json < new.gob | jq .total

Exit codes: 0 done, 1 input broken, 2 usage, 3 a limit reached, 4 a threshold exceeded; broken input
goes first, for the figures are partial then.`
}

// diffSchema names the JSON form of a diff.
const diffSchema = "memsize-diff/1"

// diffDocument is the JSON form of a diff.
type diffDocument struct {
	Schema  string `json:"schema"`
	OldFile string `json:"old_file"`
	NewFile string `json:"new_file"`
	*report.Diff
	Exceeded []exceeded `json:"exceeded"` // the thresholds that are; never null
}

// exceeded is a threshold that is exceeded, and by what.
type exceeded struct {
	Threshold string        `json:"threshold"` // as it was given
	Change    report.Change `json:"change"`
}

// Run compares. Broken files are compared as far as they could be read, and the error returned;
// it goes before thresholds, for the figures are partial then.
func (c *diffCommand) Run(ctx context.Context, std *streams) error {
	limits := make([]report.Threshold, len(c.Threshold))
	for i, s := range c.Threshold {
		var err error
		if limits[i], err = report.ParseThreshold(s); err != nil {
			return failure{exitUsage, err}
		}
	}
	if len(c.More) > 0 {
		return c.many(ctx, std, limits)
	}
	if c.Old == "-" && c.New == "-" {
		return failure{exitUsage, errors.New("only one of the two can be standard input")}
	}
	pricing, err := c.pricingFlags.parse(ctx, c.Output)
	if err != nil {
		return err
	}
	old, oldErr := c.account(ctx, std, c.Old, pricing)
	if old == nil {
		return oldErr
	}
	new, newErr := c.account(ctx, std, c.New, pricing)
	if new == nil {
		return errors.Join(oldErr, newErr)
	}
	d := diffDocument{diffSchema, c.Old, c.New, report.Compare(old, new), []exceeded{}}
	for i, limit := range limits {
		if _, ok := d.Diff.Place(limit.Path); !ok && limit.Path != "" {
			return errors.Join(oldErr, newErr, failure{exitUsage, fmt.Errorf("threshold %q: neither "+
				"file has such a place: memsize diff --all shows those that changed", c.Threshold[i])})
		}
		if change, is := d.Diff.Exceeded(limit); is {
			d.Exceeded = append(d.Exceeded, exceeded{c.Threshold[i], change})
		}
	}
	if err := errors.Join(oldErr, newErr, c.show(std.out, d)); err != nil {
		return err
	}
	return d.failure()
}

// many shows what grew from each of several files to the next. Thresholds are between the first and
// the last.
func (c *diffCommand) many(ctx context.Context, std *streams, limits []report.Threshold) error {
	if c.By != "" || c.Output == "html" {
		return failure{exitUsage, errors.New("--by and --output html are for two files")}
	}
	pricing, err := c.pricingFlags.parse(ctx, c.Output)
	if err != nil {
		return err
	}
	var failed error
	var reports []*report.Report
	for _, name := range append([]string{c.Old, c.New}, c.More...) {
		r, err := c.account(ctx, std, name, pricing)
		if r == nil {
			return errors.Join(failed, err)
		}
		failed = errors.Join(failed, err)
		reports = append(reports, r)
	}
	trend := report.Growth(reports...)
	o := report.TextOptions{Bytes: c.Bytes, All: c.All, Width: terminalWidth(std.out), Markdown: c.Output == "md"}
	if c.Output == "json" {
		encoder := json.NewEncoder(std.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(trend)
	} else {
		err = trend.WriteText(std.out, o)
	}
	if err := errors.Join(failed, err); err != nil {
		return err
	}
	last := len(reports) - 1
	d := diffDocument{diffSchema, c.Old, c.More[len(c.More)-1], report.Compare(reports[0], reports[last]), nil}
	for i, limit := range limits {
		if change, is := d.Diff.Exceeded(limit); is {
			d.Exceeded = append(d.Exceeded, exceeded{c.Threshold[i], change})
		}
	}
	return d.failure()
}

// account is the account of one side; nil where nothing could be read.
func (c *diffCommand) account(ctx context.Context, std *streams, name string, p *pricing) (
	*report.Report, error) {
	census, scanErr := c.read(ctx, std, name, 0)
	if scanErr != nil && len(census.Roots) == 0 {
		return nil, scanErr
	}
	typed, r, err := p.price(ctx, std, name, census)
	if err != nil {
		return nil, err
	}
	return r, errors.Join(scanErr, refusal(name, typed))
}

// show shows the diff.
func (c *diffCommand) show(w io.Writer, d diffDocument) error {
	if c.Output == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(d)
	}
	if c.Output == "html" {
		return d.writeHTML(w)
	}
	shown := *d.Diff
	switch c.By {
	case "path":
		shown.Types = nil
	case "type":
		shown.Paths = nil
	}
	o := report.TextOptions{Bytes: c.Bytes, All: c.All, Width: terminalWidth(w)}
	if c.Output == "md" {
		fmt.Fprintf(w, "%s → %s\n\n", show.Markdown(c.Old), show.Markdown(c.New))
		return errors.Join(shown.WriteMarkdown(w, o), d.writeExceeded(w))
	}
	fmt.Fprintf(w, "%s → %s\n\n", show.Printable(c.Old), show.Printable(c.New))
	return shown.WriteText(w, o)
}

// writeExceeded lists the thresholds that are exceeded, in Markdown.
func (d diffDocument) writeExceeded(w io.Writer) error {
	var err error
	for _, e := range d.Exceeded {
		_, err = fmt.Fprintf(w, "\n> **threshold exceeded**: %s\n", show.Markdown(e.text()))
	}
	return err
}

// text says what exceeds which threshold.
func (e exceeded) text() string {
	size, _ := e.Change.Size()
	name := e.Change.Name
	if name == "" {
		name = "the value"
	}
	return fmt.Sprintf("%s has grown from %s to %s, by %s: the limit is %s", name,
		show.Bytes(e.Change.Old), show.Bytes(e.Change.New), show.Bytes(size), e.Threshold)
}

// failure is the error where a threshold is exceeded.
func (d diffDocument) failure() error {
	if len(d.Exceeded) == 0 {
		return nil
	}
	var lines []string
	for _, e := range d.Exceeded {
		lines = append(lines, e.text())
	}
	return failure{exitThreshold, errors.New(strings.Join(lines, "\n"))}
}
