package memsizetest

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// AtMost fails the test if v holds more bytes than size says, such as "64KiB".
func AtMost(t testing.TB, v any, size string, opts ...memsize.Option) {
	t.Helper()
	limit := parse(t, size)
	r := scan(v, opts)
	if r.Total > limit {
		t.Errorf("memsizetest: the value holds %s, %s more than the %s that it may\n%s",
			figure(r.Total), figure(r.Total-limit), figure(limit), blame(r))
	}
}

// PerElement fails the test if an element costs more bytes than size says: what build(n) holds
// beyond build(0), divided by n. Containers grow by steps, so that the figure belongs to this n.
func PerElement(t testing.TB, build func(n int) any, n int, size string, opts ...memsize.Option) {
	t.Helper()
	limit := parse(t, size)
	if n < 1 {
		t.Fatalf("memsizetest: PerElement wants at least one element, not %d", n)
	}
	empty, full := scan(build(0), opts), scan(build(n), opts)
	more := full.Total - min(empty.Total, full.Total)
	if each := float64(more) / float64(n); each > float64(limit) {
		t.Errorf("memsizetest: an element costs %.1f B, more than the %s that it may: %d of them hold "+
			"%s, none %s\n%s", each, figure(limit), n, figure(full.Total), figure(empty.Total), blame(full))
	}
}

// Agree fails the test if claimed, which a type computes for itself in bytes, is off from what v
// holds by more than tolerance: 0.05 for 5 per cent, 0 for the byte.
func Agree(t testing.TB, v any, claimed uint64, tolerance float64, opts ...memsize.Option) {
	t.Helper()
	if !(tolerance >= 0) {
		t.Fatalf("memsizetest: a tolerance is a share such as 0.05, not %v", tolerance)
	}
	r := scan(v, opts)
	off := math.Abs(float64(claimed) - float64(r.Total))
	if off <= tolerance*float64(r.Total) {
		return
	}
	side := "too much"
	if claimed < r.Total {
		side = "missing"
	}
	t.Errorf("memsizetest: the value claims %s and holds %s: %s %s (%.1f %%, tolerated %.1f %%)\n%s",
		figure(claimed), figure(r.Total), figure(uint64(off)), side, 100*off/float64(r.Total),
		100*tolerance, blame(r))
}

// Report reports what v holds as the metric live-B of a benchmark, and B/elem where v has a length:
// a map, slice, array, string or channel, a pointer to one, or a value with a method Len() int. It
// is to be called after the loop, for b.ResetTimer forgets metrics.
func Report(b *testing.B, v any, opts ...memsize.Option) {
	b.Helper()
	total := float64(scan(v, opts).Total)
	b.ReportMetric(total, "live-B")
	if n := length(v); n > 0 {
		b.ReportMetric(total/float64(n), "B/elem")
	}
}

// length is how many elements v has, 0 where that is not known.
func length(v any) int {
	if l, ok := v.(interface{ Len() int }); ok {
		return l.Len()
	}
	at := reflect.Indirect(reflect.ValueOf(v))
	switch at.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.String, reflect.Chan:
		return at.Len()
	}
	return 0
}

// scan is the account of v, on the heap unless the options name a model.
func scan(v any, opts []memsize.Option) *report.Report {
	return memsize.Scan(v, append([]memsize.Option{memsize.OnHeap()}, opts...)...)
}

// parse is a size in bytes. It fails the test on what is none.
func parse(t testing.TB, size string) uint64 {
	t.Helper()
	n, ok := show.ParseBytes(size)
	if !ok {
		t.Fatalf(`memsizetest: %q is no size: want bytes such as "288", "64KiB", "2MB"`, size)
	}
	return n
}

// figure is a number of bytes for a person, exact below 10,000.
func figure(n uint64) string {
	if n < 10_000 {
		return show.Count(n) + " B"
	}
	return show.Bytes(n)
}

// blame is the part of a report that holds most, and the tree.
func blame(r *report.Report) string {
	var b strings.Builder
	if n := heaviest(r); n != nil {
		values := "one value"
		if n.Count != 1 {
			values = show.Count(n.Count) + " values"
		}
		fmt.Fprintf(&b, "\nmost of it at %s, %s: %s in %s\n", show.Printable(n.Path),
			show.Printable(n.Type), figure(n.Own), values)
	}
	b.WriteString("\n")
	_ = r.WriteText(&b) // a strings.Builder has no errors
	return b.String()
}

// heaviest is the place whose containers own most themselves, if that is a third of all.
func heaviest(r *report.Report) *report.Node {
	top := r.Top(1, report.ByOwn)
	if len(top) == 0 || r.Total == 0 || top[0].Own < r.Total/3 {
		return nil
	}
	return top[0]
}
