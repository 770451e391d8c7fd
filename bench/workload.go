package main

import (
	"fmt"
	"math/rand/v2"
)

// workload builds a graph of n objects. Its order of allocation matters as much as its shape.
type workload struct {
	name  string
	build func(n int) any
}

type node struct {
	next *node
	_    uint64
}

type tree struct {
	left, right *tree
	_           uint64
}

type record struct {
	a, b, c uint64
	next    *record
	_       [2]uint64
}

type outPoint struct {
	hash [32]byte
	n    uint32
}

type coin struct {
	value  int64
	script []byte
	height uint32
	_      bool
}

var workloads = []workload{
	{"list random", func(n int) any { return list(n, random(n)) }},
	{"list sequential", func(n int) any { return list(n, sequential(n)) }},
	{"tree random", func(n int) any { return balanced(random(n), make([]tree, 0), n) }},
	{"tree sequential", func(n int) any { return balanced(sequential(n), make([]tree, 0), n) }},
	{"[]*struct", records},
	{"map[uint64]*T", func(n int) any {
		m := make(map[uint64]*record)
		for i := range n {
			m[uint64(i)*0x9E3779B97F4A7C15] = new(record)
		}
		return m
	}},
	{"UTXO map", utxo},
	{"map[string]string", func(n int) any {
		m := make(map[string]string)
		for i := range n {
			m[fmt.Sprintf("key-%016x", i*7919)] = fmt.Sprintf("value-%020d", i)
		}
		return m
	}},
	{"[][]byte 32 B", func(n int) any {
		s := make([][]byte, n)
		for i := range s {
			s[i] = make([]byte, 32)
		}
		return s
	}},
	{"decoded JSON", json},
}

func random(n int) []int { return rand.New(rand.NewPCG(1, 2)).Perm(n) }

func sequential(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// list allocates n nodes one by one and links them in an order.
func list(n int, order []int) any {
	nodes := make([]*node, n)
	for i := range nodes {
		nodes[i] = new(node)
	}
	for i := 1; i < n; i++ {
		nodes[order[i-1]].next = nodes[order[i]]
	}
	return nodes[order[0]]
}

// balanced is a binary tree of n nodes that were allocated one by one and are used in an order.
func balanced(order []int, _ []tree, n int) any {
	nodes := make([]*tree, n)
	for i := range nodes {
		nodes[i] = new(tree)
	}
	for i := range n {
		t := nodes[order[i]]
		if l := 2*i + 1; l < n {
			t.left = nodes[order[l]]
		}
		if r := 2*i + 2; r < n {
			t.right = nodes[order[r]]
		}
	}
	return nodes[order[0]]
}

func records(n int) any {
	s := make([]*record, n)
	for i := range s {
		s[i] = new(record)
	}
	return s
}

func utxo(n int) any {
	source := rand.New(rand.NewPCG(3, 4))
	m := make(map[outPoint]coin)
	for i := range n {
		var o outPoint
		for j := 0; j < 32; j += 8 {
			v := source.Uint64()
			for k := range 8 {
				o.hash[j+k] = byte(v >> (8 * k))
			}
		}
		m[o] = coin{value: int64(i), script: make([]byte, 22+source.IntN(14)), height: uint32(i)}
	}
	return m
}

// json is what encoding/json makes of an array of objects: about n allocations.
func json(n int) any {
	s := make([]any, n/10)
	for i := range s {
		s[i] = map[string]any{
			"id": float64(i + 1000), "name": fmt.Sprintf("customer number %d", i), "active": i%2 == 0,
			"tags": []any{fmt.Sprintf("tag-%d", i), "b", "c"},
			"at":   map[string]any{"x": float64(i) + 0.5, "y": float64(i) - 0.5},
		}
	}
	return s
}
