package walker

import "reflect"

// ambiguity knows how the types met so far are bound to rules. The bitmaps cannot tell by which
// rule an extent was charged, nor by which plan its content was followed. Both matter only where
// values of one type are bound in several ways, and then only when two containers really share
// memory: a covered extent of an ambiguous type ends the fast walk.
type ambiguity struct {
	// owners has, for the base type of what containers hold, the first way in which such memory
	// is owned: the place of a tagged container, else the type held.
	owners map[reflect.Type]any
	// ambiguous base types are owned in several ways.
	ambiguous map[reflect.Type]bool

	// slots has the place by which values of a container type are bound inside other values;
	// bound tells the types with several. Such values may have to be followed twice where they
	// lie when pointers lead to them (pointed), or slices (sliced) may lie over arrays of them
	// (arrayed): then mixed is set.
	slots           map[reflect.Type]Place
	bound, pointed  map[reflect.Type]bool
	sliced, arrayed map[reflect.Type]bool
	// hidden types lie where they are not followed, reached ones are led to by pointers and
	// slices: a type that is both is followed only from there. Then mixed and concealed are set.
	hidden, reached  map[reflect.Type]bool
	mixed, concealed bool
}

func newAmbiguity() ambiguity {
	return ambiguity{
		owners: map[reflect.Type]any{}, ambiguous: map[reflect.Type]bool{},
		slots: map[reflect.Type]Place{}, bound: map[reflect.Type]bool{},
		pointed: map[reflect.Type]bool{},
		sliced:  map[reflect.Type]bool{}, arrayed: map[reflect.Type]bool{},
		hidden: map[reflect.Type]bool{}, reached: map[reflect.Type]bool{},
	}
}

var byteType = reflect.TypeFor[byte]()

// register notes how the containers of a node own memory and how their content is bound.
func (a *ambiguity) register(n *Node) {
	switch n.kind {
	case opString:
		a.own(byteType, n.Place)
	case opPointer, opSlice:
		if n.follow.Tagged {
			a.own(n.elem.base, n.Place)
		} else {
			a.own(n.elem.base, elementType(n.elem.typ))
		}
	case opMap, opChan:
		a.own(unnamed(n.Type), n.Place)
	}
	if (n.kind == opPointer || n.kind == opSlice) && !n.elem.leaf() {
		a.reached[n.elem.base] = true
		a.conceal(n.elem.base)
	}
	switch n.kind {
	case opPointer:
		a.pointed[n.elem.base] = true
		a.mix(n.elem.base)
	case opSlice:
		a.sliced[n.elem.base] = true
		a.mix(n.elem.base)
	}
	a.registerSlots(n.elem)
	if n.key != nil {
		a.registerSlots(n.key)
	}
}

func (a *ambiguity) own(base reflect.Type, owner any) {
	if first, ok := a.owners[base]; !ok {
		a.owners[base] = owner
	} else if first != owner {
		a.ambiguous[base] = true
	}
}

func (a *ambiguity) registerSlots(p *plan) {
	for _, t := range p.hidden {
		a.hidden[t] = true
		a.conceal(t)
	}
	for i := range p.ops {
		o := &p.ops[i]
		if first, ok := a.slots[o.typ]; !ok {
			a.slots[o.typ] = o.place
		} else if first != o.place {
			a.bound[o.typ] = true
			a.mix(o.typ)
		}
	}
	for _, t := range p.arrayed {
		a.arrayed[t] = true
		a.mix(t)
	}
	for _, elements := range p.arrays {
		a.registerSlots(elements)
	}
}

// mix sets mixed if values of t may have to be followed twice.
func (a *ambiguity) mix(t reflect.Type) {
	if a.bound[t] && (a.pointed[t] || a.sliced[t] && a.arrayed[t]) {
		a.mixed = true
	}
}

// conceal sets concealed if values of t are followed only from elsewhere.
func (a *ambiguity) conceal(t reflect.Type) {
	if a.hidden[t] && a.reached[t] {
		a.mixed, a.concealed = true, true
	}
}

// settles tells whether a covered extent of a node needs no more thought.
func (a *ambiguity) settles(n *Node) bool {
	if len(a.ambiguous) == 0 {
		return !a.mixed
	}
	key := n.elem.base
	switch n.kind {
	case opString:
		key = byteType
	case opMap, opChan:
		key = unnamed(n.Type)
	}
	return !a.mixed && !a.ambiguous[key]
}

// unnamed is the map or channel type without its name: the same map may be held as both.
func unnamed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Map {
		return reflect.MapOf(t.Key(), t.Elem())
	}
	return reflect.ChanOf(reflect.BothDir, t.Elem())
}
