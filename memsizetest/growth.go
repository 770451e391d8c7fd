package memsizetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// NoGrowth fails the test if op leaves something behind: it calls op n times to warm up, and then n
// times in each of two windows, and looks for types of which v holds more, or longer, values after
// each window. Where there are any, two more windows must show it too. So n should be as many
// operations as it takes to fill what is meant to fill (a cache up to its limit); entries that are
// replaced are no growth, nor is a map whose table got larger for as many entries.
func NoGrowth(t testing.TB, v any, op func(), n int) {
	t.Helper()
	if n < 1 {
		t.Fatalf("memsizetest: NoGrowth wants at least one operation, not %d", n)
	}
	repeat := func() {
		for range n {
			op()
		}
	}
	repeat()
	seen := []sight{look(v)}
	for range 2 {
		repeat()
		seen = append(seen, look(v))
	}
	if len(growing(seen)) == 0 {
		return
	}
	for range 2 {
		repeat()
		seen = append(seen, look(v))
	}
	if types := growing(seen); len(types) > 0 {
		t.Errorf("memsizetest: with every %d operations more is held\n\n%s", n, whatGrows(seen, types))
	}
}

// quantity is what may grow at a place or in a type.
type quantity struct {
	count uint64 // values
	used  uint64 // bytes up to their lengths
	heap  uint64 // bytes of the blocks that they hold; not of maps, whose tables grow by chance
	tiny  uint64 // values of which some may share blocks
}

// plus is the sum of two quantities.
func (q quantity) plus(p quantity) quantity {
	return quantity{q.count + p.count, q.used + p.used, q.heap + p.heap, q.tiny + p.tiny}
}

// grew tells whether there is more of anything, in each of a row of quantities than in the one
// before it. Tiny values may take more blocks by chance, up to one each.
func grew(row []quantity) bool {
	count, used, heap := true, true, true
	for i, q := range row[1:] {
		before := row[i]
		count = count && q.count > before.count
		used = used && q.used > before.used
		heap = heap && q.heap > before.heap
	}
	first, last := row[0], row[len(row)-1]
	heap = heap && last.heap-first.heap > gort.TinyBlock*last.tiny
	return count || used || heap
}

// sight is what v is found to hold at one moment.
type sight struct {
	heap   *report.Report
	types  map[string]quantity
	places map[place]quantity
}

// look takes counts and lengths as values are, and blocks as they lie on the heap.
func look(v any) sight {
	s := sight{scan(v, nil), map[string]quantity{}, map[place]quantity{}}
	for n := range shapeOf(v).Nodes() {
		q := quantity{count: n.Count, used: n.Parts.Used}
		if n.Min < gort.TinyBlock {
			q.tiny = n.Count
		}
		s.add(n, q)
	}
	for n := range s.heap.Nodes() {
		switch {
		case n.Type == untyped:
			s.add(n, quantity{count: n.Count, used: n.Own})
		case !isMap(n.Type):
			s.add(n, quantity{heap: n.Own})
		}
	}
	return s
}

// untyped is the type of blocks that only the collector's pointer maps lead to.
const untyped = "(untyped)"

func (s *sight) add(n *report.Node, q quantity) {
	if n.Count > 0 {
		p := place{n.Path, n.Type}
		s.types[n.Type], s.places[p] = s.types[n.Type].plus(q), s.places[p].plus(q)
	}
}

// growing are the types of which there is more at each sight than at the one before. A path may
// change hands where memory is shared, a type does not.
func growing(seen []sight) map[string]bool {
	types := map[string]bool{}
	for name := range seen[len(seen)-1].types {
		row := make([]quantity, len(seen))
		for i, s := range seen {
			row[i] = s.types[name]
		}
		if grew(row) {
			types[name] = true
		}
	}
	return types
}

// whatGrows is a table of the places where types grow, the one that grew most first.
func whatGrows(seen []sight, types map[string]bool) string {
	first, last := seen[0], seen[len(seen)-1]
	var places []place
	for p, q := range last.places {
		if types[p.typ] && grew([]quantity{first.places[p], q}) {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(last.grewBy(b, first), last.grewBy(a, first)),
			cmp.Compare(a.path, b.path), cmp.Compare(a.typ, b.typ))
	})
	rows := [][]string{{"where", "values", "bytes on the heap", ""}}
	for _, p := range places[:min(len(places), mostPlaces)] {
		var counts, bytes []string
		for _, s := range seen {
			counts = append(counts, show.Count(s.places[p].count))
			bytes = append(bytes, figure(s.ownAt(p)))
		}
		rows = append(rows, []string{show.Printable(p.path) + "  " + show.Printable(p.typ),
			strings.Join(counts, " → "), strings.Join(bytes, " → "), ""})
	}
	var b strings.Builder
	_ = report.WriteTable(&b, rows, report.TextOptions{}) // a strings.Builder has no errors
	if more := len(places) - mostPlaces; more > 0 {
		fmt.Fprintf(&b, "and %d more places\n", more)
	}
	return b.String()
}

// mostPlaces is how many places that grow are shown.
const mostPlaces = 10

// grewBy is by how much a place grew, in bytes.
func (s sight) grewBy(p place, before sight) uint64 {
	now, then := s.places[p], before.places[p]
	return max(now.used-min(then.used, now.used), now.heap-min(then.heap, now.heap))
}

// ownAt is what the values at a place take on the heap, in bytes.
func (s sight) ownAt(p place) (own uint64) {
	for n := range s.heap.Nodes() {
		if n.Path == p.path && n.Type == p.typ {
			own += n.Own
		}
	}
	return own
}
