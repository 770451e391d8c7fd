package zoo

import (
	"fmt"
	"slices"
	"strings"
)

// Shapes in which memory is shared: what is shared may cost in proportion to itself, and no more. Each has a
// twin of the same references in which nothing is shared.

// copied is the end of the name of a twin.
const copied = ", copied"

type token struct {
	name string
	item *address
}

func keyIsAField(copies bool) any {
	m := map[string]*token{}
	for i := range 200_000 {
		name := fmt.Sprintf("%064d", i)
		m[text(name, copies)] = &token{name, &address{city: fmt.Sprint("city ", i)}}
	}
	return m
}

// text is a text, or a copy of it.
func text(s string, copies bool) string {
	if copies {
		return strings.Clone(s)
	}
	return s
}

func twoIndexes(copies bool) any {
	type indexes struct {
		byName map[string]*person
		byAge  map[int][]*person
	}
	v := &indexes{map[string]*person{}, map[int][]*person{}}
	for i := range 100_000 {
		p := &person{name: fmt.Sprint("person number ", i), age: i % 5000, tags: []string{"a", fmt.Sprint(i)}}
		v.byName[text(p.name, copies)] = p
		if copies {
			p = &person{name: strings.Clone(p.name), age: p.age, tags: []string{"a", fmt.Sprint(i)}}
		}
		v.byAge[p.age] = append(v.byAge[p.age], p)
	}
	return v
}

func substrings(copies bool) any {
	all := strings.Fields(strings.Repeat("many words in one long text that somebody read from a file ", 50_000))
	for i := range all {
		all[i] = text(all[i], copies)
	}
	return all
}

func overlapping(copies bool) any {
	buffer := make([]int64, 1_000_000)
	var windows [][]int64
	for i := 0; i+10 < len(buffer); i += 5 {
		window := buffer[i : i+10]
		if copies {
			window = slices.Clone(window)
		}
		windows = append(windows, window)
	}
	return windows
}

func arena(copies bool) any {
	type leaf struct {
		next *leaf
		n    [2]int
	}
	block := make([]leaf, 1_000_000)
	all := make([]*leaf, len(block))
	for i := range block {
		if all[i] = &block[i]; copies {
			all[i] = new(leaf)
		}
	}
	for i := range all {
		all[i].next = all[(i*7919+13)%len(all)]
	}
	return all
}

func tokens(copies bool) any {
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
		if copies {
			from := *last
			at.from = &from
		}
		last = &position{f, n, depth}
		at.to = last
		for i := range depth {
			at.below = append(at.below, grow(depth-1, n*depth+i))
		}
		return at
	}
	return grow(8, 1)
}
