// Package cache_test shows memsize as the cost function of a cache that is bounded by bytes.
package cache_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/maypok86/otter/v2"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

type Page struct {
	Title   string
	Links   []string
	Headers map[string]string
	Body    []byte
}

// A cache that holds at most 1 MiB of pages, whatever they are made of. The Sizer is compiled once
// and allocates nothing, which matters: the cache calls it for each entry, under a lock.
func Example() {
	sizer := memsize.New[Page](memsize.WithModel(rules.Go()))
	block := memsize.Heap(new(Page)) // a page itself: a Sizer counts what it owns
	pages := otter.Must(&otter.Options[string, *Page]{
		MaximumWeight: 1 << 20,
		Weigher: func(_ string, p *Page) uint32 {
			return uint32(min(block+sizer.Of(p), math.MaxUint32))
		},
	})
	for i := range 1000 {
		pages.Set(address(i), newPage(i))
	}
	pages.CleanUp() // what was to be evicted is now gone

	all := slices.Collect(pages.Values())
	held := memsize.Heap(all) - memsize.Heap(make([]*Page, len(all), cap(all)))
	fmt.Println("one page:", memsize.Heap(newPage(0)), "bytes")
	fmt.Println("pages were evicted:", len(all) < 1000)
	fmt.Println("what is left fits:", held <= 1<<20)
	fmt.Println("and is what the cache believes to hold:", held == pages.WeightedSize())
	// Output:
	// one page: 4672 bytes
	// pages were evicted: true
	// what is left fits: true
	// and is what the cache believes to hold: true
}

// newPage is a page of 4 to 8 KiB. It shares no memory with another: each would be charged for it.
func newPage(i int) *Page {
	return &Page{
		Title:   fmt.Sprintf("The page with the number %d", i),
		Links:   []string{address(i + 1), address(i + 2)},
		Headers: map[string]string{"ETag": strings.Repeat("e", 32+i%8)},
		Body:    make([]byte, 4096+1024*(i%5)),
	}
}

func address(i int) string { return fmt.Sprintf("https://example.org/page/%d", i) }
