package snapshot

// Which edges between structs and arrays are pointers. Values by value are always sent, even
// when zero, so an edge that is ever absent is a pointer. What remains must not contain itself.

// cycleBreakers returns edges that must be pointers, one for each cycle of types by value that
// isPointer has left, found by a walk from each type in the order given.
func cycleBreakers(types []*wireType, isPointer func(edge) bool) map[edge]bool {
	const (
		unseen = iota
		open
		done
	)
	state := make(map[*wireType]int)
	breakers := make(map[edge]bool)
	type step struct {
		t    *wireType
		next int
	}
	for _, root := range types {
		if state[root] != unseen {
			continue
		}
		state[root] = open
		for path := []step{{t: root}}; len(path) > 0; {
			at := &path[len(path)-1]
			if !at.t.isInline() || at.next == len(at.t.fields) {
				state[at.t] = done
				path = path[:len(path)-1]
				continue
			}
			e := edge{at.t, at.next}
			child := at.t.fields[at.next].typ
			at.next++
			switch {
			case child == nil || !child.isInline() || isPointer(e):
			case state[child] == open:
				breakers[e] = true
			case state[child] == unseen:
				state[child] = open
				path = append(path, step{t: child})
			}
		}
	}
	return breakers
}
