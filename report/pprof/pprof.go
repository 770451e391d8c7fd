// Package pprof writes a report as a profile for go tool pprof: its flame graphs and tables then
// show where the bytes of a value or a snapshot are.
//
// A place of the report's tree is a stack of frames, one for each element of its path. A frame is
// named by the path to it as a Go expression, so that equal steps of different places are different
// frames, and by the type there. pprof cuts what is in parentheses out of names, and takes some
// texts in angle and square brackets for parameters: names have other signs in their place, ".‹T›"
// for ".(T)". A sample is what the
// containers at a place own themselves, under each model of the report ("core/bytes",
// "crate/bytes"), so that pprof's "flat" is the report's own and "cum" its total. Tags: "type" is
// the container's type, "rule" its formula where it is not the kind's own. A path that leads back
// to itself is one frame: what lies below is counted there.
package pprof

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// Write writes the report as a gzipped profile.proto, without a time, so that equal reports give
// equal bytes. Figures beyond 2^63-1 are written as that. Models that did not share a walk with
// the first have no figures by place, and are left out. The error is the writer's.
func Write(w io.Writer, r *report.Report) error {
	p := Profile(r)
	if err := p.CheckValid(); err != nil {
		return err
	}
	return p.Write(w)
}

// Profile is the report as a profile, for those who add to it.
func Profile(r *report.Report) *profile.Profile {
	b := &builder{profile: &profile.Profile{DefaultSampleType: r.Model},
		functions: map[function]*profile.Function{}, names: map[string]int{}}
	models := 1
	if r.Tree != nil && hasModels(r.Tree, len(r.Models)) {
		models = len(r.Models)
	}
	for i := range models {
		name := r.Model
		if i < len(r.Models) {
			name = r.Models[i].Name
		}
		b.profile.SampleType = append(b.profile.SampleType,
			&profile.ValueType{Type: name, Unit: "bytes"})
	}
	if r.Truncated {
		b.profile.Comments = append(b.profile.Comments, "partial: "+show.Printable(r.Reason))
	}
	b.add(r.Tree)
	b.addDominators(r.Dominators)
	return b.profile
}

// hasModels tells whether the places have figures by model.
func hasModels(root *report.Node, models int) bool {
	for next := []*report.Node{root}; len(next) > 0; {
		n := next[len(next)-1]
		next = append(next[:len(next)-1], n.Children...)
		if len(n.Models) == models {
			return true
		}
	}
	return false
}

// builder turns nodes into samples.
type builder struct {
	profile   *profile.Profile
	functions map[function]*profile.Function
	names     map[string]int // how many functions have a name
}

// function is what a frame shows, and the whole path to tell it from others of that name.
type function struct{ name, path string }

// place is a node with the frames above it, innermost first.
type place struct {
	node  *report.Node
	stack []*profile.Location
}

// add adds the samples of all nodes from root on.
func (b *builder) add(root *report.Node) {
	if root == nil {
		return
	}
	for next := []place{{root, nil}}; len(next) > 0; {
		at := next[len(next)-1]
		next = next[:len(next)-1]
		stack := append([]*profile.Location{b.location(at.node)}, at.stack...)
		b.sample(at.node, stack)
		for i := len(at.node.Children) - 1; i >= 0; i-- {
			next = append(next, place{at.node.Children[i], stack})
		}
	}
}

// location makes the frame of a node.
func (b *builder) location(n *report.Node) *profile.Location {
	key := function{frameName(n), n.Path}
	f := b.functions[key]
	if f == nil {
		name := show.Printable(key.name)
		if b.names[name]++; b.names[name] > 1 { // of paths that are shortened to the same
			name = fmt.Sprintf("%s #%d", name, b.names[name])
		}
		f = &profile.Function{
			ID: uint64(len(b.profile.Function) + 1), Name: name, SystemName: name,
			Filename: show.Printable(key.path),
		}
		b.functions[key] = f
		b.profile.Function = append(b.profile.Function, f)
	}
	l := &profile.Location{
		ID: uint64(len(b.profile.Location) + 1), Line: []profile.Line{{Function: f}},
	}
	b.profile.Location = append(b.profile.Location, l)
	return l
}

// maxName is how many characters of a path, and of a type, a frame's name has.
const maxName = 120

// frameName is the path of a node, and the type there.
func frameName(n *report.Node) string {
	name := show.Abbreviate(n.Path, maxName)
	switch {
	case n.Path == "":
		name = "all"
	case n.Step == "":
		name += ".*" // what the pointer above points to
	}
	if n.Recursive {
		name += "…"
	}
	if n.Type != "" && n.Type != n.Path {
		name += " " + show.Abbreviate(n.Type, maxName)
	}
	return survives.Replace(name)
}

// survives replaces the signs that pprof acts upon in names.
var survives = strings.NewReplacer("(", "‹", ")", "›", "<", "‹", ">", "›")

// sample adds what a node owns itself, if anything.
func (b *builder) sample(n *report.Node, stack []*profile.Location) {
	values := make([]int64, len(b.profile.SampleType))
	owns := false
	for i := range values {
		figure := n.Own
		if len(values) > 1 {
			figure = 0
			if i < len(n.Models) {
				figure = n.Models[i]
			}
		}
		values[i] = int64(min(figure, math.MaxInt64))
		owns = owns || figure > 0
	}
	if !owns {
		return
	}
	labels := map[string][]string{}
	if n.Type != "" {
		labels["type"] = []string{show.Printable(n.Type)}
	}
	if n.Rule != "" {
		labels["rule"] = []string{show.Printable(n.Rule)}
	}
	b.profile.Sample = append(b.profile.Sample,
		&profile.Sample{Location: stack, Value: values, Label: labels})
}
