package walker

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"unsafe"
)

// unseen is what a walk met outside the memory that it knows: C's, a mapped file, an arena. Each
// value counts once, by its address; how many bytes there are is known of slices and strings.
type unseen struct {
	parts map[uintptr]unseenPart
	pulls map[uintptr]bool // code: whether it is a function of iter.Pull
}

type unseenPart struct {
	node *Node
	size uintptr // 0 if not known
}

// add counts the value at p, of size bytes or 0 if that is not known, as unaccounted at a node.
func (u *unseen) add(n *Node, p unsafe.Pointer, size uintptr, reason string) {
	part, met := u.parts[uintptr(p)]
	if !met {
		if u.parts == nil {
			u.parts = map[uintptr]unseenPart{}
		}
		part.node = n
		n.Unaccounted++
		n.Reason = reason
	}
	if !met || size > part.size {
		part.size = size
		u.parts[uintptr(p)] = part
	}
}

// settle tells the nodes how many bytes there are, each once: at the value that begins first.
func (u *unseen) settle() {
	if len(u.parts) == 0 {
		return
	}
	addresses := make([]uintptr, 0, len(u.parts))
	for at := range u.parts {
		addresses = append(addresses, at)
	}
	slices.SortFunc(addresses, cmp.Compare)
	end := uintptr(0)
	for _, at := range addresses {
		part := u.parts[at]
		if last := at + part.size; last > end {
			part.node.UnaccountedBytes += uint64(last - max(at, end))
			end = last
		}
	}
}

// Reasons why memory that does not belong to Go's heap is not counted.
const (
	foreignReason = "memory that is neither Go's heap nor the program's: cgo, a mapped file"
	pullReason    = "a function of iter.Pull: its goroutine, and what that holds, is the scheduler's"
	arenaReason   = "memory of an arena (GOEXPERIMENT=arenas)"
)

// code notes the closure at p, if the block there is one of iter.Pull: it leads to a goroutine.
func (s *Session) code(n *Node, p unsafe.Pointer) {
	pc := codeAt(p)
	if pc-s.literals.lo >= s.literals.size {
		return
	}
	pull, known := s.unseen.pulls[pc]
	if !known {
		if s.unseen.pulls == nil {
			s.unseen.pulls = map[uintptr]bool{}
		}
		f := runtime.FuncForPC(pc)
		pull = f != nil && f.Entry() == pc && strings.HasPrefix(f.Name(), "iter.Pull") &&
			!strings.HasSuffix(f.Name(), ".func1") // what the goroutine runs, to which the others lead
		s.unseen.pulls[pc] = pull
	}
	if pull {
		s.unseen.add(n, p, 0, pullReason)
	}
}

// codeAt is the first word of a block, which in a closure is where its code begins. Other blocks may have
// anything there, as in zero.
//
//go:norace
func codeAt(p unsafe.Pointer) uintptr { return *(*uintptr)(p) }
