// Package schema writes the types of a census as Go declarations: what one would have to declare
// to decode the stream.
//
// Names are the stream's own where they are Go identifiers, and made into such where they are not
// (the name on the wire is then in a comment). What the stream does not say is in comments too:
// the widths of numbers that were assumed, the types that encode themselves, what interfaces
// held. Fields that were never sent, because they are unexported or of types that gob does not
// send, cannot be known.
package schema

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"go/token"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// Write writes the types of c as a Go file of package snapshot, formatted as gofmt does, roots
// first. title, which may be empty, goes into its first comment. The error is the writer's.
func Write(w io.Writer, c *snapshot.Census, title string) error {
	f := &file{names: map[*snapshot.Type]string{}, taken: map[string]bool{},
		uses: map[*snapshot.Type]int{}, notes: map[field][]string{},
		exprs: map[*snapshot.Type]string{}, inKeys: map[*snapshot.Type]bool{}}
	f.comment(c)
	f.nameAll(c, f.collect(c))
	f.time = false // so far types were written to see how long they are
	clear(f.exprs)
	for i := 0; i < len(f.declared); i++ {
		f.declare(f.declared[i])
	}
	imports := ""
	if f.time {
		imports = "import \"time\"\n\n"
	}
	var out bytes.Buffer
	f.header(&out, c, title)
	out.WriteString(imports)
	out.Write(f.body.Bytes())
	source, err := format.Source(out.Bytes())
	if err != nil {
		return fmt.Errorf("schema: the declarations are no Go, a defect of this package: %w", err)
	}
	_, err = w.Write(source)
	return err
}

// file is the Go file that is being made.
type file struct {
	names    map[*snapshot.Type]string // of the declared types
	declared []*snapshot.Type          // in the order of their names being given
	taken    map[string]bool
	uses     map[*snapshot.Type]int
	notes    map[field][]string // what was assumed of fields, and what interfaces held
	loose    []string           // assumptions that belong to no field
	exprs    map[*snapshot.Type]string
	inKeys   map[*snapshot.Type]bool // keys of maps and what lies in them, which can be compared
	time     bool                    // package time is needed
	body     bytes.Buffer
}

// field is a field of a struct type.
type field struct {
	of    *snapshot.Type
	index int
}

// comment collects what is to be said of fields.
func (f *file) comment(c *snapshot.Census) {
	site := map[string]*snapshot.Site{}
	for s := range c.Sites() {
		path := s.Path()
		if site[path] == nil {
			site[path] = s
		}
		if s.Type.Kind() == reflect.Interface {
			f.holds(s)
		}
	}
	for _, a := range c.Assumptions {
		s := site[a.Path]
		if s == nil || s.Role != snapshot.Field {
			f.loose = append(f.loose, strings.TrimPrefix(a.Path+": ", ": ")+a.String())
			continue
		}
		at := field{s.Parent.Type, s.Field}
		f.notes[at] = append(f.notes[at], a.Taken)
	}
}

// holds notes the dynamic types of an interface at the field that it is.
func (f *file) holds(s *snapshot.Site) {
	var names []string
	for _, child := range s.Children {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(child.Step, ".("), ")"))
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	if len(names) > 8 {
		names = append(names[:8], fmt.Sprintf("and %d more", len(names)-8))
	}
	text := "holds " + strings.Join(names, ", ")
	if s.Role != snapshot.Field {
		f.loose = append(f.loose, strings.TrimPrefix(s.Path()+": ", ": ")+text)
		return
	}
	at := field{s.Parent.Type, s.Field}
	if !slices.Contains(f.notes[at], text) {
		f.notes[at] = append(f.notes[at], text)
	}
}

// collect lists all types, those of sites first, and counts how often each is referred to.
func (f *file) collect(c *snapshot.Census) []*snapshot.Type {
	seen := map[*snapshot.Type]bool{}
	var list []*snapshot.Type
	note := func(t *snapshot.Type) {
		if f.uses[t]++; !seen[t] {
			seen[t] = true
			list = append(list, t)
		}
	}
	for s := range c.Sites() {
		if s.Role == snapshot.Root || s.Role == snapshot.Dynamic {
			note(s.Type)
		}
	}
	for next := 0; next < len(list); next++ {
		if key := list[next].Key(); key != nil {
			f.compare(key.(*snapshot.Type))
		}
		for part := range parts(list[next]) {
			note(part)
		}
	}
	return list
}

// compare notes that values of t are keys, or lie in keys.
func (f *file) compare(t *snapshot.Type) {
	if f.inKeys[t] {
		return
	}
	f.inKeys[t] = true
	if k := t.Kind(); k == reflect.Struct || k == reflect.Array {
		for part := range parts(t) {
			f.compare(part)
		}
	}
}

// parts yields the types that t refers to.
func parts(t *snapshot.Type) func(yield func(*snapshot.Type) bool) {
	return func(yield func(*snapshot.Type) bool) {
		if isTime(t) {
			return
		}
		if key := t.Key(); key != nil && !yield(key.(*snapshot.Type)) {
			return
		}
		if elem := t.Elem(); elem != nil && !yield(elem.(*snapshot.Type)) {
			return
		}
		for i := range t.NumField() {
			if !yield(t.Field(i).Type.(*snapshot.Type)) {
				return
			}
		}
	}
}

// isTime tells whether t is time.Time.
func isTime(t *snapshot.Type) bool {
	return t.PkgPath() == "time" && (t.Name() == "Time" || t.Name() == "Location")
}

// nameAll gives names to the types that need one: those that have one, those of whole values,
// those that encode themselves, structs that are used more than once, and unnamed types that
// contain themselves.
func (f *file) nameAll(c *snapshot.Census, types []*snapshot.Type) {
	for _, root := range c.Roots {
		if t := root.Type; t.Name() == "" && t.Opaque() == "" && !isBasic(t) {
			f.name(t, "Value")
		}
	}
	for _, t := range types {
		basic := t.Name() == t.Kind().String() || t.Name() == "error"
		switch {
		case isTime(t):
		case t.Name() != "" && !basic:
			f.name(t, identifier(t.Name(), "T"))
		case t.Opaque() != "":
			f.name(t, t.Opaque())
		case t.Kind() == reflect.Struct && f.uses[t] > 1:
			f.name(t, "Struct")
		}
	}
	for _, t := range cycleHeads(types, f.names) {
		f.name(t, "Recursive")
	}
	for _, t := range types { // an unnamed root has its expression as a comment, or a name
		f.expr(t)
	}
}

// isBasic tells whether t is written by its kind alone, or with a star.
func isBasic(t *snapshot.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
		return false
	}
	return true
}

// cycleHeads returns types such that without them and those that are named already no type
// contains itself.
func cycleHeads(types []*snapshot.Type, named map[*snapshot.Type]string) []*snapshot.Type {
	const open, done = 1, 2
	type step struct {
		t     *snapshot.Type
		parts []*snapshot.Type
	}
	state := map[*snapshot.Type]int{}
	var heads []*snapshot.Type
	for _, root := range types {
		var path []step
		enter := func(t *snapshot.Type) {
			if named[t] == "" && state[t] == 0 {
				state[t] = open
				path = append(path, step{t, slices.Collect(parts(t))})
			}
		}
		for enter(root); len(path) > 0; {
			at := &path[len(path)-1]
			if len(at.parts) == 0 {
				state[at.t] = done
				path = path[:len(path)-1]
				continue
			}
			next := at.parts[0]
			at.parts = at.parts[1:]
			if state[next] == open {
				heads = append(heads, next)
			}
			enter(next)
		}
	}
	return heads
}

// name declares t under a name like the one given.
func (f *file) name(t *snapshot.Type, like string) {
	if f.names[t] != "" {
		return
	}
	name := like
	for i := 2; f.taken[name]; i++ {
		name = like + "_" + strconv.Itoa(i)
	}
	f.taken[name] = true
	f.names[t] = name
	f.declared = append(f.declared, t)
}

// identifier makes a Go identifier of a name: prefix goes before what cannot begin one.
func identifier(name, prefix string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' {
			return r
		}
		return '_'
	}, name)
	if clean = strings.TrimRight(clean, "_"); clean == "" {
		return prefix
	}
	if first := []rune(clean)[0]; !unicode.IsLetter(first) && first != '_' {
		clean = prefix + clean
	}
	if token.IsKeyword(clean) || predeclared[clean] {
		clean += "_"
	}
	return clean
}

// predeclared are the names that a declaration must not take, for the declarations use them.
var predeclared = func() map[string]bool {
	names := map[string]bool{"any": true, "string": true, "init": true, "time": true, "main": true}
	for k := reflect.Bool; k <= reflect.Complex128; k++ {
		names[k.String()] = true
	}
	return names
}()

// maxExpr is the length of a type literal in bytes beyond which it gets a name of its own: types
// that are used twice within types that are used twice would grow without bound.
const maxExpr = 400

// expr is t as a Go expression.
func (f *file) expr(t *snapshot.Type) string {
	if isTime(t) {
		f.time = true
		return "time." + t.Name()
	}
	if name := f.names[t]; name != "" {
		return name
	}
	if e, ok := f.exprs[t]; ok {
		return e
	}
	e := f.literal(t)
	if len(e) > maxExpr && t.Kind() != reflect.Pointer {
		f.name(t, "Type")
		return f.names[t]
	}
	f.exprs[t] = e
	return e
}

// literal is t as a type literal, or its underlying type if it is declared.
func (f *file) literal(t *snapshot.Type) string {
	if t.Opaque() != "" && f.inKeys[t] {
		return "string" // bytes that can be compared
	}
	elem := func() string { return f.expr(t.Elem().(*snapshot.Type)) }
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + elem()
	case reflect.Slice:
		return "[]" + byteName(elem())
	case reflect.Array:
		return "[" + strconv.Itoa(t.Len()) + "]" + byteName(elem())
	case reflect.Map:
		return "map[" + f.expr(t.Key().(*snapshot.Type)) + "]" + elem()
	case reflect.Struct:
		return f.structure(t)
	case reflect.Interface:
		return "any"
	}
	return t.Kind().String()
}

// byteName says byte where one does.
func byteName(elem string) string {
	if elem == "uint8" {
		return "byte"
	}
	return elem
}

// structure is a struct literal with a line for each field.
func (f *file) structure(t *snapshot.Type) string {
	if t.NumField() == 0 {
		return "struct{}"
	}
	var b strings.Builder
	b.WriteString("struct {\n")
	taken := map[string]bool{}
	for i := range t.NumField() {
		wire := t.Field(i)
		name := identifier(wire.Name, "F")
		for n := 2; taken[name]; n++ {
			name = identifier(wire.Name, "F") + "_" + strconv.Itoa(n)
		}
		taken[name] = true
		notes := f.notes[field{t, i}]
		if name != wire.Name {
			notes = append([]string{"named \"" + wire.Name + "\""}, notes...)
		}
		fmt.Fprintf(&b, "%s %s%s\n", name, f.expr(wire.Type.(*snapshot.Type)), comment(notes))
	}
	b.WriteString("}")
	return b.String()
}

// comment is notes as a comment behind a line.
func comment(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return " // " + show.Printable(strings.Join(notes, "; "))
}

// declare writes the declaration of a named type.
func (f *file) declare(t *snapshot.Type) {
	name := f.names[t]
	var notes []string
	if full := wireName(t); full != name && t.Name() != "" {
		notes = append(notes, "is "+show.Printable(full))
	}
	if t.Opaque() != "" {
		notes = append(notes, "encodes itself ("+t.Opaque()+")")
	}
	if len(notes) > 0 {
		fmt.Fprintf(&f.body, "// %s %s.\n", name, strings.Join(notes, " and "))
	}
	fmt.Fprintf(&f.body, "type %s %s\n\n", name, f.literal(t))
}

// wireName is the name of a type with its import path.
func wireName(t *snapshot.Type) string {
	if t.PkgPath() == "" {
		return t.Name()
	}
	return t.PkgPath() + "." + t.Name()
}

// header writes what stands before the declarations.
func (f *file) header(w io.Writer, c *snapshot.Census, title string) {
	fmt.Fprintf(w, "// The types of %s, as far as its gob stream tells them.\n//\n",
		cmp.Or(show.Printable(title), "a snapshot"))
	for _, root := range c.Roots {
		of := strings.Join(strings.Fields(f.expr(root.Type)), " ")
		noun := "values"
		if root.Count == 1 {
			noun = "value"
		}
		fmt.Fprintf(w, "// It has %d %s of type %s.\n", root.Count, noun, show.Printable(of))
	}
	for i, text := range f.loose {
		if i == 0 {
			fmt.Fprint(w, "//\n")
		}
		fmt.Fprintf(w, "// %s.\n", show.Printable(text))
	}
	fmt.Fprint(w, "package snapshot\n\n")
}
