package heap_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unique"
	"unsafe"
	"weak"

	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/internal/truth"
)

// heapCases is every kind of memory that a Go value can hold. Where a case has several values they
// are of several types or sizes, as the rules of the runtime differ for them.
func heapCases() []heapCase {
	var all []heapCase
	for _, group := range [][]heapCase{
		sizeCases(), sliceCases(), stringCases(), mapCases(), interfaceCases(), channelCases(),
		queuedCases(), closureCases(), syncCases(), pointerCases(), libraryCases(), moreLibraryCases(),
		graphCases(), timerCases(),
	} {
		all = append(all, group...)
	}
	return all
}

// variable is a number that the compiler does not know, so that a box with it is no constant.
//
//go:noinline
func variable() int64 { return 1_000_000 }

func build(name, why string, f func() any) heapCase {
	return heapCase{name: name, why: why, Case: truth.Case{Build: f}}
}

func (c heapCase) bounded(b bound) heapCase {
	c.portable = b
	return c
}

func sizeCases() []heapCase {
	return []heapCase{
		build("one word", "the smallest block with a pointer", func() any { return new(*int) }),
		build("class without pointers", "48 B, no header", func() any { return new([5]int64) }),
		build("class with pointers", "at most 512 B: a bitmap, no header", func() any {
			return new([60]*int)
		}),
		build("class with header", "beyond 512 B: 8 B in front", func() any { return new([64 + 1]*int) }),
		build("header crosses a class", "1024 B of pointers take 1152", func() any {
			return new([128]*int)
		}),
		build("the largest class", "32 KiB without pointers", func() any { return new([32 << 10]byte) }),
		build("the last with header", "32 KiB - 8 B with pointers", func() any {
			return new([32<<10/unsafe.Sizeof(uintptr(0)) - 2]*int)
		}),
		build("large", "whole pages", func() any { return new([100_001]byte) }),
		build("large with pointers", "whole pages, no header", func() any { return new([12_345]*int) }),
		build("a tiny value", "a block of 16 B all for itself", func() any { return new(byte) }),
		build("tiny values", "several share one block, which is charged once", func() any {
			var s [100]*byte
			for i := range s {
				s[i] = new(byte)
			}
			return at(s)
		}),
		build("odd tiny values", "sizes that do not fill a block", func() any {
			var s [50]*[3]byte
			for i := range s {
				s[i] = new([3]byte)
			}
			return at(s)
		}),
		build("no bytes", "all share one static address", func() any { return new(struct{}) }),
		build("pointers to no bytes", "the pointers are all there is", func() any {
			return at([8]*struct{}{0: {}, 7: {}})
		}),
	}
}

func sliceCases() []heapCase {
	type record struct {
		name *[4]int64
		n    int
	}
	return []heapCase{
		build("slice", "length is capacity", func() any { return at(make([]int64, 100)) }),
		build("slice with spare", "capacity counts", func() any { return at(make([]int64, 1, 100)) }),
		build("slice grown by append", "append takes whole classes", func() any {
			var s []int32
			for i := range 1000 {
				s = append(s, int32(i))
			}
			return at(s)
		}),
		build("empty slice", "points to the address of all that has no bytes", func() any {
			return at([]int{})
		}),
		build("slice of no bytes", "a million elements of 0 B", func() any {
			return at(make([]struct{}, 1_000_000))
		}),
		build("sub-slice", "10 B pin 1 MiB", func() any {
			return at(make([]byte, 1<<20)[500_000:500_010:500_010])
		}).bounded(pinning),
		build("empty sub-slice", "0 B pin 1 KiB", func() any {
			return at(make([]byte, 1<<10)[5:5:5])
		}).bounded(pinning),
		build("behind the length", "elements beyond len are alive", func() any {
			s := []*[10]int64{new([10]int64), new([10]int64)}
			return at(s[:1])
		}),
		build("in front of the slice", "elements before the slice are alive", func() any {
			s := []*[10]int64{new([10]int64), new([10]int64), new([10]int64)}
			return at(s[2:])
		}).bounded(pinning),
		build("beyond the capacity", "the next element is alive and fits the same class", func() any {
			s := make([]*[10]int64, 6)
			s[5] = new([10]int64)
			return at(s[:5:5])
		}).bounded(pinning),
		build("behind a first word", "[1:] looks like a block with a header", func() any {
			s := make([]*[10]int64, 6)
			s[0] = new([10]int64)
			return at(s[1:])
		}).bounded(pinning),
		build("overlapping sub-slices", "one block", func() any {
			s := make([]int64, 1000)
			return at([3][]int64{s[:600], s[400:], s[1:2:3]})
		}),
		build("pointer into an array of structs", "the whole array with all that it leads to",
			func() any {
				s := make([]record, 50)
				for i := range s {
					s[i].name = new([4]int64)
				}
				return at(&s[30].n)
			}).bounded(pinning),
		build("pointer to a first field", "the same block as the pointer to the struct", func() any {
			r := &record{name: new([4]int64)}
			return at(struct {
				first **[4]int64
				whole *record
			}{&r.name, r})
		}),
		build("arena", "one block, pointers into it", func() any {
			type node struct {
				left, right *node
				key         int
			}
			pool := make([]node, 1000)
			for i := range pool {
				if 2*i+2 < len(pool) {
					pool[i].left, pool[i].right = &pool[2*i+1], &pool[2*i+2]
				}
			}
			return at(&pool[17])
		}).bounded(pinning),
		build("slice of slices", "each its own block", func() any {
			s := make([][]byte, 100)
			for i := range s {
				s[i] = make([]byte, 20+i)
			}
			return at(s)
		}),
		build("array of arrays", "inline", func() any { return new([10][10][10]uint16) }),
	}
}

func stringCases() []heapCase {
	return []heapCase{
		build("literal", "static: not on the heap", func() any { return at("a literal of some length") }),
		build("string", "bytes rounded to a class", func() any { return at(strings.Repeat("x", 33)) }),
		build("substring", "3 B pin 10 KiB", func() any {
			return at(strings.Repeat("x", 10_000)[77:80])
		}).bounded(pinning),
		build("empty substring", "0 B pin 10 KiB", func() any {
			s := strings.Repeat("x", 10_000)
			return at(s[77:77])
		}).bounded(pinning),
		build("two substrings", "of one string", func() any {
			s := strings.Repeat("x", 1000)
			return at([2]string{s[:500], s[500:]})
		}).bounded(bound{0.9, 1.1, pinning.cause}),
		build("string and bytes", "the same memory under two types", func() any {
			b := make([]byte, 100)
			return at(struct {
				s string
				b []byte
			}{unsafe.String(&b[0], len(b)), b})
		}),
		build("strings.Builder", "its buffer has spare capacity", func() any {
			var b strings.Builder
			b.Grow(1000)
			b.WriteString("short")
			return at([1]*strings.Builder{&b})
		}),
		build("string of a builder", "len of 5, a block of 1024", func() any {
			var b strings.Builder
			b.Grow(1000)
			b.WriteString("short")
			return at(b.String())
		}).bounded(pinning),
	}
}

func interfaceCases() []heapCase {
	type pair struct{ a, b int64 }
	type named struct{ p *pair }
	return []heapCase{
		build("interface with a pointer", "direct: no box", func() any { return at(any(new(pair))) }),
		build("interface with a struct", "a box", func() any { return at(any(pair{1, variable()})) }),
		build("interface with a constant", "its box is static", func() any {
			return at(any(pair{1, 2}))
		}),
		build("interface with a string", "a box of a header, and the bytes", func() any {
			return at(any(strings.Repeat("x", 100)))
		}),
		build("interface with a slice", "a box of a header, and the array", func() any {
			return at(any(make([]int64, 9)))
		}),
		build("interface with a pointer in a struct", "direct: one pointer word", func() any {
			return at(any(named{new(pair)}))
		}),
		build("interface with a pointer in an array", "direct: one pointer word", func() any {
			return at(any([1]*pair{new(pair)}))
		}),
		build("interface with an atomic.Pointer", "direct since Go 1.26", func() any {
			p := new(pair)
			return at(any(struct{ p unsafe.Pointer }{unsafe.Pointer(p)}))
		}).bounded(withoutType),
		build("interface with a map", "direct", func() any { return at(any(map[int]int{1: 2})) }),
		build("interface with a small number", "a static table of 256", func() any {
			return at(any(variable() & 7))
		}),
		build("interface with a number", "a tiny box", func() any {
			return at([2]any{variable(), variable()})
		}),
		build("interface with nothing", "a box of no bytes", func() any { return at(any(struct{}{})) }),
		build("one box twice", "copies of an interface share its box", func() any {
			v := any(pair{1, variable()})
			return at([5]any{v, v, v, v, v})
		}),
		build("interface with methods", "an itab is static", func() any {
			return at([1]interface{ String() string }{time.Duration(variable())})
		}),
	}
}

//go:noinline
func capture(p *[10]int64, s string, n int) func() int {
	return func() int { return int(p[0]) + len(s) + n }
}

//go:noinline
func captureVariable() (func(), func() *[100]int64) {
	var p *[100]int64
	return func() { p = new([100]int64) }, func() *[100]int64 { return p }
}

type methods struct{ buffer [100]int64 }

func (m *methods) call() {}

func closureCases() []heapCase {
	return []heapCase{
		build("function", "static code", func() any { return at(strings.ToUpper) }),
		build("closure", "its captures, and what they lead to", func() any {
			return at(capture(new([10]int64), strings.Repeat("x", 100), 7))
		}).bounded(withoutType),
		build("closure over a variable", "the variable has a block of its own", func() any {
			set, get := captureVariable()
			set()
			return at([2]any{set, get})
		}).bounded(withoutType),
		build("method value", "captures its receiver", func() any {
			m := new(methods)
			return at(m.call)
		}).bounded(withoutType),
		build("closures in a map", "untyped blocks below a map", func() any {
			m := map[string]func() int{}
			for _, name := range strings.Split("a b c d e f g h i j", " ") {
				m[name] = capture(new([10]int64), name, 0)
			}
			return m
		}).bounded(withoutType),
	}
}

func syncCases() []heapCase {
	type value struct{ words [9]int64 }
	pool := build("sync.Pool", "what was put into it, per processor", func() any {
		p := &sync.Pool{}
		for range 4 {
			p.Put(new(value))
		}
		return p
	}).bounded(withoutType)
	pool.Prepare = fillPoolList
	pool.NoGarbage = true
	cases := []heapCase{
		build("sync.Map", "its trie, and what it leads to", func() any {
			m := new(sync.Map)
			for i := range 1000 {
				m.Store(i, new(value))
			}
			return m
		}).bounded(withoutType),
		build("empty sync.Map", "a struct", func() any { return new(sync.Map) }),
		build("atomic.Pointer", "followed", func() any {
			p := new(atomic.Pointer[value])
			p.Store(new(value))
			return p
		}),
		build("atomic.Value", "followed", func() any {
			v := new(atomic.Value)
			v.Store(value{[9]int64{variable()}})
			return v
		}),
		build("mutexes", "inline", func() any {
			return new(struct {
				a sync.Mutex
				b sync.RWMutex
				c sync.WaitGroup
				d sync.Once
			})
		}),
	}
	if !suite.RaceDetector { // with it Put lets things fall at random: no two builds agree
		cases = append(cases, pool)
	}
	return cases
}

// fillPoolList makes room for one more pool in the list of all pools (sync.allPools), which every
// collection empties. append gives it room for 4 when there are 3.
func fillPoolList() {
	for range 3 {
		new(sync.Pool).Put(new(int))
	}
}

func pointerCases() []heapCase {
	type value struct{ words [9]int64 }
	handle := build("unique.Handle", "the value; the table of all such values has an entry around it",
		func() any { return at(unique.Make(strings.Repeat("unique", 20))) })
	handle.around = true
	return []heapCase{
		build("weak.Pointer", "its handle, and not its target", func() any {
			return at(struct {
				w weak.Pointer[value]
				v *value
			}{weak.Make(new(value)), nil})
		}).bounded(withoutType),
		build("weak.Pointer beside its target", "held by the pointer beside it", func() any {
			v := new(value)
			return at(struct {
				w weak.Pointer[value]
				v *value
			}{weak.Make(v), v})
		}).bounded(withoutType),
		handle.bounded(withoutType),
		build("unsafe.Pointer", "the collector follows it", func() any {
			return at(unsafe.Pointer(&value{}))
		}).bounded(withoutType),
		build("unsafe.Pointer to pointers", "and what lies behind", func() any {
			return at(unsafe.Pointer(&[3]*value{{}, {}, {}}))
		}).bounded(withoutType),
		build("uintptr", "is a number", func() any {
			return at(uintptr(unsafe.Pointer(&value{})))
		}),
		build("cycle", "each node once", func() any {
			type node struct {
				next *node
				data []byte
			}
			a := &node{data: make([]byte, 100)}
			a.next = &node{next: a, data: a.data[10:20]}
			return a
		}),
		build("pointer to itself", "one word", func() any {
			var p any
			p = &p
			return p
		}),
	}
}

func graphCases() []heapCase {
	return []heapCase{
		build("long list", "no recursion", func() any {
			type node struct{ next *node }
			var head *node
			for range 100_000 {
				head = &node{head}
			}
			return head
		}),
		build("decoded JSON", "maps of interfaces", func() any {
			return at(map[string]any{
				"id": float64(1000), "name": strings.Repeat("customer", 3), "tags": []any{"a", 1.5, nil},
				"at": map[string]any{"x": 0.25, "y": 0.75},
			})
		}),
	}
}
