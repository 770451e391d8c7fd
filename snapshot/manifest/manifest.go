// Package manifest writes gob streams that carry the exact Go types of their values, and what
// these held when they were written, in a place that every gob decoder ignores.
//
// The manifest is the name of a type that no value uses ([snapshot.ManifestID]). The stream stays an
// ordinary gob: encoding/gob decodes it as if the manifest were not there, and memsize prices it
// with pointers, widths, tags and unexported fields as they were.
package manifest

import (
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// Manifest is what a stream says of the value that it was written from.
type Manifest struct {
	Layout  *layout.Layout `json:"layout"`
	Figures []Figure       `json:"figures"` // of the live value, by model
	// Aliased is the bytes, under the first model, that the value reaches on more ways than one:
	// the stream has them as often as that.
	Aliased uint64 `json:"aliased"`
}

// Figure is what the live value held under a model, in bytes, beyond the value itself.
type Figure struct {
	Model string      `json:"model"`
	Total uint64      `json:"total"`
	Parts rules.Parts `json:"parts"` // Spare is capacity that the stream does not have
}

// Write writes v to w as a gob with a manifest. v is what gob.Encoder.Encode takes: nothing may
// write to it meanwhile. The manifest is made before anything is written; an error of it (a tag
// that does not fit) or of the encoder or writer is returned.
//
// Each Write begins a stream of its own, as a new gob.Encoder does: read each with a new Decoder.
func Write(w io.Writer, v any) error {
	m, err := Make(v)
	if err != nil {
		return err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := w.Write(message(snapshot.ManifestPrefix + string(text))); err != nil {
		return err
	}
	return gob.NewEncoder(w).Encode(v)
}

// Make is the manifest of a live value. The error is that of a tag that does not fit.
func Make(v any) (*Manifest, error) {
	t := reflect.TypeOf(v)
	if t == nil {
		return nil, errors.New("manifest: nil has no type")
	}
	if err := rules.Check(t); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	l := &layout.Layout{Origin: "the writer", GOARCH: runtime.GOARCH, GoVersion: runtime.Version(),
		Type: rules.TypeOf(t)}
	for _, boxed := range dynamicTypes(v) {
		l.Known = append(l.Known, rules.TypeOf(boxed))
	}
	m := &Manifest{Layout: l}
	for _, model := range []*rules.Model{rules.Core(), rules.Go()} {
		r := memsize.Scan(v, memsize.WithModel(model))
		m.Figures = append(m.Figures, Figure{model.Name(), r.Total, r.Parts})
	}
	once := m.Figures[0].Total
	m.Aliased = memsize.Of(v, memsize.PerReference()) - once
	return m, nil
}

// message is a gob message that defines type ManifestID as a GobEncoder of that name: the id,
// negative, and a wireType{GobEncoderT: &gobEncoderType{CommonType{Name: name, Id: id}}}.
func message(name string) []byte {
	const negativeID, id = (snapshot.ManifestID-1)<<1 | 1, snapshot.ManifestID << 1
	body := appendUint(nil, negativeID)
	body = append(body, 5, 1, 1) // fields: GobEncoderT, CommonType, Name
	body = append(appendUint(body, uint64(len(name))), name...)
	body = appendUint(append(body, 1), id) // field: Id
	body = append(body, 0, 0, 0)           // the ends of three structs
	return append(appendUint(nil, uint64(len(body))), body...)
}

// appendUint appends an unsigned integer as gob has it: a byte below 128, or the negated number of
// bytes and these.
func appendUint(b []byte, n uint64) []byte {
	if n < 128 {
		return append(b, byte(n))
	}
	size := 8
	for n>>(8*(size-1)) == 0 {
		size--
	}
	b = append(b, byte(-size))
	for ; size > 0; size-- {
		b = append(b, byte(n>>(8*(size-1))))
	}
	return b
}
