package report

import (
	"cmp"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/saturate"
)

// htmlPlace is a place of one report, or of one or both of two.
type htmlPlace struct {
	old, new *Node // nil where a report does not have it
	parent   int   // -1 for the first
	more     uint64
}

// node is the place in the newer report that has it.
func (p *htmlPlace) node() *Node {
	if p.new != nil {
		return p.new
	}
	return p.old.or()
}

// size is the larger side, in bytes with all below.
func (p *htmlPlace) size() uint64 { return max(p.old.or().Total, p.new.or().Total) }

// sideBySide lists the places of two trees, parents before children. Children are the same place
// if they have the same step and type; a step whose type changed is the same place too.
func sideBySide(old, new *Node) []*htmlPlace {
	list := []*htmlPlace{{old: old, new: new, parent: -1}}
	for i := 0; i < len(list); i++ {
		p := list[i]
		if p.old == nil || p.new == nil {
			for _, c := range p.node().Children {
				child := &htmlPlace{parent: i, new: c}
				if p.new == nil {
					child = &htmlPlace{parent: i, old: c}
				}
				list = append(list, child)
			}
			continue
		}
		list = append(list, pairs(i, p.old.Children, p.new.Children)...)
	}
	return list
}

// pairs are the children of a place that two reports have.
func pairs(parent int, old, new []*Node) (list []*htmlPlace) {
	byStep := map[string][]*Node{}
	for _, o := range old {
		byStep[o.Step] = append(byStep[o.Step], o)
	}
	take := func(n *Node, fits func(*Node) bool) *Node {
		left := byStep[n.Step]
		i := slices.IndexFunc(left, fits)
		if i < 0 {
			return nil
		}
		o := left[i]
		byStep[n.Step] = slices.Delete(left, i, i+1)
		return o
	}
	for _, n := range new {
		list = append(list, &htmlPlace{parent: parent, new: n,
			old: take(n, func(o *Node) bool { return o.Type == n.Type })})
	}
	for _, p := range list {
		if p.old == nil {
			p.old = take(p.new, func(*Node) bool { return true })
		}
	}
	for _, o := range old {
		if slices.Contains(byStep[o.Step], o) {
			list = append(list, &htmlPlace{parent: parent, old: o})
		}
	}
	return list
}

// fold keeps the n places of the largest size, and sums up what is left out of each in a place of
// its own. A place is never larger than its parent, and comes after it: parents are kept.
func fold(places []*htmlPlace, n int) []*htmlPlace {
	if len(places) <= n {
		return places
	}
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(places[b].size(), places[a].size())
	})
	kept := make([]bool, len(places))
	for _, i := range order[:n] {
		kept[i] = true
	}
	var list []*htmlPlace
	at := make([]int, len(places)) // in list, of a place or of the one that sums it up
	rests := map[int]int{}         // by the index of the parent in list
	for i, p := range places {
		parent := -1
		if p.parent >= 0 {
			parent = at[p.parent]
		}
		rest, met := rests[parent]
		switch {
		case kept[i]:
			at[i] = len(list)
			list = append(list, &htmlPlace{old: p.old, new: p.new, parent: parent})
			continue
		case list[parent].more > 0: // below what is summed up
			rest = parent
		case !met:
			rest = len(list)
			rests[parent] = rest
			list = append(list, &htmlPlace{parent: parent, old: &Node{}, new: &Node{}})
		}
		at[i] = rest
		list[rest].add(p)
	}
	return list
}

// add sums up a place, without what is below it.
func (p *htmlPlace) add(q *htmlPlace) {
	p.more++
	addOwn(p.old, q.old)
	addOwn(p.new, q.new)
}

func addOwn(sum, n *Node) {
	if n == nil {
		return
	}
	sum.Own = saturate.Add(sum.Own, n.Own)
	sum.Count = saturate.Add(sum.Count, n.Count)
	sum.Blocks = saturate.Add(sum.Blocks, n.Blocks)
	sum.Parts = sum.Parts.Plus(n.Parts)
	for m, own := range n.Models {
		if m == len(sum.Models) {
			sum.Models = append(sum.Models, 0)
		}
		sum.Models[m] = saturate.Add(sum.Models[m], own)
	}
}

// columns makes the columns of a page.
type columns struct {
	places  []*htmlPlace
	strings []string
	index   map[string]int
}

func newColumns(o HTMLOptions, places []*htmlPlace) *columns {
	limit := o.Places
	if limit <= 0 {
		limit = maxPlaces
	}
	return &columns{places: fold(places, limit), strings: []string{""}, index: map[string]int{"": 0}}
}

// of is a figure of each place; nil if all are 0.
func (c *columns) of(figure func(*htmlPlace) uint64) []uint64 {
	list, any := make([]uint64, len(c.places)), uint64(0)
	for i, p := range c.places {
		list[i] = figure(p)
		any |= list[i]
	}
	if any == 0 {
		return nil
	}
	return list
}

// node is a figure of each place in the newest report that has it.
func (c *columns) node(figure func(*Node) uint64) []uint64 {
	return c.of(func(p *htmlPlace) uint64 { return figure(p.node()) })
}

// text is a name of each place, as an index of strings; nil if none has one.
func (c *columns) text(of func(*Node) string) []int {
	list, any := make([]int, len(c.places)), 0
	for i, p := range c.places {
		s := name(of(p.node()))
		at, known := c.index[s]
		if !known {
			at = len(c.strings)
			c.strings = append(c.strings, s)
			c.index[s] = at
		}
		list[i] = at
		any |= at
	}
	if any == 0 {
		return nil
	}
	return list
}

// fill sets the columns that both kinds of pages have.
func (c *columns) fill(d *pageData) {
	p := &d.Places
	for _, place := range c.places {
		p.Parent = append(p.Parent, place.parent)
	}
	p.Step = c.text(func(n *Node) string { return n.Step })
	p.Type = c.text(func(n *Node) string { return n.Type })
	p.Rule = c.text(func(n *Node) string { return n.Rule })
	p.Causes = c.text(func(n *Node) string { return n.Causes.String() })
	p.Loop = c.node(func(n *Node) uint64 { return one(n.Recursive) })
	p.More = c.of(func(p *htmlPlace) uint64 { return p.more })
	p.Count = c.of(func(p *htmlPlace) uint64 { return p.new.or().Count })
	p.Blocks = c.node(func(n *Node) uint64 { return n.Blocks })
	p.Min = c.node(func(n *Node) uint64 { return n.Min })
	p.Max = c.node(func(n *Node) uint64 { return n.Max })
	p.Spare = c.node(func(n *Node) uint64 { return n.Parts.Spare })
	p.Padding = c.node(func(n *Node) uint64 { return n.Parts.Padding })
	p.Overhead = c.node(func(n *Node) uint64 { return n.Parts.Overhead })
	p.Rounding = c.node(func(n *Node) uint64 { return n.Parts.Rounding })
	p.Pinned = c.node(func(n *Node) uint64 { return n.Pinned })
	p.Retained = c.node(func(n *Node) uint64 { return n.Retained })
	p.Exact = c.node(func(n *Node) uint64 { return one(n.RetainedExact) })
	p.Least = c.node(func(n *Node) uint64 { least, _ := n.bound(); return least })
	p.Most = c.node(func(n *Node) uint64 { _, most := n.bound(); return most })
	d.Strings = c.strings
}

func one(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// entries are the biggest entries of all places, the largest first.
func (c *columns) entries(noValues bool) (list []pageEntry) {
	for i, p := range c.places {
		for _, e := range p.node().Biggest {
			e.Key, e.Path = name(e.Key), name(e.Path)
			if noValues {
				e.Key, e.Path = "", ""
			}
			list = append(list, pageEntry{i, e})
		}
	}
	slices.SortStableFunc(list, func(a, b pageEntry) int {
		return cmp.Compare(max(b.Retained, b.Bytes), max(a.Retained, a.Bytes))
	})
	return first(list, maxEntries)
}

// sharing has the places that share what they lead to with others.
func (c *columns) sharing() (list []pageShare) {
	for i, p := range c.places {
		share := pageShare{At: i}
		for _, s := range p.node().SharedBy {
			s.Path = name(s.Path)
			share.By = append(share.By, s)
		}
		if share.By != nil {
			list = append(list, share)
		}
	}
	return list
}
