package main

import (
	"math"
	"math/rand/v2"
)

// family makes random values of one kind, which is known to be hard, or easy, to estimate.
type family struct {
	name, what string
	make       func(r *rand.Rand) any
}

// order is a value of several blocks.
type order struct {
	Customer string
	Items    []uint64
	Next     *order
	Note     *[40]byte
}

var families = []family{
	{"uniform", "`[][]byte`, 0 to 200 bytes", func(r *rand.Rand) any {
		return texts(r, func() int { return r.IntN(200) })
	}},
	{"fixed", "`[]*T` of 96 bytes, a tenth nil", func(r *rand.Rand) any {
		list := make([]*[96]byte, many(r))
		for i := range list {
			if r.IntN(10) > 0 {
				list[i] = new([96]byte)
			}
		}
		return list
	}},
	{"skewed", "`map[int]string`, lengths exponential", func(r *rand.Rand) any {
		m := map[int]string{}
		for i := range many(r) {
			m[i] = string(make([]byte, int(40*r.ExpFloat64())))
		}
		return m
	}},
	{"Pareto", "`[]string`, lengths Pareto, α = 1.2", func(r *rand.Rand) any {
		list := make([]string, many(r))
		for i := range list {
			list[i] = string(make([]byte, int(min(16*math.Pow(r.Float64(), -1/1.2), 1<<22))))
		}
		return list
	}},
	{"giant", "`[][]byte`, small but one of 8 MiB", func(r *rand.Rand) any {
		list := texts(r, func() int { return 16 })
		list[r.IntN(len(list))] = make([]byte, 8<<20)
		return list
	}},
	{"shared", "`[]*order`, all from a few or from half as many", func(r *rand.Rand) any {
		n := many(r)
		pool := make([]*order, 1+r.IntN(max(1, int(math.Pow(float64(n)/2, r.Float64())))))
		for i := range pool {
			pool[i] = &order{Customer: string(make([]byte, r.IntN(60))), Items: make([]uint64, r.IntN(9))}
		}
		list := make([]*order, n)
		for i := range list {
			list[i] = pool[r.IntN(len(pool))]
		}
		return list
	}},
	{"in pairs", "`[]*T` of 96 bytes, each of its own but some, to which two lead", func(r *rand.Rand) any {
		list, often := make([]*[96]byte, many(r)), r.Float64()
		for i := range list {
			list[i] = new([96]byte)
			if i > 0 && r.Float64() < often {
				list[i] = list[i-1]
			}
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return list
	}},
	{"half shared", "`[]*order`, of their own, notes and customers shared", func(r *rand.Rand) any {
		customers := make([]string, 1+r.IntN(300))
		for i := range customers {
			customers[i] = string(make([]byte, 20+r.IntN(100)))
		}
		note := new([40]byte)
		list := make([]*order, many(r))
		for i := range list {
			list[i] = &order{Customer: customers[r.IntN(len(customers))], Note: note,
				Items: make([]uint64, r.IntN(6))}
		}
		return list
	}},
	{"maps of maps", "`map[int]map[int]string`", func(r *rand.Rand) any {
		m := map[int]map[int]string{}
		for left := many(r); left > 0; {
			n := 1 + int(math.Pow(1000, r.Float64()))
			inner := map[int]string{}
			for i := range n {
				inner[i] = string(make([]byte, r.IntN(64)))
			}
			m[len(m)] = inner
			left -= n
		}
		return m
	}},
	{"deep lists", "lists of orders, a few and long, or many and short", func(r *rand.Rand) any {
		n := many(r)
		heads := make([]*order, 1+int(math.Pow(float64(n), r.Float64())))
		for range n {
			i := r.IntN(len(heads))
			heads[i] = &order{Next: heads[i], Items: make([]uint64, r.IntN(4))}
		}
		return heads
	}},
}

// many is a number of elements, about 2,000 to 20,000.
func many(r *rand.Rand) int { return int(2000 * math.Pow(10, r.Float64())) }

func texts(r *rand.Rand, length func() int) [][]byte {
	list := make([][]byte, many(r))
	for i := range list {
		list[i] = make([]byte, length())
	}
	return list
}
