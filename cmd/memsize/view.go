package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/report/pprof"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/decoding"
)

// viewFlags say what to show of an account.
type viewFlags struct {
	By     string `enum:"path,type,package," default:"" help:"Show the account by path, type or package only (default: by path and by type)."`
	Depth  int    `help:"Levels of the tree to show (0: all)." default:"0"`
	Top    int    `help:"Biggest entries to show of each container." default:"8"`
	All    bool   `help:"Show places of less than 1 % as well."`
	Bytes  bool   `help:"Exact bytes instead of binary units."`
	Why    bool   `help:"Show every assumption and warning."`
	Waste  bool   `help:"Show instead what the allocator rounds away, the most first: which type would gain by a smaller or larger element (JSON always has it, as parts.slop and block)."`
	Output string `enum:"text,json,md,pprof" default:"text" help:"text; json (stable: schema memsize/1); md, Markdown; or pprof, a profile for go tool pprof."`
}

// Validate finds numbers that cannot be.
func (v *viewFlags) Validate() error {
	if v.Depth < 0 || v.Top < 0 {
		return errors.New("--depth and --top count lines: they cannot be negative")
	}
	return nil
}

// biggest is how many entries a census keeps: those that are to be shown, and some for whoever
// reads it later, as JSON or saved.
func (v *viewFlags) biggest() int { return max(v.Top, 20) }

// options are the flags as the report takes them.
func (v *viewFlags) options(w io.Writer) report.TextOptions {
	return report.TextOptions{Bytes: v.Bytes, Depth: v.Depth, All: v.All, Width: terminalWidth(w)}
}

// terminalWidth is how many columns w has, 0 where it is no terminal.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}

// isTerminal tells whether someone sits at the other end of a stream.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// show shows an account of a census.
func (v *viewFlags) show(w io.Writer, name string, c *snapshot.Census, r *report.Report,
	p *pricing) error {
	switch v.Output {
	case "json":
		return writeJSON(w, name, c, r, p)
	case "md":
		return v.writeMarkdown(w, name, c, r, p)
	case "pprof":
		if terminalWidth(w) > 0 {
			return failure{exitUsage, errors.New("a profile is binary: send it to a file, " +
				"then go tool pprof FILE")}
		}
		return pprof.Write(w, r)
	}
	return v.writeText(w, name, c, r, p)
}

// writeText shows the account to a person.
func (v *viewFlags) writeText(w io.Writer, name string, c *snapshot.Census, r *report.Report,
	p *pricing) error {
	need, err := p.decoding(c)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, headline(name, c, r))
	if need != nil {
		fmt.Fprintln(w, v.decodingLine(need, c))
	}
	fmt.Fprintln(w)
	o := v.options(w)
	switch {
	case v.Waste:
		return writeWaste(w, r, p.models[0].Allocator(), o)
	case v.By == "type":
		return errors.Join(r.WriteModels(w, o), r.WriteTypes(w, o))
	case v.By == "package":
		return errors.Join(r.WriteModels(w, o), r.WritePackages(w, o))
	}
	err = r.WriteTextOptions(w, o)
	if v.By == "" && err == nil {
		err = r.WriteTypes(w, o)
	}
	if err != nil {
		return err
	}
	v.writeBiggest(w, c)
	if v.Why {
		v.writeWhy(w, c, r, need)
	}
	return nil
}

// writeMarkdown shows the account in Markdown.
func (v *viewFlags) writeMarkdown(w io.Writer, name string, c *snapshot.Census,
	r *report.Report, p *pricing) error {
	need, err := p.decoding(c)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "### %s\n\n", report.MarkdownCell(headline(name, c, r)))
	if need != nil {
		fmt.Fprintf(w, "%s\n\n", report.MarkdownCell(v.decodingLine(need, c)))
	}
	return r.WriteMarkdown(w, v.options(w))
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
func (v *viewFlags) writeBiggest(w io.Writer, census *snapshot.Census) {
	width := textWidth
	if columns := terminalWidth(w); columns > 0 {
		width = min(width, columns)
	}
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
		fmt.Fprintf(w, "%s%s\n", title, report.Printable(path))
		title = ""
		line := " "
		for _, e := range shown {
			text := fmt.Sprintf(" %s %s ", report.Printable(report.Abbreviate(e.Key, 36)), v.size(e.Bytes))
			if len([]rune(line))+len([]rune(text)) > width && line != " " {
				fmt.Fprintln(w, strings.TrimRight(line, " "))
				line = " "
			}
			line += text
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
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
	return report.Notable(s.Wire, uint64(c.Bytes)) &&
		s.Biggest[0].Bytes != s.Biggest[len(s.Biggest)-1].Bytes
}

// textWidth is how wide lines that can be broken get.
const textWidth = 100

func (v *viewFlags) size(n uint64) string {
	if v.Bytes {
		return report.Count(n)
	}
	return report.Bytes(n)
}

// writeWhy lists what had to be assumed, and what was odd.
func (v *viewFlags) writeWhy(w io.Writer, c *snapshot.Census, r *report.Report,
	need *decoding.Need) {
	if len(r.Assumptions) > 0 {
		fmt.Fprintln(w, "\nassumed, because gob does not say")
		for _, text := range r.Assumptions {
			writeItem(w, report.Printable(text))
		}
		if r.Models[0].Bounds != nil {
			fmt.Fprintln(w, "Proven bounds rest on no width and no pointer assumed; the most rests on there being no\n"+
				"fields that gob does not send, and no pointers to pointers.")
		}
	}
	if len(r.Unbounded) > 0 {
		fmt.Fprintln(w, "\nwithout a bound")
		for _, u := range r.Unbounded {
			writeItem(w, report.Printable(fmt.Sprintf("%s  %s: %s", u.Path, u.Type, u.Reason)))
		}
	}
	if len(c.Warnings) > 0 {
		fmt.Fprintln(w, "\nwarnings")
		for _, warning := range c.Warnings {
			fmt.Fprintf(w, "  byte %d, message %d: %s\n", warning.Offset, warning.Message,
				report.Printable(warning.Text))
		}
	}
	if need != nil && !need.Overflows {
		v.writeDecoding(w, c, need)
	}
	fmt.Fprintln(w, "\ngob does not keep: unexported fields, capacities beyond the length, and that "+
		"memory was shared\n(a value reached twice was sent, and is counted, twice).")
}

// writeItem writes an item of a list, which may take several lines.
func writeItem(w io.Writer, text string) {
	line := " "
	for _, word := range strings.Fields(text) {
		if len([]rune(line))+len([]rune(word)) >= textWidth && strings.TrimSpace(line) != "" {
			fmt.Fprintln(w, line)
			line = "   "
		}
		line += " " + word
	}
	fmt.Fprintln(w, line)
}
