package zoo

import (
	"container/list"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// shapes are structures that programs have, and those in which much is shared.
func shapes() []Shape {
	var all []Shape
	for _, s := range []struct {
		name  string
		build func() any
	}{
		{"coins, a script each", coins}, {"coins inline", coinsInline}, {"sessions", sessions},
		{"records", records}, {"map of maps", mapOfMaps}, {"interfaces of three types", interfaces},
		{"graph, 8 random edges", randomGraph}, {"inverted index", invertedIndex},
		{"B-tree, 31 items a node", bTree}, {"rows of float64", rows}, {"trie", newTrie},
		{"LRU by container/list", lru}, {"strings", stringsAlone}, {"map of slices", mapOfSlices},
	} {
		all = append(all, Shape{s.name, "shape", s.build})
	}
	for _, s := range []struct {
		name  string
		build func(copies bool) any
	}{
		{"key is a field", keyIsAField}, {"two indexes", twoIndexes}, {"substrings of one buffer", substrings},
		{"overlapping slices", overlapping}, {"arena by interior pointers", arena},
		{"tokens with shared positions", tokens},
	} {
		all = append(all, Shape{s.name, "shape", func() any { return s.build(false) }},
			Shape{s.name + copied, "copied", func() any { return s.build(true) }})
	}
	return all
}

func source() *rand.Rand { return rand.New(rand.NewPCG(5, 6)) }

type scripted struct {
	value  int64
	height uint32
	script []byte
}

func coins() any {
	r, m := source(), map[[36]byte]*scripted{}
	for i := range 300_000 {
		var key [36]byte
		for j := range key {
			key[j] = byte(r.Uint32())
		}
		m[key] = &scripted{value: int64(i), script: make([]byte, 22+r.IntN(14))}
	}
	return m
}

func coinsInline() any {
	r, m := source(), map[[36]byte]scripted{}
	for i := range 300_000 {
		var key [36]byte
		for j := range key {
			key[j] = byte(r.Uint32())
		}
		m[key] = scripted{value: int64(i), script: make([]byte, 22+r.IntN(14))}
	}
	return m
}

type event struct {
	at   time.Time
	kind string
	data any
}

type session struct {
	id, user, agent string
	started         time.Time
	values          map[string]string
	events          []event
}

func sessions() any {
	r, m := source(), map[string]*session{}
	for i := range 40_000 {
		s := &session{id: fmt.Sprintf("session-%08x", r.Uint32()), user: fmt.Sprint("user ", i),
			agent: strings.Repeat("agent ", 1+r.IntN(5)), started: time.Unix(int64(i), 0),
			values: map[string]string{}}
		for j := range 5 {
			s.values[fmt.Sprint("key", j)] = fmt.Sprint("value ", i, j)
		}
		for j := range r.IntN(5) {
			s.events = append(s.events, event{s.started, fmt.Sprint("click ", j), i * j})
		}
		m[s.id] = s
	}
	return m
}

type address struct{ street, city string }

type person struct {
	name    string
	tags    []string
	address *address
	extra   any
	age     int
}

func records() any {
	s := make([]*person, 100_000)
	for i := range s {
		s[i] = &person{name: fmt.Sprint("person number ", i), tags: []string{fmt.Sprint("tag", i%97), "x"},
			address: &address{fmt.Sprint(i, " Main Street"), "Springfield"}, extra: float64(i), age: i % 90}
	}
	return s
}

func mapOfMaps() any {
	m := map[string]map[string]int{}
	for i := range 40_000 {
		inner := map[string]int{}
		for j := range 10 {
			inner[fmt.Sprint("inner key ", j)] = j
		}
		m[fmt.Sprint("outer key ", i)] = inner
	}
	return m
}

type circle struct{ x, y, r float64 }
type square struct {
	side float64
	name string
}

func interfaces() any {
	s := make([]any, 500_000)
	for i := range s {
		switch i % 3 {
		case 0:
			s[i] = circle{1, 2, float64(i)}
		case 1:
			s[i] = &square{float64(i), fmt.Sprint("square ", i)}
		default:
			s[i] = fmt.Sprint("text ", i)
		}
	}
	return s
}

type vertex struct {
	edges [8]*vertex
	id    int
}

func randomGraph() any {
	r, all := source(), make([]*vertex, 200_000)
	for i := range all {
		all[i] = &vertex{id: i}
	}
	for _, v := range all {
		for j := range v.edges {
			v.edges[j] = all[r.IntN(len(all))]
		}
	}
	return all[0]
}

func invertedIndex() any {
	r, index := source(), map[string]map[string][]uint32{}
	for i := range 20_000 {
		fields := map[string][]uint32{}
		for j := range 1 + r.IntN(4) {
			fields[fmt.Sprint("field", j)] = make([]uint32, 1+r.IntN(12))
		}
		index[fmt.Sprint("term-", i)] = fields
	}
	return index
}

type bNode struct {
	n        int
	items    [31]*[2]uint64
	children []*bNode
}

func bTree() any {
	var grow func(depth int) *bNode
	grow = func(depth int) *bNode {
		b := &bNode{n: 31}
		for i := range b.items {
			b.items[i] = new([2]uint64)
		}
		if depth > 0 {
			for range 32 {
				b.children = append(b.children, grow(depth-1))
			}
		}
		return b
	}
	return grow(2)
}

func rows() any {
	s := make([][]float64, 10_000)
	for i := range s {
		s[i] = make([]float64, 1000)
	}
	return s
}

type trie struct {
	children map[byte]*trie
	word     bool
}

func newTrie() any {
	r, root := source(), &trie{children: map[byte]*trie{}}
	for range 100_000 {
		at := root
		for range 3 + r.IntN(8) {
			c := byte('a' + r.IntN(4)*r.IntN(7))
			next := at.children[c]
			if next == nil {
				next = &trie{children: map[byte]*trie{}}
				at.children[c] = next
			}
			at = next
		}
		at.word = true
	}
	return root
}

func lru() any {
	type cache struct {
		order *list.List
		items map[string]*list.Element
	}
	type entry struct {
		key   string
		value []byte
	}
	c := &cache{list.New(), map[string]*list.Element{}}
	for i := range 150_000 {
		e := &entry{fmt.Sprint("key ", i), make([]byte, 40)}
		c.items[e.key] = c.order.PushFront(e)
	}
	return c
}

func stringsAlone() any {
	s := make([]string, 500_000)
	for i := range s {
		s[i] = strings.Repeat("s", 5+i%40)
	}
	return s
}

func mapOfSlices() any {
	m := map[string][]string{}
	for i := range 100_000 {
		m[fmt.Sprint("key ", i)] = []string{fmt.Sprint("a", i), "b", fmt.Sprint("c", i)}
	}
	return m
}
