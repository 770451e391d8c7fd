// Package price prices a census: what the values of a gob stream would cost once decoded, under
// one or several models. The stream is not read again, so a census can be priced many times.
//
// A decoded slice has the capacity that it needs: the length is taken for the capacity. Memory
// that was shared when the stream was written was sent several times, and is counted as often.
// What else had to be assumed (integer widths, unexported fields) the report lists.
//
// # Bounds
//
// Where the stream leaves the Go types open ([snapshot.Doubt]), the report says between which
// figures the true one lies: whatever Go types wrote the stream, the values that it decodes to cost
// at least the one and at most the other. Two pairs are given for each model: with pointers
// wherever there could be one (report.ModelFigures.Bounds), and with those alone that a nil, a name
// or a recursive type shows (Shown). The least holds for all types; the most for those whose
// structs have no fields but the ones that were sent, and without pointers to pointers. Nothing
// bounds what encodes itself. Under a Go heap the bounds allow for maps whose keys fall into tables
// by chance, six standard deviations and more to either side, and for tiny blocks that share theirs
// with nothing or with all.
//
// The bounds as shown are the figures of real types: each is what some layout of the stream costs, but
// for recursive types and types that stand at several places, where they may be wider. The others are
// sums of intervals (interval.go), which no one type need reach.
//
// # Go heaps
//
// Under models of a Go heap the figures are what encoding/gob leaves behind (rules.Pricer.Decoded).
// Blocks of less than 16 bytes are packed in the order in which decoding makes them, of which the
// census has a sample ([snapshot.Census.Order]).
package price

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// PathRule prices the places at one path by a rule.
type PathRule struct {
	// Path is as snapshot.Site.Path writes it, or as the report does, beginning with the name of the
	// value; "." is the values themselves.
	Path string
	Expr *rules.Expr
}

// ParsePathRule reads "PATH=EXPR", for example "[].Script=prevector=36". The error says what is
// wrong with it.
func ParsePathRule(s string) (PathRule, error) {
	path, expr, ok := strings.Cut(s, "=")
	if !ok || path == "" {
		return PathRule{}, fmt.Errorf("rule %q: want PATH=EXPR, as in '[].Script=prevector=36' "+
			"('.' is the value itself)", s)
	}
	e, err := rules.ParseExpr(expr)
	if err != nil {
		return PathRule{}, fmt.Errorf("rule %q: %w", s, err)
	}
	if len(path) > 1 { // as trees show it
		path = strings.TrimPrefix(path, ".")
	}
	return PathRule{path, e}, nil
}

// Price is the account of a census under models; the first gives the types and the tree. It
// returns an error where a path rule fits no place, or not the type there.
func Price(c *snapshot.Census, models []*rules.Model, paths []PathRule) (
	made *report.Report, err error) {
	defer func() { // rules that fit, each by itself, and not together or in themselves
		switch e := recover().(type) {
		case nil:
		case *rules.TagError:
			made, err = nil, e
		default:
			panic(e)
		}
	}()
	names := make([]string, len(models))
	models = slices.Clone(models)
	for i, m := range models {
		// A model keeps what it knows of a type, and the types of a census are its own: a copy
		// forgets them together with the census.
		models[i], names[i] = m.With(), m.Name()
	}
	r := &ruling{model: models[0], paths: paths, used: make([]bool, len(paths)),
		sites: map[*snapshot.Site]*ruled{}}
	if len(paths) > 0 {
		if err := r.census(c); err != nil {
			return nil, err
		}
	}
	p := &pricing{models: models, ruled: r.sites, packs: newPacks(models)}
	if err := p.census(c); err != nil {
		return nil, err
	}
	bounds := p.bounds(c)
	made = account.Build(names, p.list)
	made.Exactness = "modelled"
	for i, b := range bounds {
		made.Models[i].Bounds, made.Models[i].Shown = b.any, b.shown
	}
	made.Assumptions = assumptions(c)
	made.Unbounded = unboundedPlaces(c)
	if c.Incomplete {
		made.Truncated, made.Reason = true, c.Err.Error()
	}
	return made, nil
}

// census prices all places; twice where tiny blocks had to be counted first.
func (p *pricing) census(c *snapshot.Census) error {
	for range 2 {
		p.list = nil
		p.places, p.boxes = map[*snapshot.Site]int{}, map[*snapshot.Site]int{}
		p.bound = map[*snapshot.Site][]rules.Binding{}
		p.dropped = map[*snapshot.Site][]bool{}
		for site := range c.Sites() {
			if err := p.site(site); err != nil {
				return err
			}
		}
		packed := false
		for i, pack := range p.packs {
			if pack != nil && pack.perByte == 0 {
				pack.settle(p, i, c)
				packed = packed || pack.perByte > 0
			}
		}
		if !packed {
			break
		}
	}
	return nil
}

// pricing collects the places of a report.
type pricing struct {
	models []*rules.Model
	ruled  map[*snapshot.Site]*ruled // empty without path rules
	packs  []*packing                // by model; nil for all but Go heaps
	list   []account.Place
	places map[*snapshot.Site]int             // index in list of what holds a site's children
	boxes  map[*snapshot.Site]int             // and of the boxes of values in interfaces
	bound  map[*snapshot.Site][]rules.Binding // of a site's values, by model
	// dropped tells, by model, what lies below what a rule says is not owned: a raw pointer, "-".
	dropped map[*snapshot.Site][]bool
}

// site prices one place.
func (p *pricing) site(s *snapshot.Site) error {
	parent := -1
	dropped := make([]bool, len(p.models))
	if s.Parent != nil {
		for i := range p.models {
			dropped[i] = p.drops(i, s)
		}
		parent = p.places[s.Parent]
	}
	p.dropped[s] = dropped
	if !slices.Contains(dropped, false) {
		return nil
	}
	place := account.Place{Parent: parent, Step: s.Step, Type: s.Type.String(),
		Root: s.Role == snapshot.Root, Biggest: entries(s)}
	if place.Root {
		place.Step = rootStep(s)
	}
	if s.Role == snapshot.Dynamic && s.Type.Kind() != reflect.Pointer {
		var err error
		if place, err = p.box(s, place); err != nil {
			return err
		}
	}
	bindings := make([]rules.Binding, len(p.models))
	for i, m := range p.models {
		b, err := p.bind(m, i, s)
		if err != nil {
			return err
		}
		bindings[i] = b
		if s.Type.Kind() != reflect.Interface { // boxes are priced by what they hold
			var sum account.Sum
			if !dropped[i] {
				sum = p.sum(i, m.NewPricer(b), s)
			}
			place.Sums = append(place.Sums, sum)
		}
	}
	if e := bindings[0].Expr; e != nil && e.Rule != nil {
		place.Rule = e.Rule.String()
	}
	if len(place.Sums) > 0 {
		place.Block = account.BlockOf(p.models[0].NewPricer(bindings[0]))
	}
	place.Recursive = s.Fold != nil
	p.bound[s] = bindings
	p.places[s] = len(p.list)
	p.list = append(p.list, place)
	return nil
}

// drops tells whether a site lies below what its parent does not own, under a model.
func (p *pricing) drops(model int, s *snapshot.Site) bool {
	if p.dropped[s.Parent][model] {
		return true
	}
	reach := p.models[model].Reach(p.bound[s.Parent][model])
	return reach.Skip || s.Role == snapshot.Key && !reach.Keys
}

// box adds the place of the boxes of interface values that are no pointers, and gives the place
// of their content.
func (p *pricing) box(s *snapshot.Site, place account.Place) (account.Place, error) {
	outer := place
	outer.Type, outer.Biggest = "any("+place.Type+")", nil
	for i, m := range p.models {
		box := m.Box(p.bound[s.Parent][i], p.typeOf(s))
		pricer := m.NewPricer(box)
		if r := p.ruled[s]; r != nil && r.expr != nil && box.Type != p.typeOf(s) {
			content, err := p.at(m, s)
			if err != nil {
				return place, err
			}
			pricer, _ = m.Over(box, rules.Slot{}, m.Slot(content)) // as large as the rule has it
		}
		if i == 0 {
			outer.Block = account.BlockOf(pricer)
		}
		var boxes account.Sum
		if !p.dropped[s][i] {
			p.charge(i, &boxes, pricer, 1, s.Count-s.Folded)
		}
		outer.Sums = append(outer.Sums, boxes)
	}
	p.boxes[s] = len(p.list)
	p.list = append(p.list, outer)
	place.Parent, place.Step = p.boxes[s], ""
	return place, nil
}

// bind is how a model binds the values of a site.
func (p *pricing) bind(m *rules.Model, model int, s *snapshot.Site) (rules.Binding, error) {
	t := p.typeOf(s)
	switch s.Role {
	case snapshot.Root, snapshot.Payload:
		return p.at(m, s)
	case snapshot.Field:
		return m.Field(p.bound[s.Parent][model], s.Field), nil
	case snapshot.Key:
		return m.Key(p.bound[s.Parent][model]), nil
	case snapshot.Dynamic:
		if r := p.ruled[s]; r != nil && r.expr != nil {
			return p.at(m, s)
		}
		b := m.Box(p.bound[s.Parent][model], t)
		if b.Type != t { // the box; the site is what is in it
			b = m.Elem(b)
		}
		return b, nil
	}
	return m.Elem(p.bound[s.Parent][model]), nil
}

// at binds a site that has no owner whose type could tell its rule.
func (p *pricing) at(m *rules.Model, s *snapshot.Site) (rules.Binding, error) {
	r := p.ruled[s]
	if r == nil || r.expr == nil {
		return m.Bind(p.typeOf(s)), nil
	}
	return m.At(r.typ, r.expr)
}

// typeOf is the type of a site, with the path rules in it.
func (p *pricing) typeOf(s *snapshot.Site) rules.Type {
	if r := p.ruled[s]; r != nil {
		return r.typ
	}
	return s.Type
}

// speaksOf tells whether a rule is for a site. A pointer and what it points to have one path: the
// rule is the pointer's where it fits that.
func speaksOf(r PathRule, s *snapshot.Site, m *rules.Model) bool {
	if path := s.Path(); r.Path != path && (r.Path != "." || path != "") {
		return false
	}
	fits := func(s *snapshot.Site) bool { _, err := m.At(s.Type, r.Expr); return err == nil }
	if s.Role == snapshot.Pointee && s.Parent.Type.Kind() == reflect.Pointer && fits(s.Parent) {
		return false
	}
	return s.Type.Kind() != reflect.Pointer || fits(s)
}

func entries(s *snapshot.Site) []report.Entry {
	var list []report.Entry
	for _, e := range s.Biggest {
		list = append(list, report.Entry{Key: e.Key, Bytes: e.Bytes})
	}
	return list
}

// rootStep names a value at the top of a stream: by its type, where that is short.
func rootStep(s *snapshot.Site) string {
	if name := s.Type.Name(); name != "" {
		return name
	}
	return "value"
}
