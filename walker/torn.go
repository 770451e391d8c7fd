package walker

import (
	"reflect"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// A pointer's type may say more than its block has: a leaf that is cast to the larger type of a node, a
// file that is mapped behind a pointer to an array of the whole address space. No type is believed
// beyond the block: what is charged ends there, as bytes, and what is followed are the steps of the type
// that lie before, where the collector sees a pointer too. Where no end is known (memory that is not
// Go's, builds that cannot ask), a pointer to a large array is named and not followed.

// maxUnknown is the size of the largest array that is believed where the end of memory is not known.
const maxUnknown = 1 << 20

// room is how many bytes there are from p to the end of its block, or of the program's image; false if
// that is not known.
func (s *Session) room(p unsafe.Pointer) (bytes uintptr, known bool) {
	if blocks := s.extents.blocks; blocks != nil {
		if page := blocks.of(p); page.heap() {
			b := page.block(p)
			return b.Size - (uintptr(p) - uintptr(b.Base)), true
		}
	} else if b, ok := block.Of(p); ok {
		return b.Size - (uintptr(p) - uintptr(b.Base)), true
	}
	if s.literals.has(p) && BlocksExact() {
		return s.literals.lo + s.literals.size - uintptr(p), true
	}
	return 0, false
}

// fitting is how many of count elements of a size lie before the end of the block at p.
func (s *Session) fitting(n *Node, p unsafe.Pointer, count, size uintptr) uintptr {
	if count == 0 || size == 0 {
		return count
	}
	if bytes, known := s.room(p); known {
		return min(count, bytes/size)
	}
	if s.nowhere(n, p, count*size) {
		return 0
	}
	return count
}

// nowhere names what lies where a walk must not follow, and which no block is known to hold: an integer
// in a pointer, and for a model of a Go heap all that lies elsewhere.
func (s *Session) nowhere(n *Node, p unsafe.Pointer, size uintptr) bool {
	switch {
	case !block.IsAddress(p):
		s.unseen.add(n, p, 0, "a pointer that is no address")
	case s.options.ToCapacity && !s.literals.has(p) && isForeign(p):
		s.unseenAt(n, p, size)
	default:
		return false
	}
	return true
}

// torn takes what is there of the pointee at p where its type says more than there is; false if there is
// all of it.
func (s *Session) torn(n *Node, p unsafe.Pointer) bool {
	switch bytes, known := s.room(p); {
	case !known && n.size > maxUnknown && n.elem.typ.Kind() == reflect.Array:
		s.unseen.add(n, p, 0, "an array type of more than 1 MiB where the end of the memory is not known")
		return true
	case !known:
		return s.nowhere(n, p, n.size)
	case n.size <= bytes:
		return false
	default:
		part := s.partOfType(n)
		f := Finding{uint64(bytes), uint64(bytes)}
		if follow, mode := s.claim(part, p, bytes, bytes, f); follow && !n.leaf {
			s.push(p, part, bytes|mode)
		}
		return true
	}
}

// partOfType is the node for what is there of torn pointees of n: bytes. In a frame of it the count is
// of these.
func (s *Session) partOfType(n *Node) *Node {
	if n.part == nil {
		n.part = &Node{ID: len(s.nodes), Parent: n.Parent, Step: n.Step, Type: n.Type,
			Place: s.walker.policy.Root(bytesType), kind: opSlice, torn: n}
		n.part.hold(s.walker, s.walker.plan(byteType, s.walker.policy.Elem(n.part.Place)))
		s.nodes = append(s.nodes, n.part)
		s.register(n.part)
	}
	return n.part
}

var bytesType = reflect.TypeFor[[]byte]()

// tornValue walks what is there of a torn pointee.
func (s *Session) tornValue(f *frame) {
	n, size := f.node.torn, f.count&^careful
	b, ok := block.Of(f.ptr)
	if !ok {
		return // static: nothing that is larger than what it was made as
	}
	before := uintptr(f.ptr) - uintptr(b.Base)
	for size >= wordSize && !b.HasPointer(before+size&^(wordSize-1)-wordSize) {
		size = size&^(wordSize-1) - wordSize
	}
	for i := range n.steps {
		step := &n.steps[i]
		at := unsafe.Add(f.ptr, step.offset)
		switch word := step.offset + step.kind.pointerWord(); {
		case step.offset >= size:
			return
		case step.kind == opArray:
			c := step.node
			if c == nil {
				c = s.child(n, step)
			}
			count := min(uintptr(c.Type.Len()), (size-step.offset)/c.size)
			s.push(at, c, count|s.inherited())
		case step.offset+step.kind.width() <= size && b.HasPointer(before+word):
			s.step(n, step, at)
		}
	}
}

// width is how many bytes an operation reads, but for an array's.
func (k opKind) width() uintptr {
	switch k {
	case opSlice:
		return unsafe.Sizeof(sliceHeader{})
	case opString:
		return unsafe.Sizeof(stringHeader{})
	case opInterface:
		return unsafe.Sizeof(interfaceHeader{})
	case opList:
		return listType.Size()
	}
	return wordSize
}

// pointerWord is where among these the collector sees a pointer.
func (k opKind) pointerWord() uintptr {
	if k == opInterface {
		return wordSize
	}
	return 0
}
