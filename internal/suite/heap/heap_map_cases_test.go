package heap_test

import (
	"maps"
	"strconv"
)

// fill is a map with the numbers below n.
func fill[V any](m map[int]V, n int) map[int]V {
	var zero V
	for i := range n {
		m[i] = zero
	}
	return m
}

func mapCases() []heapCase {
	type key [200]byte
	type value [150]int64
	return []heapCase{
		build("empty map", "a header", func() any { return map[int]int{} }),
		build("map of 8", "a header and one group", func() any { return fill(map[int]int64{}, 8) }),
		build("map of 9", "one table", func() any { return fill(map[int]int64{}, 9) }),
		build("map of 897", "two tables, unevenly filled", func() any {
			return fill(map[int]int64{}, 897)
		}).bounded(mapShape),
		build("map of 100,000", "a directory of tables", func() any {
			return fill(map[int]int64{}, 100_000)
		}).bounded(mapShape),
		build("map with a hint", "room that is not used", func() any {
			return make(map[int]int64, 10_000)
		}).bounded(mapShape),
		build("map after delete", "keeps its tables", func() any {
			m := fill(map[int]int64{}, 10_000)
			for i := range 9_999 {
				delete(m, i)
			}
			return m
		}).bounded(mapShape),
		build("map after clear", "keeps its tables", func() any {
			m := fill(map[int]int64{}, 10_000)
			clear(m)
			return m
		}).bounded(mapShape),
		build("map deleted and refilled", "tombstones", func() any {
			m := map[int]int64{}
			for i := range 20_000 {
				m[i] = 0
				delete(m, i-100)
			}
			return m
		}).bounded(mapShape),
		build("set", "values of no bytes", func() any { return fill(map[int]struct{}{}, 1000) }).
			bounded(mapShape),
		build("small map of strings", "the bytes of keys and values", func() any {
			m := map[string]string{}
			for i := range 7 {
				m["key "+strconv.Itoa(i)+" is long enough"] = "value " + strconv.Itoa(i) + " as well as it"
			}
			return m
		}),
		build("keys over 128 B", "each in a block of its own", func() any {
			m := map[key]int64{}
			for i := range 100 {
				m[key{byte(i)}] = 0
			}
			return m
		}).bounded(mapShape),
		build("values over 128 B", "each in a block of its own", func() any {
			return fill(map[int]value{}, 100)
		}).bounded(mapShape),
		build("both over 128 B, with pointers", "followed into the outer blocks", func() any {
			type pointers struct {
				p *[10]int64
				_ [20]int64
			}
			type keys struct {
				p *[10]int64
				n [20]int64
			}
			m := map[keys]pointers{}
			for i := range 50 {
				m[keys{new([10]int64), [20]int64{int64(i)}}] = pointers{p: new([10]int64)}
			}
			return m
		}).bounded(mapShape),
		build("deleted big keys", "their blocks are gone, or not: as the runtime has it", func() any {
			m := map[key]value{}
			for i := range 100 {
				m[key{byte(i)}] = value{}
			}
			for i := range 90 {
				delete(m, key{byte(i)})
			}
			return m
		}).bounded(mapShape),
		build("map of maps", "each its own", func() any {
			m := map[int]map[int]int64{}
			for i := range 20 {
				m[i] = fill(map[int]int64{}, i)
			}
			return m
		}).bounded(mapShape),
		build("map in itself", "a cycle", func() any {
			type self map[int]self
			m := self{}
			m[1] = m
			return m
		}),
		build("map clone", "as its original", func() any {
			return maps.Clone(fill(map[int]int64{}, 1000))
		}).bounded(mapShape),
		build("map twice", "one map", func() any {
			m := fill(map[int]int64{}, 100)
			return at([2]map[int]int64{m, m})
		}).bounded(mapShape),
		build("map of pointers to one", "the target once", func() any {
			m, target := map[int]*[100]int64{}, new([100]int64)
			for i := range 5 {
				m[i] = target
			}
			return m
		}),
		build("keys and values of 128 B", "the largest that lie in their slots", func() any {
			m := map[[128]byte][16]int64{}
			for i := range 20 {
				m[[128]byte{byte(i)}] = [16]int64{}
			}
			return m
		}).bounded(mapShape),
		build("values over 128 B, cleared", "let go of what lay outside", func() any {
			m := fill(map[int]value{}, 100)
			clear(m)
			return m
		}).bounded(mapShape),
		build("map of interfaces", "boxes of keys and values", func() any {
			m := map[any]any{}
			for i := range 7 {
				m[[2]int64{int64(i)}] = [3]int64{variable()}
			}
			return m
		}),
		build("map of floats", "NaN is never found again, and held", func() any {
			m, zero := map[float64]int64{}, 0.0
			for range 5 {
				m[zero/zero] = 1
			}
			return m
		}),
	}
}
