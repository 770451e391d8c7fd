// Package layout holds the Go types behind a gob stream, wherever they come from, and finds which
// of them a value of the stream is.
//
// A stream keeps kinds, field names and lengths. A [Layout] adds what it loses: pointers, widths,
// fields that are not sent, struct tags. It comes from Go source (package gosource), from the
// debug information of a program (package gobinary), from the writer of the stream (package
// manifest), or from a file that one of these was saved to ([Layout.Write], [Read]).
//
// [snapshot.Census.Retype] puts a census into the types of a Layout.
package layout

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// Layout is a set of Go types. It implements [snapshot.Layout]. It is not safe for concurrent
// use: types may be loaded when they are asked for.
type Layout struct {
	Origin    string // what it was made from, for people: "source ./pkg.Snapshot"
	GOARCH    string // for which architecture types were chosen; empty where that is not known
	GoVersion string // that made the types; empty where that is not known

	// Type is what values at the top of a stream are decoded into; nil to look for it among Known.
	Type rules.Type
	// Known are the named types that values, also those in interfaces, may have.
	Known []rules.Type
	// Load finds a type by the name that gob registers it under ("example.com/shop.Cart"), where
	// it is not among Known. It may be nil, and give nil.
	Load func(name string) rules.Type
}

var _ snapshot.Layout = (*Layout)(nil)

// Is32 tells whether the types are those of a 32-bit program.
func (l *Layout) Is32() bool { return Is32(l.GOARCH) }

// Root is the layout's Type, or else the only known type that a value of wire's type fits by name
// and fields; nil if there is none, or several.
func (l *Layout) Root(wire *snapshot.Type) rules.Type {
	if l.Type != nil {
		return l.Type
	}
	return only(l.candidates(wire))
}

// candidates are the known types that a value of wire's type fits by names and fields. A type
// without a name is looked for among those without one first.
func (l *Layout) candidates(wire *snapshot.Type) []rules.Type {
	var list, named []rules.Type
	for _, t := range l.Known {
		switch {
		case !sameNames(wire, t) || !gotype.Compatible(wire, t, gotype.Fields):
		case wire.Name() == "" && t.Name() != "":
			named = append(named, t)
		default:
			list = append(list, t)
		}
	}
	if len(list) == 0 {
		return named
	}
	return list
}

// sameNames tells whether the names of two types agree, and those of what they hold, as far as both
// have one.
func sameNames(wire, t rules.Type) bool {
	for depth := 0; depth < gotype.MaxInline; depth++ {
		wire, t = gotype.Strip(wire), gotype.Strip(t)
		if depth == 0 && wire.Name() != "" && wire.Name() != t.Name() ||
			wire.Name() != "" && t.Name() != "" && wire.Name() != t.Name() {
			return false
		}
		if wire.Kind() == reflect.Map && t.Kind() == reflect.Map && !sameNames(wire.Key(), t.Key()) {
			return false
		}
		if wire.Elem() == nil || t.Elem() == nil {
			return true
		}
		wire, t = wire.Elem(), t.Elem()
	}
	return true
}

// WhyNot says why Root knows no type for a value of wire's type.
func (l *Layout) WhyNot(wire *snapshot.Type) string {
	var names []string
	for _, t := range l.candidates(wire) {
		if names = append(names, t.String()); len(names) == 8 {
			break
		}
	}
	if len(names) == 0 {
		return fmt.Sprintf("no type of %s fits %s", l.Origin, wire)
	}
	return fmt.Sprintf("several types of %s fit %s: %s", l.Origin, wire, strings.Join(names, ", "))
}

// only is the one type of a list; nil if there are none or several.
func only(list []rules.Type) rules.Type {
	if len(list) != 1 {
		return nil
	}
	return list[0]
}

// Dynamic is the type registered under name: gob registers T as its import path and name, *T as
// "*", the package's own name, and T, and a type without a name as its literal. Under a name that
// the program chose itself, it is the only known type that fits.
func (l *Layout) Dynamic(name string, wire *snapshot.Type) rules.Type {
	bare := strings.TrimLeft(name, "*")
	t := l.named(bare, wire)
	if strings.HasPrefix(bare, "[") || strings.HasPrefix(bare, "map[") {
		t = l.literal(bare)
	}
	if t == nil && l.Load != nil && strings.Contains(bare, ".") {
		t = l.Load(bare)
	}
	if t == nil && wire.Name() != "" {
		t = only(l.candidates(wire))
	}
	for range len(name) - len(bare) {
		if t != nil {
			t = rules.PointerTo(t)
		}
	}
	return t
}

// named is the known type of a registered name.
func (l *Layout) named(name string, wire *snapshot.Type) rules.Type {
	var list []rules.Type
	for _, t := range l.Known {
		if t.Name() == "" || t.PkgPath() == "" {
			continue
		}
		if t.PkgPath()+"."+t.Name() == name {
			return t
		}
		if base(t.PkgPath())+"."+t.Name() == name && gotype.Compatible(wire, t, gotype.Fields) {
			list = append(list, t)
		}
	}
	return only(list)
}

// Lookup finds a type by name: "Snapshot", "shop.Snapshot", "example.com/shop.Snapshot",
// "shop.Pair[string,int]", or one made of such, "[]shop.Item", "map[string]*shop.Item". The error
// lists what is near, or the several that there are.
func (l *Layout) Lookup(name string) (rules.Type, error) {
	if len(name) > maxAsked {
		return nil, fmt.Errorf("a type's name of %d bytes is longer than any that is known", len(name))
	}
	n, err := l.parse(name, l.one)
	if err != nil {
		return nil, err
	}
	return n, nil
}

// one is the only known type of a name.
func (l *Layout) one(name string) (rules.Type, error) {
	var found []rules.Type
	var names, near []string
	wanted := canonical(name)
	last := bare(wanted)
	for _, t := range l.Known {
		full := t.PkgPath() + "." + t.Name()
		short := canonical(full)
		switch {
		case t.Name() == "":
		case full == name:
			return t, nil
		case short == wanted, bare(short) == wanted:
			found, names = append(found, t), append(names, full)
		case strings.EqualFold(generic(bare(short)), generic(last)) && len(near) < 8:
			near = append(near, full)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1 && strings.Contains(name, "/"):
		return nil, fmt.Errorf("%s has no type %s; it has %s", l.Origin, name, strings.Join(names, ", "))
	case len(found) > 1:
		return nil, fmt.Errorf("%s has several types %s: %s", l.Origin, name, strings.Join(names, ", "))
	case len(near) > 0:
		return nil, fmt.Errorf("%s has no type %s; it has %s", l.Origin, name, strings.Join(near, ", "))
	}
	return nil, fmt.Errorf("%s has no type %s among %d", l.Origin, name, len(l.Known))
}

// base is the last element of an import path.
func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// Describe says in a few words where the types come from.
func (l *Layout) Describe() string {
	if l.GOARCH != "" {
		return fmt.Sprintf("%s, %s", l.Origin, l.GOARCH)
	}
	return l.Origin
}
