package snapshot

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Save writes the census as JSON of the form "memsize-census/1", one type or site to a line, in
// stream order: equal censuses give equal bytes. [Scan] reads it back. All figures of the stream
// are kept, its values are not, but for the keys of the biggest entries. The error is the
// writer's, or says that the census was not made by this package.
func (c *Census) Save(w io.Writer) error {
	if len(c.places) == 0 && len(c.Roots) > 0 {
		return errors.New("snapshot: only a census made by Scan or Merge can be saved")
	}
	out := bufio.NewWriter(w)
	types, sites, order := c.record()
	fmt.Fprintf(out, "{\"schema\":%q,\n\"stream\":%s,\n\"types\":[", savedForm, line(c.stream()))
	writeLines(out, types)
	fmt.Fprint(out, "],\n\"sites\":[")
	writeLines(out, sites)
	fmt.Fprint(out, "]")
	if len(order.Windows) > 0 {
		fmt.Fprintf(out, ",\n\"sample\":%s", line(order))
	}
	fmt.Fprint(out, "}\n")
	return out.Flush()
}

// writeLines writes the elements of a JSON array.
func writeLines[T any](w io.Writer, list []T) {
	for i, x := range list {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, "\n%s", line(x))
	}
}

// line is x in JSON. The saved forms are plain data, which always has one.
func line(x any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(x); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// causes are what an Error wraps, by the name that a saved census has for it.
var causes = map[string]error{
	"format": ErrFormat, "limit": ErrLimit, "end": io.ErrUnexpectedEOF,
	"canceled": context.Canceled, "deadline": context.DeadlineExceeded,
}

// readFailed is the cause of an Error that none of causes is.
const readFailed = "read"

// stream is the saved form of what is known of the stream as a whole.
func (c *Census) stream() savedStream {
	s := savedStream{
		InputBytes: c.InputBytes, Bytes: c.Bytes, Compression: c.Compression,
		Messages: c.Messages, Values: c.Values, Encoders: c.Encoders, Biggest: c.biggest,
		Manifest: string(c.Manifest), Largest: c.LargestMessage, Warnings: c.Warnings,
		NextLargest: c.NextLargest, Payload: c.LargestPayload, Deepest: c.Deepest,
	}
	if e := c.Err; e != nil {
		s.Error = &savedError{e.Offset, e.Message, e.What, e.Advice, readFailed}
		for name, cause := range causes {
			if errors.Is(e, cause) {
				s.Error.Cause = name
			}
		}
	}
	return s
}

// record is the saved form of the types, the places and the order of values.
func (c *Census) record() (types []savedType, sites []savedSite, order savedOrder) {
	places := walkPlaces(c.places, func(*wireType) bool { return true })
	number, known := numberTypes(places)
	for _, t := range known {
		types = append(types, saveType(t, number))
	}
	at := make(map[*place]int, len(places))
	for i, p := range places {
		at[p] = i + 1
		sites = append(sites, p.save(at[p.parent], number))
	}
	return types, sites, c.order.save(at)
}

// numberTypes numbers the types of places and all that they refer to, from 1.
func numberTypes(places []*place) (number map[*wireType]int, order []*wireType) {
	number = make(map[*wireType]int)
	note := func(t *wireType) {
		if t != nil && number[t] == 0 {
			order = append(order, t)
			number[t] = len(order)
		}
	}
	for _, p := range places {
		note(p.typ)
	}
	for next := 0; next < len(order); next++ {
		for _, f := range order[next].fields {
			note(f.typ)
		}
	}
	return number, order
}

func saveType(t *wireType, number map[*wireType]int) savedType {
	s := savedType{
		Kind: kindNames[t.kind], Name: saveName(t.name), Boxed: saveName(t.boxed), Opaque: t.opaque,
		Len: t.length,
	}
	if t.kind != wireStruct && len(t.fields) > elemField {
		s.Elem = number[t.fields[elemField].typ]
	}
	switch t.kind {
	case wireMap:
		s.Key = number[t.fields[keyField].typ]
	case wireStruct:
		for _, f := range t.fields {
			s.Fields = append(s.Fields, savedField{saveName(f.name), number[f.typ]})
		}
	}
	return s
}

// saveName makes a name of the stream, which can be any bytes, text that JSON keeps: as it is, or
// quoted as in Go where it is not UTF-8, or begins like one that is quoted.
func saveName(name string) string {
	if utf8.ValidString(name) && !strings.HasPrefix(name, `"`) {
		return name
	}
	return strconv.QuoteToASCII(name)
}

// savedLength is about the bytes of a name's saved form, and no fewer than those of the name.
func savedLength(name string) (n int64) {
	for i := range len(name) {
		n++
		if b := name[i]; b < ' ' || b >= 0x80 || b == '"' || b == '\\' {
			n += 5
		}
	}
	return n
}

// save is the saved form of a place.
func (p *place) save(parent int, number map[*wireType]int) savedSite {
	s := savedSite{
		Parent: parent, Part: max(int(p.field), 0), Type: number[p.typ], Fold: p.fold != nil,
		Count: p.count,
	}
	if p.parent != nil && p.parent.boxes != nil {
		s.Name = saveName(p.parent.boxes.names[p.field])
	}
	if s.Fold {
		return s
	}
	s.Nil, s.Own, s.Width = p.null, p.own, p.width
	s.Lengths, s.Groups = p.lengths.save()
	for _, done := range slices.Sorted(maps.Keys(p.open)) {
		s.Open = append(s.Open, [2]uint64{uint64(done), p.open[done]})
	}
	for _, entries := range slices.Sorted(maps.Keys(p.claimed)) {
		s.Claimed = append(s.Claimed, [2]uint64{entries, p.claimed[entries]})
	}
	if p.payload != nil {
		s.Rejected = p.payload.rejected
		for _, q := range p.payload.values {
			s.Payload = append(s.Payload, number[q.typ])
		}
	}
	if f := p.fraction; f != nil && !f.ruledOut {
		for i := range f.parts {
			lengths, groups := f.parts[i].save()
			s.Fraction = append(s.Fraction, savedLengths{lengths, groups})
		}
	}
	if p.biggest != nil {
		for _, e := range p.biggest.sorted() {
			s.Biggest = append(s.Biggest, e.entry(p))
		}
	}
	return s
}

// save lists the exact lengths with their counts, and the groups with counts and sums.
func (h *histogram) save() (lengths [][2]uint64, groups [][3]uint64) {
	for n, count := range h.sparse {
		lengths = append(lengths, [2]uint64{n, count})
	}
	if h.dense != nil {
		for n, count := range h.dense {
			if count > 0 {
				lengths = append(lengths, [2]uint64{uint64(n), count})
			}
		}
	}
	slices.SortFunc(lengths, func(a, b [2]uint64) int { return cmp.Compare(a[0], b[0]) })
	for _, i := range slices.Sorted(maps.Keys(h.groups)) {
		if g := h.groups[i]; g.count > 0 {
			groups = append(groups, [3]uint64{uint64(i), g.count, g.sum})
		}
	}
	return lengths, groups
}
