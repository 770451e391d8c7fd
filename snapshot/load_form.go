package snapshot

import (
	"fmt"

	"github.com/bitcoin-mem/memsize/internal/jsonstream"
)

// A saved census is read as a stream, for it may be hostile: each value is checked, and the memory
// it takes charged for, before it is kept. The form is that of saved.go.

// maxFew is the most elements of a list beside a site: far more than a histogram has lengths.
const maxFew = 1 << 17

// saved reads a saved census.
func (b *replay) saved(r *jsonstream.Reader) {
	sites := false
	r.Object(func(member string) {
		switch member {
		case "schema":
			if schema := r.Text(maxShown); schema != savedForm {
				r.Stop(fmt.Errorf("it is of version %q, and this program reads %q: use the program "+
					"that wrote it", printable(schema, maxShown), savedForm))
			}
		case "stream":
			b.stream(readStream(r))
		case "types":
			r.List(func(int) { b.typ(b.readType(r)) })
		case "sites":
			sites = true
			r.List(func(int) { b.site(readSite(r)) })
		case "sample": // it was "order", of shorter lengths, in an older form
			b.order(readOrder(r), b.scan.base-b.base)
		default:
			r.Skip()
		}
	})
	b.check(b.streamed && (sites || b.scan.values == 0), "it lacks a stream or sites")
}

// readStream reads what is known of the stream as a whole.
func readStream(r *jsonstream.Reader) (s savedStream) {
	r.Object(func(member string) {
		switch member {
		case "input_bytes":
			s.InputBytes = r.Int()
		case "bytes":
			s.Bytes = r.Int()
		case "compression":
			s.Compression = r.Text(maxShown)
		case "messages":
			s.Messages = r.Uint()
		case "largest_message":
			s.Largest = r.Uint()
		case "next_largest_message":
			s.NextLargest = r.Uint()
		case "largest_payload":
			s.Payload = r.Uint()
		case "deepest":
			s.Deepest = readDepth(r)
		case "values":
			s.Values = r.Uint()
		case "encoders":
			s.Encoders = r.Uint()
		case "biggest":
			s.Biggest = r.Count(maxFew)
		case "manifest":
			s.Manifest = r.Text(maxManifest)
		case "warnings":
			readFew(r, maxWarnings, &s.Warnings, readWarning)
		case "error":
			s.Error = readError(r)
		default:
			r.Skip()
		}
	})
	return s
}

// readFew reads a list of at most so many elements.
func readFew[T any](r *jsonstream.Reader, most int, list *[]T, read func(*jsonstream.Reader) T) {
	r.List(func(i int) {
		if i == most {
			r.Fail("a list of more than %d", most)
		}
		*list = append(*list, read(r))
	})
}

func readDepth(r *jsonstream.Reader) (d Depth) {
	r.Object(func(member string) {
		counts := map[string]*uint64{"structs": &d.Structs, "lists": &d.Lists, "maps": &d.Maps,
			"boxes": &d.Boxes, "singles": &d.Singles}
		if counts[member] == nil {
			r.Skip()
			return
		}
		*counts[member] = r.Uint()
	})
	return d
}

func readWarning(r *jsonstream.Reader) (w Warning) {
	r.Object(func(member string) {
		switch member {
		case "offset":
			w.Offset = r.Int()
		case "message":
			w.Message = r.Uint()
		case "text":
			w.Text = r.Text(4 * maxName)
		default:
			r.Skip()
		}
	})
	return w
}

func readError(r *jsonstream.Reader) *savedError {
	e := &savedError{}
	r.Object(func(member string) {
		switch member {
		case "offset":
			e.Offset = r.Int()
		case "message":
			e.Message = r.Uint()
		case "what":
			e.What = r.Text(4 * maxName)
		case "advice":
			e.Advice = r.Text(4 * maxName)
		case "cause":
			e.Cause = r.Text(maxShown)
		default:
			r.Skip()
		}
	})
	return e
}

// maxSavedName is the most bytes of a name: its start and a hash, each byte in quotes.
const maxSavedName = 4*maxName + 64

// readType reads a type. The memory of its fields is charged for before they are kept.
func (b *replay) readType(r *jsonstream.Reader) (t savedType) {
	r.Object(func(member string) {
		switch member {
		case "kind":
			t.Kind = r.Text(maxShown)
		case "name":
			t.Name = r.Text(maxSavedName)
		case "boxed":
			t.Boxed = r.Text(maxSavedName)
		case "opaque":
			t.Opaque = r.Text(maxShown)
		case "len":
			t.Len = r.Int()
		case "key":
			t.Key = r.Count(maxTypes)
		case "elem":
			t.Elem = r.Count(maxTypes)
		case "fields":
			r.List(func(int) {
				f := readField(r)
				b.scan.chargeStream(fieldCost + int64(len(f.Name)))
				t.Fields = append(t.Fields, f)
			})
		default:
			r.Skip()
		}
	})
	return t
}

// maxTypes is more types than any census within its memory has.
const maxTypes = 1 << 24

func readField(r *jsonstream.Reader) (f savedField) {
	r.Object(func(member string) {
		switch member {
		case "name":
			f.Name = r.Text(maxSavedName)
		case "type":
			f.Type = r.Count(maxTypes)
		default:
			r.Skip()
		}
	})
	return f
}

// readSite reads a site.
func readSite(r *jsonstream.Reader) (s savedSite) {
	r.Object(func(member string) {
		switch member {
		case "parent":
			s.Parent = r.Count(maxTypes)
		case "part":
			s.Part = r.Count(maxTypes)
		case "type":
			s.Type = r.Count(maxTypes)
		case "name":
			s.Name = r.Text(maxSavedName)
		case "fold":
			s.Fold = r.Bool()
		case "count":
			s.Count = r.Uint()
		case "nil":
			s.Nil = r.Uint()
		case "own":
			s.Own = r.Uint()
		case "width":
			s.Width = uint8(r.Count(8))
		case "lengths":
			readFew(r, maxFew, &s.Lengths, readPair)
		case "groups":
			readFew(r, maxFew, &s.Groups, readGroup)
		case "open":
			readFew(r, maxFew, &s.Open, readPair)
		case "claimed":
			readFew(r, maxFew, &s.Claimed, readPair)
		case "rejected":
			s.Rejected = r.Bool()
		case "payload":
			readFew(r, maxFew, &s.Payload, func(r *jsonstream.Reader) int { return r.Count(maxTypes) })
		case "fraction":
			readFew(r, 2, &s.Fraction, readLengths)
		case "biggest":
			readFew(r, maxFew, &s.Biggest, readEntry)
		default:
			r.Skip()
		}
	})
	return s
}

func readPair(r *jsonstream.Reader) (pair [2]uint64) {
	r.Tuple(pair[:])
	return pair
}

func readGroup(r *jsonstream.Reader) (g [3]uint64) {
	r.Tuple(g[:])
	return g
}

func readLengths(r *jsonstream.Reader) (l savedLengths) {
	r.Object(func(member string) {
		switch member {
		case "lengths":
			readFew(r, maxFew, &l.Lengths, readPair)
		case "groups":
			readFew(r, maxFew, &l.Groups, readGroup)
		default:
			r.Skip()
		}
	})
	return l
}

func readEntry(r *jsonstream.Reader) (e Entry) {
	r.Object(func(member string) {
		switch member {
		case "key":
			e.Key = r.Text(maxKey)
		case "bytes":
			e.Bytes = r.Uint()
		case "offset":
			e.Offset = r.Int()
		default:
			r.Skip()
		}
	})
	return e
}

// readOrder reads the sample of the order of values.
func readOrder(r *jsonstream.Reader) (o savedOrder) {
	r.Object(func(member string) {
		switch member {
		case "windows":
			readFew(r, maxNotes, &o.Windows, func(r *jsonstream.Reader) (w [3]int64) {
				var n [3]uint64
				r.Tuple(n[:])
				for i := range n {
					w[i] = int64(min(n[i], most))
				}
				return w
			})
		case "values":
			packed := r.Text(2 * maxNotes * 5)
			if err := o.Values.unpack(packed); err != nil {
				r.Stop(err)
			}
		default:
			r.Skip()
		}
	})
	return o
}
