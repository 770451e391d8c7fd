package snapshot

// What lies whole in the window and is of a common form is read by the functions below, which look
// at nothing but its bytes. Each returns the position behind the value, or 0, and then has counted
// nothing: the value needs more care.

// quickValue reads a number or a short text at pos of window.
func quickValue(window []byte, pos int, p *place) int {
	if pos >= len(window) {
		return 0
	}
	size, first := 1, int(window[pos])
	switch {
	case p.op == opNumber:
		if first >= 0x80 {
			size = 257 - first
			if size > 9 || len(window)-pos < size {
				return 0
			}
			p.width = max(p.width, uint8(size-1))
		}
	case p.op == opText && p.lengths.dense != nil && first < denseLengths && len(window)-pos > first:
		p.lengths.dense[first]++
		size += first
	default:
		return 0
	}
	p.count++
	p.own += uint64(size)
	return pos + size
}

// quickCount is the number of elements of a short run at pos of window, whose elements have a
// place; ok tells whether it is one.
func quickCount(window []byte, pos int, p *place) (n int, ok bool) {
	const few = 32
	if pos >= len(window) || p.parts[elemField] == nil {
		return 0, false
	}
	n = int(window[pos])
	if p.kind == wireArray {
		return n, n < few && int64(n) == p.typ.length
	}
	return n, n < few && p.lengths.dense != nil
}

// countRun counts a run of n elements.
func (p *place) countRun(n int) {
	p.count++
	p.own++
	if p.kind != wireArray {
		p.lengths.dense[n]++
	}
}

// quickNumbers reads a short slice or array of numbers.
func quickNumbers(window []byte, pos int, p *place) int {
	n, ok := quickCount(window, pos, p)
	if !ok || len(window)-pos <= 9*n {
		return 0
	}
	at := pos + 1
	var widest int
	for range n {
		b := int(int8(window[at]))
		width := -b & (b >> 8) // 0 for a one-byte number, without a branch
		if width > 8 {
			return 0
		}
		widest = max(widest, width)
		at += width + 1
	}
	p.countRun(n)
	elem := p.parts[elemField]
	elem.count += uint64(n)
	elem.own += uint64(at - pos - 1)
	elem.width = max(elem.width, uint8(widest))
	return at
}

// quickTexts reads a short slice or array of short texts, none of which is among the biggest.
func quickTexts(window []byte, pos int, p *place) int {
	n, ok := quickCount(window, pos, p)
	elem := p.parts[elemField]
	if !ok || elem.lengths.dense == nil {
		return 0
	}
	at := pos + 1
	for range n {
		if at >= len(window) || window[at] >= denseLengths || uint64(window[at]) >= p.floor {
			return 0
		}
		at += int(window[at]) + 1
	}
	if at > len(window) {
		return 0
	}
	p.countRun(n)
	elem.count += uint64(n)
	elem.own += uint64(at - pos - 1)
	for i := pos + 1; i < at; i += int(window[i]) + 1 {
		elem.lengths.dense[window[i]]++
	}
	return at
}

// quickRun reads a short run at p. It reports false, and has counted nothing, where p needs care.
func (s *scanner) quickRun(p *place) bool {
	end := 0
	if s.order.tracing {
		return false
	}
	switch p.op {
	case opNumbers:
		end = quickNumbers(s.buf[:s.lim], s.pos, p)
	case opTexts:
		end = quickTexts(s.buf[:s.lim], s.pos, p)
	}
	if end > 0 {
		s.pos = end
	}
	return end > 0
}

// quickEntries reads entries of the innermost value, a map at p with frame f, as long as they are
// quick to read. It reports true where it has stopped within one, whose key has been read.
func (s *scanner) quickEntries(p *place, f *frame) bool {
	key, elem := p.parts[keyField], p.parts[elemField]
	if key == nil || elem == nil || s.order.tracing {
		return false
	}
	window := s.buf[:s.lim]
	for f.done < f.n {
		start := s.pos
		middle := quickValue(window, start, key)
		if middle == 0 {
			break
		}
		f.done++
		s.pos = middle
		end := quickValue(window, middle, elem)
		if end == 0 {
			f.value = true
			if f.start != untracked {
				f.start = s.base + int64(start)
			}
			return true
		}
		s.pos = end
		if uint64(end-start) > p.floor && f.start != untracked {
			s.noteEntry(p, s.base+int64(start), f.done-1, window[start:min(start+maxRawKey, end)])
		}
	}
	if f.start != untracked {
		f.start = s.offset() // what has been read is noted
	}
	return false
}
