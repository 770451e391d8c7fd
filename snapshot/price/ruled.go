package price

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/spelling"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// A path rule changes more than the container at its path: what that takes inside its owner, and
// so the owner's size, up to the block that holds them all. Rules are therefore written into the
// types themselves, as tags would be: each site gets a type of its own, whose fields carry the
// rules below.

// ruled is what the path rules make of a site: its type, and its expression where it has one.
type ruled struct {
	typ  *snapshot.Type
	expr *rules.Expr // nil for what the type says
}

// ruling writes path rules into the types of a census.
type ruling struct {
	model *rules.Model
	paths []PathRule
	used  []bool
	sites map[*snapshot.Site]*ruled
}

// census writes the rules into the types of all sites. It returns an error where one fits no place.
func (r *ruling) census(c *snapshot.Census) error {
	r.paths = slices.Clone(r.paths)
	for i, rule := range r.paths {
		rule.Path = fromRoot(rule.Path, c)
		r.paths[i] = rule
		same := func(other PathRule) bool { return other.Path == rule.Path }
		if slices.ContainsFunc(r.paths[:i], same) {
			return fmt.Errorf("two rules for %q: leave one out", rule.Path)
		}
	}
	for _, root := range c.Roots {
		if _, err := r.rule(root); err != nil {
			return err
		}
	}
	for i, used := range r.used {
		if !used {
			return noPlace(r.paths[i].Path, c)
		}
	}
	return nil
}

// rule makes the types of a site and of all below.
func (r *ruling) rule(s *snapshot.Site) (*ruled, error) {
	if s.Fold != nil {
		return r.sites[s.Fold], nil
	}
	own := &ruled{typ: &snapshot.Type{Spec: s.Type.Spec}}
	own.typ.Spec.Fields = slices.Clone(s.Type.Spec.Fields)
	r.sites[s] = own
	expr, err := r.own(s)
	if err != nil {
		return nil, err
	}
	var elem, key *rules.Expr // the expressions of what a container holds
	for _, child := range s.Children {
		below, err := r.rule(child)
		if err != nil {
			return nil, err
		}
		switch child.Role {
		case snapshot.Field:
			f := &own.typ.Spec.Fields[child.Field]
			f.Type, f.Expr = below.typ, below.expr
		case snapshot.Key:
			own.typ.Spec.Key, key = below.typ, below.expr
		case snapshot.Elem, snapshot.Pointee:
			own.typ.Spec.Elem, elem = below.typ, below.expr
		}
	}
	if expr == nil && s.Role == snapshot.Field && (key != nil || elem != nil) {
		if tag := s.Parent.Type.Field(s.Field).Tag; tag != "" {
			if expr, err = rules.ParseExpr(tag); err != nil {
				return nil, err
			}
		}
	}
	own.expr = expr.Holding(s.Type, key, elem)
	return own, nil
}

// own is the expression that a path rule gives a site, or nil.
func (r *ruling) own(s *snapshot.Site) (*rules.Expr, error) {
	for i, rule := range r.paths {
		if !speaksOf(rule, s, r.model) {
			continue
		}
		r.used[i] = true
		if _, err := r.model.At(s.Type, rule.Expr); err != nil {
			return nil, fmt.Errorf("rule for %q: %w", rule.Path, err)
		}
		return rule.Expr, nil
	}
	return nil, nil
}

// fromRoot is a path from the value on. Where no place has it, the value's name is taken away, with
// which trees, diffs and JSON begin a path.
func fromRoot(path string, c *snapshot.Census) string {
	for s := range c.Sites() {
		if s.Path() == path {
			return path
		}
	}
	for _, root := range c.Roots {
		below, ok := strings.CutPrefix(path, rootStep(root))
		switch {
		case ok && below == "":
			return "."
		case ok && (below[0] == '.' || below[0] == '['):
			return strings.TrimPrefix(below, ".")
		}
	}
	return path
}

// noPlace is the error that no place has a path, with the path that was perhaps meant, and some to
// see how they are written.
func noPlace(path string, c *snapshot.Census) error {
	var paths, some []string
	for s := range c.Sites() {
		if p := s.Path(); p != "" {
			paths = append(paths, p)
		}
	}
	paths = slices.Compact(paths) // a pointer and what it points to have one
	for _, p := range append(paths, ".")[:min(8, max(len(paths), 1))] {
		some = append(some, fmt.Sprintf("%q", p))
	}
	hint := ""
	if meant := spelling.Nearest(path, paths); meant != "" {
		hint = fmt.Sprintf(" (did you mean %q?)", meant)
	}
	return fmt.Errorf("no place %q in the snapshot%s: paths look like %s", path, hint,
		strings.Join(some, ", "))
}
