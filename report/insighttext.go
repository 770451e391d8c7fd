package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/show"
)

// insight writes what was asked for beside the account: the biggest entries, what could be saved, how
// much of the live heap is explained.
func (t *textWriter) insight(r *Report) {
	t.biggest(r)
	t.waste(r)
	if c := r.Coverage; c != nil && c.Live > 0 {
		t.printf("\n%s of the %s that the last collection found to be live%s\n", show.Percent(min(c.Held, c.Live),
			c.Live)+" %", t.bytes(c.Live), t.since(c))
	}
}

// since says what was allocated after the collection, if anything.
func (t *textWriter) since(c *Coverage) string {
	if c.Since == 0 {
		return ""
	}
	return "; " + t.bytes(c.Since) + " were allocated since"
}

// maxBiggest is how many of the biggest entries of all places are listed.
const maxBiggest = 12

// biggest lists the live entries that retain most, of all places together. An entry lies in another where
// its path does: both are listed.
func (t *textWriter) biggest(r *Report) {
	var entries []Entry
	for n := range r.Nodes() {
		for _, e := range n.Biggest {
			if e.Retained > 0 {
				entries = append(entries, e)
			}
		}
	}
	if len(entries) == 0 {
		return
	}
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.Retained, a.Retained), cmp.Compare(a.Path, b.Path))
	})
	rows := [][]string{{"biggest entries", "retains", "%", ""}}
	for _, e := range entries[:min(len(entries), maxBiggest)] {
		rows = append(rows, []string{show.Printable(e.Path), t.bytes(e.Retained), show.Percent(e.Retained, r.Total), ""})
	}
	t.printf("\n")
	t.table(rows)
}

// waste lists what could be saved, the largest first.
func (t *textWriter) waste(r *Report) {
	if len(r.Waste) == 0 {
		return
	}
	rows := [][]string{{"waste", "saves", "%", "count", "where: what to do"}}
	for _, s := range r.Waste {
		if !show.Notable(s.Bytes, r.Total) && !t.options.All && len(rows) > 3 {
			continue
		}
		rows = append(rows, []string{s.Kind, t.bytes(s.Bytes), show.Percent(s.Bytes, r.Total), show.Count(s.Count),
			show.Printable(s.Path) + ": " + strings.TrimSpace(s.Advice)})
	}
	t.printf("\n")
	t.table(rows)
}
