package walker

import "math"

// components finds the strongly connected components of a graph (Tarjan 1972), without recursion: the
// number of each vertex's, and all vertices, component after component. All vertices hang on vertex 0.
// Components come in the reverse of a topological order.
func components(n int, edges func(v uint32) []uint32) (component, order []uint32) {
	const closed = math.MaxUint32
	index, low := make([]uint32, n), make([]uint32, n) // of a closed vertex low is its component
	type visit struct{ id, edge uint32 }
	path, open := []visit{{}}, []uint32{}
	order = make([]uint32, 0, n)
	var counter, count uint32
	for len(path) > 0 {
		v := &path[len(path)-1]
		if index[v.id] == 0 {
			counter++
			index[v.id], low[v.id] = counter, counter
			open = append(open, v.id)
		}
		if edges := edges(v.id); int(v.edge) < len(edges) {
			to := edges[v.edge]
			v.edge++
			if index[to] == 0 {
				path = append(path, visit{id: to})
			} else if index[to] != closed {
				low[v.id] = min(low[v.id], index[to])
			}
			continue
		}
		id := v.id
		path = path[:len(path)-1]
		if len(path) > 0 {
			up := path[len(path)-1].id
			low[up] = min(low[up], low[id])
		}
		if low[id] != index[id] {
			continue
		}
		for last := uint32(closed); last != id; {
			last = open[len(open)-1]
			open = open[:len(open)-1]
			index[last], low[last] = closed, count
			order = append(order, last)
		}
		count++
	}
	return low, order
}
