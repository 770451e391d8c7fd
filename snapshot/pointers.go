package snapshot

// Which edges between structs and arrays are pointers. Values by value are always sent, even
// when zero, so an edge that is ever absent is a pointer. What remains must not contain itself.

// inlineParts lists, by field, the types that a value of type t contains without a container
// between; nil for those that are no such part.
func (y *typing) inlineParts(t *wireType) []*wireType {
	var parts []*wireType
	switch t.kind {
	case wireStruct, wireArray:
		for i, f := range t.fields {
			if y.stars(edge{t, i}) > 0 {
				f.typ = nil
			}
			parts = append(parts, f.typ)
		}
	case wireOpaque:
		for _, p := range y.values[t] {
			parts = append(parts, p.typ)
		}
	}
	return parts
}

// maxInline is how many structs and arrays are taken to lie inside each other. No program has so
// many, and what prices a type needs stack for each.
const maxInline = 1000

// cycleBreakers returns edges that must be pointers, one for each cycle of types by value that
// is left, found by a walk from each type in the order given; and those that are taken for such
// because more than maxInline types would lie inside each other.
func (y *typing) cycleBreakers(types []*wireType) map[edge]bool {
	const (
		unseen = iota
		open
		done
	)
	state := make(map[*wireType]int)
	breakers := make(map[edge]bool)
	type step struct {
		t     *wireType
		parts []*wireType
		next  int
	}
	deep := make(map[*wireType]int)      // types inside each other, by the outermost
	inside := func(at *step, part int) { // the part has been walked
		below := deep[at.parts[part]]
		if below >= maxInline {
			breakers[edge{at.t, part}] = true
			return
		}
		deep[at.t] = max(deep[at.t], below+1)
	}
	enter := func(path []step, t *wireType) []step {
		state[t] = open
		return append(path, step{t: t, parts: y.inlineParts(t)})
	}
	for _, root := range types {
		if state[root] != unseen {
			continue
		}
		for path := enter(nil, root); len(path) > 0; {
			at := &path[len(path)-1]
			if at.next == len(at.parts) {
				state[at.t] = done
				path = path[:len(path)-1]
				if k := len(path) - 1; k >= 0 {
					inside(&path[k], path[k].next-1)
				}
				continue
			}
			child := at.parts[at.next]
			at.next++
			switch {
			case child == nil:
			case state[child] == open:
				breakers[edge{at.t, at.next - 1}] = true
			case state[child] == unseen:
				path = enter(path, child)
			default:
				inside(at, at.next-1)
			}
		}
	}
	return breakers
}
