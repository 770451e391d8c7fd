package report

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/rules"
)

// randomTree is a tree of about n nodes, some of whose steps are the same.
func randomTree(r *rand.Rand, n int) *Node {
	root := &Node{Path: "root", Step: "root"}
	nodes := []*Node{root}
	for range n {
		up := nodes[r.IntN(len(nodes))]
		own := uint64(r.IntN(100))
		c := &Node{Step: fmt.Sprintf(".F%d", r.IntN(6)), Type: fmt.Sprint("T", r.IntN(2)), Own: own, Count: 1,
			Blocks: 1, Parts: rules.Parts{Used: own}, Models: []uint64{own, 2 * own}}
		up.Children = append(up.Children, c)
		nodes = append(nodes, c)
	}
	for i := len(nodes) - 1; i >= 0; i-- { // parents come before children
		n := nodes[i]
		n.Total = n.Own
		for _, c := range n.Children {
			n.Total += c.Total
		}
	}
	return root
}

// sums are what places own on both sides, in all, under the first model and the second.
func sums(places []*htmlPlace) (old, new, second, count uint64) {
	for _, p := range places {
		old += p.old.or().Own
		new += p.new.or().Own
		second += p.new.under(1)
		count += p.new.or().Count
	}
	return old, new, second, count
}

// Side by side each node of either tree is in one place, with what is called the same beside it; folded, no byte
// is lost and parents still come before children.
func TestFoldingLosesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		a, b := randomTree(r, r.IntN(60)), randomTree(r, r.IntN(60))
		places := sideBySide(a, b)
		old, new, second, count := sums(places)
		require.Equal(t, a.Total, old)
		require.Equal(t, b.Total, new)
		require.Equal(t, 2*b.Total, second)
		nodes := map[*Node]int{}
		for _, p := range places {
			if p.old != nil && p.new != nil && p.parent >= 0 {
				require.Equal(t, p.old.Step, p.new.Step)
			}
			for _, n := range []*Node{p.old, p.new} {
				if n != nil {
					nodes[n]++
				}
			}
		}
		for _, times := range nodes {
			require.Equal(t, 1, times)
		}
		limit := 1 + r.IntN(20)
		folded := fold(places, limit)
		o, n, s, c := sums(folded)
		require.Equal(t, []uint64{old, new, second, count}, []uint64{o, n, s, c})
		var kept, more int
		for i, p := range folded {
			require.Less(t, p.parent, i)
			if p.more > 0 {
				more += int(p.more)
			} else {
				kept++
			}
		}
		require.Equal(t, min(limit, len(places)), kept)
		require.Equal(t, len(places), kept+more)
	}
}

// What has the same step and another type is the same place: its type changed.
func TestTypesMayChange(t *testing.T) {
	old := &Node{Children: []*Node{{Step: ".A", Type: "int"}, {Step: ".A", Type: "string"}, {Step: ".B", Type: "int"}}}
	new := &Node{Children: []*Node{{Step: ".A", Type: "string"}, {Step: ".A", Type: "bool"}, {Step: ".C", Type: "int"}}}
	var got []string
	for _, p := range sideBySide(old, new)[1:] {
		got = append(got, p.old.or().Step+p.old.or().Type+"→"+p.new.or().Step+p.new.or().Type)
	}
	require.Equal(t, []string{".Astring→.Astring", ".Aint→.Abool", "→.Cint", ".Bint→"}, got)
}
