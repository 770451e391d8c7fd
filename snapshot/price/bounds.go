package price

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// modelBounds are the bounds of a model's total.
type modelBounds struct{ any, shown *report.Bounds }

// unbounded stands for a cost that nothing bounds.
const unbounded = math.MaxUint64

// bounds is, where a stream leaves its types open, the least and the most that each model's total
// can be; nil where it does not. Those of each place under the first model are set.
func (p *pricing) bounds(c *snapshot.Census) (list []modelBounds) {
	sites := slices.Collect(c.Sites())
	if !slices.ContainsFunc(sites, func(s *snapshot.Site) bool { return s.Doubt.Open() }) {
		return nil
	}
	slices.Reverse(sites) // what is below a place comes before it
	for i := range p.models {
		free := p.intervals(sites, i, true)
		if i == 0 {
			p.boundPlaces(free)
		}
		list = append(list, modelBounds{free.total(c), p.intervals(sites, i, false).total(c)})
	}
	return list
}

// total is the bounds of a census.
func (v *intervals) total(c *snapshot.Census) *report.Bounds {
	var sum [2]uint64
	for _, root := range c.Roots {
		sum = sumOf(sum, hull(v.ways[root]).cost)
	}
	return newBounds(sum)
}

// boundPlaces sets the bounds of all places of the report.
func (p *pricing) boundPlaces(v *intervals) {
	for s, i := range p.places {
		p.list[i].Bounds = newBounds(hull(v.ways[s]).cost)
		if cost, boxed := v.boxes[s]; boxed {
			p.list[p.boxes[s]].Bounds = newBounds(cost)
		}
	}
}

func newBounds(cost [2]uint64) *report.Bounds {
	b := &report.Bounds{Min: cost[0]}
	if cost[1] < unbounded {
		b.Max = &cost[1]
	}
	return b
}

// assumptions lists what was assumed of types: what the census names, and what holds everywhere.
func assumptions(c *snapshot.Census) (list []string) {
	for _, a := range c.Assumptions {
		list = append(list, placed(a))
	}
	pointers, structs := &places{}, &places{}
	opaque := make(map[*snapshot.Site]bool) // and what is below them, which nothing is proven of
	for s := range c.Sites() {
		if s.Doubt.Opaque || opaque[s.Parent] {
			opaque[s] = true
			continue
		}
		if s.Doubt.Pointer && s.Type.Kind() != reflect.Pointer {
			pointers.add(s.Path())
		}
		if s.Doubt.Fields && s.Fold == nil {
			structs.add(s.Type.String())
		}
	}
	if len(pointers.names) > 0 {
		list = append(list, "no pointers but those that a nil, a name or a recursive type shows: "+
			"there could be one at "+pointers.String())
	}
	if len(structs.names) > 0 {
		list = append(list, "no fields but those that gob sends (not unexported ones, channels or "+
			"functions) in "+structs.String())
	}
	return list
}

// placed is an assumption with the path to what it is of: fields of one name may be many.
func placed(a snapshot.Assumption) string {
	if above, ok := strings.CutSuffix(a.Path, a.Name); ok && a.Name != "" {
		return above + a.String()
	}
	return a.String()
}

// places is a list of names, each once.
type places struct {
	names []string
	seen  map[string]bool
}

func (p *places) add(name string) {
	if p.seen == nil {
		p.seen = make(map[string]bool)
	}
	if !p.seen[name] {
		p.seen[name] = true
		p.names = append(p.names, name)
	}
}

// String is the first few of the names, and how many more there are.
func (p *places) String() string {
	const few = 6
	if len(p.names) <= few+1 {
		return strings.Join(p.names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(p.names[:few], ", "), len(p.names)-few)
}

// unboundedPlaces lists the places that nothing bounds.
func unboundedPlaces(c *snapshot.Census) (list []report.Unbounded) {
	for s := range c.Sites() {
		if s.Doubt.Opaque {
			list = append(list, report.Unbounded{Path: s.Path(), Type: s.Type.String(),
				Reason: "encodes itself: its payload does not say what it owns in memory"})
		}
	}
	return list
}
