package main

import (
	"container/list"
	"math/big"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// structure is what is measured. Each is built behind one pointer, which no sizer charges for.
type structure struct {
	name  string
	build func() any
}

type point struct{ x, y, z int64 }

type node struct {
	next *node
	data [2]int64
}

type account struct {
	name    string
	tags    []string
	balance *big.Int
	opened  time.Time
}

// at is a pointer to a block with v alone.
func at[T any](v T) any {
	p := new(T)
	*p = v
	return p
}

var structures = []structure{
	{"1,000 pointers to structs of 24 B", func() any {
		s := make([]*point, 1000)
		for i := range s {
			s[i] = new(point)
		}
		return at(s)
	}},
	{"1,000 strings of 33 B", func() any {
		s := make([]string, 1000)
		for i := range s {
			s[i] = strings.Repeat("x", 33)
		}
		return at(s)
	}},
	{"slice grown by append", func() any {
		var s []int64
		for i := range int64(1000) {
			s = append(s, i)
		}
		return at(s)
	}},
	{"10 B of a 1 MiB array", func() any { return at(make([]byte, 1<<20)[1000:1010:1010]) }},
	{"10 substrings of one string", func() any {
		s := strings.Repeat("x", 10_000)
		var parts [10]string
		for i := range parts {
			parts[i] = s[i*100 : i*100+10]
		}
		return at(parts)
	}},
	{"two overlapping sub-slices", func() any {
		s := make([]int64, 1000)
		return at([2][]int64{s[:600], s[400:]})
	}},
	{"tree in an arena, by one pointer", func() any {
		pool := make([]node, 1000)
		for i := range pool[1:] {
			pool[i].next = &pool[i+1]
		}
		return at(&pool[990])
	}},
	{"list of 1,000", func() any { return chain(1000) }},
	{"list of 1,000,000", func() any { return chain(1_000_000) }},
	{"cycle", func() any {
		n := new(node)
		n.next = &node{next: n}
		return n
	}},
	{"map[int64]int64 of 1,000", func() any {
		m := map[int64]int64{}
		for i := range int64(1000) {
			m[i] = i
		}
		return at(m)
	}},
	{"map[string]point of 100", func() any {
		m := map[string]point{}
		for i := range 100 {
			m[strings.Repeat("k", i+16)] = point{}
		}
		return at(m)
	}},
	{"map after 9,990 of 10,000 were deleted", func() any {
		m := map[int64]int64{}
		for i := range int64(10_000) {
			m[i] = i
		}
		for i := range int64(9_990) {
			delete(m, i)
		}
		return at(m)
	}},
	{"map with values over 128 B", func() any {
		m := map[int][20]int64{}
		for i := range 100 {
			m[i] = [20]int64{}
		}
		return at(m)
	}},
	{"decoded JSON", func() any {
		s := make([]any, 100)
		for i := range s {
			s[i] = map[string]any{"id": float64(i) + 0.5, "name": strings.Repeat("n", 20),
				"tags": []any{"a", true, nil}}
		}
		return at(s)
	}},
	{"channel with 50 queued pointers", func() any {
		c := make(chan *point, 100)
		for range 50 {
			c <- new(point)
		}
		return at(c)
	}},
	{"10 closures over a buffer each", func() any {
		var f [10]func() int
		for i := range f {
			f[i] = capture(make([]byte, 1000))
		}
		return at(f)
	}},
	{"sync.Map of 1,000", func() any {
		m := new(sync.Map)
		for i := range 1000 {
			m.Store(i, new(point))
		}
		return m
	}},
	{"atomic and unsafe pointers", func() any {
		s := &struct {
			a atomic.Pointer[point]
			u unsafe.Pointer
		}{u: unsafe.Pointer(&[4]point{})}
		s.a.Store(new(point))
		return s
	}},
	{"list.List of 100 accounts", func() any {
		l := list.New()
		for i := range 100 {
			l.PushBack(&account{name: strings.Repeat("n", i+16), tags: make([]string, i%5),
				balance: new(big.Int).Lsh(big.NewInt(1), 300), opened: time.Now()})
		}
		return l
	}},
}

func chain(n int) any {
	var head *node
	for range n {
		head = &node{next: head}
	}
	return head
}

//go:noinline
func capture(b []byte) func() int { return func() int { return len(b) } }
