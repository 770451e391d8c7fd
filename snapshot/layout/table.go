package layout

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
)

// Schema names the JSON form of a Layout.
const Schema = "memsize-layout/1"

// table is the JSON form: all types in one list, which refer to each other by their position,
// counted from 1; 0 is none.
type table struct {
	Schema    string  `json:"schema"`
	Origin    string  `json:"origin"`
	GOARCH    string  `json:"goarch,omitempty"`
	GoVersion string  `json:"go,omitempty"`
	Type      int     `json:"type,omitempty"`
	Known     []int   `json:"known,omitempty"`
	Types     []entry `json:"types"`
}

// entry is one type. Size and Align, and a field's Offset, are those of Go on the layout's
// architecture, in bytes; they are for readers, and worked out anew from the fields here.
type entry struct {
	Kind   string       `json:"kind"`
	Name   string       `json:"name,omitempty"`
	Pkg    string       `json:"pkg,omitempty"`
	Size   uint64       `json:"size"`
	Align  uint64       `json:"align,omitempty"`
	Elem   int          `json:"elem,omitempty"`
	Key    int          `json:"key,omitempty"`
	Len    int          `json:"len,omitempty"`
	Fields []entryField `json:"fields,omitempty"`
}

type entryField struct {
	Name string `json:"name"`
	Type int    `json:"type"`
	Tag  string `json:"memusage,omitempty"`
}

// kinds are the Go kinds by name.
var kinds = func() map[string]reflect.Kind {
	all := make(map[string]reflect.Kind)
	for k := reflect.Bool; k <= reflect.UnsafePointer; k++ {
		all[k.String()] = k
	}
	return all
}()

// Write saves the layout as JSON that Read reads: the root, what is known, and all types below.
func (l *Layout) Write(w io.Writer) error {
	text, err := l.MarshalJSON()
	if err != nil {
		return err
	}
	var indented strings.Builder
	e := json.NewEncoder(&indented)
	e.SetIndent("", "  ")
	if err := e.Encode(json.RawMessage(text)); err != nil {
		return err
	}
	_, err = io.WriteString(w, indented.String())
	return err
}

// MarshalJSON is the layout in the form of Schema, without spaces.
func (l *Layout) MarshalJSON() ([]byte, error) {
	m := rules.Go()
	if Is32(l.GOARCH) {
		m, _ = rules.Lookup("go-386")
	}
	b := &tabling{model: m, index: map[rules.Type]int{}}
	b.Schema, b.Origin, b.GOARCH, b.GoVersion = Schema, l.Origin, l.GOARCH, l.GoVersion
	if l.Type != nil {
		b.Type = b.add(l.Type)
	}
	for _, t := range l.Known {
		b.Known = append(b.Known, b.add(t))
	}
	for next := 0; next < len(b.list); next++ {
		b.fill(next)
	}
	return json.Marshal(b.table)
}

// Is32 tells whether pointers have 4 bytes on an architecture, a GOARCH.
func Is32(goarch string) bool {
	switch goarch {
	case "386", "arm", "mips", "mipsle":
		return true
	}
	return false
}

// tabling numbers types.
type tabling struct {
	table
	model *rules.Model
	index map[rules.Type]int
	list  []rules.Type
}

func (b *tabling) add(t rules.Type) int {
	if t == nil {
		return 0
	}
	if i := b.index[t]; i > 0 {
		return i
	}
	b.list = append(b.list, t)
	b.Types = append(b.Types, entry{})
	b.index[t] = len(b.list)
	return len(b.list)
}

func (b *tabling) fill(i int) {
	t := b.list[i]
	e := entry{Kind: t.Kind().String(), Name: t.Name(), Pkg: t.PkgPath(), Elem: b.add(t.Elem())}
	switch t.Kind() {
	case reflect.Array:
		e.Len = t.Len()
	case reflect.Map:
		e.Key = b.add(t.Key())
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			e.Fields = append(e.Fields, entryField{Name: f.Name, Type: b.add(f.Type), Tag: f.Tag})
		}
	}
	e.Size, e.Align = b.sizeof(t)
	b.Types[i] = e
}

// sizeof is 0 for types with a tag that does not fit: pricing will say so.
func (b *tabling) sizeof(t rules.Type) (size, align uint64) {
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(*rules.TagError); !ok {
				panic(e)
			}
		}
	}()
	s := b.model.Shape(b.model.Bind(t))
	return s.Size, s.Align
}

// Limits of what Read accepts.
const (
	maxBytes  = 64 << 20
	maxTypes  = 1 << 18
	maxFields = 1 << 20
	maxInline = 256 // structs and arrays inside each other
)

// ErrLayout is wrapped by every error about a layout file that is not one.
var ErrLayout = errors.New("not a memsize layout")

// Read reads what Write wrote. It trusts nothing: sizes are bounded, references are checked, and
// types that contain themselves are refused, with an error that wraps ErrLayout.
func Read(r io.Reader) (*Layout, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	return Parse(text)
}

// Parse is Read for a layout in memory.
func Parse(text []byte) (*Layout, error) {
	if len(text) > maxBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrLayout, maxBytes)
	}
	var t table
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLayout, err)
	}
	if t.Schema != Schema {
		return nil, fmt.Errorf("%w: schema %.40q, this version reads %q", ErrLayout, t.Schema, Schema)
	}
	nodes, err := t.nodes()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLayout, err)
	}
	l := &Layout{Origin: t.Origin, GOARCH: t.GOARCH, GoVersion: t.GoVersion}
	for i, ref := range append([]int{t.Type}, t.Known...) {
		if ref < 0 || ref > len(nodes) || i > 0 && ref == 0 {
			return nil, fmt.Errorf("%w: no type %d", ErrLayout, ref)
		}
		switch {
		case i > 0:
			l.Known = append(l.Known, nodes[ref-1])
		case ref > 0:
			l.Type = nodes[ref-1]
		}
	}
	return l, nil
}

// nodes makes the types of a table.
func (t *table) nodes() ([]*Node, error) {
	fields := 0
	for _, e := range t.Types {
		fields += len(e.Fields)
	}
	if len(t.Types) > maxTypes || fields > maxFields {
		return nil, fmt.Errorf("%d types with %d fields: too many", len(t.Types), fields)
	}
	nodes := make([]*Node, len(t.Types))
	for i := range nodes {
		nodes[i] = &Node{}
	}
	for i, e := range t.Types {
		if err := nodes[i].fill(e, nodes); err != nil {
			return nil, fmt.Errorf("type %d: %w", i+1, err)
		}
	}
	return nodes, checkInline(nodes)
}

// fill makes a node of an entry.
func (n *Node) fill(e entry, nodes []*Node) error {
	kind, ok := kinds[e.Kind]
	if !ok || e.Len < 0 {
		return fmt.Errorf("no kind %.40q of length %d", e.Kind, e.Len)
	}
	n.K, n.N, n.Pkg, n.Length = kind, e.Name, e.Pkg, e.Len
	at := func(ref int, wanted bool, what string) (*Node, error) {
		switch {
		case ref < 0 || ref > len(nodes), wanted && ref == 0:
			return nil, fmt.Errorf("no %s %d", what, ref)
		case !wanted || ref == 0:
			return nil, nil
		}
		return nodes[ref-1], nil
	}
	var err error
	if n.E, err = at(e.Elem, hasElem(kind), "element"); err != nil {
		return err
	}
	if n.MapKey, err = at(e.Key, kind == reflect.Map, "key"); err != nil {
		return err
	}
	if kind != reflect.Struct {
		return nil
	}
	for _, f := range e.Fields {
		t, err := at(f.Type, true, "field type")
		if err != nil {
			return err
		}
		if f.Tag != "" {
			if _, err := rules.ParseExpr(f.Tag); err != nil {
				return fmt.Errorf("field %.60q: %w", f.Name, err)
			}
		}
		n.F = append(n.F, rules.Field{Name: f.Name, Type: t, Tag: f.Tag})
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

// checkInline refuses types that contain themselves, and structs in structs without end.
func checkInline(nodes []*Node) error {
	depth := make(map[*Node]int, len(nodes))
	for _, n := range nodes {
		if err := inlineDepth(n, depth, 0); err != nil {
			return err
		}
	}
	return nil
}

func inlineDepth(n *Node, depth map[*Node]int, level int) error {
	if depth[n] > 0 {
		return nil
	}
	if level > maxInline {
		return fmt.Errorf("type %.60q contains itself, or more than %d levels", n.String(), maxInline)
	}
	parts := n.F
	if n.K == reflect.Array {
		parts = []rules.Field{{Type: n.E}}
	}
	deepest := 0
	for _, f := range parts {
		inner := f.Type.(*Node)
		if err := inlineDepth(inner, depth, level+1); err != nil {
			return err
		}
		deepest = max(deepest, depth[inner])
	}
	if depth[n] = deepest + 1; deepest >= maxInline {
		return fmt.Errorf("more than %d structs in structs", maxInline)
	}
	return nil
}
