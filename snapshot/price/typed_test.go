package price_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// twins writes random Go types, T0 and on, and of each a later version, U0 and on: with other
// fields, other pointers and wider numbers, into which values of the first can be decoded.
type twins struct {
	*rand.Rand
	b       strings.Builder
	current string   // the type that is being declared
	names   []string // declared
	structs []string // of these
	keys    []string // of these, can be keys
}

// program is the Go source of types.
func (w *twins) program(types int) string {
	w.b.WriteString("package main\n\nimport \"time\"\n\nvar _ time.Time\n\n" +
		"type pairT[A, B any] struct {\n\tFirst A\n\tRest []B\n}\n\n" +
		"type pairU[A, B any] struct {\n\tFirst A\n\tRest []B\n}\n\n")
	var known []string
	for i := range types {
		w.current = fmt.Sprintf("T%d", i)
		switch w.IntN(9) {
		case 0:
			w.both("[]" + w.elem(2))
		case 1:
			w.both(w.mapOf(2))
		case 2:
			w.same(fmt.Sprintf("[%d]%s", w.IntN(4), w.key()))
		case 3:
			w.same(w.scalar())
		case 4:
			w.same(fmt.Sprintf("struct { A %s; B %s }", w.scalar(), w.key()))
		default:
			w.structs = append(w.structs, w.current)
			w.structType()
		}
		w.names = append(w.names, w.current)
		if w.IntN(3) == 0 {
			known = append(known, w.current)
		}
	}
	w.b.WriteString("\nfunc init() {\n")
	for _, name := range known {
		form := []string{"", "", "*", "[]", "map[int8]", "[2]"}[w.IntN(6)]
		fmt.Fprintf(&w.b, "\tbox[%s%s]()\n", form, name)
	}
	w.b.WriteString("}\n\nvar samples = []sample{\n")
	for _, name := range w.names {
		form := []string{"", "", "", "[]", "*", "map[string]", "[2]", "[]*"}[w.IntN(8)]
		fmt.Fprintf(&w.b, "\tof[%s%s, %s%s](),\n", form, name, form, w.twin(name))
	}
	w.b.WriteString("}\n")
	return w.b.String()
}

// both declares the current type and its twin.
func (w *twins) both(text string) {
	fmt.Fprintf(&w.b, "type %s %s\ntype %s %s\n", w.current, text, w.twin(w.current), w.twin(text))
}

// same declares a type that is its own twin, for keys.
func (w *twins) same(text string) {
	fmt.Fprintf(&w.b, "type %s %s\ntype %s = %s\n", w.current, text, w.twin(w.current), w.current)
	w.keys = append(w.keys, w.current)
}

var twinName = regexp.MustCompile(`\bT(\d+)\b|\bpairT\b`)

// twin is a type with the later versions of all that it speaks of.
func (w *twins) twin(text string) string {
	return twinName.ReplaceAllStringFunc(text, func(s string) string {
		return strings.Replace(s, "T", "U", 1)
	})
}

// structType declares a struct and its twin. No two structs have fields of one name: encoding/gob
// decodes into those of embedded structs as well.
func (w *twins) structType() {
	var first, second []string
	for i := range 1 + w.IntN(6) {
		name := fmt.Sprintf("%dof%s", i, w.current[1:])
		if len(w.structs) > 1 && w.IntN(8) == 0 {
			embedded := w.structs[w.IntN(len(w.structs)-1)]
			if !slices.Contains(first, embedded) {
				first, second = append(first, embedded), append(second, w.twin(embedded))
			}
			continue
		}
		text := w.elem(2)
		first = append(first, "F"+name+" "+text)
		if w.IntN(5) > 0 {
			text = w.evolved(w.twin(text))
			if w.IntN(8) == 0 {
				text += w.tag(text)
			}
			second = append(second, "F"+name+" "+text)
		}
		if w.IntN(4) == 0 {
			first = append(first, "f"+name+" "+w.elem(1))
		}
		if w.IntN(6) == 0 {
			second = append(second, "G"+name+" "+w.twin(w.unsent()))
		}
	}
	w.Shuffle(len(second), func(i, j int) { second[i], second[j] = second[j], second[i] })
	for i, fields := range [][]string{first, second} {
		name := []string{w.current, w.twin(w.current)}[i]
		fmt.Fprintf(&w.b, "type %s struct {\n\t%s\n}\n\n", name, strings.Join(fields, "\n\t"))
	}
}

// unsent is the type of a field that no stream has.
func (w *twins) unsent() string {
	switch w.IntN(4) {
	case 0:
		return "chan int"
	case 1:
		return "*func()"
	}
	return w.elem(2)
}

// evolved is a type into which values of another can be decoded.
func (w *twins) evolved(text string) string {
	switch w.IntN(4) {
	case 0:
		return "*" + text
	case 1:
		if !strings.Contains(text, w.twin(w.current)) {
			return strings.TrimPrefix(text, "*")
		}
	case 2:
		switch text {
		case "int8", "int16", "int32", "int64", "int":
			return "int64"
		case "uint8", "uint16", "uint32":
			return "uint64"
		case "float32":
			return "float64"
		}
	}
	return text
}

// tag is a rule that fits a type.
func (w *twins) tag(text string) string {
	rule := "-"
	switch {
	case strings.ContainsAny(text, "TU"): // what leads back would be counted
		return ""
	case text == "[]byte":
		rule = []string{"prevector=36", "-", "list"}[w.IntN(3)]
	case strings.HasPrefix(text, "[]"):
		rule = []string{"prevector=4", "list"}[w.IntN(2)]
	case strings.HasPrefix(text, "map[") && !strings.HasSuffix(text, "struct{}"):
		rule = []string{"map", "unordered_map", "pool_unordered_map=64"}[w.IntN(2)]
	}
	return fmt.Sprintf(" `memusage:%q`", rule)
}

func (w *twins) scalar() string { return scalarNames[w.IntN(len(scalarNames))] }

func (w *twins) key() string {
	switch n := w.IntN(12); {
	case n < 3 && len(w.keys) > 0:
		return w.keys[w.IntN(len(w.keys))]
	case n == 3:
		return fmt.Sprintf("[%d]%s", w.IntN(40), w.scalar())
	case n == 4:
		return "[2][3]" + w.scalar()
	case n == 5:
		return "struct{}"
	}
	return w.scalar()
}

func (w *twins) mapOf(depth int) string {
	if w.IntN(4) == 0 {
		return "map[" + w.mapKey() + "]struct{}"
	}
	return "map[" + w.mapKey() + "]" + w.elem(depth-1)
}

func (w *twins) mapKey() string {
	switch w.IntN(14) {
	case 0:
		return "*" + w.key()
	case 1:
		return "time.Time"
	}
	return w.key()
}

// elem is any type, a third of the time behind pointers.
func (w *twins) elem(depth int) string {
	star := []string{"", "", "", "", "", "*", "*", "**", "***"}[w.IntN(9)]
	switch n := w.IntN(16); {
	case n == 0 && w.current != "":
		form := []string{"*", "[]", "[]*", "map[string]", "map[int8]*", "**", "[][]"}[w.IntN(7)]
		return form + w.current
	case n == 1:
		return star + []string{"any", "speaker"}[w.IntN(2)]
	case n == 2:
		return star + []string{"time.Time", "struct{}", "struct{ X, Y int8 }"}[w.IntN(3)]
	case n < 6 && len(w.names) > 0:
		return star + w.names[w.IntN(len(w.names))]
	case depth > 0 && n < 8:
		return star + "[]" + w.elem(depth-1)
	case depth > 0 && n == 8:
		return star + w.mapOf(depth)
	case depth > 0 && n == 9:
		return fmt.Sprintf("%s[%d]%s", star, w.IntN(4), w.elem(depth-1))
	case n == 10:
		return star + "[]byte"
	case n == 11:
		return star + "[]struct{}"
	case depth > 0 && n == 12:
		return fmt.Sprintf("%spairT[%s, %s]", star, w.key(), w.elem(depth-1))
	}
	return star + w.scalar()
}

// typedTruth is what values of a random type were, on the wire and in memory.
type typedTruth struct {
	Type   string
	Twin   bool // it is a later version of the type that was encoded
	Stream []byte
	Layout json.RawMessage
	Totals map[string]rules.Parts // by model, of the decoded values
}

// TestTypedIsTheDecodedValue makes random Go types and later versions of them. Where the types are
// known, a stream costs what the values cost that encoding/gob decodes into either, part by part.
func TestTypedIsTheDecodedValue(t *testing.T) {
	seed := seed.Of(t)
	types := 200
	if testing.Short() {
		types = 80
	}
	w := &twins{Rand: rand.New(rand.NewPCG(seed, 0))}
	decoder := runProgram(t, seed, w.program(types), "typed/main.go", "decoded/filler.go")
	checked := 0
	for decoder.More() {
		var one typedTruth
		require.NoError(t, decoder.Decode(&one))
		census, err := snapshot.Scan(context.Background(), bytes.NewReader(one.Stream))
		require.NoError(t, err, one.Type)
		l, err := layout.Parse(one.Layout)
		require.NoError(t, err)
		typed := census.Retype(l)
		if one.Twin && foldsAway(census, typed) {
			continue
		}
		for model, want := range one.Totals {
			r, err := price.Price(typed, []*rules.Model{lookup(model)}, nil)
			require.NoError(t, err)
			require.Equal(t, want, r.Models[0].Parts, "seed %d: %s under %s\n%s", seed, one.Type, model,
				text(t, r))
			checked++
		}
	}
	t.Logf("%d figures", checked)
	require.Greater(t, checked, 5*types)
}

// foldsAway tells whether what a later type does not have, or has in an interface as it was, leads
// back to what it has: values there are counted together with the others.
func foldsAway(c, typed *snapshot.Census) bool {
	gone := map[string]bool{}
	for _, d := range typed.Drift {
		gone[d.Path] = strings.Contains(d.Text, "no such field")
	}
	for s := range c.Sites() {
		if s.Fold == nil {
			continue
		}
		for at := s; at != nil && at != s.Fold; at = at.Parent {
			if gone[at.Path()] || at.Role == snapshot.Dynamic {
				return true
			}
		}
	}
	return false
}
