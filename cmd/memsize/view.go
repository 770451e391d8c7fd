package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/document"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/report/pprof"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// viewFlags say what to show of an account.
type viewFlags struct {
	By     string `enum:"path,type,package," default:"" placeholder:"KIND" help:"Show the account by path, type or package only (default: by path and by type)."`
	Depth  int    `help:"Levels of the tree to show (0: all)." default:"0"`
	Top    int    `help:"Biggest entries to show of each container." default:"8"` // defaultTop
	All    bool   `help:"Show places of less than 1 % as well."`
	Bytes  bool   `help:"Exact bytes instead of binary units."`
	Parts  bool   `help:"Show the five parts of each model's bytes: used, spare, padding, overhead, rounding."`
	Why    bool   `help:"Show every assumption and warning, and between which figures the true ones lie."`
	Waste  bool   `help:"Show instead what the allocator rounds away, the most first: which type would gain by a smaller or larger element (JSON always has it, as parts.rounding and block); and what could be saved in the Go memory that decoding makes, and how (in JSON as waste)."`
	Output string `enum:"text,json,md,pprof,html" default:"text" help:"text; json (stable: schema memsize/1); md, Markdown; pprof, a profile for go tool pprof; or html, a page for a browser in one file."`

	NoValues bool `help:"Show nothing that comes from the values themselves: no keys of biggest entries, in no form, nor in a census that is saved."`
}

// defaultTop is Top without a flag.
const defaultTop = 8

// Validate finds numbers that cannot be, and flags that do not go together.
func (v *viewFlags) Validate() error {
	if v.Depth < 0 || v.Top < 0 {
		return errors.New("--depth and --top count lines: they cannot be negative")
	}
	if v.Waste && v.Output != "text" && v.Output != "json" {
		return errors.New("--waste is for text and JSON")
	}
	return nil
}

// biggest is how many entries a census keeps: those that are to be shown, and some for whoever
// reads it later, as JSON or saved.
func (v *viewFlags) biggest() int {
	if v.NoValues {
		return 0
	}
	return max(v.Top, 20)
}

// options are the flags as the report takes them.
func (v *viewFlags) options(w io.Writer) report.TextOptions {
	return report.TextOptions{Bytes: v.Bytes, Depth: v.Depth, All: v.All, Width: terminalWidth(w),
		Split: !v.Parts, Legend: true}
}

// terminalWidth is how many columns w has, 0 where it is no terminal.
func terminalWidth(w io.Writer) int {
	columns, _ := terminalSize(w)
	return columns
}

// show shows an account of a census.
func (v *viewFlags) show(w io.Writer, name string, c *snapshot.Census, r *report.Report,
	p *pricing) error {
	if v.Waste {
		var err error
		if r.Waste, err = price.Waste(c, p.goModel()); err != nil {
			return err
		}
	}
	switch v.Output {
	case "json":
		return writeJSON(w, name, c, r, p)
	case "md":
		return v.writeMarkdown(w, name, c, r, p)
	case "html":
		return v.writeHTML(w, name, c, r, p)
	case "pprof":
		if terminalWidth(w) > 0 || isTerminal(w) { // some do not tell their size
			return failure{exitUsage, errors.New("a profile is binary: send it to a file, " +
				"then go tool pprof FILE")}
		}
		return pprof.Write(w, r)
	}
	return v.writeText(w, name, c, r, p)
}

// writeText shows the account to a person: on a terminal, where no flag asks for more, as much of
// it as fits the screen.
func (v *viewFlags) writeText(w io.Writer, name string, c *snapshot.Census, r *report.Report,
	p *pricing) error {
	f, err := v.facts(name, c, r, p)
	if err != nil {
		return err
	}
	o := v.options(w)
	_, rows := terminalSize(w)
	head := func(w io.Writer, o report.TextOptions) error {
		return v.writeHead(w, f, o, v.plain() && isSmall(o, rows))
	}
	parts := func(w io.Writer, o report.TextOptions) error {
		err := r.WriteModels(w, o)
		if v.By != "type" && v.By != "package" {
			fmt.Fprintln(w)
		}
		return err
	}
	biggest := func(w io.Writer, o report.TextOptions) error { return v.writeBiggest(w, c, o) }
	why := func(w io.Writer, o report.TextOptions) error { return v.writeWhy(w, f, o) }
	waste := func(w io.Writer, o report.TextOptions) error {
		if err := writeWaste(w, r, p.models[0].Allocator(), o); err != nil {
			return err
		}
		return writeSavings(w, r, p.goModel(), o)
	}
	tree, others := r.WriteTree, []section{r.WriteTypes, biggest}
	switch {
	case v.Waste:
		tree, others = waste, nil
	case v.By == "type":
		tree, others = r.WriteTypes, nil
	case v.By == "package":
		tree, others = r.WritePackages, nil
	case v.By == "path":
		others = []section{biggest}
	}
	if v.Why {
		others = append(others, why)
	}
	if rows > 0 && v.plain() {
		return writeScreen(w, rows, o, head, tree, others)
	}
	sections := []section{head}
	if v.Parts {
		sections = append(sections, parts)
	}
	for _, write := range append(append(sections, tree), others...) {
		if err := write(w, o); err != nil {
			return err
		}
	}
	return nil
}

// plain tells that no flag says how much of an account to show.
func (v *viewFlags) plain() bool {
	return !v.All && !v.Why && !v.Waste && !v.Parts && v.By == "" && v.Depth == 0 && v.Top == defaultTop
}

// facts are what is known of a file.
type facts struct {
	name    string
	census  *snapshot.Census // in the Go types that were found
	report  *report.Report
	loading document.Decoding
}

// facts gathers what is known of a file.
func (v *viewFlags) facts(name string, c *snapshot.Census, r *report.Report, p *pricing) (facts, error) {
	loading, err := p.decoding(c, r)
	return facts{name: name, census: c, report: r, loading: loading}, err
}

// page is what a page says of a file besides its account.
func (v *viewFlags) page(f facts, links []report.HTMLLink) report.HTMLOptions {
	return report.HTMLOptions{Title: filepath.Base(f.name), NoValues: v.NoValues, Links: links,
		Notes: []string{strings.Replace(f.headline(), ", --why)", ", see below)", 1), v.figuresLine(f)}}
}

// writeMarkdown shows the account in Markdown.
func (v *viewFlags) writeMarkdown(w io.Writer, name string, c *snapshot.Census,
	r *report.Report, p *pricing) error {
	f, err := v.facts(name, c, r, p)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "### %s\n\n", show.Markdown(f.headline()))
	if r.Truncated {
		fmt.Fprintf(w, "**partial: %s**\n\n", show.Markdown(r.Reason))
	}
	fmt.Fprintf(w, "%s\n\n", show.Markdown(v.figuresLine(f)))
	o := v.options(w)
	o.Markdown, o.Legend = true, false
	err = r.WriteModels(w, o)
	switch v.By {
	case "type":
		return errors.Join(err, r.WriteTypes(w, o))
	case "package":
		return errors.Join(err, r.WritePackages(w, o))
	}
	fmt.Fprintln(w)
	return errors.Join(err, r.WriteTree(w, o))
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
	return show.Count(n) + " " + noun
}

// writeBiggest shows the largest entries of each container that holds much of the file.
func (v *viewFlags) writeBiggest(w io.Writer, census *snapshot.Census, o report.TextOptions) (
	err error) {
	width := lineWidth(o)
	title := "\nbiggest entries, bytes on the wire\n"
	for s := range census.Sites() {
		shown := s.Biggest[:min(v.Top, len(s.Biggest))]
		if len(s.Biggest) < 2 || v.Top <= 0 || !v.All && !standsOut(s, shown, census) {
			continue
		}
		path := s.Path()
		if path == "" {
			path = s.Type.String()
		}
		fmt.Fprintf(w, "%s%s\n", title, show.Printable(path))
		title = ""
		line := " "
		for _, e := range shown {
			text := fmt.Sprintf(" %s %s ", show.Printable(show.Abbreviate(e.Key, 36)), v.size(e.Bytes))
			if len([]rune(line))+len([]rune(text)) > width && line != " " {
				fmt.Fprintln(w, strings.TrimRight(line, " "))
				line = " "
			}
			line += text
		}
		_, err = fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	return err
}

// standsOut tells whether a place holds much of the file, its entries are not all alike, and their
// keys tell which they are: those of several containers may be the same.
func standsOut(s *snapshot.Site, shown []snapshot.Entry, c *snapshot.Census) bool {
	keys := make(map[string]bool)
	for _, e := range shown {
		if keys[e.Key] {
			return false
		}
		keys[e.Key] = true
	}
	return show.Notable(s.Wire, uint64(c.Bytes)) &&
		s.Biggest[0].Bytes != s.Biggest[len(s.Biggest)-1].Bytes
}

// textWidth is how wide lines that can be broken get, on a terminal that is as wide.
const textWidth = 100

func lineWidth(o report.TextOptions) int {
	if o.Width > 0 {
		return min(o.Width, textWidth)
	}
	return textWidth
}

func (v *viewFlags) size(n uint64) string {
	if v.Bytes {
		return show.Count(n)
	}
	return show.Bytes(n)
}

// writeWhy lists what had to be assumed, and what was odd.
func (v *viewFlags) writeWhy(w io.Writer, f facts, o report.TextOptions) error {
	r := f.report
	item := func(text string) {
		fmt.Fprintln(w, show.Fold(show.Printable(text), "  ", "    ", lineWidth(o)))
	}
	if len(r.Assumptions) > 0 {
		fmt.Fprintln(w, "\nassumed, because gob does not say")
		for _, text := range r.Assumptions {
			item(text)
		}
	}
	if r.Models[0].Bounds != nil {
		fmt.Fprintln(w, "\nthe total lies between these figures, whatever the Go types of the file are")
		if err := r.WriteBounds(w, o); err != nil {
			return err
		}
		fmt.Fprintln(w, show.Fold("Pointers as shown: with no pointers but those that the file shows. "+
			"Both rest on no width assumed; the most rests on there being no fields that gob does not "+
			"send, and no pointers to pointers.", "", "", lineWidth(o)))
	}
	if len(r.Unbounded) > 0 {
		fmt.Fprintln(w, "\nwithout a bound")
		for _, u := range r.Unbounded {
			item(fmt.Sprintf("%s  %s: %s", u.Path, u.Type, u.Reason))
		}
	}
	if len(f.census.Warnings) > 0 {
		fmt.Fprintln(w, "\nwarnings")
		for _, warning := range f.census.Warnings {
			fmt.Fprintf(w, "  byte %d, message %d: %s\n", warning.Offset, warning.Message,
				show.Printable(warning.Text))
		}
	}
	if f.loading.Need != nil && !f.loading.Need.Overflows {
		v.writeDecoding(w, f.census, f.loading.Need)
	}
	_, err := fmt.Fprintln(w, "\ngob does not keep: unexported fields, capacities beyond the length, "+
		"and that memory was shared\n(a value reached twice was sent, and is counted, twice).")
	return err
}
