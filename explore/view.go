package explore

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/bitcoin-mem/memsize/internal/show"
)

var (
	titleStyle  = lipgloss.NewStyle().Bold(true)
	chosenStyle = lipgloss.NewStyle().Reverse(true)
	quietStyle  = lipgloss.NewStyle().Faint(true)
)

// around are the lines above and below the list: title, path, header; node, keys.
const around = 5

func (e *Explorer) listHeight() int { return max(e.height-around, 1) }

// View is tea.Model's.
func (e *Explorer) View() tea.View {
	v := tea.NewView(strings.Join(e.lines(), "\n"))
	v.AltScreen = true
	v.WindowTitle = "memsize " + e.name
	return v
}

// lines are the screen, from the top.
func (e *Explorer) lines() []string {
	if e.help {
		return e.fitted(strings.Split(help, "\n"))
	}
	rows := e.rowsOf(e.node())
	lines := []string{titleStyle.Render(e.clip(e.title())), e.clip(e.path()), quietStyle.Render(e.clip(e.header()))}
	first := max(0, *e.cursor()-e.listHeight()+1)
	for i := first; i < len(rows) && i < first+e.listHeight(); i++ {
		line := e.clip(e.line(rows[i]))
		if i == *e.cursor() {
			line = chosenStyle.Render(line + strings.Repeat(" ", e.width-ansi.StringWidth(line)))
		}
		lines = append(lines, line)
	}
	if len(rows) == 0 {
		lines = append(lines, e.clip(e.nothing()))
	}
	for len(lines) < e.height-2 {
		lines = append(lines, "")
	}
	lines = append(lines, quietStyle.Render(e.clip(e.about(rows))), quietStyle.Render(e.clip(e.keys())))
	return e.fitted(lines)
}

// fitted is as many lines as the screen has.
func (e *Explorer) fitted(lines []string) []string {
	for i, line := range lines {
		lines[i] = ansi.Truncate(line, e.width, "…")
	}
	return lines[:min(len(lines), e.height)]
}

func (e *Explorer) clip(line string) string { return ansi.Truncate(line, e.width, "…") }

func (e *Explorer) title() string {
	m := e.report.Models[e.figures.model]
	title := fmt.Sprintf("%s   %s under %s", show.Printable(e.name), show.Bytes(m.Total), m.Name)
	if e.old != nil {
		title += ", against an older account"
	}
	if e.report.Truncated {
		title += "   PARTIAL: " + show.Printable(e.report.Reason)
	}
	return title
}

func (e *Explorer) path() string {
	n := e.node()
	return fmt.Sprintf("%s  %s", show.Printable(n.Path), show.Bytes(e.figures.totals[n]))
}

func (e *Explorer) header() string {
	growth := ""
	if e.old != nil {
		growth = fmt.Sprintf("%12s ", "growth")
	}
	return fmt.Sprintf("%10s %s%6s  %s%9s  %s", "bytes", growth, "%", e.bar(-1), "count",
		"what, by "+e.by.String())
}

const (
	barWidth = 10
	narrow   = 70 // columns, below which there are no bars and the keys have no words
)

// bar shows a share; blanks for a share below 0, and nothing where the screen is narrow.
func (e *Explorer) bar(share float64) string {
	switch {
	case e.width < narrow:
		return ""
	case share < 0:
		return strings.Repeat(" ", barWidth+1)
	}
	filled := int(share*barWidth + 0.5)
	return strings.Repeat("█", filled) + strings.Repeat("·", barWidth-filled) + " "
}

func (e *Explorer) line(r row) string {
	share := 0.0
	if all := e.figures.totals[e.node()]; all > 0 {
		share = float64(r.total) / float64(all)
	}
	growth := ""
	if e.old != nil {
		growth = fmt.Sprintf("%12s ", signed(r.grown()))
	}
	below := "  "
	if len(r.node.Children) > 0 {
		below = "/ "
	}
	return fmt.Sprintf("%10s %s%6.1f  %s%9s  %s%s%s", show.Bytes(r.total), growth, 100*share, e.bar(share),
		show.Count(r.node.Count), show.Printable(r.node.Step), below,
		show.Abbreviate(show.Printable(r.node.Type), 60))
}

func signed(n int64) string {
	switch {
	case n > 0:
		return "+" + show.Bytes(uint64(n))
	case n < 0:
		return "-" + show.Bytes(uint64(-n))
	}
	return "="
}

func (e *Explorer) nothing() string {
	if e.filter != "" {
		return fmt.Sprintf("nothing here has %q in its name or type: esc takes the filter away", e.filter)
	}
	return "nothing lies below"
}

// about is what else is known of the chosen row.
func (e *Explorer) about(rows []row) string {
	if e.typing {
		return "filter: " + show.Printable(e.filter) + "▏"
	}
	if len(rows) == 0 {
		return ""
	}
	r := rows[*e.cursor()]
	text := fmt.Sprintf("own %s", show.Bytes(r.own))
	if r.node.Count > 0 && e.figures.model == 0 { // the smallest and largest are the first model's
		text += fmt.Sprintf(", each %s … %s … %s", show.Bytes(r.node.Min), show.Bytes(r.node.Average()),
			show.Bytes(r.node.Max))
	}
	if r.node.Retained > 0 {
		text += ", retains " + show.Bytes(r.node.Retained)
	}
	if len(r.node.Biggest) > 0 {
		b := r.node.Biggest[0]
		text += fmt.Sprintf(", biggest %s %s", show.Printable(b.Key), show.Bytes(max(b.Bytes, b.Retained)))
	}
	return text
}

func (e *Explorer) keys() string {
	text := "↑↓ move  enter open  ← back  s sort  m model  / filter  ? help  q quit"
	if e.width < narrow {
		text = "↑↓ enter ← s m / ? help q quit"
	}
	if e.filter != "" && !e.typing {
		text = fmt.Sprintf("only %q (esc: all)  ", e.filter) + text
	}
	return text
}

const help = `memsize-explore: where the bytes of a value are

  up, down, k, j     the row above, below          pgup, pgdown, home, end
  enter, right, l    what lies below the row
  left, h, esc       back
  s                  sort by the next column: total, own, count, retained, name, growth
  m                  the next model's figures
  /                  only rows with a text in their name or type; enter keeps it, esc drops it
  ?                  this page                     q  quit

  bytes    what the row and all below it hold
  %        of what the list's node holds
  count    containers: values that own memory of their own
  []       the elements of a slice or map    [key]  the keys of a map    .(T)  what an interface holds
  /        something lies below

any key closes this page`
