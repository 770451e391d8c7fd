package heap_test

import (
	"strings"
	"time"
)

func channelCases() []heapCase {
	type big struct {
		p *int64
		n [10]int64
	}
	return []heapCase{
		build("channel without buffer", "its header", func() any { return make(chan int) }),
		build("channel of numbers", "header and buffer in one block", func() any {
			return make(chan int64, 100)
		}),
		build("channel of a timer", "keeps the timer", func() any {
			t := time.NewTimer(time.Hour)
			t.Stop()
			return t.C
		}).bounded(timer),
		build("channel of times", "as many as a timer's has, or more", func() any {
			return at([2]chan time.Time{make(chan time.Time, 1), make(chan time.Time, 2)})
		}).bounded(timer),
		build("channel of pointers", "header and buffer in two blocks", func() any {
			return make(chan *int64, 100)
		}),
		build("channel with queued elements", "what waits is alive", func() any {
			c := make(chan *[10]int64, 8)
			for range 5 {
				c <- new([10]int64)
			}
			return c
		}).bounded(queued),
		build("channel whose queue wraps", "the ring begins in its middle", func() any {
			c := make(chan big, 4)
			for range 3 {
				c <- big{p: new(int64)}
				<-c
			}
			for range 4 {
				c <- big{p: new(int64)}
			}
			return c
		}).bounded(queued),
		build("channel of no bytes", "a header", func() any {
			c := make(chan struct{}, 1000)
			for range 1000 {
				c <- struct{}{}
			}
			return c
		}),
		build("closed channel", "as before", func() any {
			c := make(chan []byte, 2)
			c <- make([]byte, 100)
			close(c)
			return c
		}).bounded(queued),
		build("channel twice", "one block", func() any {
			c := make(chan int, 4)
			return at(struct {
				in  chan<- int
				out <-chan int
			}{c, c})
		}),
	}
}

// queuedCases is a queue of everything that can wait in one.
func queuedCases() []heapCase {
	cases := []heapCase{
		build("channel of strings", "their bytes", func() any {
			return queue(strings.Repeat("x", 20), strings.Repeat("y", 200), "a literal")
		}),
		build("channel of slices", "their arrays", func() any {
			return queue(make([]int64, 10), make([]int64, 2, 100), nil)
		}),
		build("channel of interfaces", "boxes, and pointers without", func() any {
			return queue[any](new([10]int64), [10]int64{variable()}, strings.Repeat("x", 100), nil)
		}),
		build("channel of maps", "all of each", func() any {
			return queue(fill(map[int]int64{}, 20), fill(map[int]int64{}, 3), nil)
		}),
		build("channel of channels", "with what waits in these", func() any {
			return queue(queue(new([10]int64)), queue(new([10]int64), new([10]int64)), nil)
		}),
		build("channel of closures", "with what they captured", func() any {
			return queue(capture(new([10]int64), strings.Repeat("x", 100), 7), nil)
		}),
		build("channel of large values", "in the buffer", func() any {
			return queue([100]int64{}, [100]int64{1})
		}),
		build("channel of large values with pointers", "in a buffer of its own", func() any {
			return queue([70]*int64{69: new(int64)}, [70]*int64{})
		}),
		build("channel of itself", "a cycle", func() any {
			type self chan self
			c := make(self, 3)
			c <- c
			return c
		}),
	}
	for i := range cases {
		cases[i] = cases[i].bounded(queued)
	}
	return cases
}

// queue is a channel in which values wait, with room for one more.
func queue[T any](values ...T) chan T {
	c := make(chan T, len(values)+1)
	for _, v := range values {
		c <- v
	}
	return c
}
