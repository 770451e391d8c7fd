package snapshot

import (
	"iter"
	"math"
	"reflect"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/saturate"
)

// How a Go allocator packs small blocks depends on the order in which they are made, which counters
// do not show. So the scan keeps a sample of the order of values: windows of the stream in which
// it notes each value, its place and its length. A short stream is noted whole; then, of twice as
// many windows, every second is kept, and so on, evenly over the stream.

const (
	maxNotes    = 1 << 16 // values that are kept
	maxWindows  = 128     // of as many values each
	strideBytes = 128     // from one window to the next, for each value, once there are gaps
	valueBytes  = 16      // that a value takes on the wire, or fewer
	noteCost    = 8       // bytes of a note, with the copies that growing leaves behind
	lengthBits  = 5       // a length is kept up to 31, which stands for more
	maxLength   = 1<<lengthBits - 1
)

// note is a value: the number of its place, and its length.
type note uint32

// window is a stretch of the stream whose values are noted.
type window struct {
	start int64 // offset
	bytes int64 // until the next value that is not noted
	notes int
}

// order is the sample of a scan.
type order struct {
	limit   int   // notes that are kept
	tracing bool  // the values that are read now are noted
	stride  int64 // bytes from window to window; 0 while there are no gaps
	notes   []note
	windows []window
	places  []*place // by number
}

// number gives a place its number. 0 is none's.
func (o *order) number(p *place) {
	if len(o.places) == 0 {
		o.places = append(o.places, nil)
	}
	p.number = uint32(len(o.places))
	o.places = append(o.places, p)
}

// begin begins a window.
func (o *order) begin(offset int64) {
	o.tracing = true
	o.windows = append(o.windows, window{start: offset})
}

// end ends the current window.
func (o *order) end(offset int64) {
	if !o.tracing {
		return
	}
	o.tracing = false
	w := &o.windows[len(o.windows)-1]
	if w.notes > 0 {
		w.bytes = offset - w.start
		return
	}
	o.windows = o.windows[:len(o.windows)-1]
	if last := len(o.windows) - 1; o.stride == 0 && last >= 0 { // the one before goes on to here
		o.windows[last].bytes = offset - o.windows[last].start
	}
}

// thin keeps every second window, until there are few enough notes.
func (o *order) thin() {
	for size := o.windowNotes(); len(o.notes) > o.limit-size; {
		from, to, kept := 0, 0, o.windows[:0]
		for i, w := range o.windows {
			if i%2 == 0 {
				kept = append(kept, w)
				to += copy(o.notes[to:], o.notes[from:from+w.notes])
			}
			from += w.notes
		}
		o.notes, o.windows = o.notes[:to], kept
		o.stride = max(2*o.stride, int64(size)*strideBytes)
	}
}

// expect spreads the windows over a message of n bytes at once, if there is nothing before it to
// speak of and it is too long to be noted whole.
func (o *order) expect(n int64) {
	if o.stride == 0 && n > int64(o.limit)*valueBytes && len(o.notes) < o.limit/2 {
		o.stride = n / maxWindows
	}
}

// windowNotes is how many values a window has.
func (o *order) windowNotes() int { return max(o.limit/maxWindows, 1) }

// note notes a value of n elements at p.
func (s *scanner) note(p *place, n uint64) {
	o := &s.order
	if len(o.notes) == cap(o.notes) {
		o.notes = slices.Grow(o.notes, max(len(o.notes), o.windowNotes()))
	}
	o.notes = append(o.notes, note(p.number<<lengthBits|uint32(min(n, maxLength))))
	w := &o.windows[len(o.windows)-1]
	if w.notes++; w.notes < o.windowNotes() {
		return
	}
	if o.stride == 0 {
		s.charge(int64(w.notes) * noteCost)
	}
	o.end(s.offset())
	o.thin()
	if o.stride == 0 {
		o.begin(s.offset())
		return
	}
	last := o.windows[len(o.windows)-1]
	s.pause(max(s.offset(), last.start+o.stride))
}

// resumeNotes begins a window where the scan has paused.
func (s *scanner) resumeNotes() { s.order.begin(s.offset()) }

// Value is a value of a stream as a sample of their order has it.
type Value struct {
	Site *Site // of the value itself, behind its pointers
	// Len is its length, 0 for numbers and structs. Of what is longer than 30 it is the average of
	// all such at Site, rounded up.
	Len uint64
	// Weight is how many bytes of the stream the value stands for, by each byte of its window.
	Weight float64
	// Gap tells that what came right before is not in the sample.
	Gap bool
}

// Order yields a sample of the stream's values in the order in which they were sent: all of them
// in a short stream, stretches of a longer one. Elements of slices and arrays of numbers are left
// out. It is empty where the order is not known: in a census of an older form.
func (c *Census) Order() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		next, long := 0, make(map[*Site]uint64)
		for i, w := range c.order.windows {
			end := c.Bytes
			if i+1 < len(c.order.windows) {
				end = c.order.windows[i+1].start
			}
			weight := float64(end-w.start) / float64(max(w.bytes, 1))
			gap := w.start > 0
			if i > 0 {
				before := c.order.windows[i-1]
				gap = w.start != before.start+before.bytes
			}
			for _, n := range c.order.notes[next : next+w.notes] {
				s := c.valueSites[c.order.places[n>>lengthBits]]
				if s == nil {
					continue // in a payload that is no gob after all
				}
				length := uint64(n & maxLength)
				if length == maxLength {
					if long[s] == 0 {
						long[s] = s.averageFrom(maxLength)
					}
					length = long[s]
				}
				if !yield(Value{s, length, weight, gap}) {
					return
				}
				gap = false
				if number := c.numbers[s]; number.words != nil && !yield(Value{number.words,
					bigWords(uint64(n&maxLength), number.head, c.word), weight, false}) {
					return
				}
			}
			next += w.notes
		}
	}
}

// averageFrom is the average, rounded up, of the lengths at s that are no less than low; low where
// there are none.
func (s *Site) averageFrom(low uint64) uint64 {
	if s.Type.Kind() == reflect.Array {
		return max(uint64(s.Type.Len()), low)
	}
	var count, sum uint64
	for _, l := range s.Lengths {
		if l.Len >= low {
			count += l.Count
			sum = saturate.Add(sum, saturate.Mul(l.Len, l.Count))
		}
	}
	return max(saturate.Add(sum, max(count, 1)-1)/max(count, 1), low)
}

// noPause is an offset that no scan reaches.
const noPause = math.MaxInt64
