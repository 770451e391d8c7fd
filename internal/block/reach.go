package block

import "unsafe"

// Walk visits each block that the garbage collector would reach from roots, once, in no promised
// order. It uses no types, only the pointer words of blocks, and so sees what no type describes:
// closures, what an unsafe.Pointer leads to, the whole block around an interior pointer. Roots that
// are nil or not on the heap lead nowhere: what only static memory or a stack holds is not reached.
// visit tells whether to go on below a block.
//
// The walk ends at what belongs to the scheduler ([Block.Scheduler]): goroutines that wait and
// processors are alive whatever the roots do. What the runtime holds on behalf of a block (its
// finalizers and cleanups, say) is not in the block and not visited.
//
// It is an oracle for tests rather than a fast way: it takes some 50 bytes a block.
func Walk(visit func(Block) bool, roots ...unsafe.Pointer) {
	w := walk{visit: visit, seen: map[uintptr]struct{}{}}
	for _, p := range roots {
		w.reach(p)
	}
	for len(w.rest) > 0 {
		b := w.rest[len(w.rest)-1]
		w.rest = w.rest[:len(w.rest)-1]
		b.EachPointer(w.reach)
	}
}

// Reachable returns how many blocks the garbage collector would reach from roots, and their sizes
// in bytes: see [Walk].
func Reachable(roots ...unsafe.Pointer) (blocks int, bytes uint64) {
	Walk(func(b Block) bool {
		blocks++
		bytes += uint64(b.Size)
		return true
	}, roots...)
	return blocks, bytes
}

type walk struct {
	visit func(Block) bool
	seen  map[uintptr]struct{}
	rest  []Block // visited, pointers not followed: each block once, so no depth exhausts it
}

func (w *walk) reach(p unsafe.Pointer) {
	b, ok := Of(p)
	if !ok || !PointersExact() {
		return
	}
	if _, again := w.seen[uintptr(b.Base)]; again || b.Scheduler() {
		return
	}
	w.seen[uintptr(b.Base)] = struct{}{}
	if w.visit(b) && b.Pointers {
		w.rest = append(w.rest, b)
	}
}
