package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// The graphs. The order in which objects are allocated matters as much as their shape. Beside each
// stands a walk written by hand: it adds up the bytes that the types describe, and knows that
// nothing is shared.

type node struct {
	next *node
	_    uint64
}

// listRandom is a list whose nodes lie in random order.
func listRandom(n int) graph { return list(n, random(n)) }

// listSequential is a list whose nodes lie one behind the other.
func listSequential(n int) graph { return list(n, sequential(n)) }

func list(n int, order []int) graph {
	nodes := allocate[node](n)
	for i := 1; i < n; i++ {
		nodes[order[i-1]].next = nodes[order[i]]
	}
	return walked(nodes[order[0]], func(at *node) (bytes uint64) {
		for ; at != nil; at = at.next {
			bytes += 16
		}
		return bytes
	})
}

type tree struct {
	left, right *tree
	_           uint64
}

func (t *tree) bytes() uint64 {
	bytes := uint64(24)
	if t.left != nil {
		bytes += t.left.bytes()
	}
	if t.right != nil {
		bytes += t.right.bytes()
	}
	return bytes
}

// treeSequential is a balanced tree whose nodes lie in the order in which a depth-first walk meets
// them, as recursion builds it.
func treeSequential(n int) graph {
	var grow func(n int) *tree
	grow = func(n int) *tree {
		if n == 0 {
			return nil
		}
		t := new(tree)
		t.left = grow((n - 1) / 2)
		t.right = grow(n - 1 - (n-1)/2)
		return t
	}
	return walked(grow(n), (*tree).bytes)
}

// treeByLevel is a balanced tree whose nodes lie level by level, as in a binary heap.
func treeByLevel(n int) graph { return balanced(n, sequential(n)) }

// treeRandom is a balanced tree whose nodes lie in random order.
func treeRandom(n int) graph { return balanced(n, random(n)) }

func balanced(n int, order []int) graph {
	nodes := allocate[tree](n)
	for i := range n {
		t := nodes[order[i]]
		if l := 2*i + 1; l < n {
			t.left = nodes[order[l]]
		}
		if r := 2*i + 2; r < n {
			t.right = nodes[order[r]]
		}
	}
	return walked(nodes[order[0]], (*tree).bytes)
}

// allocate allocates n values one by one.
func allocate[T any](n int) []*T {
	s := make([]*T, n)
	for i := range s {
		s[i] = new(T)
	}
	return s
}

func random(n int) []int { return rand.New(rand.NewPCG(1, 2)).Perm(n) }

func sequential(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// record holds no pointers: the collector marks it and looks no further.
type record struct {
	a, b, c uint64
	name    [24]byte
}

func pointers(n int) graph {
	return walked(allocate[record](n), func(s []*record) uint64 {
		bytes := uint64(cap(s)) * 8
		for _, p := range s {
			if p != nil {
				bytes += 48
			}
		}
		return bytes
	})
}

// A map's own bytes by its type: a header, and for each entry a key, a value and a control byte.
const mapHeader, mapControl = 48, 1

func mapOfPointers(n int) graph {
	m := make(map[uint64]*record)
	for i := range n {
		m[uint64(i)*0x9E3779B97F4A7C15] = new(record)
	}
	return walked(m, func(m map[uint64]*record) uint64 {
		bytes := uint64(mapHeader)
		for _, p := range m {
			if bytes += 16 + mapControl; p != nil {
				bytes += 48
			}
		}
		return bytes
	})
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

// coins is a cache of unspent outputs: scripts of 22 to 35 bytes.
func coins(n int) graph {
	source := rand.NewChaCha8([32]byte{})
	length := rand.New(rand.NewPCG(3, 4))
	m := make(map[outPoint]coin)
	for i := range n {
		var o outPoint
		source.Read(o.hash[:]) //nolint:errcheck // it never fails
		m[o] = coin{value: int64(i), script: make([]byte, 22+length.IntN(14)), height: uint32(i)}
	}
	return walked(m, func(m map[outPoint]coin) uint64 {
		bytes := uint64(mapHeader)
		for _, c := range m {
			bytes += 36 + 40 + mapControl + uint64(cap(c.script))
		}
		return bytes
	})
}

func mapOfStrings(n int) graph {
	m := make(map[string]string)
	for i := range n {
		m[fmt.Sprintf("key-%016x", i*7919)] = fmt.Sprintf("value-%020d", i)
	}
	return walked(m, func(m map[string]string) uint64 {
		bytes := uint64(mapHeader)
		for k, v := range m {
			bytes += 32 + mapControl + uint64(len(k)+len(v))
		}
		return bytes
	})
}

func byteSlices(n int) graph {
	s := make([][]byte, n)
	for i := range s {
		s[i] = make([]byte, 32)
	}
	return walked(s, func(s [][]byte) uint64 {
		bytes := uint64(cap(s)) * 24
		for _, p := range s {
			bytes += uint64(cap(p))
		}
		return bytes
	})
}

// customer is an object of ten values, among them an array and an object.
const customer = `{"id":%d,"name":"customer number %d","active":%t,` +
	`"tags":["tag-%d","blue","large"],"at":{"lat":%d.5,"lon":-%d.5}}`

// decodedJSON is what encoding/json makes of an array of customers: n values in all.
func decodedJSON(n int) graph {
	var text strings.Builder
	text.WriteByte('[')
	for i := range max(n/11, 1) {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, customer, i+1000, i, i%2 == 0, i, i, i)
	}
	text.WriteByte(']')
	var v any
	if err := json.Unmarshal([]byte(text.String()), &v); err != nil {
		panic(err)
	}
	return walked(v.([]any), func(s []any) uint64 { return elements(s) })
}

// boxed is what an interface's value takes, the box and all below it.
func boxed(v any) uint64 {
	switch v := v.(type) {
	case string:
		return 16 + uint64(len(v))
	case float64:
		return 8
	case bool:
		return 1
	case []any:
		return 24 + elements(v)
	case map[string]any:
		bytes := uint64(mapHeader)
		for key, e := range v {
			bytes += 32 + mapControl + uint64(len(key)) + boxed(e)
		}
		return bytes
	}
	panic("not of JSON")
}

func elements(s []any) uint64 {
	bytes := uint64(cap(s)) * 16
	for _, e := range s {
		bytes += boxed(e)
	}
	return bytes
}

func bytesAlone(n int) graph {
	s := make([]byte, n)
	return alone(&s, func(s *[]byte) uint64 { return 24 + uint64(cap(*s)) })
}

type scalars struct {
	a, b, c int64
	d       float64
}

func scalarStructs(n int) graph {
	s := make([]scalars, n)
	return alone(&s, func(s *[]scalars) uint64 { return 24 + uint64(cap(*s))*32 })
}

type person struct {
	id   int64
	name string
	age  int32
	city string
	ok   bool
}

func smallStruct(int) graph {
	p := &person{id: 1, age: 2, ok: true}
	p.name, p.city = strings.Repeat("n", 24), strings.Repeat("c", 32)
	return alone(p, func(p *person) uint64 { return 56 + uint64(len(p.name)+len(p.city)) })
}
