package walker

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A crew walks a heap in parallel, for a total. Each worker is a session that owns a part of the address
// space: the spans of every so many MiB. It has marks, queue and nodes of its own, so that nothing is shared
// on the way. A reference that leads to another's part is sent there, with the node by which it was met, in
// batches. The walk ends when no batch is under way and no worker is busy: one atomic counter, touched once
// for each batch.
//
// A walk begins with one worker. When it has met so much that others pay, it hands over what it knows of
// their parts.
//
// Only a total does not depend on who comes first: by which type or path a block is told that is held by
// several does. So a walk for a report has one worker.
type crew struct {
	workers []*worker
	part    uintptr          // bits of an address below its part
	kept    map[uintptr]bool // spans, by address, that stay with the first worker
	pending atomic.Int64     // batches that are under way, and busy workers
	stopped atomic.Bool      // some worker failed
}

// worker is a session's place in a crew.
type worker struct {
	crew    *crew
	id      int
	session *Session
	nodes   [][]*Node // by worker and ID: its nodes, as they are here
	out     []batch   // by worker
	busy    bool
	running bool

	wake    chan struct{}
	failure any // what the worker panicked with
	backlog atomic.Int64
	arrived atomic.Bool // there is something in in
	mu      sync.Mutex
	in      []batch // guarded by mu, as is free
	free    []batch
}

// batch is what a worker sends at a time.
type batch struct {
	from     int
	pointers []pointer // most references are no more
	list     []message // others
}

// pointer is a pointer of a node to another worker's part.
type pointer struct {
	at   unsafe.Pointer
	node *Node // the sender's
}

// message is a reference to another worker's part.
type message struct {
	at       unsafe.Pointer
	node     *Node // the sender's
	len, cap uint64
	kind     messageKind
}

type messageKind uint8

const (
	toContainer messageKind = iota // of the node
	toEmpty                        // no bytes at all
	toUntyped
	toOwn    // len bytes of what a map has for itself
	toGroups // len bytes of groups of a map, to be followed where cap is 1
)

const (
	batchMessages = 256
	batchPointers = 512
	maxBacklog    = 256 // batches for a worker, beyond which others wait
	// crewPays is how many containers are found before a walk is given to a crew.
	crewPays = 1 << 16
	// partBits are the bits of an address below its part; where tests have others walk from the beginning,
	// parts are pages, for small graphs lie close together.
	partBits = 20
	pageBits = 13
)

// errAlone ends a parallel walk that met what depends on who comes first.
var errAlone = errors.New("walker: to be walked by one")

// elsewhere is the shape of the pages of another worker. No value fits it, as none fits notHeap.
var elsewhere = &blockShape{header: ^uintptr(0), least: 1}

// owner is the worker to which a span belongs.
func (c *crew) owner(start uintptr) int {
	if c.kept[start] {
		return 0
	}
	return int(start >> c.part % uintptr(len(c.workers)))
}

// away tells whether the page of a reference is another worker's, and sends it there.
func (s *Session) away(page *blockPage, m message) bool {
	if page.shape != elsewhere {
		return false
	}
	if m.kind == toContainer && m.node.kind == opPointer {
		s.crew.point(page.start, m.at, m.node)
		return true
	}
	to := s.crew.crew.owner(page.start)
	b := &s.crew.out[to]
	if b.list = append(b.list, m); len(b.list) == batchMessages {
		s.crew.flush(to)
	}
	return true
}

// point sends a pointer of a node to the worker of a span.
func (m *worker) point(span uintptr, p unsafe.Pointer, n *Node) {
	to := m.crew.owner(span)
	b := &m.out[to]
	if b.pointers = append(b.pointers, pointer{p, n}); len(b.pointers) == batchPointers {
		m.flush(to)
	}
}

// flush hands a batch over.
func (m *worker) flush(to int) {
	b := m.out[to]
	if len(b.pointers)+len(b.list) == 0 {
		return
	}
	m.crew.pending.Add(1)
	t := m.crew.workers[to]
	t.backlog.Add(1)
	next := batch{from: m.id}
	t.mu.Lock()
	t.in = append(t.in, b)
	if k := len(t.free); k > 0 {
		next, t.free = t.free[k-1], t.free[:k-1]
	}
	t.mu.Unlock()
	t.arrived.Store(true)
	t.wakeUp()
	if next.from = m.id; next.pointers == nil {
		next.pointers = make([]pointer, 0, batchPointers)
	}
	m.out[to] = next
}

func (m *worker) flushAll() {
	for to := range m.out {
		m.flush(to)
	}
}

// take takes what has arrived; false if nothing has.
func (m *worker) take() bool {
	if !m.arrived.Load() {
		return false
	}
	m.mu.Lock()
	in := m.in
	m.in = nil
	m.arrived.Store(false)
	m.mu.Unlock()
	if len(in) > 0 && !m.busy {
		m.busy = true
		m.crew.pending.Add(1)
	}
	for _, b := range in {
		for _, p := range b.pointers {
			m.session.holdPointee(m.local(b.from, p.node), p.at)
		}
		for i := range b.list {
			m.receive(b.from, &b.list[i])
		}
		clear(b.pointers)
		clear(b.list)
		m.mu.Lock()
		m.free = append(m.free, batch{pointers: b.pointers[:0], list: b.list[:0]})
		m.mu.Unlock()
		m.backlog.Add(-1)
		m.crew.done()
	}
	return len(in) > 0
}

// receive follows a reference that was sent.
func (m *worker) receive(from int, x *message) {
	s, n := m.session, m.local(from, x.node)
	switch x.kind {
	case toEmpty:
		s.holdEmpty(n, x.at, Finding{x.len, x.cap})
		return
	case toUntyped:
		s.untypedPointer(n, x.at, x.cap == 1)
		return
	case toOwn:
		s.holdOwn(n, x.at, uintptr(x.len))
		return
	case toGroups:
		s.holdGroups(n, x.at, uintptr(x.len), x.cap == 1)
		return
	}
	switch n.kind {
	case opSlice:
		s.slice(n, &sliceHeader{x.at, int(x.len), int(x.cap)})
	case opString:
		s.text(n, &stringHeader{x.at, int(x.len)})
	case opMap:
		s.mapping(n, unsafe.Pointer(&x.at))
	case opChan:
		s.channel(n, unsafe.Pointer(&x.at))
	}
}

// local is the node here for that of another worker. Of that only what never changes is read.
func (m *worker) local(from int, n *Node) *Node {
	if list := m.nodes[from]; n.ID < len(list) && list[n.ID] != nil {
		return list[n.ID]
	}
	for len(m.nodes[from]) <= n.ID {
		m.nodes[from] = append(m.nodes[from], nil)
	}
	here := m.session.node(nil, n.Step, n.Type, n.Place, n.kind, n.follow, n.Reason)
	m.nodes[from][n.ID] = here
	return here
}

// pause sends what waits to be sent, and waits for workers that have too much to do.
func (m *worker) pause() {
	m.flushAll()
	for _, t := range m.crew.workers {
		for t != m && t.backlog.Load() > maxBacklog && !m.crew.stopped.Load() {
			if !m.take() {
				runtime.Gosched()
			}
		}
	}
}

// work walks until nothing is left for anyone. A panic, as of a wrong tag, is left to the caller's goroutine.
func (m *worker) work() {
	defer func() {
		if m.failure = recover(); m.failure != nil {
			m.crew.stop()
		}
		m.running = false
	}()
	m.running = true
	m.walk()
}

func (m *worker) walk() {
	c, s := m.crew, m.session
	for !c.stopped.Load() {
		worked := m.take()
		if len(s.stack) > 0 || !s.queue.empty() {
			worked = true
			s.failure = s.run()
		}
		if s.failure != nil {
			c.stop()
			return
		}
		if worked {
			continue
		}
		m.flushAll()
		if m.busy {
			m.busy = false
			c.done()
		}
		if c.pending.Load() == 0 {
			return
		}
		<-m.wake
	}
}

// wakeUp has a worker that waits look around.
func (m *worker) wakeUp() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// done counts a batch or a busy worker less. The last one ends the walk.
func (c *crew) done() {
	if c.pending.Add(-1) == 0 {
		c.wakeAll()
	}
}

func (c *crew) stop() {
	c.stopped.Store(true)
	c.wakeAll()
}

func (c *crew) wakeAll() {
	for _, m := range c.workers {
		m.wakeUp()
	}
}

// run has all workers work, and returns why one of them had to stop.
func (c *crew) run() error {
	c.pending.Store(int64(len(c.workers)))
	for _, m := range c.workers {
		m.busy = true
	}
	var wait sync.WaitGroup
	for _, m := range c.workers[1:] {
		wait.Go(m.work)
	}
	c.workers[0].work()
	wait.Wait()
	first := c.workers[0].session
	for _, m := range c.workers {
		if m.failure != nil {
			panic(m.failure)
		}
		if s := m.session; first.failure == nil {
			if first.failure = s.failure; s.failure == nil && s.leavesOut() {
				first.failure = errAlone
			}
		}
	}
	return first.failure
}

// leavesOut tells whether the walk met types of which something is not followed, or not everywhere: then what
// is followed depends on who comes first.
func (s *Session) leavesOut() bool { return len(s.hidden) > 0 || s.skips || s.concealed }

// divides tells whether a walk is to be given to a crew now.
func (s *Session) divides() bool {
	pays := s.options.CrewPays
	if pays == 0 {
		pays = crewPays
	}
	return s.options.Workers > 1 && s.crew == nil && s.options.TotalOnly && s.mode == byBlock && s.paged && s.found >= pays &&
		!s.leavesOut()
}

// gatherCrew makes the crew of a walk that is under way, and gives each worker its part of what is known.
func (s *Session) gatherCrew() *crew {
	c := &crew{part: partBits, kept: map[uintptr]bool{}}
	if s.options.CrewPays > 0 {
		c.part = pageBits
	}
	for id := range s.options.Workers {
		m := &worker{crew: c, id: id, session: s, nodes: make([][]*Node, s.options.Workers),
			wake: make(chan struct{}, 1)}
		if id > 0 {
			m.session = s.walker.NewSession(nothing{})
			m.session.recruit(m, s)
		}
		m.out = make([]batch, s.options.Workers)
		for to := range m.out {
			m.out[to].from = id
		}
		c.workers = append(c.workers, m)
	}
	s.crew = c.workers[0]
	s.heap.marks.crew = c
	s.heap.marks.each(func(_ uintptr, page *blockPage) {
		if page.rest != 0 || page.late {
			c.kept[page.start] = true
		}
	})
	moved := map[*blockPage]*blockPage{}
	s.heap.marks.each(func(address uintptr, page *blockPage) {
		if to := c.owner(page.start); to != 0 {
			marks := &c.workers[to].session.heap.marks
			there := marks.entry(address)
			marks.fill(there, *page)
			moved[page] = there
			*page = blockPage{start: page.start, shape: elsewhere}
		}
	})
	s.heap.marks.lastKey = 0
	s.divideQueue(moved)
	return c
}

// divideQueue gives the pages that are moved to the queues of their workers.
func (s *Session) divideQueue(moved map[*blockPage]*blockPage) {
	list := s.queue.list[s.queue.head:]
	own := list[:0]
	for _, q := range list {
		if there := moved[q.page]; there != nil {
			q.page = there
			queue := &s.crew.crew.workers[s.crew.crew.owner(there.start)].session.queue
			queue.list = append(queue.list, q)
		} else {
			own = append(own, q)
		}
	}
	clear(list[len(own):])
	s.queue.list = s.queue.list[:s.queue.head+len(own)]
}

// recruit makes a new session a worker of another's walk.
func (s *Session) recruit(m *worker, first *Session) {
	s.crew, s.options = m, first.options
	s.limit, s.mode, s.heap = first.limit, byBlock, s.newHeapWalk()
	s.marks, s.paged, s.heap.byMasks = &s.heap.marks, true, first.heap.byMasks
	s.heap.marks.crew, s.heap.marks.worker = m.crew, m.id
	for _, c := range first.contents[contentVarious+1:] { // the numbers are the same
		c.node = m.local(0, c.node)
		s.contents = append(s.contents, c)
		c.node.contents[c.kind] = uint32(len(s.contents) - 1)
	}
}

// together is what a crew does in the place of the rest of a walk.
func (s *Session) together() error {
	if s.crew == nil {
		s.gatherCrew()
	}
	return s.crew.crew.run()
}

// walkLateCrew is walkLate for all workers.
func (s *Session) walkLateCrew() error {
	for _, m := range s.crew.crew.workers {
		m.session.beginLate()
	}
	return s.together()
}

// disband adds up what the workers found.
func (s *Session) disband() {
	for _, m := range s.crew.crew.workers[1:] {
		for _, n := range m.session.nodes {
			m.session.settle(n)
		}
		s.heap.total += m.session.heap.total
	}
}

// nothing is a sink for walks of which only the total is asked.
type nothing struct{}

func (nothing) Take(*Node, uint64, []Finding, uint64) {}
func (nothing) Overlap([]Candidate)                   {}
func (nothing) Reset()                                {}
