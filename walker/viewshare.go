package walker

import (
	"cmp"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/saturate"
)

// This file is what a viewsWalk makes of the views that it met.

// common is views that overlap, in the order in which they lie, and what they are charged together.
type common struct {
	views  []view
	labels []uint32
	all    uint64
}

// settle finds what each root holds.
func (w *viewsWalk) settle(h *Holdings, owned []uint32) {
	for _, bytes := range w.only { // of the roots themselves
		h.Together = saturate.Add(h.Together, bytes)
	}
	for id := uint32(1); id < w.count; id++ {
		x := w.view(id)
		bytes := x.inside
		if x.node != ownView && (x.free || w.single(id)) {
			bytes = saturate.Add(bytes, w.priceOf(w.session.nodes[x.node])(x.len, x.cap))
		}
		h.Together = saturate.Add(h.Together, bytes)
		if x.label&shared != 0 {
			w.vertices[x.label&^shared].weight += bytes
		} else {
			w.only[x.label] += bytes
		}
	}
	var groups []common
	w.eachCommon(func(c common) {
		c.all = w.charge(h, c.views)
		h.Together = saturate.Add(h.Together, c.all)
		groups = append(groups, c)
	})
	w.pages.reset()
	g := &grouped{viewsWalk: w, sharers: w.solve(), h: h, at: map[uint32][]uint32{}}
	g.attach(groups)
	g.only()
	g.alone(owned)
}

// single tells whether no other view lies in a view's block.
func (w *viewsWalk) single(id uint32) bool {
	x := w.view(id)
	p := pointerTo(x.at)
	return x.next == 0 && w.pages.of(p).heap() && *w.last(p) == id
}

// eachCommon calls f with the views that are not single, those that overlap together.
func (w *viewsWalk) eachCommon(f func(c common)) {
	w.chain(w.outside, f)
	w.pages.each(func(_ uintptr, page *blockPage) {
		if page.counts == nil {
			return
		}
		for _, last := range page.counts[:page.shape.perPage()] {
			if last != 0 && w.view(last).next != 0 || last != 0 && w.view(last).node == ownView {
				w.chain(last, f)
			}
		}
	})
}

// chain calls f with the views of a block, those that overlap together.
func (w *viewsWalk) chain(last uint32, f func(c common)) {
	type labelled struct {
		view
		label uint32
	}
	var list []labelled
	for id := last; id != 0; id = w.view(id).next {
		if x := w.view(id); !x.free {
			list = append(list, labelled{w.extent(id), x.label})
		}
	}
	slices.SortStableFunc(list, func(a, b labelled) int {
		return cmp.Or(cmp.Compare(a.lo, b.lo), cmp.Compare(b.hi, a.hi))
	})
	for len(list) > 0 {
		var c common
		for end := list[0].hi; len(list) > 0 && (len(c.views) == 0 || list[0].lo < end); list = list[1:] {
			end = max(end, list[0].hi)
			c.views, c.labels = append(c.views, list[0].view), append(c.labels, list[0].label)
		}
		f(c)
	}
}

// charge is what views are charged that lie in order: those that overlap together.
func (w *viewsWalk) charge(h *Holdings, views []view) (bytes uint64) {
	for len(views) > 0 {
		end, n := views[0].hi, 1
		for n < len(views) && views[n].lo < end {
			end = max(end, views[n].hi)
			n++
		}
		dearest := uint64(0)
		for _, c := range candidates(views[:n], end) {
			price := w.priceOf(c.Node)(c.Len, c.Cap)
			if c.Bytes > 0 {
				price = h.Bytes(c.Bytes, c.Bytes)
			}
			dearest = max(dearest, price)
		}
		bytes = saturate.Add(bytes, dearest)
		views = views[n:]
	}
	return bytes
}

// grouped is the views that overlap, by the components that lead to them.
type grouped struct {
	*viewsWalk
	*sharers
	h      *Holdings
	groups []common            // of more than one component, which are the labels now
	at     map[uint32][]uint32 // the groups by component
}

// attach gives the charge of overlapping views to the component that leads to all of them, or keeps them
// as a group.
func (g *grouped) attach(groups []common) {
	root := map[uint32]uint32{}
	for r := uint32(1); int(r) < len(g.sharers.sharing.only); r++ {
		root[g.component[r]] = r
	}
	for _, c := range groups {
		for i, label := range c.labels {
			if label&shared != 0 {
				c.labels[i] = g.of(label &^ shared)
			} else {
				c.labels[i] = g.component[label]
			}
		}
		distinct := slices.Compact(slices.Sorted(slices.Values(c.labels)))
		switch r := root[distinct[0]]; {
		case len(distinct) > 1:
			for _, component := range distinct {
				g.at[component] = append(g.at[component], uint32(len(g.groups)))
			}
			g.groups = append(g.groups, c)
		case r != 0:
			g.sharers.sharing.only[r] += c.all
		default:
			g.weight[distinct[0]] += c.all
		}
	}
}

// only is by how much the charges fall without each root. What is left of overlapping views may be dearer
// than the whole was: in all, that counts as 0.
func (g *grouped) only() {
	for r, bytes := range g.sharers.sharing.only[1:] {
		c := g.component[r+1]
		fall := int64(bytes)
		for _, k := range g.at[c] {
			group := &g.groups[k]
			var rest []view
			for i, v := range group.views {
				if group.labels[i] != c {
					rest = append(rest, v)
				}
			}
			fall += int64(group.all) - int64(g.charge(g.h, rest))
		}
		g.h.Only = append(g.h.Only, uint64(max(fall, 0)))
	}
}

// alone is what each root holds when it is alone. owned has the vertices of roots' own blocks.
func (g *grouped) alone(owned []uint32) {
	closed := map[uint32]bool{} // whether another root leads there
	for _, v := range owned {
		if v != 0 {
			closed[g.of(v)] = false
		}
	}
	for r, bytes := range g.sharers.sharing.only[1:] {
		leads := false
		touched := map[uint32]bool{}
		for _, c := range g.reached(uint32(r + 1)) {
			bytes += g.weight[c]
			for _, k := range g.at[c] {
				touched[k] = true
			}
			if _, ok := closed[c]; ok && (owned[r+1] == 0 || g.of(owned[r+1]) != c) {
				leads, closed[c] = true, true
			}
		}
		for k := range touched {
			bytes += g.charge(g.h, g.seenOf(&g.groups[k]))
		}
		if g.h.Alone = append(g.h.Alone, bytes); leads {
			g.h.Leads = append(g.h.Leads, r)
		}
	}
	for r, v := range owned[1:] {
		if v != 0 && closed[g.of(v)] {
			g.h.Led = append(g.h.Led, r)
		}
	}
}

// seenOf are the views of a group to which the root leads that reached was asked for last.
func (g *grouped) seenOf(group *common) (views []view) {
	for i, v := range group.views {
		if g.seen[group.labels[i]] == g.calls {
			views = append(views, v)
		}
	}
	return views
}
