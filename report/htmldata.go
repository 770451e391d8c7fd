package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/show"
)

// pageData is what a page shows, as its program reads it. Names are escaped as Printable does.
// Columns have a figure for each place, parents before children, and are left out where all are 0.
type pageData struct {
	Kind  string     `json:"kind"` // "report" or "diff"
	Title string     `json:"title"`
	Type  string     `json:"type,omitempty"` // of the value
	Notes []string   `json:"notes,omitempty"`
	Home  string     `json:"home,omitempty"`
	Links []HTMLLink `json:"links,omitempty"`

	Exactness string         `json:"exactness"`
	Truncated string         `json:"truncated,omitempty"` // why the walk was stopped
	Models    []ModelFigures `json:"models"`
	Old       []ModelFigures `json:"old,omitempty"` // of a diff, in the order of Models
	Static    uint64         `json:"static,omitempty"`
	Pinned    uint64         `json:"pinned,omitempty"`
	Program   uint64         `json:"program,omitempty"`
	Coverage  *Coverage      `json:"coverage,omitempty"`
	Roots     []RootFigures  `json:"roots,omitempty"`
	Shared    uint64         `json:"shared,omitempty"`
	Types     []pageType     `json:"types"`
	Waste     []Saving       `json:"waste,omitempty"`
	Missing   []Unaccounted  `json:"unaccounted,omitempty"`
	Assumed   []string       `json:"assumptions,omitempty"`
	Unbounded []Unbounded    `json:"unbounded,omitempty"`

	Strings []string    `json:"strings"` // what step, type, rule and causes are indices of
	Places  pagePlaces  `json:"places"`
	Biggest []pageEntry `json:"biggest,omitempty"`
	Sharing []pageShare `json:"sharing,omitempty"`
	Holders []pageChain `json:"holders,omitempty"`
}

// pageType is a type of a report, or a type that changed.
type pageType struct {
	Type     string `json:"type"`
	Count    uint64 `json:"count"`
	Total    uint64 `json:"total"`
	Retained uint64 `json:"retained,omitempty"`
	Exact    bool   `json:"exact,omitempty"` // Retained is exact
	Causes   string `json:"causes,omitempty"`
	Old      uint64 `json:"old,omitempty"`
	OldCount uint64 `json:"old_count,omitempty"`
}

// pageEntry is one of the biggest entries, with the index of its place.
type pageEntry struct {
	At int `json:"at"`
	Entry
}

// pageShare has the places that lead to what a place leads to as well.
type pageShare struct {
	At int      `json:"at"`
	By []Sharer `json:"by"`
}

// pageChain is a chain of references, with the types of its steps.
type pageChain struct {
	Expr  string   `json:"expr"`
	Types []string `json:"types"`
	Only  bool     `json:"only,omitempty"` // all chains lead through one of its references
}

// pagePlaces are the places of the tree.
type pagePlaces struct {
	Parent []int    `json:"parent"` // -1 for the first
	Step   []int    `json:"step"`
	Type   []int    `json:"type"`
	Rule   []int    `json:"rule,omitempty"`
	Causes []int    `json:"causes,omitempty"`
	Loop   []uint64 `json:"loop,omitempty"` // 1 where the path leads back to the place
	// More is how many places are summed up in a line of their own; 0 for a place.
	More     []uint64   `json:"more,omitempty"`
	Own      [][]uint64 `json:"own"` // by model
	Old      [][]uint64 `json:"old,omitempty"`
	Count    []uint64   `json:"count"`
	OldCount []uint64   `json:"old_count,omitempty"`
	Blocks   []uint64   `json:"blocks,omitempty"`
	Min      []uint64   `json:"min,omitempty"`
	Max      []uint64   `json:"max,omitempty"`
	Spare    []uint64   `json:"spare,omitempty"`
	Padding  []uint64   `json:"padding,omitempty"`
	Overhead []uint64   `json:"overhead,omitempty"`
	Rounding []uint64   `json:"rounding,omitempty"`
	Pinned   []uint64   `json:"pinned,omitempty"`
	Retained []uint64   `json:"retained,omitempty"`
	Exact    []uint64   `json:"exact,omitempty"` // 1 where Retained is exact
	// Least and Most are the bounds of what a place holds with all below; Most is 2⁶⁴-1 where
	// nothing bounds it.
	Least []uint64 `json:"least,omitempty"`
	Most  []uint64 `json:"most,omitempty"`
}

// What a page holds at most, so that it opens at once whatever the account is of.
const (
	maxPlaces  = 100_000
	maxName    = 600 // characters of a step or type
	maxRows    = 500 // lines of each other table
	maxEntries = 200
)

// report is what the page of a report shows.
func (o HTMLOptions) report(r *Report) *pageData {
	d := o.header(r)
	d.Kind = "report"
	d.Truncated, d.Coverage = truncation(r), r.Coverage
	d.Static, d.Pinned, d.Program, d.Shared = r.Static, r.Pinned, r.Program, r.Shared
	for _, t := range first(r.Types, maxRows) {
		d.Types = append(d.Types, pageType{Type: name(t.Type), Count: t.Count, Total: t.Total,
			Retained: t.Retained, Exact: t.RetainedExact, Causes: t.Causes.String()})
	}
	for _, f := range first(r.Roots, maxRows) {
		f.Name = name(f.Name)
		d.Roots = append(d.Roots, f)
	}
	for _, s := range first(r.Waste, maxRows) {
		s.Kind, s.Path = name(s.Kind), name(s.Path)
		s.Type, s.Advice = name(s.Type), name(s.Advice)
		d.Waste = append(d.Waste, s)
	}
	for _, u := range first(r.Unaccounted, maxRows) {
		u.Path, u.Type, u.Reason = name(u.Path), name(u.Type), name(u.Reason)
		d.Missing = append(d.Missing, u)
	}
	for _, u := range first(r.Unbounded, maxRows) {
		u.Path, u.Type, u.Reason = name(u.Path), name(u.Type), name(u.Reason)
		d.Unbounded = append(d.Unbounded, u)
	}
	for _, s := range first(r.Assumptions, maxRows) {
		d.Assumed = append(d.Assumed, name(s))
	}
	c := newColumns(o, sideBySide(nil, r.Tree))
	for m := range d.Models {
		if m == 0 || r.sharedWalk() {
			d.Places.Own = append(d.Places.Own, c.of(func(p *htmlPlace) uint64 { return p.new.under(m) }))
		}
	}
	c.fill(d)
	d.Biggest, d.Sharing, d.Holders = c.entries(o.NoValues), c.sharing(), o.holders()
	return d
}

// diff is what the page of a diff shows.
func (o HTMLOptions) diff(f *Diff) *pageData {
	d := o.header(f.new)
	d.Kind = "diff"
	d.Models = nil
	if why := cmp.Or(truncation(f.new), truncation(f.old)); why != "" {
		d.Truncated = why
	}
	c := newColumns(o, sideBySide(f.old.Tree, f.new.Tree))
	trees := f.new.sharedWalk() && f.old.sharedWalk()
	for n, model := range f.new.Models {
		m := slices.IndexFunc(f.old.Models, func(old ModelFigures) bool { return old.Name == model.Name })
		if m < 0 && n > 0 {
			continue
		}
		if m < 0 { // another model than the first of the older report's: its figures are all there is
			m = 0
		}
		d.Models = append(d.Models, model)
		d.Old = append(d.Old, f.old.Models[m])
		if len(d.Models) == 1 && m == 0 || trees {
			d.Places.Own = append(d.Places.Own, c.of(func(p *htmlPlace) uint64 { return p.new.under(n) }))
			d.Places.Old = append(d.Places.Old, c.of(func(p *htmlPlace) uint64 { return p.old.under(m) }))
		}
	}
	for _, t := range first(f.Types, maxRows) {
		d.Types = append(d.Types, pageType{Type: name(t.Name), Count: t.NewCount, Total: t.New,
			Old: t.Old, OldCount: t.OldCount})
	}
	c.fill(d)
	d.Places.OldCount = c.of(func(p *htmlPlace) uint64 { return p.old.or().Count })
	return d
}

// header is what both kinds of pages have.
func (o HTMLOptions) header(r *Report) *pageData {
	d := &pageData{Title: name(o.Title), Home: o.Home, Exactness: r.Exactness, Models: r.Models,
		Types: []pageType{}} // the page wants a list, of a diff without changes as well
	d.Type = name(r.Tree.or().Type)
	if len(d.Models) == 0 { // of a report that was not made by a walk
		d.Models = []ModelFigures{{Name: r.Model, Total: r.Total, Parts: r.Parts}}
	}
	if d.Title == "" {
		d.Title = cmp.Or(d.Type, "several values")
	}
	for _, note := range o.Notes {
		d.Notes = append(d.Notes, name(note))
	}
	for _, link := range o.Links {
		d.Links = append(d.Links, HTMLLink{name(link.Name), link.URL})
	}
	return d
}

// holders are the chains that a page shows.
func (o HTMLOptions) holders() (list []pageChain) {
	for _, chain := range first(o.Holders, maxRows) {
		c := pageChain{Expr: name(chain.String())}
		if o.NoValues {
			c.Expr = name(chain.Root)
		}
		for _, step := range chain.Steps {
			c.Types = append(c.Types, name(step.Type))
			c.Only = c.Only || step.Only
		}
		list = append(list, c)
	}
	return list
}

func truncation(r *Report) string {
	if !r.Truncated {
		return ""
	}
	return cmp.Or(name(r.Reason), "the walk was stopped")
}

// sharedWalk tells whether the nodes have figures under each model.
func (r *Report) sharedWalk() bool {
	if len(r.Models) > 1 {
		for n := range r.Nodes() {
			if n.Models != nil {
				return true
			}
		}
	}
	return false
}

// name is what a page shows of a name that came from data.
func name(s string) string { return show.Printable(show.Abbreviate(s, maxName)) }

func first[T any](list []T, n int) []T { return list[:min(n, len(list))] }

// or is the node, or an empty one.
func (n *Node) or() *Node {
	if n == nil {
		return &Node{}
	}
	return n
}

// under is what the containers of the node own themselves under a model of the report.
func (n *Node) under(model int) uint64 {
	switch {
	case n == nil:
		return 0
	case model < len(n.Models):
		return n.Models[model]
	case model == 0:
		return n.Own
	}
	return 0
}

// bound is the bounds of a node, as figures.
func (n *Node) bound() (least, most uint64) {
	switch {
	case n == nil || n.Bounds == nil:
		return 0, 0
	case n.Bounds.Max == nil:
		return n.Bounds.Min, math.MaxUint64
	}
	return n.Bounds.Min, *n.Bounds.Max
}
