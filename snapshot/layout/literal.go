package layout

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/rules"
)

// The names of types that have none of their own are made of those that they hold: gob registers
// "[]shop.Item" and "map[string]*shop.Item", and people ask for them.

const (
	maxLiteral = 1024    // bytes of a name that a stream gives, as many as encoding/gob takes
	maxAsked   = 4096    // bytes of a name that a person gives
	maxArray   = 1 << 30 // far more elements than an array has that is registered
)

// literal is the type of a literal that a stream gives, made of known types; nil where one of them
// is not known, or several have its name.
func (l *Layout) literal(name string) rules.Type {
	if len(name) > maxLiteral {
		return nil
	}
	t, err := l.parse(name, l.one)
	if err != nil {
		return nil
	}
	return t
}

// parse is the type of a text, with known for the names in it.
func (l *Layout) parse(text string, known func(name string) (rules.Type, error)) (rules.Type, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "any", text == "interface {}", text == "interface{}":
		return &gotype.Type{Spec: gotype.Spec{Kind: reflect.Interface}}, nil
	case text == "struct {}", text == "struct{}":
		return &gotype.Type{Spec: gotype.Spec{Kind: reflect.Struct}}, nil
	case strings.HasPrefix(text, "*"):
		return l.holding(&gotype.Type{Spec: gotype.Spec{Kind: reflect.Pointer}}, text[1:], known)
	case strings.HasPrefix(text, "map["):
		inside, rest, ok := brackets(text[len("map"):])
		if !ok {
			return nil, fmt.Errorf("%.80s: a bracket is missing", text)
		}
		key, err := l.parse(inside, known)
		if err != nil {
			return nil, err
		}
		n, ok := key.(*gotype.Type)
		if !ok {
			return nil, errNoNode
		}
		return l.holding(&gotype.Type{Spec: gotype.Spec{Kind: reflect.Map, Key: n}}, rest, known)
	case strings.HasPrefix(text, "["):
		inside, rest, ok := brackets(text)
		if !ok {
			return nil, fmt.Errorf("%.80s: a bracket is missing", text)
		}
		n := &gotype.Type{Spec: gotype.Spec{Kind: reflect.Slice}}
		if inside != "" {
			var err error
			if n.Spec.Len, err = strconv.Atoi(inside); err != nil || n.Spec.Len < 0 || n.Spec.Len > maxArray {
				return nil, fmt.Errorf("%.80s: no length of an array", inside)
			}
			n.Spec.Kind = reflect.Array
		}
		return l.holding(n, rest, known)
	}
	if k, ok := kinds[text]; ok && (k <= reflect.Complex128 || k == reflect.String) {
		return &gotype.Type{Spec: gotype.Spec{Kind: k}}, nil
	}
	if k, ok := map[string]reflect.Kind{"byte": reflect.Uint8, "rune": reflect.Int32}[text]; ok {
		return &gotype.Type{Spec: gotype.Spec{Kind: k}}, nil
	}
	return known(text)
}

// holding is n with the element that a text names.
func (l *Layout) holding(n *gotype.Type, text string, known func(string) (rules.Type, error)) (rules.Type, error) {
	elem, err := l.parse(text, known)
	if err != nil {
		return nil, err
	}
	var ok bool
	if n.Spec.Elem, ok = elem.(*gotype.Type); !ok {
		return nil, errNoNode
	}
	return n, nil
}

// errNoNode is why a type that reflect shows cannot be part of one that is made here.
var errNoNode = errors.New("a type of this program cannot be part of another")

// brackets is what is in the first brackets of s, which begins with one, and what comes behind them.
func brackets(s string) (inside, behind string, ok bool) {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return s[1:i], s[i+1:], true
			}
		}
	}
	return "", "", false
}

// canonical is a name in the form in which names are compared: packages by their last element,
// without spaces, any for interface {}.
func canonical(name string) string {
	name = strings.NewReplacer("interface {}", "any", "interface{}", "any", ", ", ",").Replace(name)
	var b strings.Builder
	word := 0 // where a package's path may have begun
	for i := range len(name) {
		switch name[i] {
		case '/':
			word = i + 1
		case '[', ']', ',', '*', ' ':
			b.WriteString(name[word : i+1])
			word = i + 1
		}
	}
	b.WriteString(name[word:])
	return b.String()
}

// bare is a canonical name without its package.
func bare(name string) string {
	head, _, _ := strings.Cut(name, "[")
	if dot := strings.IndexByte(head, '.'); dot >= 0 {
		return name[dot+1:]
	}
	return name
}

// generic is a name without its type arguments.
func generic(name string) string {
	head, _, _ := strings.Cut(name, "[")
	return head
}
