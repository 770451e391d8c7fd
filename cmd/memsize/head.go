package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/document"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// writeHead writes what is known of the file as a whole, in two lines: what it is, and what its
// values cost. On a small screen both are short.
func (v *viewFlags) writeHead(w io.Writer, f facts, o report.TextOptions, small bool) error {
	lines := []string{f.headline(), v.figuresLine(f)}
	if small {
		lines = []string{f.shortHeadline(), v.shortFigures(f)}
	}
	if f.report.Truncated {
		lines = []string{lines[0],
			"PARTIAL: " + f.report.Reason + ". The figures are those of what was seen.", lines[1]}
	}
	for _, line := range lines {
		if o.Width > 0 && len([]rune(line)) > o.Width {
			line = show.Fold(line, "", "  ", o.Width)
		}
		fmt.Fprintln(w, line)
	}
	var err error
	if !small && v.By != "type" && v.By != "package" { // whose tables begin with an empty line
		_, err = fmt.Fprintln(w)
	}
	return err
}

// headline is one line about the file.
func (f facts) headline() string {
	c := f.census
	line := f.kind("   ")
	line += fmt.Sprintf(" · %s · %s", plural(c.Values, "value"), show.Bytes(uint64(c.Bytes)))
	if len(c.Roots) == 1 {
		line += " · type " + show.Printable(show.Abbreviate(c.Roots[0].Type.String(), 50))
	}
	line += " · types from " + document.LayoutOrigin(c)
	if notes := len(f.report.Assumptions) + len(c.Warnings); notes > 0 {
		line += fmt.Sprintf(" (%s, --why)", notesText(len(f.report.Assumptions), len(c.Warnings)))
	}
	return line
}

// shortHeadline is headline for a small screen.
func (f facts) shortHeadline() string {
	return f.kind(" · ") + " · " + show.Bytes(uint64(f.census.Bytes))
}

// kind is the name of the file, and what it is.
func (f facts) kind(between string) string {
	kind := "gob"
	if f.census.Compression != "" {
		kind += " in " + f.census.Compression
	}
	return show.Printable(f.name) + between + kind
}

// figuresLine tells what the values cost: as Go memory, and under each other model.
func (v *viewFlags) figuresLine(f facts) string {
	var say []string
	switch {
	case refusal(f.name, f.census) != nil:
		return "encoding/gob refuses to decode it into these types: what stands below would not be there"
	case f.loading.Need != nil:
		say = append(say, v.decodingLine(f.loading.Need, f.census))
	}
	if claim := f.loading.Claim; claim != nil && claim.Bytes >= worthIt {
		say = append(say, fmt.Sprintf("decoding it takes %s of Go memory before it fails, for %s that a map "+
			"claims to have", v.sizeOf(claim.Bytes), entries(claim.Entries)))
	}
	for _, m := range f.report.Models {
		if f.loading.Need == nil || !isGo(m.Name) || m.Total != f.loading.Need.Result {
			say = append(say, v.sizeOf(m.Total)+" "+underModel(m.Name))
		}
	}
	return strings.Join(say, " · ")
}

// shortFigures is figuresLine for a small screen.
func (v *viewFlags) shortFigures(f facts) string {
	if f.loading.Need != nil && f.loading.Need.Overflows {
		return v.figuresLine(f)
	}
	var say []string
	for _, m := range f.report.Models {
		if isGo(m.Name) {
			say = append(say, v.size(m.Total)+" of Go memory")
		} else {
			say = append(say, v.size(m.Total)+" as "+m.Name)
		}
	}
	return strings.Join(say, ", ")
}

// worthIt is how many bytes beside the values themselves are worth a word.
const worthIt = 1 << 20

func entries(n uint64) string {
	if n == 1 {
		return "1 entry"
	}
	return show.Count(n) + " entries"
}

// isGo tells whether a model is that of a Go heap.
func isGo(model string) bool { return model == "go" || strings.HasPrefix(model, "go-") }

// underModel says in words whose bytes those of a model are.
func underModel(name string) string {
	switch name {
	case "go":
		return "of Go memory"
	case "core":
		return "as Bitcoin Core counts"
	}
	return "under " + name
}
