package walker

import (
	"context"
	"errors"
	"math"
	"reflect"
	"sync"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// A Walker compiles types under one policy and keeps the plans. Use one for as long as the policy
// lives. It is safe for concurrent use; each walk needs a Session of its own.
type Walker struct {
	policy Policy
	plans  sync.Map // planKey → *plan
}

type planKey struct {
	typ   reflect.Type
	place Place
}

// New is a Walker for a policy.
func New(policy Policy) *Walker { return &Walker{policy: policy} }

func (w *Walker) plan(t reflect.Type, place Place) *plan {
	key := planKey{t, place}
	if p, ok := w.plans.Load(key); ok {
		return p.(*plan)
	}
	p, _ := w.plans.LoadOrStore(key, compile(w.policy, t, place))
	return p.(*plan)
}

// Plan is the compiled plan of a type, a line for each operation, for people.
func (w *Walker) Plan(t reflect.Type) string {
	return w.plan(t, w.policy.Root(t)).String()
}

// Options choose how a walk goes.
type Options struct {
	Context       context.Context // stops the walk when done; nil for none
	MaxContainers uint64          // stops the walk with ErrLimit after so many findings; 0 for no limit
	ByPath        bool            // a Node for each path instead of each place; not for reuse
	Shallow       bool            // only what the roots own themselves, not what lies below that
	PerReference  bool            // report a container for each reference that leads to it
	CapIsLen      bool            // take the length of every slice for its capacity
	Sorted        bool            // log and sort every extent: for tests of both ways
	ToCapacity    bool            // follow slices to their capacity
	Blocks        bool            // find the heap block behind each container: Node.Held
	TotalOnly     bool            // with Blocks: Session.Held is all that is asked for
	NoRawMaps     bool            // do not read maps where they lie: for tests of the other ways
	NoPrefetch    bool            // walk frame by frame: for tests of both ways
	NoBlockMarks  bool            // do not ask for blocks where it is not needed: for tests of both ways
	NoBrief       bool            // of no meaning to a Session: a Brief is not to be asked
	NoSorting     bool            // stop with ErrOverlap where that walk would be needed
	Gather        *Shared         // with Blocks: add the blocks that this walk leads to
	Beyond        *Shared         // with Blocks: leave out what two walks that were gathered share
	Graph         *Graph          // with Blocks: record the blocks and the references between them
	Workers       int             // with TotalOnly: how many may walk at a time, where that pays
	CrewPays      uint64          // how many containers are found before others pay; 0: as many as do
	Holdings      *Holdings       // find what each root holds; without Blocks nothing is reported
}

// ErrOverlap is returned under Options.NoSorting when extents overlap in a way that needs sorting.
var ErrOverlap = errors.New("memsize: extents overlap in a way that needs sorting")

// ErrLimit is returned by a walk that met Options.MaxContainers.
var ErrLimit = errors.New("memsize: limit of containers reached")

// Root is a value to walk.
type Root struct {
	Name string
	Type reflect.Type
	At   unsafe.Pointer
	// Owned tells that At is memory of the caller's that is never reported, whatever leads to it, and
	// neither is the rest of its block.
	Owned bool
	// Owner is the struct of which the value is field number Field, bound as that field is; nil for a
	// value of its own.
	Owner reflect.Type
	Field int
	// boxed tells that At is the box of an interface, to which the value itself may lead back.
	boxed bool
}

// RootOf is the root for the value in v, which is not nil. The interface's own box is not reported.
func RootOf(name string, v any) Root {
	t := reflect.TypeOf(v)
	at, boxed := rootOf(v, t)
	return Root{Name: name, Type: t, At: at, boxed: boxed}
}

// A Session runs walks, one at a time, and keeps nodes, stack and bitmaps between them.
type Session struct {
	walker  *Walker
	sink    Sink
	options Options

	nodes []*Node
	plain map[placeKey]*Node // nodes by place
	roots map[rootKey]*Node
	root  *Node // the root used last, for walks of one type
	ambiguity

	mode     mode
	byFrames bool     // a walk that asks for blocks leaves nothing to its queue
	lastSet  struct { // of sets
		key [2]uint32
		id  uint32
	}
	stack     []frame
	queue     blockQueue
	marks     *blockMarks          // of the blocks in the queue
	paged     bool                 // what is met is left to the queue where that can be
	contents  []content            // by number
	sets      map[[2]uint32]uint32 // the contents that two are together
	deepest   int                  // how long the stack was at most
	iterators []*mapIterator       // not in use
	extents   extentSet
	small     smallValues
	literals  literals
	unseen    unseen
	disputes  disputes
	log       *viewLog   // of what is in dispute, in a walk by extents
	careful   bool       // the values that are walked may have been followed, from another place
	heap      *heapWalk  // not nil in a walk that asks for blocks
	heapKept  *heapWalk  // for the next such walk
	graph     *graphWalk // not nil in a walk that records the graph of blocks
	heapTotal uint64     // bytes that the last such walk found
	reference recorder   // not nil in a walk per reference
	followed  slotSets   // values that were followed with care
	touched   []*Node
	found     uint64
	limit     uint64 // of found
	frames    uint64
	pause     uint64 // at how many frames to look whether to go on
	failure   error
	crew      *worker // not nil where others walk with it
}

// mode is how a walk tells what it has met.
type mode uint8

const (
	byExtent    mode = iota // bitmaps of extents
	byBlock                 // the heap's blocks
	byReference             // not at all: every reference counts
)

// recorder takes what a walk per reference meets.
type recorder interface {
	// edge takes a reference to a container at p; leaf a container without memory of its own. edge tells
	// whether the content is to be followed at once.
	edge(s *Session, n *Node, p unsafe.Pointer, f Finding) bool
	leaf(n *Node, f Finding)
}

// frame is memory that is still to be walked. For most nodes it is count values of node.elem at
// ptr; for a map ptr is a *mapIterator, for a list the element from which count are left.
type frame struct {
	ptr   unsafe.Pointer
	node  *Node
	count uintptr
}

// careful in a frame's count tells that each value must be checked for having been followed.
const careful = ^(^uintptr(0) >> 1)

// blockLength is how many elements of a slice or map are walked before what lies below them, so that
// the stack grows with the depth of the data, not with its length.
const blockLength = 64

// NewSession is a session that hands its findings to a sink.
func (w *Walker) NewSession(sink Sink) *Session {
	return &Session{walker: w, sink: sink, contents: make([]content, contentVarious+1, 16), plain: map[placeKey]*Node{},
		roots: map[rootKey]*Node{}, ambiguity: newAmbiguity(), literals: newLiterals()}
}

// Nodes are the session's nodes by ID, of all walks that it ran.
func (s *Session) Nodes() []*Node { return s.nodes }

// Held is what the last walk with Options.Blocks found on the heap, in bytes: whole blocks, each
// once. After any other walk it says nothing.
func (s *Session) Held() uint64 { return s.heapTotal }

// Walk walks the roots with one visited set. When it is stopped, by the context or a limit, what
// was found so far has been handed to the sink, and the error says why.
func (s *Session) Walk(roots []Root, options Options) error {
	s.options = options
	if s.limit = options.MaxContainers; s.limit == 0 {
		s.limit = math.MaxUint64
	}
	defer s.done()
	if err := s.limits(); err != nil { // a context that is done already
		return err
	}
	for _, n := range s.nodes {
		n.Held = Held{}
		n.Unaccounted, n.UnaccountedBytes = 0, 0
	}
	err := s.walk(roots)
	s.unseen.settle()
	s.flush()
	return err
}

// walk walks the roots in the way that the options ask for.
func (s *Session) walk(roots []Root) error {
	switch o := &s.options; {
	case o.Blocks:
		return s.walkBlocks(roots)
	case o.PerReference:
		return s.walkReferences(roots)
	case o.Holdings != nil:
		return s.walkViews(roots)
	}
	return s.walkExtents(roots)
}

// pass walks all roots once.
func (s *Session) pass(roots []Root) error {
	s.graphRoots(roots)
	for _, r := range roots {
		if r.Owned && r.Type.Size() > 0 {
			s.own(r)
		}
	}
	for _, r := range roots {
		if err := s.walkRoot(r); err != nil {
			return err
		}
	}
	if s.small.any {
		s.small.report(s)
	}
	return s.failure
}

func (s *Session) walkRoot(r Root) error {
	n := s.rootNode(r)
	s.graphRoot()
	if n.elem.leaf() {
		return s.failure
	}
	if r.boxed && s.mode == byExtent {
		s.exclude(r.At, r.Type.Size())
	}
	if s.heap != nil && r.Type.Size() == wordSize {
		s.heap.asked = pointerAt(r.At)
	}
	s.push(r.At, n, 1|s.carefulAt(r.At))
	return s.run()
}

// own marks the memory of a root that is never reported, and with it the block in which it lies: that
// belongs to the program, and is not followed either. Blocks without pointers may be shared with values
// that have nothing to do with the root.
func (s *Session) own(r Root) {
	s.rootNode(r) // how it is bound must be known when another root leads into it
	b, known := block.Of(r.At)
	if s.heap != nil {
		if !known {
			s.extents.mark(uintptr(r.At), r.Type.Size(), r.Type.Size())
			return
		}
		s.heap.marks.close(b)
		if s.graph != nil {
			s.graph.Exclude(uintptr(b.Base), b.Size)
		}
		return
	}
	at, size, held := r.At, r.Type.Size(), r.Type
	switch {
	case !known: // static, or this build cannot tell: the value itself is all that is known to be the caller's
		held = closedType
	case b.Pointers:
		at, size, held = b.Base, b.Size, closedType
	}
	if s.disputes.touch(uintptr(at), size) {
		s.log.add(view{lo: uintptr(at), live: uintptr(at) + size, hi: uintptr(at) + size, elem: held})
	} else if s.add(at, size, size, contentVarious) != fresh && !known {
		s.dispute(at, size) // other roots may lie in the same block
	}
}

// run walks until nothing is left to be walked.
func (s *Session) run() error {
	if s.crew != nil && !s.crew.running {
		return s.together()
	}
	for s.failure == nil && (len(s.stack) > 0 || !s.queue.empty()) {
		if s.frames++; s.frames >= s.pause || s.found >= s.limit {
			if s.pause = s.frames + 1024; s.options.CrewPays > 0 {
				s.pause = s.frames + 1
			}
			if err := s.limits(); err != nil {
				return err
			}
			if s.crew != nil {
				s.crew.pause()
			} else if s.divides() {
				return s.together()
			}
		}
		if len(s.stack) == 0 {
			s.walkNext()
			continue
		}
		s.deepest = max(s.deepest, len(s.stack))
		s.batch()
	}
	return s.failure
}

// batchLength is how many frames are taken off the stack at once, so that the memory behind all of them is
// on its way when the first is walked: pointers into one array are no blocks that a page could collect.
const batchLength = 16

// batch walks the frame on top of the stack, and those below it that are of one value each, too.
func (s *Session) batch() {
	var frames [batchLength]frame
	var ahead [batchLength]unsafe.Pointer
	n := 0
	for top := len(s.stack) - 1; top >= 0 && n < batchLength; top-- {
		f := &s.stack[top]
		if f.node.listed || f.count&^careful != 1 {
			break
		}
		frames[n], ahead[n] = *f, f.ptr
		n++
	}
	if n < 2 || s.graph != nil {
		f := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		s.frame(&f)
		return
	}
	s.stack = s.stack[:len(s.stack)-n]
	if s.prefetches() {
		prefetch(&ahead[0], n, 0)
	}
	for i := 0; i < n && s.failure == nil; i++ {
		s.frame(&frames[i])
	}
}

// prefetches tells whether memory may be asked for that is perhaps not to be read.
func (s *Session) prefetches() bool { return prefetchHarmless && !s.options.NoPrefetch }

// frame walks what a frame stands for, or the beginning of it.
func (s *Session) frame(f *frame) {
	if s.graph != nil {
		s.source(f)
	}
	s.careful = f.count&careful != 0
	switch n := f.node; {
	case n.torn != nil:
		s.tornValue(f)
	case f.count == 1 && !n.listed:
		s.entryAt(n, f.ptr)
		s.value(n, n.steps, f.ptr)
	case n.kind == opMap:
		s.entries(*f)
	case n.kind == opList:
		s.listElements(*f)
	default:
		s.elements(*f)
	}
}

// limits is why the walk must stop, or nil.
func (s *Session) limits() error {
	if c := s.options.Context; c != nil && c.Err() != nil {
		return c.Err()
	}
	if s.found >= s.limit {
		return ErrLimit
	}
	return nil
}

// push puts memory on the stack. A shallow walk goes no deeper than the roots' own bytes.
func (s *Session) push(ptr unsafe.Pointer, n *Node, count uintptr) {
	if s.options.Shallow && n.kind != opArray && n.Parent != nil {
		return
	}
	s.stack = append(s.stack, frame{ptr, n, count})
}

// elements walks the first values of a frame and puts the rest back.
func (s *Session) elements(f frame) {
	n, size := f.node, f.node.size
	slots := s.slots(n.elem)
	if slots != nil {
		skipped := slots.skip(uintptr(f.ptr), size, f.count&^careful)
		if f.count -= skipped; f.count&^careful == 0 {
			return
		}
		f.ptr = unsafe.Add(f.ptr, skipped*size)
	}
	count := f.count &^ careful
	if count > blockLength {
		rest := frame{unsafe.Add(f.ptr, blockLength*size), n, f.count - blockLength}
		s.stack = append(s.stack, rest)
		count = blockLength
	}
	for i := uintptr(0); ; {
		switch {
		case slots != nil && !slots.add(uintptr(f.ptr), size):
		case s.graph != nil:
			s.entryAt(n, f.ptr)
			s.value(n, n.steps, f.ptr)
		case s.paged:
			s.blockValue(n, n.steps, f.ptr)
		default:
			s.value(n, n.steps, f.ptr)
		}
		if i++; i == count {
			return
		}
		f.ptr = unsafe.Add(f.ptr, size)
	}
}

// slots is the set of values of a plan that were followed; nil where extents make sure of that.
func (s *Session) slots(p *plan) *slotSet {
	if !s.careful {
		return nil
	}
	return s.followed.of(p.place)
}

// one reports a container of length and capacity 1.
func (s *Session) one(n *Node) {
	s.found++
	if s.reference != nil {
		s.reference.leaf(n, Finding{1, 1})
		return
	}
	if n.fixed++; !n.touched {
		s.touch(n)
	}
}

// batchSize is how many findings a node collects before they are handed over. From then on, those of
// a length below it that have no spare capacity are only counted.
const batchSize = 256

// report reports a container.
func (s *Session) report(n *Node, length, capacity uint64) {
	s.found++
	if length == capacity && length < uint64(len(n.full)) && s.mode != byReference {
		n.full[length]++
		return
	}
	s.collect(n, Finding{length, capacity})
}

// collect keeps a finding until there is a batch to hand over.
func (s *Session) collect(n *Node, f Finding) {
	if s.mode == byReference {
		s.reference.leaf(n, f)
		return
	}
	if !n.touched {
		s.touch(n)
	}
	n.findings = append(n.findings, f)
	if len(n.findings) >= batchSize {
		s.sink.Take(n, 0, n.findings, 1)
		n.findings = n.findings[:0]
		if n.full == nil {
			n.full = make([]uint64, batchSize)
		}
	}
}

func (s *Session) touch(n *Node) {
	n.touched = true
	s.touched = append(s.touched, n)
}

// flush hands over what the nodes have collected.
func (s *Session) flush() {
	for _, n := range s.touched {
		s.sink.Take(n, n.fixed, n.findings, 1)
		for length, times := range n.full {
			if times > 0 {
				f := Finding{uint64(length), uint64(length)}
				s.sink.Take(n, 0, append(n.findings[:0], f), times)
			}
		}
		n.forget()
	}
	s.touched = s.touched[:0]
}

// forget drops what a node has collected.
func (n *Node) forget() {
	n.fixed, n.findings, n.full, n.touched = 0, n.findings[:0], nil, false
}

// restart forgets all findings, for a walk that knows of more disputes.
func (s *Session) restart() {
	for _, n := range s.touched {
		n.forget()
	}
	for _, n := range s.nodes {
		n.Unaccounted, n.UnaccountedBytes = 0, 0
	}
	s.sink.Reset()
	s.reset()
}

// done ends a walk: a session that is kept for the next one keeps nothing of it alive.
func (s *Session) done() {
	s.reset()
	s.disputes.reset()
	s.options = Options{}
}

// reset forgets what was visited, and lets go of large memory.
func (s *Session) reset() {
	if cap(s.stack) > 1<<12 {
		s.stack = nil
	}
	deepest := max(s.deepest, len(s.stack)) + 1 // a map's frame may come and go above that
	clear(s.stack[:min(deepest, cap(s.stack))])
	s.stack, s.deepest = s.stack[:0], 0
	s.queue.reset()
	s.marks, s.paged = nil, false
	s.extents.reset()
	s.small.reset()
	s.literals.reset()
	s.unseen = unseen{}
	s.touched = s.touched[:0]
	if s.heap != nil {
		s.heap.reset()
	}
	s.mode, s.log, s.reference, s.heap, s.careful = byExtent, nil, nil, nil, false
	s.followed, s.graph, s.crew = nil, nil, nil
	s.found, s.frames, s.pause, s.failure = 0, 0, 0, nil
}
