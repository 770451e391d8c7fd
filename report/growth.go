package report

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/show"
)

// Trend is what grew over several reports of the same values: the places that grew in most steps first.
// A step is from one report to the next.
type Trend struct {
	Schema string  `json:"schema"`
	Model  string  `json:"model"`
	Steps  int     `json:"steps"`
	First  uint64  `json:"first"`  // total of the first report, in bytes
	Last   uint64  `json:"last"`   // and of the last
	Places []Grown `json:"places"` // those that are larger in the last report than in the first
}

// trendSchema names the JSON form of a Trend.
const trendSchema = "memsize-trend/1"

// Grown is a place that grew. Bytes are what its containers own themselves, so that a leak shows where
// it is, not at all places above.
type Grown struct {
	Path  string `json:"path"`
	Type  string `json:"type"`
	First uint64 `json:"first"` // bytes in the first report
	Last  uint64 `json:"last"`
	Count uint64 `json:"count"` // containers in the last report
	// Steps is in how many of the steps it grew, in bytes or in containers, less those in which it shrank.
	Steps int `json:"steps"`
	// Until is the last step in which it grew, from 1 on: one that is still growing has as many as the trend.
	Until int `json:"until"`
}

// growing is what is kept of a place from report to report: 64 bytes beside its path.
type growing struct {
	node               *Node // of the last report that had it
	first, last, count uint64
	firstUsed, used    uint64 // what elements take: a map's tables grow in jumps, its elements one by one
	steps, until, seen int32
}

// Growth compares reports of the same values in the order in which they were made, under their first
// model, and ranks the places that grew: the steadiest first, of equal ones those still growing, then
// those that grew by most bytes. It needs two reports or more, else the trend is empty.
func Growth(reports ...*Report) *Trend {
	t := &Trend{Schema: trendSchema, Steps: max(len(reports)-1, 0), Places: []Grown{}}
	places := map[string]*growing{}
	for step, r := range reports {
		t.Model, t.Last = r.Model, r.Total
		if step == 0 {
			t.First = r.Total
		}
		for n := range r.Nodes() {
			p := places[n.Path]
			if p == nil {
				p = &growing{}
				if step == 0 {
					p.first = n.Own
					p.last, p.count = n.Own, n.Count
					p.firstUsed, p.used = n.Parts.Used, n.Parts.Used
				}
				places[n.Path] = p
			}
			p.see(n, int32(step))
		}
		for _, p := range places {
			if p.seen != int32(step) { // gone
				p.see(&Node{Path: p.node.Path, Type: p.node.Type}, int32(step))
			}
		}
	}
	for path, p := range places {
		if (p.last > p.first || p.last == p.first && p.used > p.firstUsed) && p.steps > 0 {
			t.Places = append(t.Places, Grown{Path: path, Type: p.node.Type, First: p.first, Last: p.last,
				Count: p.count, Steps: int(p.steps), Until: int(p.until)})
		}
	}
	slices.SortFunc(t.Places, func(a, b Grown) int {
		return cmp.Or(cmp.Compare(b.Steps, a.Steps), cmp.Compare(b.Until, a.Until),
			cmp.Compare(b.Last-b.First, a.Last-a.First), cmp.Compare(a.Path, b.Path))
	})
	return t
}

// see takes a place as it is in the report of a step.
func (p *growing) see(n *Node, step int32) {
	switch {
	case n.Own > p.last || n.Own == p.last && (n.Count > p.count || n.Parts.Used > p.used):
		p.steps++
		p.until = step
	case n.Own < p.last || n.Count < p.count || n.Parts.Used < p.used:
		p.steps--
	}
	p.node, p.last, p.count, p.used, p.seen = n, n.Own, n.Count, n.Parts.Used, step
}

// String is the places that grow, the steadiest first, a line each.
func (t *Trend) String() string {
	var b strings.Builder
	_ = t.WriteText(&b, TextOptions{}) // a Builder takes everything
	return b.String()
}

// maxGrown is how many places WriteText lists, but for All.
const maxGrown = 20

// WriteText writes the trend for a person. The error is the writer's.
func (t *Trend) WriteText(w io.Writer, o TextOptions) error {
	text := &textWriter{options: o, w: w}
	text.printf("%s … %s over %s steps (%s)\n\n", text.bytes(t.First), text.bytes(t.Last), show.Count(uint64(t.Steps)),
		t.Model)
	rows := [][]string{{"what grew", "steps", "by", "now", "count", ""}}
	for i, g := range t.Places {
		if i == maxGrown && !o.All {
			break
		}
		rows = append(rows, []string{show.Printable(g.Path) + "  " + show.Printable(show.Abbreviate(g.Type, 40)),
			show.Count(uint64(g.Steps)) + " of " + show.Count(uint64(t.Steps)), "+" + text.bytes(g.Last-g.First),
			text.bytes(g.Last), show.Count(g.Count), t.still(g)})
	}
	if len(rows) == 1 {
		text.printf("nothing grew\n")
		return text.err
	}
	text.table(rows)
	return text.err
}

// still says of a place whether it grew in the last step.
func (t *Trend) still(g Grown) string {
	if g.Until < t.Steps {
		return "not since step " + show.Count(uint64(g.Until))
	}
	return "still growing"
}

// JSON is the trend as indented JSON.
func (t *Trend) JSON() ([]byte, error) { return json.MarshalIndent(t, "", "  ") }
