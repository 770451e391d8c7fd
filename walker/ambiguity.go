package walker

import (
	"reflect"
	"slices"
)

// ambiguity knows how the types met so far are bound to rules. The bitmaps cannot tell by which
// rule an extent was charged, nor by which plan its content was followed. Both matter only where
// values of one type are bound in several ways, and then only when two containers really share
// memory: a covered extent of an ambiguous type ends the fast walk. Types are base types here, which
// stand for all that the same memory may be held as.
type ambiguity struct {
	// owners has, for what memory holds, the first way in which such memory is owned: how a container
	// with a rule of its own is bound, else the type held.
	owners map[memory]any
	// numbers are of all ways in which memory is owned.
	numbers map[ownership]uint32
	// ambiguous memory is owned in several ways.
	ambiguous map[memory]bool

	// slots has how values of a type are bound inside other values; bound tells the types for which
	// there are several ways. Such values may have to be followed twice where they lie when pointers
	// lead to them (pointed), or slices (sliced) may lie over arrays of them (arrayed): then mixed is
	// set.
	slots           map[reflect.Type]member
	bound, pointed  map[reflect.Type]bool
	sliced, arrayed map[reflect.Type]bool
	// hidden types lie where they are not followed, reached ones are led to by pointers and
	// slices: a type that is both is followed only from there. Then mixed and concealed are set.
	hidden, reached  map[reflect.Type]bool
	mixed, concealed bool
	skips            bool // some interface was seen to hold what is not followed
}

func newAmbiguity() ambiguity {
	return ambiguity{
		owners: map[memory]any{}, numbers: map[ownership]uint32{}, ambiguous: map[memory]bool{},
		slots: map[reflect.Type]member{}, bound: map[reflect.Type]bool{},
		pointed: map[reflect.Type]bool{},
		sliced:  map[reflect.Type]bool{}, arrayed: map[reflect.Type]bool{},
		hidden: map[reflect.Type]bool{}, reached: map[reflect.Type]bool{},
	}
}

// memory is what containers own: values, by their base type, or what a map or a channel is made of.
type memory struct {
	base    reflect.Type
	private bool
}

var byteType = reflect.TypeFor[byte]()

// owned is what containers of a node own.
func (n *Node) owned() memory {
	switch n.kind {
	case opString:
		return memory{base: baseType(byteType)}
	case opMap, opChan:
		return memory{baseType(unnamed(n.Type)), true}
	}
	return memory{base: n.elem.base}
}

// ownedBy is how a node owns memory: containers with equal owners charge the same for it.
func (n *Node) ownedBy() any {
	switch {
	case n.follow.Tagged || n.elem.leftOut || n.kind == opString || n.kind == opMap || n.kind == opChan:
		return bound(n.Type, n.Place, n.follow)
	case n.elem.byKind:
		return alikes.first(elementType(n.elem.typ))
	}
	return elementType(n.elem.typ)
}

// register notes how the containers of a node own memory and how their content is bound.
func (a *ambiguity) register(n *Node) {
	n.memory = n.owned()
	switch n.kind {
	case opPointer, opSlice, opString, opMap, opChan:
		n.owner = a.own(n.memory, n.ownedBy())
	}
	switch n.kind {
	case opPointer:
		a.pointed[n.elem.base] = true
		a.reach(n.elem)
	case opSlice:
		a.sliced[n.elem.base] = true
		a.reach(n.elem)
	}
	a.registerSlots(n.elem)
	if n.key != nil {
		a.registerSlots(n.key)
	}
}

// reach notes that pointers or slices lead to values of a plan.
func (a *ambiguity) reach(p *plan) {
	if !p.leaf() {
		a.reached[p.base] = true
		a.conceal(p.base)
	}
	a.mix(p.base)
}

// own notes that memory has an owner, and numbers the two.
func (a *ambiguity) own(m memory, owner any) uint32 {
	if first, ok := a.owners[m]; !ok {
		a.owners[m] = owner
	} else if first != owner {
		a.ambiguous[m] = true
	}
	key := ownership{m, owner}
	id, ok := a.numbers[key]
	if !ok {
		id = uint32(len(a.numbers) + 1)
		a.numbers[key] = id
	}
	return id
}

// ownership is memory and how it is owned.
type ownership struct {
	memory memory
	owner  any
}

func (a *ambiguity) registerSlots(p *plan) {
	for _, t := range p.hidden {
		a.hidden[t] = true
		a.conceal(t)
	}
	for i := range p.ops {
		if o := &p.ops[i]; o.kind != opArray {
			a.bind(member{o.base, o.offset, p.ops[i : i+1]})
		}
	}
	for _, m := range p.members {
		a.bind(m)
	}
	for _, t := range p.arrayed {
		a.arrayed[t] = true
		a.mix(t)
	}
	for _, elements := range p.arrays {
		a.registerSlots(elements)
	}
}

// bind notes how a value inside another is followed.
func (a *ambiguity) bind(m member) {
	if first, ok := a.slots[m.base]; !ok {
		a.slots[m.base] = m
	} else if !first.like(&m) {
		a.bound[m.base] = true
		a.mix(m.base)
	}
}

// like tells whether all that lies in two values is bound alike.
func (m *member) like(other *member) bool {
	return slices.EqualFunc(m.ops, other.ops, func(o, p op) bool {
		return o.kind == p.kind && o.bound == p.bound && o.offset-m.offset == p.offset-other.offset
	})
}

// mix sets mixed if values of t may have to be followed twice, and concealed if in some of them a
// field is not followed that is in others.
func (a *ambiguity) mix(t reflect.Type) {
	if a.bound[t] && (a.pointed[t] || a.sliced[t] && a.arrayed[t]) {
		a.mixed = true
		a.concealed = a.concealed || t.Kind() == reflect.Struct
	}
}

// conceal sets concealed if values of t are followed only from elsewhere.
func (a *ambiguity) conceal(t reflect.Type) {
	if a.hidden[t] && a.reached[t] {
		a.mixed, a.concealed = true, true
	}
}
