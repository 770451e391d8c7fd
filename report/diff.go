package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/show"
)

// Diff is what changed from one report to another: in total under each model, by type and by
// path. Where two reports say the same of a type or path, it is not listed.
type Diff struct {
	Model string `json:"model"` // of Total, Types and Paths: the first model of the newer report
	Total Change `json:"total"`
	// Models has the totals of the models that both reports have, in the newer one's order.
	Models []Change `json:"models"`
	// Types has the containers by type, what they own themselves. Paths has the places by path,
	// with all that is below them: their changes overlap. The largest change comes first.
	Types []Change `json:"types"`
	Paths []Change `json:"paths"`

	places   []string // the paths of both reports, changed or not
	old, new *Report
}

// Change is one line of a Diff. A count or figure is 0 on the side that does not have it.
type Change struct {
	Name     string `json:"name"`           // the model, type or path
	Type     string `json:"type,omitempty"` // at a path
	Old      uint64 `json:"old"`            // bytes
	New      uint64 `json:"new"`            // bytes
	OldCount uint64 `json:"old_count"`      // containers; of a total, blocks
	NewCount uint64 `json:"new_count"`
}

// Size is by how many bytes the figures differ, and whether the newer one is the larger.
func (c Change) Size() (bytes uint64, more bool) {
	if c.New >= c.Old {
		return c.New - c.Old, true
	}
	return c.Old - c.New, false
}

// Percent is the change relative to the older figure; +Inf for what is new.
func (c Change) Percent() float64 {
	size, more := c.Size()
	switch {
	case size == 0:
		return 0
	case c.Old == 0:
		return math.Inf(1)
	}
	percent := 100 * float64(size) / float64(c.Old)
	if !more {
		percent = -percent
	}
	return percent
}

// Compare says what changed from an older report to a newer one, of live values or of snapshots.
// Both should have been made with the same first model; models are matched by their names.
func Compare(old, new *Report) *Diff {
	d := &Diff{Model: new.Model, old: old, new: new}
	for _, n := range new.Models {
		for _, o := range old.Models {
			if o.Name == n.Name {
				d.Models = append(d.Models, Change{n.Name, "", o.Total, n.Total, o.Blocks, n.Blocks})
			}
		}
	}
	d.Total = Change{Name: "total", Old: old.Total, New: new.Total}
	if len(old.Models) > 0 && len(new.Models) > 0 {
		d.Total.OldCount, d.Total.NewCount = old.Models[0].Blocks, new.Models[0].Blocks
	}
	d.Types = changes(old.byType(), new.byType())
	before, after := old.byPath(), new.byPath()
	d.Paths = changes(before, after)
	maps.Copy(before, after)
	d.places = slices.Sorted(maps.Keys(before))
	return d
}

// figure is what one report says of a type or path.
type figure struct {
	of           string
	total, count uint64
}

func (r *Report) byType() map[string]figure {
	figures := make(map[string]figure)
	for _, t := range r.Types {
		figures[t.Type] = figure{"", t.Total, t.Count}
	}
	return figures
}

// byPath has a figure for each path. Where a pointer and what it points to share one, it is the
// pointer's, which has the other below it.
func (r *Report) byPath() map[string]figure {
	figures := make(map[string]figure)
	for next := []*Node{r.Tree}; len(next) > 0; {
		n := next[len(next)-1]
		next = append(next[:len(next)-1], n.Children...)
		if n.Path == "" && n.Type == "" { // the top of several values is no place: see Total
			continue
		}
		known, met := figures[n.Path]
		if !met || n.Total > known.total {
			figures[n.Path] = figure{n.Type, n.Total, n.Count}
		}
	}
	return figures
}

// changes lists the figures that differ, the largest change first.
func changes(old, new map[string]figure) []Change {
	var list []Change
	for name, n := range new {
		o := old[name]
		list = append(list, Change{name, n.of, o.total, n.total, o.count, n.count})
	}
	for name, o := range old {
		if _, ok := new[name]; !ok {
			list = append(list, Change{name, o.of, o.total, 0, o.count, 0})
		}
	}
	list = slices.DeleteFunc(list, func(c Change) bool {
		return c.Old == c.New && c.OldCount == c.NewCount
	})
	slices.SortFunc(list, func(a, b Change) int {
		x, _ := a.Size()
		y, _ := b.Size()
		return cmp.Or(cmp.Compare(y, x), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// Threshold is how much a figure may grow: by so many bytes, or by so many percent.
type Threshold struct {
	Path    string // of the place that it is for; empty for the total
	Bytes   uint64
	Percent float64
	Of      bool // Percent counts, not Bytes
}

// ParseThreshold reads "5%", "1MiB", "2GB", "4096", or one of these for a path, "[].Script=5%".
// The error says what would be read.
func ParseThreshold(s string) (Threshold, error) {
	var t Threshold
	limit := s
	if i := strings.LastIndexByte(s, '='); i >= 0 {
		t.Path, limit = s[:i], s[i+1:]
	}
	if percent, ok := strings.CutSuffix(limit, "%"); ok {
		n, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
		if err == nil && n >= 0 && !math.IsInf(n, 0) {
			t.Percent, t.Of = n, true
			return t, nil
		}
	} else if n, ok := show.ParseBytes(limit); ok {
		t.Bytes = n
		return t, nil
	}
	return t, fmt.Errorf("threshold %q: want a share such as 5%%, or bytes such as 1MiB, "+
		"and PATH= before it for one path", s)
}

// Place is the path in either report that a path from the value on means: "[].Script" is
// "Coins[].Script" where the value is called Coins. It reports false where there is none.
func (d *Diff) Place(path string) (name string, ok bool) {
	for _, name := range d.places {
		root, below := strings.CutSuffix(name, path)
		root = strings.TrimSuffix(root, ".")
		if name == path || below && root != "" && !strings.ContainsAny(root, ".[(") {
			return name, true
		}
	}
	return "", false
}

// Exceeded returns the change that the threshold is for, and whether it is growth beyond it. The
// change of a path that neither report has, or that did not change, is none.
func (d *Diff) Exceeded(t Threshold) (c Change, exceeded bool) {
	c = d.Total
	if t.Path != "" {
		place, _ := d.Place(t.Path)
		i := slices.IndexFunc(d.Paths, func(c Change) bool {
			return c.Name == t.Path || place != "" && c.Name == place
		})
		if i < 0 {
			return Change{Name: t.Path}, false
		}
		c = d.Paths[i]
	}
	size, more := c.Size()
	switch {
	case !more || size == 0:
		return c, false
	case t.Of:
		return c, c.Percent() > t.Percent
	}
	return c, size > t.Bytes
}
