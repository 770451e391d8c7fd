package gobinary

import (
	"debug/dwarf"
	"fmt"
	"reflect"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/rules"
)

// What the Go linker says of types beyond DWARF (cmd/internal/dwarf).
const (
	attrKind dwarf.Attr = 0x2900 // reflect's Kind
	attrKey  dwarf.Attr = 0x2901
	attrElem dwarf.Attr = 0x2902
)

// What may be read and kept, besides what a program's size allows.
const (
	maxWork     = 4 << 20  // attributes of entries; of a text each 16 bytes count as one
	workPerByte = 4        // of the entries: an attribute has a byte at least, and types are read twice
	maxMemory   = 16 << 20 // bytes that the types take
	nodeCost    = 256      // of these a type, with the entry that it is made from
	fieldCost   = 80       // and a field
)

// reader makes types of DWARF entries, each once.
type reader struct {
	data   *dwarf.Data
	nodes  map[dwarf.Offset]*gotype.Type
	unread []*dwarf.Entry // of types that were made, but not filled yet
	work   int            // left
	memory int            // left
	err    error
}

// next is the next entry; nil at the end, and where it may not be read.
func (r *reader) next(entries *dwarf.Reader) *dwarf.Entry {
	if r.err != nil {
		return nil
	}
	e, err := entries.Next()
	if err != nil {
		r.err = fmt.Errorf("%w: %w", errDamaged, err)
		return nil
	}
	if e == nil {
		return nil
	}
	r.work -= 1 + len(e.Field)
	for _, f := range e.Field {
		if text, ok := f.Val.(string); ok {
			r.work -= len(text) / 16
		}
	}
	if r.work < 0 {
		r.err = fmt.Errorf("%w: its entries repeat far more than they have bytes", errDamaged)
		return nil
	}
	return e
}

// skip reads what is below the entry that was read last.
func (r *reader) skip(entries *dwarf.Reader, e *dwarf.Entry) {
	if !e.Children {
		return
	}
	for depth := 1; depth > 0; {
		below := r.next(entries)
		switch {
		case below == nil:
			return
		case below.Tag == 0:
			depth--
		case below.Children:
			depth++
		}
	}
}

// keep counts what is kept.
func (r *reader) keep(bytes int) {
	if r.memory -= bytes; r.memory < 0 && r.err == nil {
		r.err = fmt.Errorf("%w: its types take far more than the program", errDamaged)
	}
}

// known lists the types of the program that values of a stream may have, in the order of the debug
// information: those with names, and slices, arrays and maps without. The compiler's own are not
// among them: go.shape types stand for all type arguments of one shape.
func (r *reader) known() (list []*gotype.Type, err error) {
	seen := map[*gotype.Type]bool{}
	entries := r.data.Reader()
	for {
		e := r.next(entries)
		if e == nil {
			break
		}
		if _, isType := e.Val(attrKind).(int64); isType && !isShape(e) {
			if n := r.node(e.Offset); (n.Spec.PkgPath != "" || holdsNamed(e, n)) && !seen[n] {
				seen[n] = true
				list = append(list, n)
			}
		}
		if e.Tag != dwarf.TagCompileUnit {
			r.skip(entries, e)
		}
	}
	return list, r.fill()
}

// isShape tells whether a type is one of the compiler's, for generic code.
func isShape(e *dwarf.Entry) bool {
	name, _ := e.Val(dwarf.AttrName).(string)
	return strings.Contains(name, "go.shape.")
}

// holdsNamed tells whether a type without a name is a slice, an array or a map, of something that
// has a package: the others are the same in all programs.
func holdsNamed(e *dwarf.Entry, n *gotype.Type) bool {
	name, _ := e.Val(dwarf.AttrName).(string)
	switch n.Spec.Kind {
	case reflect.Slice, reflect.Array, reflect.Map:
		return n.Spec.Name == "" && strings.Contains(name, ".") && !strings.ContainsAny(name, "{(")
	}
	return false
}

// node is the type at an offset; it is filled later, for types refer to each other.
func (r *reader) node(at dwarf.Offset) *gotype.Type {
	for hops := 0; ; hops++ {
		if n := r.nodes[at]; n != nil {
			return n
		}
		e := r.entry(at)
		if e == nil || hops > 16 {
			return &gotype.Type{Spec: gotype.Spec{Kind: reflect.Uintptr}}
		}
		kind, isGo := e.Val(attrKind).(int64)
		under, isTypedef := e.Val(dwarf.AttrType).(dwarf.Offset)
		if !isGo && isTypedef && e.Tag == dwarf.TagTypedef {
			at = under // the name of a type that has one itself
			continue
		}
		n := &gotype.Type{Spec: gotype.Spec{Kind: kindOf(kind, isGo)}}
		n.Spec.Name, n.Spec.PkgPath = name(e)
		r.keep(nodeCost + len(n.Spec.Name) + len(n.Spec.PkgPath))
		r.nodes[at] = n
		r.unread = append(r.unread, e)
		return n
	}
}

// entry is the entry at an offset, nil where there is none.
func (r *reader) entry(at dwarf.Offset) *dwarf.Entry {
	entries := r.data.Reader()
	entries.Seek(at)
	e := r.next(entries)
	if r.err == nil && (e == nil || e.Tag == 0) {
		r.err = fmt.Errorf("%w: no type at %#x", errDamaged, at)
	}
	if r.err != nil {
		return nil
	}
	return e
}

// kindOf is reflect's kind of a type; what is not Go's is a number as wide as a pointer.
func kindOf(kind int64, isGo bool) reflect.Kind {
	if k := reflect.Kind(kind & (1<<5 - 1)); isGo && k > reflect.Invalid && k <= reflect.UnsafePointer {
		return k
	}
	return reflect.Uintptr
}

// textOf is the name of an entry, as JSON can have it.
func textOf(e *dwarf.Entry) string {
	name, _ := e.Val(dwarf.AttrName).(string)
	return strings.ToValidUTF8(name, "\ufffd")
}

// name is a type's name and import path; both empty for type literals and basic types.
func name(e *dwarf.Entry) (name, pkg string) {
	full := textOf(e)
	head, _, _ := strings.Cut(full, "[")
	if strings.ContainsAny(head, " *({") || head == "" || strings.HasPrefix(full, "map[") {
		return "", ""
	}
	slash := strings.LastIndexByte(head, '/')
	dot := strings.IndexByte(head[slash+1:], '.')
	if dot < 0 {
		return "", ""
	}
	dot += slash + 1
	return full[dot+1:], unescape(full[:dot])
}

// unescape undoes what the compiler does to dots in the last element of an import path.
func unescape(path string) string { return strings.ReplaceAll(path, "%2e", ".") }

// fill fills all types that have been made.
func (r *reader) fill() error {
	for len(r.unread) > 0 && r.err == nil {
		e := r.unread[len(r.unread)-1]
		r.unread = r.unread[:len(r.unread)-1]
		r.fillNode(r.nodes[e.Offset], e)
	}
	return r.err
}

func (r *reader) fillNode(n *gotype.Type, e *dwarf.Entry) {
	elem, key := attrElem, attrKey
	switch n.Spec.Kind {
	case reflect.Pointer, reflect.Array:
		elem = dwarf.AttrType
	case reflect.Slice, reflect.Chan, reflect.Map:
	case reflect.Struct:
		r.fields(n, e)
		return
	default:
		return
	}
	if at, ok := e.Val(elem).(dwarf.Offset); ok {
		n.Spec.Elem = r.node(at)
	}
	if at, ok := e.Val(key).(dwarf.Offset); ok && n.Spec.Kind == reflect.Map {
		n.Spec.Key = r.node(at)
	}
	if n.Spec.Kind == reflect.Array {
		n.Spec.Len = r.length(e)
	}
	if n.Spec.Elem == nil || n.Spec.Kind == reflect.Map && n.Spec.Key == nil {
		*n = gotype.Type{Spec: gotype.Spec{Kind: reflect.UnsafePointer, Name: n.Spec.Name, PkgPath: n.Spec.PkgPath}} // a pointer to no type
	}
}

// fields reads the members of a struct.
func (r *reader) fields(n *gotype.Type, e *dwarf.Entry) {
	r.children(e, dwarf.TagMember, func(member *dwarf.Entry) {
		name := textOf(member)
		if at, ok := member.Val(dwarf.AttrType).(dwarf.Offset); ok {
			r.keep(fieldCost + len(name))
			n.Spec.Fields = append(n.Spec.Fields, rules.Field{Name: name[strings.LastIndexByte(name, '.')+1:], Type: r.node(at)})
		}
	})
}

// length is the number of elements of an array.
func (r *reader) length(e *dwarf.Entry) (n int) {
	r.children(e, dwarf.TagSubrangeType, func(sub *dwarf.Entry) {
		count, ok := sub.Val(dwarf.AttrCount).(int64)
		if upper, has := sub.Val(dwarf.AttrUpperBound).(int64); has && !ok {
			count = upper + 1
		}
		n = int(max(count, 0))
	})
	return n
}

// children calls f for each child of e with a tag.
func (r *reader) children(e *dwarf.Entry, tag dwarf.Tag, f func(*dwarf.Entry)) {
	if !e.Children {
		return
	}
	entries := r.data.Reader()
	entries.Seek(e.Offset)
	for child := r.next(entries); child != nil; {
		if child = r.next(entries); child == nil || child.Tag == 0 {
			return
		}
		if child.Tag == tag {
			f(child)
		}
		r.skip(entries, child)
	}
}
