package layout

import (
	"encoding/json"
	"io"
	"reflect"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
)

// schemaName names the JSON form of a Layout.
const schemaName = "memsize-layout/1"

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

// MarshalJSON is the layout in that form, without spaces.
func (l *Layout) MarshalJSON() ([]byte, error) {
	m := rules.Go()
	if Is32(l.GOARCH) {
		m, _ = rules.Lookup("go-386")
	}
	m = m.With() // a model keeps what it knows of a type, and those of a layout go with it
	b := &tabling{model: m, index: map[rules.Type]int{}}
	b.Schema, b.Origin, b.GOARCH, b.GoVersion = schemaName, l.Origin, l.GOARCH, l.GoVersion
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
