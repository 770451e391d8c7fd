package report

import (
	"io"
	"slices"
)

// Bounds are the least and the most bytes that a figure can be for any Go types that could have
// written a snapshot, and into which it can be decoded, where it does not tell these. No type is
// cheaper. The most is that of types which have no fields but those that were sent, and no pointers
// to pointers.
type Bounds struct {
	Min uint64  `json:"min"`
	Max *uint64 `json:"max,omitempty"` // nil where nothing bounds it: see Report.Unbounded
}

// Unbounded is a place of a snapshot whose values could own any number of bytes.
type Unbounded struct {
	Path   string `json:"path"`
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

// WriteBounds writes the bounds of each model's total; nothing where the types are known.
func (r *Report) WriteBounds(w io.Writer, o TextOptions) error {
	t := &textWriter{options: o, w: w}
	if rows := t.boundsRows(r); rows != nil {
		t.table(rows)
	}
	return t.err
}

// boundsRows are the bounds of each model's total, with a header; none where the types are known.
func (t *textWriter) boundsRows(r *Report) [][]string {
	hasBounds := func(m ModelFigures) bool { return m.Bounds != nil }
	if !slices.ContainsFunc(r.Models, hasBounds) {
		return nil
	}
	rows := [][]string{{"proven", "pointers as shown", "any pointers", ""}}
	for _, m := range r.Models {
		rows = append(rows, []string{m.Name, t.between(m.Shown), t.between(m.Bounds), ""})
	}
	return rows
}

// between is the least and the most, or the one figure that they are.
func (t *textWriter) between(b *Bounds) string {
	switch {
	case b == nil:
		return ""
	case b.Max == nil:
		return "at least " + t.bytes(b.Min)
	case *b.Max == b.Min:
		return t.bytes(b.Min)
	}
	return t.bytes(b.Min) + " … " + t.bytes(*b.Max)
}
