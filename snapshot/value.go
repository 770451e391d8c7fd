package snapshot

// value scans one value at place p, with all that is below it.
func (s *scanner) value(p *place) {
	base := len(s.stack)
	for p != nil {
		if p = s.begin(p); p == nil {
			p = s.resume(base)
		}
	}
}

// resume goes on with the innermost open value until a value inside it is to be scanned, whose
// place it returns, or until all above base are closed.
func (s *scanner) resume(base int) *place {
	for len(s.stack) > base {
		s.closeEqual()
		f := s.top()
		var next *place
		switch f.place.kind {
		case wireStruct:
			next = s.structs(base)
		case wireMap:
			next = s.entries(f.place)
		default:
			next = s.elements(f.place)
		}
		if next != nil {
			s.merge(base)
			return next
		}
		s.pop()
	}
	return nil
}

// structs goes on with the innermost struct, and with those that open inside it one after the
// other, of its own type, until a value of another place is to be scanned or the struct has ended.
func (s *scanner) structs(base int) *place {
	for {
		f := &s.stack[len(s.stack)-1]
		s.inStruct = openStruct{f.place, f.done, true, base}
		next := s.fields(f.place)
		if next == nil {
			return nil
		}
		f = &s.stack[len(s.stack)-1]
		f.done = s.inStruct.done
		if next.fold != f.place || !s.descend(next, f.done, base) {
			s.inStruct.place = nil
			return next
		}
		f.done = 0
	}
}

// descend opens the struct at next, field done-1 of the innermost struct and of its type, if the
// frame below shows that this has just happened: so goes each node of a linked list. The innermost
// frame is then that of the struct that has opened.
func (s *scanner) descend(next *place, done uint64, base int) bool {
	k := len(s.stack) - 1
	if k <= base {
		return false
	}
	f, below := &s.stack[k], &s.stack[k-1]
	if f.place.op != opStruct || below.place != f.place || below.done != done || f.more > 0 ||
		f.deep != next.deep || below.deep != next.deep {
		return false
	}
	below.more++
	next.count++
	f.place.count++
	s.depths.enter(f.deep)
	if s.order.tracing {
		s.note(f.place, 0)
	}
	return true
}

// descendAgain counts n structs that opened at next as one did in descend just before.
func (s *scanner) descendAgain(next *place, n uint64) {
	k := len(s.stack) - 1
	f := &s.stack[k]
	s.stack[k-1].more += n
	next.count += n
	f.place.count += n
	s.depths.open[f.deep] += n
	s.depths.total += n
}

// closeEqual closes structs that have no further fields, as long as they share one frame: the
// tail of a linked list is nothing but zeros.
func (s *scanner) closeEqual() {
	f := &s.stack[len(s.stack)-1]
	if f.more == 0 || f.place.op != opStruct {
		return
	}
	window := s.buf[s.pos:s.lim]
	n := 0
	for n < len(window) && uint64(n) < f.more && window[n] == 0 {
		n++
	}
	s.leave(f.deep, uint64(n))
	f.more -= uint64(n)
	f.place.own += uint64(n)
	s.pos += n
}

// begin counts a value, and reads it whole if it is flat, else its start. For an interface that
// holds a value that is not flat it returns the place of that, which is to be scanned next.
func (s *scanner) begin(p *place) *place {
	k := p.deep
	if p.op == opFold {
		p.count++
		p = p.fold
	}
	if s.order.tracing && p.hasNoLength() {
		s.note(p, 0)
	}
	switch p.op {
	case opNumber:
		s.scanNumber(p)
	case opComplex:
		start := s.offset()
		p.count++
		p.width = max(p.width, s.number(), s.number())
		p.own += uint64(s.offset() - start)
	case opText:
		s.scanText(p)
	case opNumbers:
		s.scanNumbers(p)
	case opTexts:
		s.scanTexts(p)
	case opFlatStruct:
		p.count++
		s.inStruct = openStruct{place: p}
		s.fields(p)
	case opFlatContainer, opPairs:
		if n := s.beginContainer(p); n > 0 {
			s.flatContainer(p, n, k)
		}
	case opStruct:
		p.count++
		s.push(p, 0, k)
	case opContainer:
		if n := s.beginContainer(p); n > 0 {
			s.push(p, n, k)
		}
	case opInterface:
		return s.unbox(p)
	case opOpaque:
		s.opaque(p)
	}
	return nil
}

// flatContainer reads the n elements or entries of a container at p, which are all flat.
func (s *scanner) flatContainer(p *place, n uint64, k deep) {
	s.inStruct.place = nil
	s.push(p, n, k)
	if p.kind == wireMap {
		s.entries(p)
	} else {
		s.elements(p)
	}
	s.pop()
}

// hasNoLength tells whether values at p are numbers or structs.
func (p *place) hasNoLength() bool {
	switch p.op {
	case opNumber, opComplex, opFlatStruct, opStruct:
		return true
	}
	return false
}

// scanNumber reads one bool, int, uint or float.
func (s *scanner) scanNumber(p *place) {
	p.count++
	if s.pos < s.lim && s.buf[s.pos] < 0x80 {
		s.pos++
		p.own++
		return
	}
	width := s.number()
	p.own += uint64(width) + 1
	p.width = max(p.width, width)
}

// scanText reads one string or []byte.
func (s *scanner) scanText(p *place) {
	if s.pos < s.lim && p.lengths.dense != nil && !s.order.tracing {
		n := int(s.buf[s.pos])
		if end := s.pos + 1 + n; n < denseLengths && end <= s.lim {
			p.count++
			p.lengths.dense[n]++
			p.own += uint64(n) + 1
			s.pos = end
			return
		}
	}
	p.count++
	start := s.offset()
	n := s.uint()
	s.checkLength(n, "a string")
	s.addLength(p, n)
	s.skip(n)
	p.own += uint64(s.offset() - start)
}

// addLength counts one container of n elements.
func (s *scanner) addLength(p *place, n uint64) {
	if s.order.tracing {
		s.note(p, n)
	}
	if grown := p.lengths.add(n); grown != 0 {
		s.charge(grown)
	}
}

// beginContainer reads the number of elements of a slice, array or map.
func (s *scanner) beginContainer(p *place) (n uint64) {
	p.count++
	if s.pos < s.lim && s.buf[s.pos] < 0x80 {
		n = uint64(s.buf[s.pos])
		s.pos++
		p.own++
	} else {
		start := s.offset()
		n = s.wideUint()
		p.own += uint64(s.offset() - start)
	}
	if p.kind == wireArray {
		if n != uint64(p.typ.length) {
			s.malformed("%d elements of an array of %d", n, p.typ.length)
		}
		if s.order.tracing {
			s.note(p, n)
		}
		return n
	}
	if n > 1<<62 {
		s.malformed("a container of %d elements", n)
	}
	s.addLength(p, n)
	return n
}

// scanNumbers reads a slice or array of numbers.
func (s *scanner) scanNumbers(p *place) {
	n := s.beginContainer(p)
	if n == 0 {
		return
	}
	elem := s.part(p, elemField)
	s.reading = openRun{p, n, n}
	if n > uint64(max(s.remaining(), 0)) {
		s.malformed("%d elements, but only %d bytes left in the message", n, s.remaining())
	}
	start := s.offset()
	width := s.numbers(n, &s.reading.left)
	elem.count += n
	elem.own += uint64(s.offset() - start)
	elem.width = max(elem.width, width)
	s.reading.place = nil
}

// scanTexts reads a slice or array of strings or byte slices.
func (s *scanner) scanTexts(p *place) {
	n := s.beginContainer(p)
	if n == 0 {
		return
	}
	elem := s.part(p, elemField)
	s.reading = openRun{p, n, n}
	for i := range n {
		s.reading.left = n - i
		if s.remaining() <= 0 {
			s.exhausted(n-i, "elements")
		}
		start := s.offset()
		s.scanText(elem)
		if uint64(s.offset()-start) > p.floor && len(s.stack) < trackedDepth {
			s.noteEntry(p, start, i, nil)
		}
	}
	s.reading.place = nil
}

// exhausted ends the scan because the message has ended although values are still to come. An
// element takes at least a byte, except a struct without its zero at the very end of a message,
// of which there could be any number.
func (s *scanner) exhausted(left uint64, what string) {
	s.malformed("%d more %s are declared, but the message has ended", left, what)
}

// elements goes on with the innermost value, a slice or array at p. Elements that can be are read
// in place.
func (s *scanner) elements(p *place) *place {
	for {
		f := s.innermost() // reading an element may move the stack
		if f.done > 0 && f.start != untracked && uint64(s.offset()-f.start) > p.floor {
			s.noteEntry(p, f.start, f.done-1, nil)
		}
		if f.done == f.n {
			return nil
		}
		if s.remaining() <= 0 {
			s.exhausted(f.n-f.done, "elements")
		}
		f.done++
		if f.start != untracked {
			f.start = s.offset()
		}
		elem := s.part(p, elemField)
		if elem.op > lastInPlace {
			return elem
		}
		if next := s.begin(elem); next != nil {
			return next
		}
	}
}

// entries goes on with the innermost value, a map at p: with the value of the current entry, or
// the key of the next. Keys and values that can be are read in place.
func (s *scanner) entries(p *place) *place {
	f := s.innermost()
	for {
		if !f.value {
			if f.done > 0 && f.start != untracked && uint64(s.offset()-f.start) > p.floor {
				depth := len(s.stack) - 1
				s.noteEntry(p, f.start, f.done-1, s.rawKey(depth, f.start))
			}
			if p.op == opPairs && s.quickEntries(p, f) {
				continue
			}
			if f.done == f.n {
				return nil
			}
			if s.remaining() <= 0 {
				s.exhausted(f.n-f.done, "map entries")
			}
			f.done++
			if f.start != untracked {
				f.start = s.offset()
			}
			f.value = true
			key := s.part(p, keyField)
			if key.op > lastInPlace {
				return key
			}
			if next := s.begin(key); next != nil {
				return next
			}
			if key.op > lastFlat { // it had a frame, for which the stack may have moved
				f = s.innermost()
			}
		}
		f.value = false
		elem := s.part(p, elemField)
		if elem.op > lastInPlace {
			return elem
		}
		if next := s.begin(elem); next != nil {
			return next
		}
		if elem.op > lastFlat {
			f = s.innermost()
		}
	}
}

// innermost is the frame of the innermost open value, until one is opened inside it.
func (s *scanner) innermost() *frame { return &s.stack[len(s.stack)-1] }

// fields goes on with the struct at p, s.inStruct: (delta of the field's number, value)*, 0. It
// reads flat fields in place and returns the first that is not, or nil at the struct's end.
func (s *scanner) fields(p *place) *place {
	for {
		field, ended := s.quickFields(p)
		if field == nil && !ended {
			field = s.field(p)
		}
		switch {
		case field == nil:
			s.inStruct.place = nil
			return nil
		case field.op > lastInPlace:
			return field
		case field.op >= opFlatStruct:
			// The struct is not flat, so it has a frame. What is read may be a struct, too.
			s.stack[len(s.stack)-1].done = s.inStruct.done
			outer := s.inStruct
			next := s.begin(field)
			s.inStruct = outer
			if next != nil {
				return next
			}
		case !s.quickRun(field):
			s.begin(field)
		}
	}
}

// field reads the delta of the next field and returns its place, or nil at the struct's end.
func (s *scanner) field(p *place) *place {
	// encoding/gob lets a struct end with its message.
	if s.pos == s.lim && s.remaining() <= 0 {
		return nil
	}
	before := s.offset()
	delta := s.uint()
	p.own += uint64(s.offset() - before)
	if delta == 0 {
		return nil
	}
	done := s.inStruct.done
	if delta > uint64(len(p.parts)) || done+delta > uint64(len(p.parts)) {
		s.malformed("field %d of a struct of %d fields", done+delta-1, len(p.parts))
	}
	done += delta
	field := s.part(p, int(done-1))
	s.inStruct.done = done
	return field
}

// quickFields reads the most frequent fields: numbers and short texts that lie in the window and
// whose places exist. It returns the first other field, or none where even its delta needs care,
// or reports that the struct has ended.
func (s *scanner) quickFields(p *place) (field *place, ended bool) {
	if s.order.tracing {
		return nil, false
	}
	window, pos, done, own := s.buf[:s.lim], s.pos, s.inStruct.done, uint64(0)
	var chain *place // of nodes that open one after the other
	var link, nodes uint64
	for parts := p.parts; len(window)-pos >= 2; {
		delta := uint64(window[pos])
		if delta == 0 {
			pos++
			own++
			ended = true
			break
		}
		if done+delta > uint64(len(parts)) || parts[done+delta-1] == nil {
			break // a wide number, an error, or a field that no value had yet
		}
		next := parts[done+delta-1]
		pos++
		own++
		done += delta
		size, first := 1, int(window[pos])
		switch {
		case next.op == opNumber:
			if first >= 0x80 {
				size = 257 - first
				if size > 9 || len(window)-pos < size {
					size = 0
				}
				next.width = max(next.width, uint8(max(size, 1)-1))
			}
		case next.op == opText && next.lengths.dense != nil && first < denseLengths &&
			len(window)-pos > first:
			next.lengths.dense[first]++
			size = first + 1
		case next == chain && done == link:
			nodes++
			done = 0
			continue
		case next.fold == p && s.inStruct.framed && s.descend(next, done, s.inStruct.base):
			chain, link = next, done
			done = 0
			continue
		default:
			size = 0
		}
		if size == 0 {
			field = next
			break
		}
		next.count++
		next.own += uint64(size)
		pos += size
	}
	if nodes > 0 {
		s.descendAgain(chain, nodes)
	}
	p.own += own
	s.pos, s.inStruct.done = pos, done
	return field, ended
}
