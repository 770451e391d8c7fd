package rules

import "github.com/bitcoin-mem/memsize/malloc"

// Pricer is a rule with all that it asks worked out for one Binding: only lengths and capacities
// are left to say. It is immutable and safe for concurrent use, and allocates nothing.
type Pricer struct {
	rule Rule
	of   Container // with length and capacity 0

	// The closed form of Total, for the rules that have one.
	shortcut shortcut
	size     uint64 // bytes of an element, a node, a pointee's block
	inline   uint64 // elements that cost nothing
	core     bool   // the allocator is MallocUsage of 64 bits, which is called directly
	own      bool   // the rule is none of ours: its figures are checked
	box      bool   // what an interface holds: no pointer of the program's leads to it
}

// shortcut is how Total is worked out without parts.
type shortcut uint8

const (
	byRule   shortcut = iota // ask the rule
	free                     // nothing is charged
	byBuffer                 // one block of capacity elements, beyond inline
	byString                 // one block of capacity bytes, beyond an inline length
	byNode                   // size bytes for each element
	byTable                  // size bytes for each element, and libstdc++'s buckets
	byBlock                  // size bytes unless nil
)

// NewPricer is the Pricer of b, worked out once. It panics with a *TagError where a tag or an
// override does not fit.
func (m *Model) NewPricer(b Binding) *Pricer {
	if p, ok := m.pricers.Load(b); ok {
		return p.(*Pricer)
	}
	p, _ := m.pricers.LoadOrStore(b, m.newPricer(b))
	return p.(*Pricer)
}

func (m *Model) newPricer(b Binding) *Pricer {
	rule, _ := m.resolve(b)
	if !m.world.asIf && m.isDirectBox(b) {
		rule = nil // Go keeps a pointer-shaped value in the interface itself
	}
	if rule == nil {
		return &Pricer{shortcut: free}
	}
	place, _ := m.placeOf(b, true, trail{})
	p := m.pricerAt(rule, place)
	_, p.box = b.Type.(boxType)
	return p
}

// pricerAt is the Pricer of a rule over the elements of a place.
func (m *Model) pricerAt(rule Rule, at *place) *Pricer {
	p := &Pricer{rule: rule, of: at.container()}
	p.core = m.world.allocator.Name() == "memusage64"
	r, ours := rule.(*builtin)
	if p.own = !ours; ours {
		p.abbreviate(r)
	}
	return p
}

// isDirectBox tells whether b is a box around a value that Go keeps in the interface's own word:
// since Go 1.26 any that is one pointer (cmd/compile/internal/types.IsDirectIface).
func (m *Model) isDirectBox(b Binding) bool {
	if _, ok := b.Type.(boxType); !ok {
		return false
	}
	value := m.layoutOf(m.Elem(b))
	return value.Size == m.world.pointer && value.pointers
}

// abbreviate finds the closed form of a built-in rule's total. A test holds it against Usage.
func (p *Pricer) abbreviate(r *builtin) {
	w := p.of.place.world
	if w.isGoHeap() {
		return
	}
	_, isRust := w.containers.(rust)
	_, isReal := w.containers.(libstdcxx)
	switch r.form {
	case formSkip, formRawPtr, formOption:
		p.shortcut = free
	case formVector:
		if !p.of.place.bits || isRust {
			p.shortcut, p.size = byBuffer, p.of.Elem.Size
		}
	case formPrevector:
		p.shortcut, p.size, p.inline = byBuffer, p.of.Elem.Size, r.arg
	case formString:
		if isReal {
			return // a NUL comes on top
		}
		p.shortcut, p.size, p.inline = byString, 1, stringInline
		if isRust {
			p.shortcut, p.inline = byBuffer, 0 // a Vec<u8>
		}
	case formSet, formMap, formIndirectMap, formList:
		if !isRust || r.form == formList {
			p.size, _ = r.Increment(p.of)
			p.shortcut = byNode
		}
	case formUnorderedSet, formUnorderedMap:
		if !isRust && !isReal {
			p.size, _ = r.Increment(p.of)
			p.shortcut = byTable
		}
	case formUniquePtr, formSharedPtr:
		one := p.of
		one.Len, one.Cap = 1, 1
		p.shortcut, p.size = byBlock, r.Usage(one).Total()
	}
}

// Rule is the rule that prices; nil for what is no container and has no rule of its own.
func (p *Pricer) Rule() Rule { return p.rule }

// Usage is what a container of this length and capacity owns, in parts. A capacity below the
// length counts as the length.
func (p *Pricer) Usage(length, capacity uint64) Parts {
	if p.rule == nil {
		return Parts{}
	}
	c := p.of
	c.Len, c.Cap = length, max(length, capacity)
	parts := p.rule.Usage(c)
	if p.own {
		checkParts(p.rule, c, parts)
	}
	return parts
}

// Total is Usage(length, capacity).Total(), faster.
func (p *Pricer) Total(length, capacity uint64) uint64 {
	switch p.shortcut {
	case byBuffer:
		if capacity = max(length, capacity); capacity <= p.inline {
			return 0
		}
		return p.malloc(mul(capacity, p.size))
	case byBlock:
		if length == 0 {
			return 0
		}
		return p.size
	case byNode:
		return mul(length, p.size)
	case byTable:
		buckets := p.malloc(mul(bucketCount(length), p.of.place.world.pointer))
		return add(mul(length, p.size), buckets)
	case byString:
		if length <= p.inline {
			return 0
		}
		return p.malloc(max(length, capacity))
	case free:
		return 0
	}
	return p.Usage(length, capacity).Total()
}

// malloc is what the model's allocator takes for n bytes.
func (p *Pricer) malloc(n uint64) uint64 {
	if p.core {
		return malloc.Usage(n)
	}
	if n == 0 {
		return 0
	}
	return p.of.place.world.allocator.Usage(n)
}

// Increment is what one more element would cost in bytes, the growth of tables excluded; false
// where that depends on more than the type.
func (p *Pricer) Increment() (uint64, bool) {
	if p.rule == nil {
		return 0, false
	}
	bytes, ok := p.rule.Increment(p.of)
	if p.own {
		checkIncrement(p.rule, bytes)
	}
	return bytes, ok
}

// Node is the block that each element has for itself, in parts whose sum is what it takes: the
// node of a tree, a list or an unordered container, the block of a pointee. It is false where
// elements share one block, on a Go heap, and for rules of one's own.
func (p *Pricer) Node() (Parts, bool) {
	r, ok := p.rule.(*builtin)
	if !ok {
		return Parts{}, false
	}
	return p.of.home().containers.node(r, p.of)
}
