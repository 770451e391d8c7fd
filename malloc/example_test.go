package malloc_test

import (
	"fmt"

	"github.com/bitcoin-mem/memsize/malloc"
)

// What a node of a std::map<uint32_t, uint32_t> asks for is 40 bytes. Bitcoin Core counts 64 for
// it; what it takes depends on the allocator.
func Example() {
	for _, name := range []string{"exact", "memusage64", "glibc", "jemalloc"} {
		allocator, err := malloc.Lookup(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(name, allocator.Usage(40))
	}
	// Output:
	// exact 40
	// memusage64 64
	// glibc 48
	// jemalloc 48
}

func ExampleUsage() {
	fmt.Println(malloc.Usage(0), malloc.Usage(1), malloc.Usage(100), malloc.Usage(1<<64-1))
	// Output: 0 32 128 18446744073709551615
}

func ExampleNames() {
	fmt.Println(malloc.Names())
	// Output: [memusage64 memusage32 glibc glibc32 jemalloc tcmalloc mimalloc go exact]
}

// Blocks with pointers have a header on the Go heap once they are larger than 512 bytes.
func ExampleGoPointerUsage() {
	fmt.Println(malloc.GoPointerUsage(512, 8), malloc.GoPointerUsage(1024, 8))
	// Output: 512 1152
}
