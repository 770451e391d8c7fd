package heap_test

import (
	"bufio"
	"bytes"
	"container/list"
	"container/ring"
	"context"
	"math/big"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"
)

func libraryCases() []heapCase {
	return []heapCase{
		build("time.Time", "UTC and Local are static", func() any {
			return at([2]time.Time{time.Now(), time.Now().UTC()})
		}),
		build("time.Time elsewhere", "a location of its own", func() any {
			return at(time.Now().In(time.FixedZone("somewhere", 1234)))
		}),
		build("big.Int", "its words", func() any {
			return new(big.Int).Lsh(big.NewInt(1), 10_000)
		}),
		build("list.List", "its elements and their boxes", func() any {
			l := list.New()
			for i := range 100 {
				l.PushBack([2]int64{int64(i)})
			}
			return l
		}),
		build("list.Element", "leads to the list, and to all elements", func() any {
			l := list.New()
			for range 100 {
				l.PushBack(new(int64))
			}
			return at(l.Front())
		}),
		build("bytes.Buffer", "its capacity", func() any {
			b := new(bytes.Buffer)
			b.WriteString(strings.Repeat("x", 1000))
			return b
		}),
		build("bytes.Buffer read in part", "what was read is still held", func() any {
			b := new(bytes.Buffer)
			b.WriteString(strings.Repeat("x", 1000))
			b.Next(900)
			return b
		}),
		build("reflect.Value", "leads to what it stands for", func() any {
			return at(reflect.ValueOf(new([50]int64)))
		}).bounded(withoutType),
		build("time.Timer", "its channel", func() any {
			timer := time.NewTimer(time.Hour)
			timer.Stop()
			return timer
		}).bounded(withoutType),
	}
}

// moreLibraryCases are values that hold much and say little of it.
func moreLibraryCases() []heapCase {
	type record struct {
		name string
		list []int64
	}
	return []heapCase{
		build("reflect.Value of a struct", "a copy of the struct", func() any {
			return at(reflect.ValueOf(record{strings.Repeat("x", 50), make([]int64, 9)}))
		}).bounded(withoutType),
		build("reflect.Value of a map", "the map", func() any {
			return at(reflect.ValueOf(fill(map[int]int64{}, 100)))
		}).bounded(withoutType),
		build("reflect.Value of a field", "the struct around it", func() any {
			return at(reflect.ValueOf(&record{list: make([]int64, 9)}).Elem().Field(1))
		}).bounded(withoutType),
		build("strings.Builder grown", "as append grows", func() any {
			b := new(strings.Builder)
			for range 1000 {
				b.WriteString("word ")
			}
			return b
		}),
		build("bytes.Buffer reset", "keeps its array", func() any {
			b := bytes.NewBuffer(make([]byte, 0, 5000))
			b.WriteString("text")
			b.Reset()
			return b
		}),
		build("bytes.Reader", "of a part of an array", func() any {
			return bytes.NewReader(make([]byte, 1000)[900:])
		}).bounded(pinning),
		build("bufio.Reader", "its buffer, and the reader below", func() any {
			return bufio.NewReaderSize(strings.NewReader(strings.Repeat("x", 100)), 500)
		}),
		build("negative big.Int", "as many words", func() any {
			return new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(3), 500))
		}),
		build("big.Rat and big.Float", "words of each", func() any {
			return at(struct {
				r *big.Rat
				f *big.Float
			}{big.NewRat(variable(), 3), new(big.Float).SetPrec(1000).Quo(big.NewFloat(1), big.NewFloat(3))})
		}),
		build("ring.Ring", "its elements", func() any {
			r := ring.New(10)
			for range 10 {
				r.Value = [2]int64{variable()}
				r = r.Next()
			}
			return r
		}),
		build("context with a value", "the value; the root of contexts is static", func() any {
			return at(context.WithValue(context.Background(), [2]int64{variable()}, make([]int64, 100)))
		}),
		build("sync.OnceValue", "a closure, before and after the call", func() any {
			f := sync.OnceValue(func() *[100]int64 { return new([100]int64) })
			f()
			return at(f)
		}).bounded(withoutType),
		build("sync.Cond", "its lock", func() any { return sync.NewCond(new(sync.Mutex)) }),
		build("time.Ticker", "its channel", func() any {
			ticker := time.NewTicker(time.Hour)
			ticker.Stop()
			return ticker
		}).bounded(withoutType),
		build("regexp.Regexp", "programs, and names", func() any {
			return regexp.MustCompile(`^(?P<first>[a-z]+)-(\d{2,4}|x)*$`)
		}).bounded(withoutType),
	}
}
