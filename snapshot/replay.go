package snapshot

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// replay counts again what saved censuses have counted, in a scanner that reads nothing: types
// are recognised, places found or made, limits kept by the scan's own code. Several censuses
// replayed one after the other are their streams read one after the other.
type replay struct {
	scan        *scanner
	inputBytes  int64
	compression string
	err         *Error // the first that a scan ended with
	streams     int

	// of the census that is being replayed
	streamed bool
	base     int64  // bytes of the streams before
	messages uint64 // messages of the streams before
	ids      []int64
	sites    []*place
	linked   bool
}

// most is the most that a census may count of anything: sums of two such cannot overflow.
const most = 1 << 62

// mostDeep is more values than are ever open inside each other, and few enough to be multiplied.
const mostDeep = 1 << 48

// mixed is the Compression of a census of streams that differ in it.
const mixed = "mixed"

// try calls f and returns what stopped it.
func (b *replay) try(f func() error) (err error) {
	if stop := b.scan.stopped(func() { err = f() }); stop != nil {
		return stop
	}
	return err
}

// check stops the replay unless ok.
func (b *replay) check(ok bool, format string, args ...any) {
	if !ok {
		b.scan.malformed(format, args...)
	}
}

// interrupt stops the replay if the caller has cancelled it.
func (b *replay) interrupt() {
	if err := b.scan.ctx.Err(); err != nil {
		b.scan.stop(err, "interrupted")
	}
}

// add adds n to a counter of the scan.
func (b *replay) add(counter *uint64, n uint64) {
	b.check(n <= most && *counter+n <= most, "it counts more than 2^62 of something")
	*counter += n
}

// next begins another census.
func (b *replay) next() {
	s := b.scan
	s.memory -= s.stream.charged
	s.stream, s.comparisons = s.nextStream(), 0
	b.streamed, b.linked = false, false
	b.ids, b.sites = nil, nil
}

// stream takes what is known of a stream as a whole.
func (b *replay) stream(saved savedStream) {
	b.check(!b.streamed, "it has two streams")
	b.check(saved.Bytes >= 0 && saved.Bytes <= most && saved.InputBytes >= 0 &&
		saved.InputBytes <= most && saved.Biggest >= 0, "its stream has a negative size, or a huge one")
	known := []string{"", "gzip", "zstd", "zlib", mixed}
	b.check(slices.Contains(known, saved.Compression), "its compression is not known")
	s := b.scan
	b.streamed, b.base, b.messages = true, s.base, s.messages
	b.check(s.base+saved.Bytes <= most && b.inputBytes+saved.InputBytes <= most, "it is too long")
	s.base += saved.Bytes
	b.inputBytes += saved.InputBytes
	b.add(&s.messages, saved.Messages)
	b.add(&s.values, saved.Values)
	s.noteMessage(saved.Largest)
	s.noteMessage(saved.NextLargest)
	s.largestPayload = max(s.largestPayload, saved.Payload)
	d := saved.Deepest
	b.check(max(d.Structs, d.Lists, d.Maps, d.Boxes, d.Singles) <= mostDeep, "its values nest too deep")
	if d.Values() > s.deepestSaved.Values() {
		s.deepestSaved = d
	}
	b.add(&s.encoders, saved.Encoders)
	if b.streams == 0 {
		b.compression = saved.Compression
		if s.biggest > 0 { // else none are asked for, whatever was saved
			s.biggest = saved.Biggest
		}
	} else if b.compression != saved.Compression {
		b.compression = mixed
	}
	s.biggest = min(s.biggest, saved.Biggest)
	if b.streams++; s.manifest == nil && saved.Manifest != "" {
		s.manifest = []byte(saved.Manifest) // the first of several, as in a scan
	}
	for _, w := range saved.Warnings {
		if len(s.warnings) < maxWarnings {
			text := printable(w.Text, maxName)
			s.warnings = append(s.warnings, Warning{b.base + w.Offset, b.messages + w.Message, text})
		}
	}
	if saved.Error != nil && b.err == nil {
		b.err = saved.Error.restore()
		b.err.Offset += b.base
		b.err.Message += b.messages
	}
}

// typ takes the next type. Its number is known from its place; the types that it refers to may
// be yet to come, as in a stream.
func (b *replay) typ(saved savedType) {
	s, kind := b.scan, kindsByName[saved.Kind]
	b.check(kind != 0, "type %d is of kind %q, which there is not", len(b.ids)+1,
		printable(saved.Kind, maxShown))
	b.check(b.sites == nil, "types stand behind sites")
	if kind < wireArray {
		b.check(!slices.Contains(b.ids, int64(kind)), "there are two types %s", saved.Kind)
		b.ids = append(b.ids, int64(kind))
		return
	}
	b.interrupt()
	s.chargeStream(256 + int64(len(saved.Name)+len(saved.Boxed)))
	t := &wireType{kind: kind, name: b.name(saved.Name), boxed: b.name(saved.Boxed),
		length: saved.Len, opaque: saved.Opaque}
	switch kind {
	case wireArray, wireSlice:
		t.fields = []wireField{{id: int64(saved.Elem)}}
	case wireMap:
		t.fields = []wireField{elemField: {id: int64(saved.Elem)}, keyField: {id: int64(saved.Key)}}
	case wireStruct:
		for _, f := range saved.Fields {
			b.check(f.Name != "", "type %d has a field without a name", len(b.ids)+1)
			t.fields = append(t.fields, wireField{name: b.name(f.Name), id: int64(f.Type)})
		}
	}
	methods := []string{"GobEncoder", "BinaryMarshaler", "TextMarshaler"}
	b.check(saved.Len >= 0 && saved.Len <= math.MaxInt && (saved.Len == 0 || kind == wireArray) &&
		slices.Contains(methods, saved.Opaque) == (kind == wireOpaque),
		"type %d is not a good %s", len(b.ids)+1, saved.Kind)
	b.ids = append(b.ids, firstUserID+int64(len(b.ids)))
	s.stream.types.set(b.ids[len(b.ids)-1], t)
}

// name is a name as the stream had it.
func (b *replay) name(saved string) string {
	if strings.HasPrefix(saved, `"`) {
		name, err := strconv.Unquote(saved)
		b.check(err == nil, "a name has bad quotes: %s", printable(saved, maxShown))
		saved = name
	}
	b.check(len(saved) <= maxName+32, "a name of %d bytes", len(saved))
	return saved
}

// link gives the types their ids, now that all are known.
func (b *replay) link() {
	b.linked = true
	for _, id := range b.ids {
		if id < firstUserID {
			continue
		}
		t := b.scan.stream.types.get(id)
		for i := range t.fields {
			number := t.fields[i].id
			b.check(number >= 0 && number <= int64(len(b.ids)), "there is no type %d", number)
			t.fields[i].id = math.MaxInt64 // never defined
			if number > 0 {
				t.fields[i].id = b.ids[number-1]
			}
		}
	}
}

// site takes the next site.
func (b *replay) site(saved savedSite) {
	if !b.linked {
		b.link()
	}
	b.interrupt()
	number := len(b.sites) + 1
	b.check(saved.Type > 0 && saved.Type <= len(b.ids), "site %d has no type", number)
	b.check(saved.Parent >= 0 && saved.Parent < number, "site %d stands before its parent", number)
	t := b.scan.link(b.scan.stream.types.get(b.ids[saved.Type-1]))
	var p *place
	if saved.Parent == 0 {
		p = b.scan.root(t)
	} else if parent := b.sites[saved.Parent-1]; parent != nil {
		p = b.below(parent, saved, t)
	}
	b.scan.charge(8)
	b.sites = append(b.sites, p)
	if p != nil { // else of payloads that are no gobs after all
		b.check(p.typ == t, "site %d is not of its parent's type", number)
		b.check(p.census != int32(b.streams), "site %d has been counted already", number)
		p.census = int32(b.streams)
		b.count(p, saved, number)
	}
}

// below is the place of a saved site below parent; nil for one that is not to be counted.
func (b *replay) below(parent *place, saved savedSite, t *wireType) *place {
	if parent.fold != nil {
		parent = parent.fold
	}
	switch parent.kind {
	case wireInterface:
		name := b.name(saved.Name)
		b.check(name != "" && len(name) <= maxTypeName, "the name of a type has %d bytes", len(name))
		return b.scan.box(parent, []byte(name), t)
	case wireOpaque:
		if parent.payload == nil || parent.payload.rejected {
			return nil
		}
		values := parent.payload.values
		b.check(saved.Part >= 0 && saved.Part < len(values), "a payload has no value %d", saved.Part)
		return values[saved.Part]
	}
	b.check(saved.Part >= 0 && saved.Part < len(parent.parts), "part %d of a %s that has %d",
		saved.Part, kindNames[parent.kind], len(parent.parts))
	return b.scan.part(parent, saved.Part)
}

// count adds what a saved site has counted to place p.
func (b *replay) count(p *place, saved savedSite, number int) {
	b.add(&p.count, saved.Count)
	if p.fold != nil && !saved.Fold { // two of its types, then different, are now known as one
		p = p.fold
		b.add(&p.count, saved.Count)
	}
	b.check(saved.Fold == (p.fold != nil), "site %d does not recur, or should", number)
	if saved.Fold {
		return
	}
	b.check(saved.Nil <= saved.Count && (saved.Nil == 0 || p.kind == wireInterface),
		"site %d has more nils than values", number)
	b.add(&p.null, saved.Nil)
	b.add(&p.own, saved.Own)
	p.width = max(p.width, saved.Width)
	b.lengths(p, saved, number)
	b.open(p, saved, number)
	if p.kind == wireOpaque {
		b.payload(p, saved)
		b.fraction(p, saved, number)
	}
	b.entries(p, saved, number)
}

// lengths adds the histogram. It must have every container of the site: the scan's end has
// settled those that were open.
func (b *replay) lengths(p *place, saved savedSite, number int) {
	count := b.histogram(&p.lengths, savedLengths{saved.Lengths, saved.Groups}, number)
	hasLengths := false
	switch p.kind {
	case wireBytes, wireString, wireSlice, wireMap, wireOpaque:
		hasLengths = true
	}
	b.check(count == saved.Count || count == 0 && !hasLengths,
		"site %d has %d values, and %d lengths", number, saved.Count, count)
	b.check(count == 0 || hasLengths, "site %d is of a kind that has no lengths", number)
}

// histogram adds a saved histogram to h, and returns how many lengths it has.
func (b *replay) histogram(h *histogram, saved savedLengths, number int) (count uint64) {
	var sum uint64
	total := func(n, times uint64) {
		b.check(times <= most && n <= most && (times == 0 || n <= most/times), "lengths beyond 2^62")
		b.add(&count, times)
		b.add(&sum, n*times)
	}
	for i, l := range saved.Lengths {
		b.check(l[1] > 0 && (i == 0 || l[0] > saved.Lengths[i-1][0]), "site %d has lengths out of order", number)
		total(l[0], l[1])
		b.scan.charge(h.addMany(l[0], l[1]))
	}
	for at, g := range saved.Groups {
		i, times, all := g[0], g[1], g[2]
		b.check((at == 0 || i > saved.Groups[at-1][0]) && times > 0 && times <= most && all <= most &&
			all/times >= firstGroup && uint64(groupOf(all/times)) == i, "site %d has a bad group of lengths", number)
		b.add(&count, times)
		b.add(&sum, all)
		b.scan.charge(h.addToGroup(int(i), times, all))
	}
	b.check(h.sum() <= most, "lengths that add up to more than 2^62")
	return count
}

// fraction takes what is known of payloads that look like those of a big.Rat.
func (b *replay) fraction(p *place, saved savedSite, number int) {
	if p.fraction == nil {
		p.fraction = &fraction{}
		b.scan.charge(fractionCost)
	}
	if len(saved.Fraction) == 0 && saved.Count > 0 {
		p.fraction.ruleOut()
	}
	if p.fraction.ruledOut {
		return
	}
	for i, l := range saved.Fraction {
		count := b.histogram(&p.fraction.parts[i], l, number)
		b.check(count == saved.Count, "site %d has %d values, and %d fractions", number, saved.Count, count)
	}
	b.check(len(saved.Fraction) != 1, "site %d has half a fraction", number)
}

// open adds the structs and maps that the scan's end left open.
func (b *replay) open(p *place, saved savedSite, number int) {
	var sum uint64
	for _, o := range saved.Open {
		b.add(&sum, o[1])
		b.check(p.kind == wireStruct && o[0] <= uint64(len(p.parts)) && sum <= saved.Count,
			"site %d has more open values than values", number)
		p.leaveOpen(o[0], o[1])
	}
	sum = 0
	for _, c := range saved.Claimed {
		b.add(&sum, c[1])
		b.check(p.kind == wireMap && c[0] <= most && sum <= saved.Count,
			"site %d has more open maps than maps", number)
		b.scan.charge(sparseCost)
		p.claim(c[0], c[1])
	}
}

// payload takes what is known of the payloads at p. As in a scan, payloads of which some differ
// from those before are no gobs.
func (b *replay) payload(p *place, saved savedSite) {
	var types []*wireType
	for _, number := range saved.Payload {
		b.check(number > 0 && number <= len(b.ids), "a payload without a type")
		b.scan.charge(8)
		types = append(types, b.scan.link(b.scan.stream.types.get(b.ids[number-1])))
	}
	known := p.payload
	switch {
	case !saved.Rejected && len(types) == 0:
	case saved.Rejected || !known.isOpen() && !slices.EqualFunc(known.values, types, (*place).isOf):
		p.payload = &payload{rejected: true}
	case known.isOpen():
		p.payload = &payload{}
		for i, t := range types {
			p.payload.values = append(p.payload.values, b.scan.newPlace(p, t, i, payloadStep))
		}
	}
}

// entries takes the biggest entries among those that are known. Of equal ones the first stay.
func (b *replay) entries(p *place, saved savedSite, number int) {
	if len(saved.Biggest) == 0 {
		return
	}
	if p.biggest == nil {
		p.biggest = &biggest{}
	}
	for _, e := range saved.Biggest {
		b.check(e.Offset >= 0 && e.Bytes <= most && e.Key != "" &&
			!strings.ContainsFunc(e.Key, func(r rune) bool { return !unicode.IsPrint(r) }),
			"site %d has a bad entry", number)
		b.scan.charge(entryCost + int64(max(len(e.Key)-maxRawKey, 0)))
		p.biggest.entries = append(p.biggest.sorted(),
			rawEntry{bytes: e.Bytes, offset: b.base + e.Offset, text: e.Key})
	}
	p.cutBiggest(b.scan.biggest)
}

// cutBiggest keeps the limit largest entries.
func (p *place) cutBiggest(limit int) {
	if p.biggest == nil {
		return
	}
	list := p.biggest.sorted()
	slices.SortStableFunc(list, func(x, y rawEntry) int { return cmp.Compare(y.bytes, x.bytes) })
	p.biggest.entries = list[:min(limit, len(list))]
}

// done makes the census of all that was replayed.
func (b *replay) done() (*Census, error) {
	s := b.scan
	for _, p := range s.walk(func(*wireType) bool { return true }) {
		p.cutBiggest(s.biggest)
	}
	c := s.census()
	c.InputBytes, c.Compression = b.inputBytes, b.compression
	if b.err == nil {
		return c, nil
	}
	c.Incomplete, c.Err = true, b.err
	return c, b.err
}

// isOf tells whether p is a place of values of type t.
func (p *place) isOf(t *wireType) bool { return p.typ == t }
