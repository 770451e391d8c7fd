package layout

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/internal/jsonstream"
	"github.com/bitcoin-mem/memsize/rules"
)

// A layout file may come from anyone: it is read as a stream, and the memory that its types take is
// counted before they are kept.

// Limits of what Read accepts.
const (
	maxBytes  = 64 << 20
	maxMemory = 24 << 20 // that the types take: about 90,000, with a field each
	maxName   = 4096     // bytes of a name, tag or path
	maxTypes  = 1 << 24
	maxTags   = 1 << 12

	typeCost  = 200 // bytes of a type, while it is read as well
	fieldCost = 112 // and of a field
	knownCost = 64

	maxTagged = 1 << 14 // types where some have tags: all are bound under several models then
)

// ErrLayout is wrapped by every error about a layout file that is not one.
var ErrLayout = errors.New("not a memsize layout")

// Read reads what Write wrote. It trusts nothing: memory and sizes are bounded, references are
// checked, and types that contain themselves, or have tags that do not fit, are refused, with an
// error that wraps ErrLayout, and says at which byte.
func Read(r io.Reader) (*Layout, error) {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	t := &reading{}
	err := jsonstream.Read(limited, t.table)
	var form *jsonstream.Error
	switch {
	case limited.N <= 0:
		err = fmt.Errorf("more than %d bytes", maxBytes)
	case errors.As(err, &form) && form.Err != nil && form.Err != io.ErrUnexpectedEOF:
		return nil, form.Err // the reader's
	}
	if err == nil && t.schema != schemaName {
		err = fmt.Errorf("schema %.40q, this version reads %q", t.schema, schemaName)
	}
	if err == nil {
		err = t.resolve()
	}
	if err == nil {
		err = t.checkTags()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLayout, err)
	}
	return t.layout, nil
}

// Parse is Read for a layout in memory.
func Parse(text []byte) (*Layout, error) { return Read(bytes.NewReader(text)) }

// reading is a layout that is being read. Types refer to each other by number, from 1, and may do so
// before the other has come.
type reading struct {
	schema string
	layout *Layout
	root   int
	known  []int
	nodes  []*gotype.Type
	refs   []refs // of the same types
	memory int
	tags   map[string]bool // that have been parsed
}

// refs are the types that a type refers to; 0 is none.
type refs struct {
	elem, key int32
	fields    []int32
}

// charge counts bytes that are about to be kept.
func (t *reading) charge(r *jsonstream.Reader, bytes int) {
	if t.memory += bytes; t.memory > maxMemory {
		r.Fail("too many types and fields: they need more than %d bytes of memory", maxMemory)
	}
}

// text reads a name.
func (t *reading) text(r *jsonstream.Reader) string {
	s := r.Text(maxName)
	t.charge(r, len(s))
	return s
}

// table reads the form of table.
func (t *reading) table(r *jsonstream.Reader) {
	t.layout, t.tags = &Layout{}, make(map[string]bool)
	r.Object(func(member string) {
		switch member {
		case "schema":
			t.schema = r.Text(maxName)
		case "origin":
			t.layout.Origin = t.text(r)
		case "goarch":
			t.layout.GOARCH = t.text(r)
		case "go":
			t.layout.GoVersion = t.text(r)
		case "type":
			t.root = r.Count(maxTypes)
		case "known":
			r.List(func(int) {
				t.charge(r, knownCost)
				t.known = append(t.known, r.Count(maxTypes))
			})
		case "types":
			r.List(func(int) { t.entry(r) })
		default:
			r.Skip()
		}
	})
}

// entry reads a type.
func (t *reading) entry(r *jsonstream.Reader) {
	t.charge(r, typeCost)
	n, to := &gotype.Type{}, refs{}
	r.Object(func(member string) {
		switch member {
		case "kind":
			name := r.Text(maxName)
			kind, ok := kinds[name]
			if n.Spec.Kind = kind; !ok {
				r.Fail("no kind %.40q", name)
			}
		case "name":
			n.Spec.Name = t.text(r)
		case "pkg":
			n.Spec.PkgPath = t.text(r)
		case "elem":
			to.elem = int32(r.Count(maxTypes))
		case "key":
			to.key = int32(r.Count(maxTypes))
		case "len":
			n.Spec.Len = int(min(r.Uint(), uint64(maxInt)))
		case "fields":
			r.List(func(int) { t.field(r, n, &to) })
		default: // size and alignment are worked out anew
			r.Skip()
		}
	})
	if n.Spec.Kind == reflect.Invalid {
		r.Fail("a type without a kind")
	}
	if n.Spec.Kind != reflect.Struct {
		n.Spec.Fields, to.fields = nil, nil
	}
	t.nodes, t.refs = append(t.nodes, n), append(t.refs, to)
}

const maxInt = int(^uint(0) >> 1)

// field reads a field of n.
func (t *reading) field(r *jsonstream.Reader, n *gotype.Type, to *refs) {
	t.charge(r, fieldCost)
	f, typ := rules.Field{}, 0
	r.Object(func(member string) {
		switch member {
		case "name":
			f.Name = t.text(r)
		case "type":
			typ = r.Count(maxTypes)
		case "memusage":
			f.Tag = t.text(r)
			t.tag(r, f.Tag)
		default:
			r.Skip()
		}
	})
	n.Spec.Fields, to.fields = append(n.Spec.Fields, f), append(to.fields, int32(typ))
}

// tag checks that a tag parses, each once.
func (t *reading) tag(r *jsonstream.Reader, tag string) {
	if tag == "" || t.tags[tag] {
		return
	}
	if len(t.tags) == maxTags {
		r.Fail("more than %d tags", maxTags)
	}
	t.tags[tag] = true
	if _, err := rules.ParseExpr(tag); err != nil {
		r.Fail("a field: %s", err)
	}
}

// resolve gives the types those that they refer to.
func (t *reading) resolve() error {
	for i, n := range t.nodes {
		if err := t.fill(n, t.refs[i]); err != nil {
			return fmt.Errorf("type %d: %w", i+1, err)
		}
	}
	if err := gotype.Check(t.nodes); err != nil {
		return err
	}
	for i, ref := range append([]int{t.root}, t.known...) {
		n, err := t.node(int32(ref), i > 0, "type")
		if err != nil {
			return err
		}
		switch {
		case i > 0:
			t.layout.Known = append(t.layout.Known, n)
		case n != nil:
			t.layout.Type = n
		}
	}
	return nil
}

// node is the type of a number; nil for 0, unless one is wanted.
func (t *reading) node(ref int32, wanted bool, what string) (*gotype.Type, error) {
	if int(ref) > len(t.nodes) || wanted && ref == 0 {
		return nil, fmt.Errorf("no %s %d", what, ref)
	}
	if ref == 0 {
		return nil, nil
	}
	return t.nodes[ref-1], nil
}

// fill gives a type those that it refers to.
func (t *reading) fill(n *gotype.Type, to refs) (err error) {
	if hasElem(n.Spec.Kind) {
		if n.Spec.Elem, err = t.node(to.elem, true, "element"); err != nil {
			return err
		}
	}
	if n.Spec.Kind == reflect.Map {
		if n.Spec.Key, err = t.node(to.key, true, "key"); err != nil {
			return err
		}
	}
	for i, ref := range to.fields {
		field, err := t.node(ref, true, "field type")
		if err != nil {
			return err
		}
		n.Spec.Fields[i].Type = field
	}
	return nil
}

// checkTags refuses tags that do not fit their fields under one of the models that differ in rules.
func (t *reading) checkTags() error {
	switch {
	case len(t.tags) == 0:
		return nil
	case len(t.nodes) > maxTagged:
		return fmt.Errorf("%d types, some with tags, and at most %d are read", len(t.nodes), maxTagged)
	}
	all := append([]rules.Type{t.layout.Type}, t.layout.Known...)
	for _, m := range []*rules.Model{rules.Core(), rules.Crate(), rules.Go()} {
		if err := m.CheckTypes(all...); err != nil {
			return err
		}
	}
	return nil
}

func hasElem(k reflect.Kind) bool {
	switch k {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Chan:
		return true
	}
	return false
}
