package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/show"
)

// WriteText writes the diff for a person: the totals by model, then the places that changed, then
// the types. Lines of less than a hundredth of the larger total are summed up unless o.All.
func (d *Diff) WriteText(w io.Writer, o TextOptions) error {
	t := &textWriter{options: o, w: w}
	t.table(d.rows(t, "model", d.Models))
	for _, part := range []struct {
		title string
		list  []Change
	}{{"where", d.Paths}, {"type", d.Types}} {
		if len(part.list) > 0 {
			t.printf("\n")
			t.table(d.rows(t, fmt.Sprintf("%s (%s)", part.title, d.Model), part.list))
		}
	}
	return t.err
}

// rows are the lines of a table of changes, with its header.
func (d *Diff) rows(t *textWriter, title string, list []Change) [][]string {
	rows := [][]string{{title, "old", "new", "change", "%", "count", ""}}
	shown, rest := d.notable(list, t.options.All)
	for _, c := range shown {
		rows = append(rows, []string{show.Printable(show.Abbreviate(c.label(), 60)), t.bytes(c.Old),
			t.bytes(c.New), t.change(c), c.percentText(), c.countText(), ""})
	}
	if rest > 0 {
		rows = append(rows, []string{fmt.Sprintf("%d smaller", rest)})
	}
	return rows
}

// notable parts a list of changes into those of at least a hundredth of the larger total, or all
// of them, and the number of the others. Models are always shown.
func (d *Diff) notable(list []Change, all bool) (shown []Change, others int) {
	for _, c := range list {
		size, _ := c.Size()
		if all || len(list) == len(d.Models) && &list[0] == &d.Models[0] ||
			show.Notable(size, max(d.Total.Old, d.Total.New)) {
			shown = append(shown, c)
		} else {
			others++
		}
	}
	if len(list) == len(shown)+1 { // a line for a line
		return list, 0
	}
	return shown, others
}

// label names the line: by model, type, or path with the type there.
func (c Change) label() string {
	name := c.Name
	switch {
	case c.Type == "" || c.Type == name:
	case name == "":
		name = c.Type
	default:
		name += "  " + c.Type
	}
	if name == "" {
		name = "all"
	}
	return name
}

// change is the difference with its sign.
func (t *textWriter) change(c Change) string {
	size, more := c.Size()
	switch {
	case size == 0:
		return t.bytes(0)
	case more:
		return "+" + t.bytes(size)
	}
	return "-" + t.bytes(size)
}

// percentText is the relative change with its sign; "new" for what was not there, "gone" for what
// is no more.
func (c Change) percentText() string {
	switch p := c.Percent(); {
	case math.IsInf(p, 1):
		return "new"
	case c.New == 0 && c.Old > 0:
		return "gone"
	case p > 0:
		return "+" + strconv.FormatFloat(p, 'f', 1, 64)
	default:
		return strconv.FormatFloat(p, 'f', 1, 64)
	}
}

// countText is how many containers there are, and were.
func (c Change) countText() string {
	switch {
	case c.OldCount == 0 && c.NewCount == 0:
		return ""
	case c.OldCount == c.NewCount:
		return show.Count(c.NewCount)
	}
	return show.Count(c.OldCount) + " → " + show.Count(c.NewCount)
}

// WriteMarkdown writes the diff as Markdown, for a comment on a pull request: the totals in
// sight, places and types folded away. Units and what is left out are as in WriteText.
func (d *Diff) WriteMarkdown(w io.Writer, o TextOptions) error {
	t := &textWriter{options: o, w: w}
	t.printf("**memory (%s): %s → %s (%s, %s)**\n\n", show.Markdown(d.Model), t.bytes(d.Total.Old),
		t.bytes(d.Total.New), t.change(d.Total), withPercent(d.Total.percentText()))
	t.markdown(d.rows(t, "model", d.Models))
	for _, part := range []struct {
		title string
		list  []Change
	}{{"where", d.Paths}, {"type", d.Types}} {
		if len(part.list) > 0 {
			t.printf("\n<details><summary>by %s: %s</summary>\n\n",
				map[string]string{"where": "path", "type": "type"}[part.title],
				countChanges(len(part.list)))
			t.markdown(d.rows(t, part.title, part.list))
			t.printf("\n</details>\n")
		}
	}
	return t.err
}

func withPercent(s string) string {
	if s == "new" || s == "gone" {
		return s
	}
	return s + " %"
}

func countChanges(n int) string {
	if n == 1 {
		return "1 change"
	}
	return show.Count(uint64(n)) + " changes"
}

// markdown writes rows, of which the first is the header, as a Markdown table: the first column
// to the left, the others to the right.
func (t *textWriter) markdown(rows [][]string) {
	columns := len(rows[0])
	for columns > 0 && rows[0][columns-1] == "" {
		columns--
	}
	for i, row := range rows {
		cells := make([]string, columns)
		for j := range cells {
			if j < len(row) {
				cells[j] = show.Markdown(strings.ReplaceAll(row[j], "\t", "  "))
			}
		}
		t.printf("| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			t.printf("|:--%s|\n", strings.Repeat("|--:", columns-1))
		}
	}
}

// WriteMarkdown writes the report as Markdown: the models, then the places of the tree that hold
// at least a hundredth of the total, or all of them.
func (r *Report) WriteMarkdown(w io.Writer, o TextOptions) error {
	o.Markdown = true
	t := &textWriter{options: o, w: w}
	t.models(r)
	t.printf("\n")
	if rows := t.boundsRows(r); rows != nil {
		t.markdown(rows)
		t.printf("\n")
	}
	t.markdown(t.treeRows(r))
	return t.err
}
