/*
 * sizes asks the C allocator of this process for every request from 0 to 1 MiB, and for some
 * beyond, and prints what it really gave, as lines of
 *
 *     first,width,times,usable,chunk
 *
 * The width requests from first on got usable bytes and a chunk of chunk bytes; the next width
 * requests got width bytes more of both, and so on, times such runs in all.
 *
 * usable is malloc_usable_size. chunk is the size that glibc notes in front of the block, its
 * header included; it is 0 with any other allocator, none of which keeps a header.
 *
 *     sizes glibc            the allocator is glibc, with its top emptied first (see settle)
 *     sizes glibc-first-top  the allocator is glibc, as a process finds it
 *     LD_PRELOAD=... sizes other
 *
 * Every request is made twice, on the way up and on the way down; where the two answers differ,
 * the allocator's answer depends on its history, is no function of the request, and the program
 * fails. glibc-first-top is such a state and is asked on the way up only.
 */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAST = 1 << 20 };         /* every request to here */
enum { FAR = 1 << 30 };          /* some requests to here */
enum { SLICES = 8 };             /* where to look between two powers of two */

struct answer {
	uint32_t usable, chunk;
};

static struct answer answers[LAST + 1]; /* static: the table itself is no request */

/* ask makes one request, through a volatile pointer so that no compiler can drop the pair. */
static struct answer ask(size_t request, int glibc)
{
	void *volatile block = malloc(request);
	struct answer a;

	if (block == NULL) {
		fprintf(stderr, "sizes: malloc(%zu) failed\n", request);
		exit(1);
	}
	a.usable = malloc_usable_size(block);
	/* malloc/malloc.c, struct malloc_chunk: the word before the block, three flags in front. */
	a.chunk = glibc ? ((size_t *)block)[-1] & ~(size_t)7 : 0;
	free(block);
	return a;
}

/*
 * settle keeps glibc from serving a large request out of what is left of its last sbrk (the top):
 * no padding when the heap grows, and freed memory at its end goes back at once. Naming the
 * threshold, at its default, keeps free() from raising it.
 */
static void settle(void)
{
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	mallopt(M_TOP_PAD, 0);
	mallopt(M_TRIM_THRESHOLD, 0);
}

static int same(struct answer a, struct answer b)
{
	return a.usable == b.usable && a.chunk == b.chunk;
}

/* run is some requests in a row that got the same. */
struct run {
	size_t first, width;
	struct answer got;
};

static struct run run_from(size_t first)
{
	struct run r = {first, 1, answers[first]};

	while (first + r.width <= LAST && same(answers[first + r.width], r.got))
		r.width++;
	return r;
}

static void print(struct run r, size_t times)
{
	printf("%zu,%zu,%zu,%u,%u\n", r.first, r.width, times, r.got.usable, r.got.chunk);
}

/* follows: b is what comes after a in a line of runs. */
static int follows(struct run a, struct run b)
{
	return b.width == a.width && b.got.usable == a.got.usable + a.width &&
	       b.got.chunk == (a.got.chunk ? a.got.chunk + a.width : 0);
}

/* print_runs joins requests into runs, and runs into lines. */
static void print_runs(void)
{
	struct run next, last, first = run_from(0);
	size_t times;

	for (; first.first <= LAST; first = next) {
		last = first;
		times = 1;
		for (next = last; (next.first += next.width) <= LAST; last = next, times++) {
			next = run_from(next.first);
			if (!follows(last, next))
				break;
		}
		print(first, times);
	}
}

static void print_one(size_t n, int glibc)
{
	struct run r = {n, 1, ask(n, glibc)};

	print(r, 1);
}

/* print_far samples beyond: on both sides of each eighth of the way to the next power of two. */
static void print_far(int glibc)
{
	for (size_t power = LAST; power < FAR; power *= 2)
		for (size_t slice = 0; slice < SLICES; slice++) {
			size_t n = power + power / SLICES * slice;

			if (n > LAST)
				print_one(n, glibc);
			print_one(n + 1, glibc);
		}
}

int main(int argc, char **argv)
{
	static char output[1 << 16];
	const char *mode = argc == 2 ? argv[1] : "";
	int first_top = strcmp(mode, "glibc-first-top") == 0;
	int glibc = strcmp(mode, "glibc") == 0 || first_top;

	if (!glibc && strcmp(mode, "other") != 0) {
		fprintf(stderr, "usage: sizes glibc|glibc-first-top|other\n");
		return 2;
	}
	setvbuf(stdout, output, _IOFBF, sizeof output); /* stdio shall not malloc a buffer */
	if (glibc && !first_top)
		settle();
	else if (glibc)
		mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	for (size_t n = 0; n <= LAST; n++)
		answers[n] = ask(n, glibc);
	for (size_t n = LAST; !first_top; n--) {
		if (!same(ask(n, glibc), answers[n])) {
			fprintf(stderr, "sizes: malloc(%zu) depends on what came before\n", n);
			return 1;
		}
		if (n == 0)
			break;
	}
	print_runs();
	if (!first_top)
		print_far(glibc);
	return 0;
}
