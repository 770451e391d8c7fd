package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/account"
)

// sizeCommand is the default command: the account of snapshots.
type sizeCommand struct {
	Files []string `arg:"" name:"file" help:"Gob files; - is standard input."`

	Model  []string `default:"core,core-golayout" help:"Models to price with; the first gives the tree (memsize models lists them)."`
	Rule   []string `sep:"none" placeholder:"PATH=EXPR" help:"Price a path by a rule, such as '[].Script=prevector=36' ('.' is the value itself). May be repeated."`
	Depth  int      `help:"Levels of the tree to show (0: all)." default:"0"`
	Top    int      `help:"Biggest entries to show of each container." default:"20"`
	All    bool     `help:"Show places of less than 1 % as well."`
	Bytes  bool     `help:"Exact bytes instead of binary units."`
	Why    bool     `help:"Show every assumption and warning."`
	Waste  bool     `help:"Show instead what the allocator rounds away, the most first: which type would gain by a smaller or larger element (JSON always has it, as parts.slop and block)."`
	Output string   `enum:"text,json" default:"text" help:"text, or json (schema ${enum} is stable: memsize/1)."`

	layoutFlags

	MaxInput int64 `placeholder:"BYTES" help:"Stop after so many bytes, counted after decompression."`
}

// Run prints an account for each file.
func (c *sizeCommand) Run(ctx context.Context, std *streams) error {
	models, paths, err := c.pricing()
	if err != nil {
		return failure{exitUsage, err}
	}
	var failed error
	for i, name := range c.Files {
		if i > 0 && c.Output == "text" {
			fmt.Fprintln(std.out)
		}
		if err := c.file(ctx, std, name, models, paths); err != nil && failed == nil {
			failed = err
		} else if err != nil {
			printError(std, err)
		}
	}
	return failed
}

// pricing reads the flags that say how to price.
func (c *sizeCommand) pricing() ([]*rules.Model, []account.PathRule, error) {
	var models []*rules.Model
	for _, name := range c.Model {
		m, err := rules.Lookup(goModel(strings.TrimSpace(name), c.Arch))
		if err != nil {
			return nil, nil, err
		}
		models = append(models, m)
	}
	var paths []account.PathRule
	for _, s := range c.Rule {
		rule, err := account.ParsePathRule(s)
		if err != nil {
			return nil, nil, err
		}
		paths = append(paths, rule)
	}
	return models, paths, nil
}

// file accounts for one file. What could be read of a broken one is shown, and the error returned.
func (c *sizeCommand) file(ctx context.Context, std *streams, name string,
	models []*rules.Model, paths []account.PathRule) error {
	in, size, err := open(name, std.in)
	if err != nil {
		return failure{exitInput, err}
	}
	defer in.Close()
	progress := newProgress(std.err, name, size)
	options := []snapshot.Option{snapshot.Biggest(max(c.Top, 2)), snapshot.Progress(progress.update)}
	if c.MaxInput > 0 {
		options = append(options, snapshot.MaxInput(c.MaxInput))
	}
	census, scanErr := snapshot.Scan(ctx, in, options...)
	progress.done()
	if scanErr != nil {
		scanErr = failure{exitCode(scanErr), fmt.Errorf("%s: %w", name, scanErr)}
		if len(census.Roots) == 0 {
			return scanErr
		}
	}
	census, err = c.apply(ctx, std, name, census)
	if err != nil {
		return err
	}
	r, err := account.Price(census, models, paths)
	if err != nil {
		return failure{exitUsage, err}
	}
	if c.Output == "json" {
		err = writeJSON(std.out, name, census, r)
	} else {
		err = c.writeText(std.out, name, census, r, models)
	}
	return errors.Join(scanErr, err)
}

// open opens a file, or standard input for "-". The size is 0 where it is not known.
func open(name string, in io.Reader) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(in), 0, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, explainOpen(err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a directory: name the files in it", name)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func explainOpen(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return err
}

// exitCode is what the error of a scan means.
func exitCode(err error) int {
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, snapshot.ErrLimit):
		return exitLimit
	}
	return exitInput
}

// writeText shows the account to a person.
func (c *sizeCommand) writeText(w io.Writer, name string, census *snapshot.Census,
	r *report.Report, models []*rules.Model) error {
	fmt.Fprintln(w, headline(name, census, r))
	fmt.Fprintln(w)
	o := report.TextOptions{Bytes: c.Bytes, Depth: c.Depth, All: c.All}
	if c.Waste {
		return writeWaste(w, r, models[0].Allocator(), o)
	}
	if err := errors.Join(r.WriteTextOptions(w, o), r.WriteTypes(w, o)); err != nil {
		return err
	}
	c.writeBiggest(w, census)
	if c.Why {
		writeWhy(w, census)
	}
	return nil
}

// headline is one line about the file.
func headline(name string, c *snapshot.Census, r *report.Report) string {
	parts := []string{report.Printable(name), "gob"}
	if c.Compression != "" {
		parts[1] = "gob in " + c.Compression
	}
	line := strings.Join(parts, "   ")
	line += fmt.Sprintf(" · %s · %s", plural(c.Values, "value"), report.Bytes(uint64(c.Bytes)))
	if len(c.Roots) == 1 {
		line += " · type " + report.Printable(report.Abbreviate(c.Roots[0].Type.String(), 50))
	}
	line += " · layout from " + layoutOrigin(c)
	if notes := len(r.Assumptions) + len(c.Warnings); notes > 0 {
		line += fmt.Sprintf(" (%s, --why)", notesText(len(r.Assumptions), len(c.Warnings)))
	}
	return line
}

func notesText(assumptions, warnings int) string {
	var parts []string
	if assumptions > 0 {
		parts = append(parts, plural(uint64(assumptions), "assumption"))
	}
	if warnings > 0 {
		parts = append(parts, plural(uint64(warnings), "warning"))
	}
	return strings.Join(parts, ", ")
}

func plural(n uint64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return report.Count(n) + " " + noun
}

// writeBiggest shows the largest entries of each container that holds much of the file.
func (c *sizeCommand) writeBiggest(w io.Writer, census *snapshot.Census) {
	title := "\nbiggest entries, bytes on the wire\n"
	for s := range census.Sites() {
		if len(s.Biggest) < 2 || c.Top <= 0 || !c.All && !standsOut(s, census) {
			continue
		}
		path := s.Path()
		if path == "" {
			path = s.Type.String()
		}
		fmt.Fprintf(w, "%s%s\n", title, report.Printable(path))
		title = ""
		line := " "
		for _, e := range s.Biggest[:min(c.Top, len(s.Biggest))] {
			text := fmt.Sprintf(" %s %s ", report.Printable(report.Abbreviate(e.Key, 36)), c.size(e.Bytes))
			if len([]rune(line))+len([]rune(text)) > textWidth {
				fmt.Fprintln(w, strings.TrimRight(line, " "))
				line = " "
			}
			line += text
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// standsOut tells whether a place holds much of the file, and its entries are not all alike.
func standsOut(s *snapshot.Site, c *snapshot.Census) bool {
	return report.Notable(s.Wire, uint64(c.Bytes)) &&
		s.Biggest[0].Bytes != s.Biggest[len(s.Biggest)-1].Bytes
}

// textWidth is how wide lines that can be broken get.
const textWidth = 100

func (c *sizeCommand) size(n uint64) string {
	if c.Bytes {
		return report.Count(n)
	}
	return report.Bytes(n)
}

// writeWhy lists what had to be assumed, and what was odd.
func writeWhy(w io.Writer, c *snapshot.Census) {
	if len(c.Assumptions) > 0 {
		fmt.Fprintln(w, "\nassumed, because gob does not say")
		for _, a := range c.Assumptions {
			fmt.Fprintf(w, "  %s\n", report.Printable(a.Text))
		}
	}
	if len(c.Warnings) > 0 {
		fmt.Fprintln(w, "\nwarnings")
		for _, warning := range c.Warnings {
			fmt.Fprintf(w, "  byte %d, message %d: %s\n", warning.Offset, warning.Message,
				report.Printable(warning.Text))
		}
	}
	fmt.Fprintln(w, "\ngob does not keep: unexported fields, capacities beyond the length, and that "+
		"memory was shared\n(a value reached twice was sent, and is counted, twice).")
}
