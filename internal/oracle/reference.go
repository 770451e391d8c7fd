package oracle

import (
	"slices"

	"github.com/bitcoin-mem/memsize/rules"
)

// byReference charges every edge with all that lies below it. Containers that reach each other
// (a strongly connected component) are charged once, whole, at each entry from outside.
func (g *Graph) byReference() rules.Parts {
	t := tarjan{index: map[*node]int{}, low: map[*node]int{}, group: map[*node]*group{}}
	t.visit(g.root)
	return t.group[g.root].price
}

// group is a strongly connected component and the price of entering it.
type group struct {
	members []*node
	price   rules.Parts
}

// cyclic tells whether the group's containers lie on a cycle.
func (c *group) cyclic() bool {
	return len(c.members) > 1 || slices.Contains(c.members[0].edges, c.members[0])
}

// tarjan finds strongly connected components (R. Tarjan, Depth-first search and linear graph
// algorithms, 1972). A group is complete only after all groups that it leads to.
type tarjan struct {
	index, low map[*node]int
	open       []*node
	group      map[*node]*group
}

// visit recurses along the graph, which tests keep small.
func (t *tarjan) visit(n *node) {
	t.index[n] = len(t.index)
	t.low[n] = t.index[n]
	t.open = append(t.open, n)
	for _, to := range n.edges {
		if _, seen := t.index[to]; !seen {
			t.visit(to)
			t.low[n] = min(t.low[n], t.low[to])
		} else if t.group[to] == nil {
			t.low[n] = min(t.low[n], t.index[to])
		}
	}
	if t.low[n] == t.index[n] {
		t.close(n)
	}
}

// close makes a group of n and all that is open above it, and prices it: its members, their
// slots, and every edge that leaves it.
func (t *tarjan) close(n *node) {
	at := slices.Index(t.open, n)
	c := &group{members: slices.Clone(t.open[at:])}
	t.open = t.open[:at]
	for _, m := range c.members {
		t.group[m] = c
	}
	for _, m := range c.members {
		c.price = c.price.Plus(m.price)
		for _, l := range m.leaves {
			c.price = c.price.Plus(l.price)
		}
		for _, to := range m.edges {
			if t.group[to] != c {
				c.price = c.price.Plus(t.group[to].price)
			}
		}
	}
}
