package snapshot

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"sync"
)

// savedOrder is the sample of the order of values.
type savedOrder struct {
	Windows [][3]int64  `json:"windows"` // offset, bytes, values
	Values  savedValues `json:"values"`
}

// savedValues are values, each the number of its site, 0 for none, and its length in the lowest
// lengthBits bits. In JSON they are numbers as encoding/binary's Uvarint has them, compressed by
// DEFLATE, in base64.
type savedValues []uint64

// deflaters are kept, for to make one takes longer than to pack what most files have.
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestCompression)
	if err != nil {
		panic(err) // the level is one that there is
	}
	return w
}}

// MarshalJSON packs the values.
func (v savedValues) MarshalJSON() ([]byte, error) {
	var packed bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&packed)
	var raw []byte
	for _, n := range v {
		raw = binary.AppendUvarint(raw, n)
	}
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(packed.Bytes()))
}

// unpack unpacks values, no more than a scan keeps.
func (v *savedValues) unpack(encoded string) error {
	packed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return err
	}
	const most = maxNotes * 5 // bytes: a number has 32 bits
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), most+1))
	if err != nil || len(raw) > most {
		return errors.Join(errors.New("a bad sample of the order of values"), err)
	}
	*v = nil
	for len(raw) > 0 {
		n, size := binary.Uvarint(raw)
		if size <= 0 || len(*v) == maxNotes {
			return errors.New("a bad sample of the order of values")
		}
		*v, raw = append(*v, n), raw[size:]
	}
	return nil
}

// save is the saved form of the sample; at is the numbers of sites.
func (o *order) save(at map[*place]int) (saved savedOrder) {
	for _, w := range o.windows {
		saved.Windows = append(saved.Windows, [3]int64{w.start, w.bytes, int64(w.notes)})
	}
	for _, n := range o.notes {
		site := at[o.places[n>>lengthBits]]
		saved.Values = append(saved.Values, uint64(site)<<lengthBits|uint64(n&maxLength))
	}
	return saved
}

// order takes the sample of a census among what is known.
func (b *replay) order(saved savedOrder, bytes int64) {
	o := &b.scan.order
	end, next := int64(0), 0
	for _, w := range saved.Windows {
		b.check(w[0] >= end && w[1] >= 0 && w[1] <= bytes-w[0], "a sample beyond the stream")
		b.check(w[2] > 0 && w[2] <= int64(o.windowNotes()) && next+int(w[2]) <= len(saved.Values),
			"a sample that is not what it says")
		end, next = w[0]+w[1], next+int(w[2])
		o.windows = append(o.windows, window{start: b.base + w[0], bytes: w[1], notes: int(w[2])})
	}
	b.check(next == len(saved.Values), "a sample that is not what it says")
	for _, v := range saved.Values {
		site := v >> lengthBits
		b.check(site <= uint64(len(b.sites)), "a sample of a site that there is not")
		n := note(v & maxLength)
		if site > 0 && b.sites[site-1] != nil {
			n |= note(b.sites[site-1].number << lengthBits)
		}
		b.scan.charge(noteCost)
		o.notes = append(o.notes, n)
	}
	if len(o.notes) > o.limit { // a scan may end in a window that is not full, beyond where it thins
		o.thin()
	}
}
