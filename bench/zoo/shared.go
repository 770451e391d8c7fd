package zoo

import (
	"fmt"
	"strings"
)

// Shapes in which memory is shared: what is shared may cost in proportion to itself, and no more.

type token struct {
	name string
	item *address
}

func keyIsAField() any {
	m := map[string]*token{}
	for i := range 200_000 {
		name := fmt.Sprintf("%064d", i)
		m[name] = &token{name, &address{city: fmt.Sprint("city ", i)}}
	}
	return m
}

func twoIndexes() any {
	type indexes struct {
		byName map[string]*person
		byAge  map[int][]*person
	}
	v := &indexes{map[string]*person{}, map[int][]*person{}}
	for i := range 100_000 {
		p := &person{name: fmt.Sprint("person number ", i), age: i % 5000, tags: []string{"a", fmt.Sprint(i)}}
		v.byName[p.name] = p
		v.byAge[p.age] = append(v.byAge[p.age], p)
	}
	return v
}

func substrings() any {
	text := strings.Repeat("many words in one long text that somebody read from a file ", 50_000)
	return strings.Fields(text)
}

func overlapping() any {
	buffer := make([]int64, 1_000_000)
	var windows [][]int64
	for i := 0; i+10 < len(buffer); i += 5 {
		windows = append(windows, buffer[i:i+10])
	}
	return windows
}

func arena() any {
	type leaf struct {
		next *leaf
		n    [2]int
	}
	block := make([]leaf, 1_000_000)
	all := make([]*leaf, len(block))
	for i := range block {
		all[i] = &block[i]
		block[i].next = &block[(i*7919+13)%len(block)]
	}
	return all
}

func tokens() any {
	type file struct {
		name  string
		lines []int
	}
	type position struct {
		file         *file
		line, column int
	}
	type node struct {
		from, to *position
		text     string
		below    []*node
	}
	f := &file{"main.go", make([]int, 1000)}
	var grow func(depth, n int) *node
	last := &position{file: f}
	grow = func(depth, n int) *node {
		at := &node{from: last, text: fmt.Sprint("token ", n)}
		last = &position{f, n, depth}
		at.to = last
		for i := range depth {
			at.below = append(at.below, grow(depth-1, n*depth+i))
		}
		return at
	}
	return grow(8, 1)
}
