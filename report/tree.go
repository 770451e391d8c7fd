package report

import (
	"cmp"
	"container/heap"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/internal/show"
)

// WriteTree writes the tree of paths alone.
func (r *Report) WriteTree(w io.Writer, o TextOptions) error {
	t := &textWriter{options: o, w: w}
	rows := t.treeRows(r)
	t.table(rows)
	if o.Legend {
		t.printf("\n%s\n", show.Fold(t.legend(t.fit(rows)[0]), "", "", o.Width))
	}
	return t.err
}

// recursiveLegend explains the mark of steps that come back.
const recursiveLegend = "… behind a step: the path comes back here, and what lies deeper is counted " +
	"here too"

// legend explains the words and signs of the tree that was written, by the header that it has.
func (t *textWriter) legend(header []string) string {
	text := "A line includes what is below it"
	if slices.ContainsFunc(header, func(s string) bool { return strings.HasPrefix(s, "each") }) {
		text += "; each is what one takes itself"
		if t.ranges {
			text += ", the smallest … average … largest"
		}
	}
	if slices.Contains(header, "retains") {
		text += "; what a place retains would be freed if the references there were gone"
		if t.atLeast {
			text += ", ≥: at least"
		}
	}
	if t.recursive {
		text += ". " + recursiveLegend
	}
	return text + "."
}

// treeLine is a line of the tree before it is written: a node, what a node's containers own
// themselves, or the sum of nodes that are not shown.
type treeLine struct {
	node     *Node
	own      bool // not the node, but what its own containers take
	figures  []uint64
	rest     int // how many nodes were summed up; 0 for a line of one node
	children []*treeLine
	shown    int // how many of children are, the first ones
}

// treeColumns says which columns a tree has.
type treeColumns struct {
	models []string // those with figures by place; the first gives the percentages
	total  uint64   // of the first model
	own    bool     // a column for what the containers at a place own themselves
	marked bool     // a column for the reasons why figures may be off
	// retained is a column for what would be freed without the references there
	retained bool
}

// twoFigures is how wide a screen must be for a name and the figures of two models.
const twoFigures = leastName + 2*10

func (t *textWriter) columnsOf(r *Report) treeColumns {
	c := treeColumns{models: []string{r.Model}, total: r.Total, own: !t.options.Split,
		marked: r.causes() != 0, retained: r.hasRetained()}
	if t.options.Split && r.byPlace() && (t.options.Width == 0 || t.options.Width >= twoFigures) {
		c.models = nil
		for _, m := range r.Models {
			c.models = append(c.models, m.Name)
		}
	}
	return c
}

// hasRetained tells whether it was asked what is retained.
func (r *Report) hasRetained() bool {
	for n := range r.Nodes() {
		if n.Retained > 0 || n.RetainedExact {
			return true
		}
	}
	return false
}

// retainedHeader is the header of the column for what is retained, if there is one.
func (c treeColumns) retainedHeader() []string {
	if c.retained {
		return []string{"retains"}
	}
	return nil
}

// retainedCell is what a line's place retains, with a sign where that is a lower bound.
func (t *textWriter) retainedCell(l *treeLine, c treeColumns) []string {
	switch {
	case !c.retained:
		return nil
	case l.rest > 0 || l.own:
		return []string{""}
	case l.node.RetainedExact:
		return []string{t.bytes(l.node.Retained)}
	}
	t.atLeast = true
	return []string{"≥ " + t.bytes(l.node.Retained)}
}

// byPlace tells whether the nodes of the tree have figures by model.
func (r *Report) byPlace() bool {
	if len(r.Models) < 2 {
		return false
	}
	for n := range r.Nodes() {
		if len(n.Models) == len(r.Models) {
			return true
		}
	}
	return false
}

func (t *textWriter) tree(r *Report) { t.table(t.treeRows(r)) }

// treeRows are the lines of the tree, with a header.
func (t *textWriter) treeRows(r *Report) [][]string {
	c := t.columnsOf(r)
	if r.Tree == nil {
		return [][]string{t.treeHeader(c)}
	}
	root := t.lines(r, c)
	t.choose(root, c.total)
	rows := [][]string{t.treeHeader(c)}
	var write func(l *treeLine, indent, branch string)
	write = func(l *treeLine, indent, branch string) {
		rows = append(rows, t.cells(l, branch, c))
		if !l.own && l.rest == 0 {
			for _, remark := range t.remarks(r, l.node) {
				rows = append(rows, []string{indent + "  " + remark})
			}
		}
		shown := l.children[:l.shown]
		if rest := restOf(l); rest != nil {
			shown = append(slices.Clip(shown), rest)
		}
		for i, child := range shown {
			last := i == len(shown)-1
			write(child, indent+continuation(last), indent+joint(last))
		}
	}
	write(root, "", "")
	return rows
}

func (t *textWriter) treeHeader(c treeColumns) []string {
	if len(c.models) == 1 && c.own {
		header := []string{"where (" + c.models[0] + ")", "bytes", "%"}
		header = append(append(header, c.retainedHeader()...), "own", "count", "each")
		if c.marked {
			header = append(header, "may be off: why")
		}
		return header
	}
	header := []string{"where", c.models[0], "%"}
	header = append(append(header, c.models[1:]...), c.retainedHeader()...)
	header = append(header, "count", "each")
	if len(c.models) > 1 {
		header[len(header)-1] += " (" + c.models[0] + ")"
	}
	if c.marked {
		header = append(header, "may be off: why")
	}
	return header
}

// lines are the lines of all nodes, the largest of each node's children first. A node whose
// containers own something, and which has children, has a line for what they own where the options
// ask for it: the lines below it then sum to its own.
func (t *textWriter) lines(r *Report, c treeColumns) *treeLine {
	byNode := map[*Node]*treeLine{}
	var order []*treeLine
	for n := range r.Nodes() {
		l := &treeLine{node: n, figures: ownFigures(n, c)}
		byNode[n] = l
		order = append(order, l)
	}
	for _, l := range slices.Backward(order) {
		own := slices.Clone(l.figures)
		for _, child := range l.node.Children {
			below := byNode[child]
			l.children = append(l.children, below)
			for i, figure := range below.figures {
				l.figures[i] = saturate.Add(l.figures[i], figure)
			}
		}
		if l.figures[0] = l.node.Total; !c.own && len(l.children) > 0 && slices.Max(own) > 0 {
			l.children = append(l.children, &treeLine{node: l.node, own: true, figures: own})
		}
		slices.SortStableFunc(l.children, func(a, b *treeLine) int {
			return cmp.Compare(b.figures[0], a.figures[0])
		})
	}
	return byNode[r.Tree]
}

// ownFigures are what the containers at a node own themselves under each model of the columns.
func ownFigures(n *Node, c treeColumns) []uint64 {
	figures := make([]uint64, len(c.models))
	if len(n.Models) == len(figures) {
		copy(figures, n.Models)
	}
	figures[0] = n.Own
	return figures
}

// choose decides which lines are shown: those of a hundredth of the total at least, to the depth of
// the options, or so many lines as there is room for.
func (t *textWriter) choose(root *treeLine, total uint64) {
	if t.options.Lines > 0 {
		t.chooseFew(root, total)
		return
	}
	var below func(l *treeLine, depth int)
	below = func(l *treeLine, depth int) {
		if t.options.Depth > 0 && depth >= t.options.Depth {
			l.children = nil // which is no sum of them either
			return
		}
		l.shown = t.worthShowing(l, total)
		for _, child := range l.children[:l.shown] {
			below(child, depth+1)
		}
	}
	below(root, 0)
}

// worthShowing is how many of the children of a line, the first of which are the largest, are worth
// a line each. Of a value that is many small things some are, so that something is seen of it.
func (t *textWriter) worthShowing(l *treeLine, total uint64) int {
	if t.options.All {
		return len(l.children)
	}
	n := 0
	for n < len(l.children) && show.Notable(l.children[n].figures[0], total) {
		n++
	}
	if n == len(l.children)-1 && l.children[n].figures[0] > 0 { // a line for a line
		n++
	}
	if n == 0 && l.figures[0] == total {
		n = min(fewSmall, len(l.children))
	}
	return n
}

// fewSmall is how many children are shown where all are less than a hundredth.
const fewSmall = 10

// chooseFew shows breadth before depth: all children of the root, as far as there is room for them,
// then always the largest line whose parent is shown. A line more may be needed for the sum of its
// siblings.
func (t *textWriter) chooseFew(root *treeLine, total uint64) {
	room := t.options.Lines - 1 // but for the root
	limit := func(l *treeLine) int { return t.worthShowing(l, total) }
	show := func(l *treeLine) bool { // shows one more child of l
		before := l.height()
		l.shown++
		if more := l.height() - before; more > room {
			l.shown--
			return false
		} else {
			room -= more
		}
		return true
	}
	for root.shown < limit(root) && show(root) {
	}
	queue := &lineQueue{}
	push := func(l *treeLine) {
		if l.shown < limit(l) {
			heap.Push(queue, l)
		}
	}
	for _, child := range root.children[:root.shown] {
		push(child)
	}
	for queue.Len() > 0 {
		l := heap.Pop(queue).(*treeLine)
		if !show(l) {
			continue // another may need a line less
		}
		push(l.children[l.shown-1])
		push(l)
	}
}

// height is how many lines a node's children take: those shown, and one for the rest.
func (l *treeLine) height() int {
	if restOf(l) != nil {
		return l.shown + 1
	}
	return l.shown
}

// lineQueue has the lines of which another child could be shown, that with the largest first.
type lineQueue []*treeLine

func (q lineQueue) Len() int { return len(q) }
func (q lineQueue) Less(i, j int) bool {
	return q[i].children[q[i].shown].figures[0] > q[j].children[q[j].shown].figures[0]
}
func (q lineQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push is heap.Interface's.
func (q *lineQueue) Push(x any) { *q = append(*q, x.(*treeLine)) }

// Pop is heap.Interface's.
func (q *lineQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// restOf sums up the children of a line that are not shown; nil where nothing is in them, or where
// none of the children is shown: then the line itself stands for all of them.
func restOf(l *treeLine) *treeLine {
	hidden := l.children[l.shown:]
	if l.shown == 0 || len(hidden) == 0 || hidden[0].figures[0] == 0 {
		return nil
	}
	rest := &treeLine{node: l.node, rest: len(hidden), figures: make([]uint64, len(l.figures))}
	for _, child := range hidden {
		for i, figure := range child.figures {
			rest.figures[i] = saturate.Add(rest.figures[i], figure)
		}
	}
	return rest
}

// cells are the cells of a line's row.
func (t *textWriter) cells(l *treeLine, branch string, c treeColumns) []string {
	row := []string{branch + t.name(l), t.bytes(l.figures[0]), show.Percent(l.figures[0], c.total)}
	for _, figure := range l.figures[1:] {
		row = append(row, t.bytes(figure))
	}
	row = append(append(row, t.retainedCell(l, c)...), t.countCells(l, c)...)
	if c.marked && l.rest == 0 && (l.own || len(l.children) == 0 || c.own) {
		row = append(row, l.node.Causes.String())
	}
	return row
}

// countCells are the count of containers, and what each owns; before them what they own together,
// where that has a column.
func (t *textWriter) countCells(l *treeLine, c treeColumns) []string {
	n := l.node
	ownLine := slices.ContainsFunc(l.children[:l.shown], func(x *treeLine) bool { return x.own })
	switch {
	case c.own && (l.rest > 0 || n.Count == 0):
		return []string{"", "", ""}
	case c.own:
		return []string{t.bytes(n.Own), show.Count(n.Count), t.each(n)}
	case l.rest > 0 || n.Count == 0:
		return []string{"", ""}
	case n.Count == 1 || ownLine:
		return []string{show.Count(n.Count), ""}
	case !l.own && l.figures[0] != n.Own:
		return []string{show.Count(n.Count), ""} // what each holds with what is below is not known
	}
	return []string{show.Count(n.Count), t.each(n)}
}

// name is how a line is called, and behind a tab the type of what is there: see nameCell.
func (t *textWriter) name(l *treeLine) string {
	n := l.node
	switch {
	case l.rest > 0:
		return fmt.Sprintf("%d more", l.rest)
	case l.own:
		return n.ownName()
	}
	name := n.Step
	if name == "" {
		name = "*" // what the pointer above points to
	}
	if n.Path == "" {
		name = "all" // several values, or none
	}
	if n.Recursive {
		t.recursive = true
		name += "…"
	}
	name = show.Printable(name)
	typ := ""
	if n.Type != "" && n.Type != n.Step { // the values of a snapshot are called as their type is
		typ = "\t" + show.Printable(show.Abbreviate(n.Type, 40))
	}
	if n.Rule != "" {
		typ += "\t(" + show.Printable(n.Rule) + ")"
	}
	return name + typ
}

// ownName is what the containers at a node own themselves, in a word.
func (n *Node) ownName() string {
	isElement := func(child *Node) bool { return strings.HasPrefix(child.Step, "[") }
	if strings.HasPrefix(n.Type, "map[") || strings.HasPrefix(n.Type, "[") ||
		slices.ContainsFunc(n.Children, isElement) {
		return "entries"
	}
	return "values" // what pointers or interfaces lead to
}

// nameCell is the text of a name's cell in so many columns: its type is shortened before the name.
func nameCell(cell string, columns int) string {
	whole := strings.ReplaceAll(cell, "\t", "  ")
	name, rest, hasType := strings.Cut(cell, "\t")
	left := columns - len([]rune(name)) - 2
	switch {
	case len([]rune(whole)) <= columns:
		return whole
	case hasType && left > minType:
		return name + "  " + show.Abbreviate(strings.ReplaceAll(rest, "\t", "  "), left-1)
	case hasType && left >= -2:
		return name
	}
	return show.Abbreviate(whole, columns-1) // which adds an ellipsis
}

// minType is how many characters of a type are worth showing.
const minType = 8
