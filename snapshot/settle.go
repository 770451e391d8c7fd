package snapshot

// settle corrects the counters for the values that were still open when the scan stopped: a
// container counts the elements that it has begun, not those that it has declared, and a struct
// does not count as absent the fields that it had no chance to send.
func (s *scanner) settle() {
	if in := s.inStruct; in.place != nil {
		if in.framed {
			s.stack[len(s.stack)-1].done = in.done
		} else {
			in.place.leaveOpen(in.done, 1)
		}
	}
	for i := range s.stack {
		f := &s.stack[i]
		switch f.place.kind {
		case wireStruct:
			f.place.leaveOpen(f.done, f.more+1)
		case wireMap:
			f.place.claim(f.n, f.more+1)
			f.place.lengths.replace(f.n, f.done, f.more+1)
		case wireSlice:
			f.place.lengths.replace(f.n, f.done, f.more+1)
		}
	}
	if r := s.reading; r.place != nil {
		done := r.n - r.left
		if r.place.kind != wireArray {
			r.place.lengths.replace(r.n, done, 1)
		}
		if elem := r.place.parts[elemField]; elem.kind <= wireFloat {
			elem.count += done
		}
	}
	for _, p := range s.walk(func(*wireType) bool { return true }) {
		p.settleLengths()
		if p.fold != nil {
			p.fold.folded = min(p.fold.folded+p.count, p.fold.count)
		}
	}
}

// settleLengths counts as empty the containers of which the scan has not seen the length.
func (p *place) settleLengths() {
	switch p.kind {
	case wireBytes, wireString, wireSlice, wireMap, wireOpaque:
		if p.fold == nil {
			for counted := p.lengths.total(); counted < p.count; counted++ {
				p.lengths.add(0)
			}
			if f := p.fraction; f != nil && !f.ruledOut && f.parts[0].total() < p.count {
				f.ruleOut() // the scan has ended in the middle of one
			}
		}
	}
}

// claim notes n maps at p that are open, and claim to have so many entries.
func (p *place) claim(entries, n uint64) {
	if p.claimed == nil {
		p.claimed = make(map[uint64]uint64)
	}
	p.claimed[entries] += n
}

// leaveOpen notes n structs at p of which the fields from done on have not been read.
func (p *place) leaveOpen(done, n uint64) {
	if p.open == nil {
		p.open = make(map[int]uint64)
	}
	p.open[int(done)] += n
}

// absent is how many of the structs at p that had got beyond the field were sent without it.
func (p *place) absent(field int) uint64 {
	known := p.count
	for done, n := range p.open {
		if done <= field {
			known -= n
		}
	}
	if q := p.parts[field]; q != nil {
		known -= min(known, q.count-q.folded)
	}
	return known
}

// below lists the places right below p: of an opaque type those of its payloads, if accepted.
func (p *place) below(accepted func(*wireType) bool) []*place {
	switch {
	case p.boxes != nil:
		return p.boxes.order
	case p.payload != nil && !p.payload.rejected && accepted(p.typ):
		return p.payload.values
	}
	var list []*place
	for _, q := range p.parts {
		if q != nil {
			list = append(list, q)
		}
	}
	return list
}

// walk lists all places, parents first.
func (s *scanner) walk(accepted func(*wireType) bool) []*place {
	return walkPlaces(s.roots, accepted)
}

// walkPlaces lists all places from roots on, parents first.
func walkPlaces(roots []*place, accepted func(*wireType) bool) []*place {
	list := append([]*place(nil), roots...)
	for next := 0; next < len(list); next++ {
		list = append(list, list[next].below(accepted)...)
	}
	return list
}

// rejectedPayloads are the opaque types of which not all payloads, at all places, are gobs of
// the same types: a type is one thing everywhere.
func (s *scanner) rejectedPayloads() map[*wireType]bool {
	rejected := make(map[*wireType]bool)
	first := make(map[*wireType]*payload)
	for _, p := range s.walk(func(*wireType) bool { return true }) {
		if p.kind != wireOpaque || p.payload.isOpen() {
			continue
		}
		if first[p.typ] == nil {
			first[p.typ] = p.payload
		}
		if p.payload.rejected || !sameValues(first[p.typ], p.payload) {
			rejected[p.typ] = true
		}
	}
	return rejected
}

// sameValues tells whether two payloads hold values of the same types.
func sameValues(a, b *payload) bool {
	if len(a.values) != len(b.values) {
		return false
	}
	for i := range a.values {
		if a.values[i].typ != b.values[i].typ {
			return false
		}
	}
	return true
}
