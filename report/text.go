package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/rules"
)

// TextOptions choose what WriteText shows. The zero value is the default.
type TextOptions struct {
	Bytes bool // exact bytes instead of binary units
	Depth int  // levels of the tree; 0 for all
	All   bool // lines of less than a hundredth of the total as well, else they are summed up
	Width int  // columns; names are shortened so that tables fit, where they can. 0 for no limit
	Lines int  // of the tree at most: breadth before depth, then the largest. 0 for all
	// Split shows the tree for those who read it first: a column for each model, and what containers
	// own themselves as a line below them, so that lines sum to the line above.
	Split bool
	// Legend explains the words and signs of the tree below it.
	Legend bool

	Markdown bool // tables in Markdown, not in columns
}

// WriteText writes the report for a person: the models side by side, then the tree of paths.
// Each line's bytes include what is below it, "own" is what the containers there own themselves,
// so that the own figures sum to the total. The form is not stable: machines read JSON.
func (r *Report) WriteText(w io.Writer) error { return r.WriteTextOptions(w, TextOptions{}) }

// WriteTextOptions is WriteText with choices.
func (r *Report) WriteTextOptions(w io.Writer, o TextOptions) error {
	t := &textWriter{options: o, w: w}
	t.models(r)
	t.printf("\n")
	if rows := t.boundsRows(r); rows != nil {
		t.table(rows)
		t.printf("\n")
	}
	t.tree(r)
	if t.recursive {
		t.printf("\n%s\n", show.Fold(recursiveLegend+".", "", "", t.options.Width))
	}
	t.causes(r)
	t.pinned(r)
	if r.Static > 0 {
		t.printf("\nnot on the heap, and not counted: %s of static memory (globals, literals)\n",
			t.bytes(r.Static))
	}
	t.insight(r)
	t.roots(r)
	t.program(r)
	t.unaccounted(r)
	return t.err
}

// textWriter remembers the first error, so that rendering reads straight.
type textWriter struct {
	options TextOptions
	w       io.Writer
	err     error

	recursive bool // a line of the tree has the mark of steps that come back
	atLeast   bool // a line has a lower bound of what is retained
	ranges    bool // a line of the tree has the smallest, average and largest of several
}

func (t *textWriter) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

// table writes rows aligned in columns, all but the first to the right. On a terminal that is too
// narrow columns are left out, and names shortened.
func (t *textWriter) table(rows [][]string) {
	if t.options.Markdown {
		t.markdown(rows)
		return
	}
	columns := len(rows[0])
	rows = t.fit(rows)
	text := columns - 1 // the last column, unless it was left out
	widths := columnWidths(rows)
	if over := t.excess(widths); over > 0 {
		widths[0] = max(widths[0]-over, leastName)
	}
	for _, row := range rows {
		if remark(row, rows) {
			t.printf("%s\n", row[0])
			continue
		}
		var line strings.Builder
		for i, cell := range row {
			if i == 0 {
				cell = nameCell(cell, widths[0])
			}
			pad := strings.Repeat(" ", max(0, widths[i]-len([]rune(cell))))
			switch {
			case i == 0:
				line.WriteString(cell + pad)
			case i == text, strings.HasPrefix(rows[0][i], "each"): // which reasons may follow
				line.WriteString("  " + cell + pad)
			default:
				line.WriteString("  " + pad + cell)
			}
		}
		t.printf("%s\n", strings.TrimRight(line.String(), " "))
	}
}

// fit leaves out columns of a table that is too wide: the last one before names get shorter than is
// good, then those that are worth the least before names get very short.
func (t *textWriter) fit(rows [][]string) [][]string {
	last := len(rows[0]) - 1
	if last > 0 && rows[0][last] == "" {
		last--
	}
	worth := []int{last}
	for _, title := range []string{"may be off", "each", "count", "%", "own"} {
		for i, cell := range rows[0] {
			if i > 1 && i != last && strings.HasPrefix(cell, title) {
				worth = append(worth, i)
			}
		}
	}
	enough := goodName
	gone := map[int]bool{}
	for i, column := range worth {
		if column < 2 {
			continue
		}
		left := without(rows, gone)
		widths := columnWidths(left)
		if t.excess(widths) <= max(widths[0]-enough, 0) {
			break
		}
		if gone[column] = true; i == 0 {
			enough = minName
		}
	}
	return without(rows, gone)
}

// without are rows without some columns.
func without(rows [][]string, gone map[int]bool) [][]string {
	if len(gone) == 0 {
		return rows
	}
	left := make([][]string, len(rows))
	for i, row := range rows {
		if remark(row, rows) {
			left[i] = row
			continue
		}
		for j, cell := range row {
			if !gone[j] {
				left[i] = append(left[i], cell)
			}
		}
	}
	return left
}

// columnWidths is how wide the widest cell of each column is.
func columnWidths(rows [][]string) (widths []int) {
	for _, row := range rows {
		if remark(row, rows) {
			continue
		}
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if i == 0 {
				cell = strings.ReplaceAll(cell, "\t", "  ")
			}
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	return widths
}

// remark tells whether a row is one line of text between rows of several columns.
func remark(row []string, rows [][]string) bool { return len(row) == 1 && len(rows[0]) > 1 }

// How many characters of a name are shown on the narrowest terminal, on one that is wide enough for
// columns that are worth less, and on one that is wide enough for the last column.
const leastName, minName, goodName = 10, 24, 48

// excess is by how many columns a table is too wide.
func (t *textWriter) excess(widths []int) int {
	if t.options.Width == 0 {
		return 0
	}
	total := -t.options.Width
	for _, width := range widths {
		total += width + 2
	}
	return total - 2
}

// WriteTable writes rows, the first a header: the first column to the left, the others but the last
// to the right.
func WriteTable(w io.Writer, rows [][]string, o TextOptions) error {
	t := &textWriter{options: o, w: w}
	t.table(rows)
	return t.err
}

// WriteModels writes the figures of each model, in their five parts.
func (r *Report) WriteModels(w io.Writer, o TextOptions) error {
	t := &textWriter{options: o, w: w}
	t.table(t.modelRows(r))
	return t.err
}

// models writes the figures of each model, and first whether they are partial.
func (t *textWriter) models(r *Report) {
	switch {
	case r.Truncated && t.options.Markdown:
		t.printf("**partial: %s**\n\n", show.Markdown(r.Reason))
	case r.Truncated:
		t.printf("PARTIAL: %s. The figures are those of what was seen.\n\n", r.Reason)
	}
	t.table(t.modelRows(r))
}

// modelRows are the figures of each model, with a header.
func (t *textWriter) modelRows(r *Report) [][]string {
	rows := [][]string{{"model", "total", "used", "spare", "padding", "overhead", "rounding", "blocks", ""}}
	for _, m := range r.Models {
		name := m.Name
		if m.Exactness != "" {
			name += " (" + m.Exactness + ")"
		}
		rows = append(rows, []string{name, t.bytes(m.Total), t.bytes(m.Used), t.bytes(m.Spare),
			t.bytes(m.Padding), t.bytes(m.Overhead), t.bytes(m.Rounding), show.Count(m.Blocks), ""})
	}
	return rows
}

// causes explains why lines of the tree may be off. By how much at worst is known of each cause, and says
// nothing of a value: a part of a block may be all of it or next to nothing.
func (t *textWriter) causes(r *Report) {
	rows := [][]string{{"may be off", "why"}}
	for _, c := range r.causes().Each() {
		rows = append(rows, []string{c.String(), c.Why()[0]})
	}
	if len(rows) > 1 {
		t.printf("\n")
		t.table(rows)
	}
}

// causes is all reasons why lines of the tree may be off.
func (r *Report) causes() (all rules.Causes) {
	for _, f := range r.Types {
		all |= f.Causes
	}
	return all
}

// remarks explain a line of a Go heap whose figure is far beyond what is in use.
func (t *textWriter) remarks(r *Report, n *Node) (lines []string) {
	if n.Pinned > 0 {
		lines = append(lines, t.bytes(n.Pinned)+" pinned: in one block with the "+
			t.bytes(n.Parts.Used)+" in use here, and out of reach")
	}
	spare := n.Parts.Spare - min(n.Pinned, n.Parts.Spare)
	if r.Models[0].Exactness == "exact" && spare > n.Own/2 && show.Notable(spare, r.Total) {
		lines = append(lines, t.bytes(spare)+" spare: room for more than the "+
			t.bytes(n.Parts.Used)+" in use here")
	}
	if len(n.SharedBy) > 0 && show.Notable(n.Total, r.Total) {
		var by []string
		for _, s := range n.SharedBy[:min(len(n.SharedBy), 3)] {
			by = append(by, show.Printable(s.Path))
		}
		lines = append(lines, "also held by "+strings.Join(by, ", "))
	}
	return lines
}

// pinned explains what remarks call pinned, once.
func (t *textWriter) pinned(r *Report) {
	if r.Pinned == 0 {
		return
	}
	t.printf("\n%s pinned: this value keeps it alive and cannot reach it. The garbage collector "+
		"frees\na block as a whole: 10 bytes of an array, or of a string, keep all of it. A copy of what is\n"+
		"in use (slices.Clone, strings.Clone) would let go of the rest.\n", t.bytes(r.Pinned))
}

// WriteTypes writes the containers by type, the largest total first.
func (r *Report) WriteTypes(w io.Writer, o TextOptions) error {
	t := &textWriter{options: o, w: w}
	t.types(r, "type")
	return t.err
}

// types writes a table of r.Types, under a title.
func (t *textWriter) types(r *Report, title string) {
	rows := [][]string{{title + " (" + r.Model + ")", "bytes", "%", "count", ""}}
	if r.causes() != 0 {
		rows[0][4] = "may be off: why"
	}
	for _, f := range r.Types {
		if !show.Notable(f.Total, r.Total) && !t.options.All {
			continue
		}
		rows = append(rows, []string{show.Printable(show.Abbreviate(f.Type, 60)), t.bytes(f.Total),
			show.Percent(f.Total, r.Total), show.Count(f.Count), f.Causes.String()})
	}
	t.printf("\n")
	t.table(rows)
}

func joint(last bool) string {
	if last {
		return "╰╴"
	}
	return "├╴"
}

func continuation(last bool) string {
	if last {
		return "  "
	}
	return "│ "
}

// each is what one container owns itself: smallest, average and largest where they differ.
func (t *textWriter) each(n *Node) string {
	if n.Min == n.Max {
		return t.bytes(n.Min)
	}
	t.ranges = true
	return t.bytes(n.Min) + " … " + t.bytes(n.Average()) + " … " + t.bytes(n.Max)
}

// roots lists what each of several values holds, and how much of that no other holds: that column
// sums to the total.
func (t *textWriter) roots(r *Report) {
	if len(r.Roots) < 2 {
		return
	}
	rows := [][]string{{"roots (" + r.Model + ")", "holds", "only it", ""}}
	for _, f := range r.Roots {
		rows = append(rows, []string{show.Printable(f.Name), t.bytes(f.Total), t.bytes(f.Only), ""})
	}
	rows = append(rows, []string{"two or more of them", "", t.bytes(r.Shared), ""})
	t.printf("\n")
	t.table(rows)
}

// program tells how much of the total is reached only through what leads to the program.
func (t *textWriter) program(r *Report) {
	if r.Program > 0 {
		t.printf("\n%s of the total is the program's: reached only through types that lead to what all of it\n"+
			"shares, such as descriptions of types, contexts and loggers (go doc rules.ProgramTypes).\n"+
			"The value's own is %s.\n", t.bytes(r.Program), t.bytes(r.Total-min(r.Total, r.Program)))
	}
}

func (t *textWriter) unaccounted(r *Report) {
	if len(r.Unaccounted) == 0 {
		return
	}
	t.printf("\nnot counted:\n")
	for i, u := range r.Unaccounted {
		if i == maxUnaccounted && !t.options.All {
			t.printf("  and %d more places\n", len(r.Unaccounted)-i)
			return
		}
		bytes := ""
		if u.Bytes > 0 {
			bytes = t.bytes(u.Bytes) + ", "
		}
		t.printf("  %s × %s  %s: %s%s\n", show.Count(u.Count), show.Printable(u.Path), show.Printable(u.Type), bytes,
			u.Reason)
	}
}

// maxUnaccounted is how many places are listed that could not be priced.
const maxUnaccounted = 12

func (t *textWriter) bytes(n uint64) string {
	if t.options.Bytes {
		return show.Count(n)
	}
	return show.Bytes(n)
}

// Bytes is n bytes in binary units with three digits, "1.46 MiB"; exact below 1 KiB.
func Bytes(n uint64) string { return show.Bytes(n) }

// Count is n with a comma every three digits.
func Count(n uint64) string { return show.Count(n) }
