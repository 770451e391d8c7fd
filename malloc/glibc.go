package malloc

// glibc is the malloc of the GNU C library, ptmalloc, as a function of the request alone.
//
// Usage is the size of the chunk: the block, rounded up, and the size field in front of it. Source:
// malloc/malloc.c of glibc 2.36 (checked_request2size, sysmalloc, sysmalloc_mmap), unchanged in
// substance since 2.26, when i386 went from 8 to 16 byte alignment.
//
//	chunk = n + sizeof(size_t), rounded up to 16, at least MINSIZE
//
// malloc(0) is a request like any other and takes MINSIZE.
//
// Where a chunk reaches the mmap threshold it gets pages of its own from the kernel, and takes all
// of them. Three things that glibc lets depend on the past are fixed here:
//
//   - The top, the free end of the heap, is taken to be exhausted. A real heap that has just grown
//     may have up to 132 KiB of top, and then serves a request of the threshold or a little more
//     without pages (an exception of the tests lists which, for a new process).
//   - The threshold is M_MMAP_THRESHOLD's default, 128 KiB. Real glibc raises it, to 32 MiB at
//     most, when a mapped chunk is freed: a program that frees large blocks later takes them
//     from the heap, without page rounding.
//   - A free chunk that is reused may be up to 16 bytes larger than needed, since a rest below
//     MINSIZE cannot be split off. Here each chunk fits.
//
// Pages are 4096 bytes.
type glibc struct {
	name    string
	word    uint64 // sizeof(size_t): the header of a chunk
	minimum uint64 // MINSIZE: a free chunk must hold its header and two links
	// before is what lies in a mapping before its chunk, so that the block is aligned to 16. The
	// chunk does not count it (on i386, 8 bytes of each mapping).
	before uint64
}

const (
	glibcAlignment     = 16         // MALLOC_ALIGNMENT on x86_64 and on i386
	glibcMmapThreshold = 128 * 1024 // DEFAULT_MMAP_THRESHOLD_MIN, compared with the chunk
	glibcPage          = 4096
)

var (
	glibc64 = &glibc{name: "glibc", word: 8, minimum: 32}
	glibc32 = &glibc{name: "glibc32", word: 4, minimum: 16, before: 8}
)

func (g *glibc) Name() string { return g.name }

func (g *glibc) Usage(n uint64) uint64 {
	chunk := g.chunk(n)
	if chunk < glibcMmapThreshold {
		return chunk
	}
	return g.mapped(chunk)
}

// chunk is checked_request2size: what a request takes on the heap.
func (g *glibc) chunk(n uint64) uint64 {
	return max(g.minimum, roundUp(plus(n, g.word), glibcAlignment))
}

// mapped is the chunk size that sysmalloc_mmap notes for a chunk with pages of its own. A mapping
// has no next chunk to lend its first word to, so one more word is needed; and where the block
// would not be aligned (before != 0) room to move it is added blindly.
func (g *glibc) mapped(chunk uint64) uint64 {
	needed := plus(chunk, g.word)
	if g.before != 0 {
		needed = plus(needed, glibcAlignment-1)
	}
	pages := roundUp(needed, glibcPage)
	if pages == saturated {
		return pages
	}
	return pages - g.before
}
