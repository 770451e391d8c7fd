package price

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// Waste is what could be saved in the values that a decode of a stream makes, under a model of a Go heap,
// the largest saving first: the findings of memsize.WithWaste, where the census can tell. It cannot tell
// what is equal, nor what is pinned, for a decode shares nothing; and a decoded slice has little to spare.
// Of struct types it speaks only where the stream or the given types leave nothing open. Each byte is
// claimed once: a struct is changed in one way.
func Waste(c *snapshot.Census, m *rules.Model) (list []report.Saving, err error) {
	defer func() { // as Price
		switch e := recover().(type) {
		case nil:
		case *rules.TagError:
			list, err = nil, e
		default:
			panic(e)
		}
	}()
	if !m.IsGoHeap() {
		return nil, fmt.Errorf("price: waste is told of a Go heap, not under %s", m.Name())
	}
	models := []*rules.Model{m.With()}
	p := &pricing{models: models, ruled: map[*snapshot.Site]*ruled{}, packs: newPacks(models)}
	if err := p.census(c); err != nil {
		return nil, err
	}
	w := &savings{pricing: p, m: models[0], found: map[finding]*report.Saving{}, nested: map[string]bool{}}
	for s := range c.Sites() {
		w.noteNested(s)
	}
	for s := range c.Sites() {
		w.look(s)
	}
	for _, s := range w.found {
		if s.Bytes > 0 {
			list = append(list, *s)
		}
	}
	slices.SortFunc(list, func(a, b report.Saving) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind))
	})
	return list, nil
}

// savings looks for what could be saved.
type savings struct {
	*pricing
	m      *rules.Model
	found  map[finding]*report.Saving
	nested map[string]bool // struct types that lie in another, or in a map, whose size would change as well
}

type finding struct{ kind, path string }

// add adds a saving at a site.
func (w *savings) add(kind, path, typ string, count, bytes uint64, advice string) {
	f := w.found[finding{kind, path}]
	if f == nil {
		f = &report.Saving{Kind: kind, Path: path, Type: typ, Advice: advice}
		w.found[finding{kind, path}] = f
	}
	f.Count += count
	f.Bytes += bytes
}

// reportPath is the path of a site as a report writes it, with the name of the value.
func reportPath(s *snapshot.Site) string {
	var steps []string
	for ; s != nil; s = s.Parent {
		if step := s.Step; s.Role == snapshot.Root {
			steps = append(steps, rootStep(s))
		} else {
			steps = append(steps, step)
		}
	}
	slices.Reverse(steps)
	return strings.Join(steps, "")
}

// noteNested notes struct types of which values lie in others.
func (w *savings) noteNested(s *snapshot.Site) {
	if s.Type.Kind() != reflect.Struct || s.Parent == nil {
		return
	}
	switch s.Parent.Type.Kind() {
	case reflect.Struct, reflect.Array, reflect.Map:
		w.nested[s.Type.String()] = true
	}
}

// look looks at the values of a site.
func (w *savings) look(s *snapshot.Site) {
	if _, priced := w.bound[s]; !priced || s.Fold != nil {
		return
	}
	switch s.Type.Kind() {
	case reflect.Map:
		w.fewInMap(s)
	case reflect.Slice:
		w.boxes(s)
	case reflect.Struct:
		w.structs(s)
	}
}

// bytes are those of a container of a length once it was decoded.
func bytes(p *rules.Pricer, length uint64) uint64 {
	parts, tiny := p.Decoded(length)
	if tiny > 0 {
		return 16 // it may share its block
	}
	return parts.Total()
}

// fewInMap looks for maps with at most one entry.
func (w *savings) fewInMap(s *snapshot.Site) {
	b := w.bound[s][0]
	pricer := w.m.NewPricer(b)
	if pricer.Rule() == nil {
		return
	}
	for _, l := range s.Lengths {
		switch own := bytes(pricer, l.Len); l.Len {
		case 0:
			w.add("map of at most one", reportPath(s), s.Type.String(), l.Count, l.Count*own,
				"set empty maps to nil, and make one when there is an entry")
		case 1:
			key, elem := w.m.Slot(w.m.Key(b)), w.m.Slot(w.m.Elem(b))
			need := w.block(w.structOf(key, elem))
			if own > need {
				w.add("map of at most one", reportPath(s), s.Type.String(), l.Count, l.Count*(own-need),
					"make it a pointer to a struct of a key and a value, and a map only when there are more")
			}
		}
	}
}

// structOf is a struct of fields in slots, in that order.
func (w *savings) structOf(fields ...rules.Slot) rules.Slot {
	s, last := rules.Nothing(), rules.Nothing()
	for _, f := range fields {
		s, last = w.m.Append(s, f), f
	}
	return w.m.End(s, len(fields), last)
}

// block is the size of the block of one value.
func (w *savings) block(s rules.Slot) uint64 {
	pointer, _ := w.m.Over(w.m.Bind(rules.TypeOf(reflect.TypeFor[*byte]())), rules.Slot{}, s)
	return bytes(pointer, 1)
}

// boxes looks for slices of interfaces that all hold a small value of one type.
func (w *savings) boxes(s *snapshot.Site) {
	if len(s.Children) != 1 || s.Children[0].Type.Kind() != reflect.Interface {
		return
	}
	held := s.Children[0]
	if len(held.Children) != 1 || held.Absent > 0 || held.Folded > 0 {
		return
	}
	content := held.Children[0]
	if content.Role != snapshot.Dynamic || content.Type.Kind() == reflect.Pointer || content.Doubt.Open() ||
		content.Count != held.Count || content.Folded > 0 || len(content.Children) > 0 {
		return
	}
	size := w.m.Slot(w.bound[content][0])
	if size.Size() > 16 || size.Size() == 0 || content.Type.Kind() > reflect.Complex128 {
		return
	}
	box := w.m.NewPricer(w.m.Box(w.bound[held][0], w.typeOf(content)))
	before, after := w.m.NewPricer(w.bound[s][0]), w.pricerOver(s, size)
	saved, arrays := content.Count*bytes(box, 1), uint64(0)
	for _, l := range s.Lengths {
		saved += l.Count * (bytes(before, l.Len) - min(bytes(after, l.Len), bytes(before, l.Len)))
		arrays += l.Count
	}
	w.add("boxed values", reportPath(s), s.Type.String(), arrays, saved, "make it a []"+content.Type.String()+
		": all that is in it is of that type")
}

// pricerOver prices the containers of a site with elements in another slot.
func (w *savings) pricerOver(s *snapshot.Site, elem rules.Slot) *rules.Pricer {
	pricer, _ := w.m.Over(w.bound[s][0], rules.Slot{}, elem)
	return pricer
}

// structs looks at a struct type whose values have blocks of their own, or share those of slices.
func (w *savings) structs(s *snapshot.Site) {
	t := s.Type
	if s.Parent == nil || t.Name() == "" || w.nested[t.String()] || open(s) || s.Folded > 0 {
		return
	}
	if k := s.Parent.Type.Kind(); k != reflect.Pointer && k != reflect.Slice {
		return
	}
	fields := make([]field, t.NumField())
	for i := range fields {
		f := t.Field(i)
		fields[i] = field{f.Name, w.m.Slot(w.m.Field(w.bound[s][0], i))}
	}
	if of, arrays := w.sliceOfOne(s); of != nil {
		name, instead := fields[of.Field].name, "*"+of.Type.Elem().String()
		if of.Type.Elem().Kind() == reflect.Pointer { // nil is none, and it needs no block for one
			instead = of.Type.Elem().String()
		} else {
			arrays = 0
		}
		before := fields[of.Field].slot
		fields[of.Field].slot = w.m.Indirect()
		if saved, count := w.saved(s, fields); saved > 0 {
			saved += arrays
			w.add("slices of at most one", t.String()+"."+name, t.String(), count, saved, fmt.Sprintf(
				"make it a %s: no %s has more than one", instead, name))
			return
		}
		fields[of.Field].slot = before
	}
	before := w.m.Slot(w.bound[s][0]).Size()
	slices.SortStableFunc(fields, func(a, b field) int {
		return cmp.Or(cmp.Compare(min(a.slot.Size(), 1), min(b.slot.Size(), 1)),
			cmp.Compare(b.slot.Align(), a.slot.Align()), cmp.Compare(b.slot.Size()%8, a.slot.Size()%8))
	})
	if saved, count := w.saved(s, fields); saved > 0 {
		names := make([]string, len(fields))
		for i, f := range fields {
			names[i] = f.name
		}
		w.add("order of fields", t.String(), t.String(), count, saved, fmt.Sprintf("order the fields %s: %d bytes instead of %d",
			strings.Join(names, ", "), w.structOf(slots(fields)...).Size(), before))
	}
}

type field struct {
	name string
	slot rules.Slot
}

func slots(fields []field) (list []rules.Slot) {
	for _, f := range fields {
		list = append(list, f.slot)
	}
	return list
}

// open tells whether anything is open of a struct's type that its size depends on.
func open(s *snapshot.Site) bool {
	if s.Doubt.Open() {
		return true
	}
	for _, c := range s.Children {
		if c.Doubt.Open() || c.Role == snapshot.Payload || c.Type.Kind() == reflect.Struct && open(c) ||
			c.Type.Kind() == reflect.Array && len(c.Children) > 0 && open(c) {
			return true
		}
	}
	return false
}

// saved is what a struct of other fields saves in the blocks in which its values lie, and how many these are.
func (w *savings) saved(s *snapshot.Site, fields []field) (bytesSaved, count uint64) {
	before, after := w.m.NewPricer(w.bound[s.Parent][0]), w.pricerOver(s.Parent, w.structOf(slots(fields)...))
	for _, l := range s.Parent.Lengths {
		was := bytes(before, l.Len)
		bytesSaved += l.Count * (was - min(bytes(after, l.Len), was))
	}
	return bytesSaved, s.Count
}

// sliceOfOne is the site of a field that is a slice with at most one element in each value, and one in some,
// and what its arrays take; nil for none.
func (w *savings) sliceOfOne(s *snapshot.Site) (of *snapshot.Site, arrays uint64) {
	for _, c := range s.Children {
		if c.Role != snapshot.Field || c.Type.Kind() != reflect.Slice || c.Fold != nil || len(c.Lengths) == 0 ||
			!c.ExactLengths || w.m.Slot(w.m.Elem(w.bound[c][0])).Size() == 0 {
			continue
		}
		if last := c.Lengths[len(c.Lengths)-1]; last.Len == 1 {
			return c, last.Count * bytes(w.m.NewPricer(w.bound[c][0]), 1)
		}
	}
	return nil, 0
}
