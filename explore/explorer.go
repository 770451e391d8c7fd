package explore

import (
	tea "charm.land/bubbletea/v2"

	"github.com/bitcoin-mem/memsize/report"
)

// Explorer is a program of bubbletea that shows a report.
type Explorer struct {
	name    string
	report  *report.Report
	old     map[string]uint64 // totals of the older report by path; nil without one
	figures figures

	at      []*report.Node // from the root to the node whose children are shown
	cursors []int          // the row that was chosen in each of them
	by      column
	filter  string

	typing bool // of a filter
	help   bool
	width  int
	height int
}

// New is an Explorer for a report with a name for people. The older report is what to compare with,
// under the first model; nil for none.
func New(name string, r, older *report.Report) *Explorer {
	e := &Explorer{name: name, report: r, figures: newFigures(r, 0), at: []*report.Node{r.Tree},
		cursors: []int{0}, width: 80, height: 24}
	if older != nil {
		e.old, e.by = map[string]uint64{}, byGrowth
		for n := range older.Nodes() {
			e.old[n.Path] = n.Total
		}
	}
	return e
}

// Init is tea.Model's: there is nothing to wait for.
func (e *Explorer) Init() tea.Cmd { return nil }

// Update is tea.Model's.
func (e *Explorer) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		e.width, e.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		if e.typing {
			e.edit(msg)
			return e, nil
		}
		return e, e.key(msg.String())
	}
	return e, nil
}

// key acts upon a key; the command ends the program.
func (e *Explorer) key(key string) tea.Cmd {
	if e.help && key != "ctrl+c" { // any other key closes the help
		e.help = false
		return nil
	}
	switch key {
	case "q", "ctrl+c":
		return tea.Quit
	case "?", "f1":
		e.help = true
	case "up", "k":
		e.move(-1)
	case "down", "j":
		e.move(1)
	case "pgup":
		e.move(-e.listHeight())
	case "pgdown":
		e.move(e.listHeight())
	case "home", "g":
		e.move(-1 << 30)
	case "end", "G":
		e.move(1 << 30)
	case "enter", "right", "l":
		e.descend()
	case "left", "h", "backspace", "esc":
		e.ascend()
	case "s":
		e.sortByNext()
	case "m":
		e.nextModel()
	case "/":
		e.typing = true
	}
	return nil
}

// edit changes the filter.
func (e *Explorer) edit(msg tea.KeyPressMsg) {
	switch msg.String() {
	case "enter":
		e.typing = false
	case "esc", "ctrl+c":
		e.typing, e.filter = false, ""
	case "backspace":
		if r := []rune(e.filter); len(r) > 0 {
			e.filter = string(r[:len(r)-1])
		}
	default:
		e.filter += msg.Text
	}
	e.cursors[len(e.cursors)-1] = 0
}

func (e *Explorer) node() *report.Node { return e.at[len(e.at)-1] }

// cursor is the row that is chosen, which is none of an empty list.
func (e *Explorer) cursor() *int { return &e.cursors[len(e.cursors)-1] }

func (e *Explorer) move(by int) {
	c := e.cursor()
	*c = max(0, min(*c+by, len(e.rowsOf(e.node()))-1))
}

// descend shows what lies below the chosen row, if anything does.
func (e *Explorer) descend() {
	rows := e.rowsOf(e.node())
	if len(rows) == 0 {
		return
	}
	if n := rows[*e.cursor()].node; len(n.Children) > 0 {
		e.at, e.cursors, e.filter = append(e.at, n), append(e.cursors, 0), ""
	}
}

// ascend shows the list from which this one was opened; from the first it takes the filter away.
func (e *Explorer) ascend() {
	if e.filter = ""; len(e.at) > 1 {
		e.at, e.cursors = e.at[:len(e.at)-1], e.cursors[:len(e.cursors)-1]
	}
	e.move(0)
}

// sortByNext sorts by the next column that there are figures for.
func (e *Explorer) sortByNext() {
	for {
		e.by = (e.by + 1) % columns
		if (e.by != byGrowth || e.old != nil) && (e.by != byRetained || e.report.Tree.Retained > 0) {
			break
		}
	}
	*e.cursor() = 0
}

// nextModel shows the figures of the next model. A comparison is of the first alone.
func (e *Explorer) nextModel() {
	if e.old == nil {
		e.figures = newFigures(e.report, (e.figures.model+1)%len(e.report.Models))
	}
}
