package gosource

import (
	"go/types"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
)

// registered loads the type that gob registers under its import path and name, type arguments
// included, which have their paths as well: "example.com/shop.Pair[string,example.com/shop.ID]".
// It is nil where there is none: names come from the stream.
func (l *loader) registered(name string) rules.Type {
	t := l.named(name)
	if t == nil {
		return nil
	}
	return l.types.Of(t)
}

// named is the type of an import path and a name, with type arguments where it has parameters.
func (l *loader) named(name string) types.Type {
	head, arguments, isGeneric := strings.Cut(name, "[")
	dot := strings.LastIndexByte(head, '.')
	if dot < 0 {
		return nil
	}
	path := head[:dot]
	if strings.ContainsAny(path, " \t\\@=,;:*[]") || strings.HasPrefix(path, "-") {
		return nil
	}
	pkg := l.asked(path)
	if pkg == nil {
		return nil
	}
	object, ok := pkg.Scope().Lookup(head[dot+1:]).(*types.TypeName)
	if !ok {
		return nil
	}
	n, ok := types.Unalias(object.Type()).(*types.Named)
	if !ok || (n.TypeParams().Len() > 0) != isGeneric {
		return nil
	}
	if !isGeneric {
		return n
	}
	return l.instance(n, strings.TrimSuffix(arguments, "]"))
}

// maxAsked bounds the packages that are loaded because a stream names them: each takes a go command.
const maxAsked = 64

// asked is the package of a path that a stream names.
func (l *loader) asked(path string) *types.Package {
	pkg, known := l.loaded[path]
	if known || len(l.loaded) == maxAsked {
		return pkg
	}
	if p, err := l.load(path); err == nil && p.Types.Path() == path {
		pkg = p.Types
	}
	l.loaded[path] = pkg
	return pkg
}

// instance is a generic type with the arguments of a list.
func (l *loader) instance(n *types.Named, list string) types.Type {
	var arguments []types.Type
	for _, s := range splitList(list) {
		t := l.argument(s)
		if t == nil {
			return nil
		}
		arguments = append(arguments, t)
	}
	if len(arguments) != n.TypeParams().Len() {
		return nil
	}
	t, err := types.Instantiate(nil, n, arguments, true)
	if err != nil {
		return nil
	}
	return t
}

// splitList cuts a list at its commas, those in brackets apart.
func splitList(list string) (parts []string) {
	depth, start := 0, 0
	for i, c := range list {
		switch c {
		case '[':
			depth++
		case ']':
			depth--
		case ',':
			if depth == 0 {
				parts, start = append(parts, list[start:i]), i+1
			}
		}
	}
	return append(parts, list[start:])
}

// argument is the type of a type argument; nil where that is a type literal of another kind than
// pointers, slices, arrays and maps.
func (l *loader) argument(s string) types.Type {
	of := func(s string, make func(types.Type) types.Type) types.Type {
		if t := l.argument(s); t != nil {
			return make(t)
		}
		return nil
	}
	if basic, ok := types.Universe.Lookup(s).(*types.TypeName); ok {
		return basic.Type()
	}
	switch inside, behind, ok := cutBrackets(s); {
	case s == "interface {}":
		return types.Universe.Lookup("any").Type()
	case strings.HasPrefix(s, "*"):
		return of(s[1:], func(t types.Type) types.Type { return types.NewPointer(t) })
	case ok && strings.HasPrefix(s, "map["):
		key := l.argument(inside)
		if key == nil {
			return nil
		}
		return of(behind, func(t types.Type) types.Type { return types.NewMap(key, t) })
	case ok && s[0] == '[' && inside == "":
		return of(behind, func(t types.Type) types.Type { return types.NewSlice(t) })
	case ok && s[0] == '[':
		n, err := strconv.ParseInt(inside, 10, 64)
		if err != nil || n < 0 {
			return nil
		}
		return of(behind, func(t types.Type) types.Type { return types.NewArray(t, n) })
	}
	return l.named(s)
}

// cutBrackets is what is in the first brackets of s, and what comes behind them.
func cutBrackets(s string) (inside, behind string, ok bool) {
	start, depth := strings.IndexByte(s, '['), 0
	for i := max(start, 0); i < len(s) && start >= 0; i++ {
		switch s[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return s[start+1 : i], s[i+1:], true
			}
		}
	}
	return "", "", false
}
