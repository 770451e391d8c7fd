package gobinary

import (
	"debug/dwarf"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// What the Go linker says of types beyond DWARF (cmd/internal/dwarf).
const (
	attrKind dwarf.Attr = 0x2900 // reflect's Kind
	attrKey  dwarf.Attr = 0x2901
	attrElem dwarf.Attr = 0x2902
)

// maxTypes is far more types than programs have: the largest have some 100,000.
const maxTypes = 1 << 20

// reader makes types of DWARF entries, each once.
type reader struct {
	data  *dwarf.Data
	nodes map[dwarf.Offset]*layout.Node
	work  []*dwarf.Entry // made, but not filled yet
	err   error
}

// known lists the types of the program that values of a stream may have, in the order of the debug
// information: those with names, and slices, arrays and maps without. The compiler's own are not
// among them: go.shape types stand for all type arguments of one shape.
func (r *reader) known() (list []*layout.Node, err error) {
	seen := map[*layout.Node]bool{}
	entries := r.data.Reader()
	for {
		e, err := entries.Next()
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		if _, isType := e.Val(attrKind).(int64); isType && !isShape(e) {
			if n := r.node(e.Offset); (n.Pkg != "" || holdsNamed(e, n)) && !seen[n] {
				seen[n] = true
				list = append(list, n)
			}
		}
		if e.Tag != dwarf.TagCompileUnit {
			entries.SkipChildren()
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
func holdsNamed(e *dwarf.Entry, n *layout.Node) bool {
	name, _ := e.Val(dwarf.AttrName).(string)
	switch n.K {
	case reflect.Slice, reflect.Array, reflect.Map:
		return n.N == "" && strings.Contains(name, ".") && !strings.ContainsAny(name, "{(")
	}
	return false
}

// node is the type at an offset; it is filled later, for types refer to each other.
func (r *reader) node(at dwarf.Offset) *layout.Node {
	for hops := 0; ; hops++ {
		if n := r.nodes[at]; n != nil {
			return n
		}
		e, err := r.entry(at)
		if err != nil || hops > 16 {
			r.err = errors.Join(r.err, err)
			return &layout.Node{K: reflect.Uintptr}
		}
		kind, isGo := e.Val(attrKind).(int64)
		under, isTypedef := e.Val(dwarf.AttrType).(dwarf.Offset)
		if !isGo && isTypedef && e.Tag == dwarf.TagTypedef {
			at = under // the name of a type that has one itself
			continue
		}
		n := &layout.Node{K: kindOf(kind, isGo)}
		n.N, n.Pkg = name(e)
		if len(r.nodes) == maxTypes {
			r.err = fmt.Errorf("more than %d types", maxTypes)
			return n
		}
		r.nodes[at] = n
		r.work = append(r.work, e)
		return n
	}
}

func (r *reader) entry(at dwarf.Offset) (*dwarf.Entry, error) {
	entries := r.data.Reader()
	entries.Seek(at)
	e, err := entries.Next()
	if err == nil && e == nil {
		err = fmt.Errorf("no type at %#x of the debug information", at)
	}
	return e, err
}

// kindOf is reflect's kind of a type; what is not Go's is a number as wide as a pointer.
func kindOf(kind int64, isGo bool) reflect.Kind {
	if k := reflect.Kind(kind & (1<<5 - 1)); isGo && k > reflect.Invalid && k <= reflect.UnsafePointer {
		return k
	}
	return reflect.Uintptr
}

// name is a type's name and import path; both empty for type literals and basic types.
func name(e *dwarf.Entry) (name, pkg string) {
	full, _ := e.Val(dwarf.AttrName).(string)
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
	for len(r.work) > 0 && r.err == nil {
		e := r.work[len(r.work)-1]
		r.work = r.work[:len(r.work)-1]
		r.fillNode(r.nodes[e.Offset], e)
	}
	return r.err
}

func (r *reader) fillNode(n *layout.Node, e *dwarf.Entry) {
	elem, key := attrElem, attrKey
	switch n.K {
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
		n.E = r.node(at)
	}
	if at, ok := e.Val(key).(dwarf.Offset); ok && n.K == reflect.Map {
		n.MapKey = r.node(at)
	}
	if n.K == reflect.Array {
		n.Length = r.length(e)
	}
	if n.E == nil || n.K == reflect.Map && n.MapKey == nil {
		*n = layout.Node{K: reflect.UnsafePointer, N: n.N, Pkg: n.Pkg} // a pointer to no type
	}
}

// fields reads the members of a struct.
func (r *reader) fields(n *layout.Node, e *dwarf.Entry) {
	r.children(e, dwarf.TagMember, func(member *dwarf.Entry) {
		name, _ := member.Val(dwarf.AttrName).(string)
		if at, ok := member.Val(dwarf.AttrType).(dwarf.Offset); ok {
			n.F = append(n.F, rules.Field{Name: name[strings.LastIndexByte(name, '.')+1:], Type: r.node(at)})
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
	if _, err := entries.Next(); err != nil {
		r.err = err
		return
	}
	for {
		child, err := entries.Next()
		if err != nil || child == nil || child.Tag == 0 {
			r.err = errors.Join(r.err, err)
			return
		}
		if child.Tag == tag {
			f(child)
		}
		entries.SkipChildren()
	}
}
