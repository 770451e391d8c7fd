package manifest

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/bitcoin-mem/memsize/internal/jsonstream"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// Limits of what Parse accepts.
const (
	maxFigures = 64
	maxModel   = 64 // bytes of a model's name
)

// Parse reads the manifest of a census ([snapshot.Census.Manifest]). It trusts nothing in it: memory
// is bounded, and tags that do not fit their fields are refused. The error says what is wrong, and
// at which byte.
func Parse(text []byte) (*Manifest, error) {
	m := &Manifest{}
	var l []byte
	err := jsonstream.Read(bytes.NewReader(text), func(r *jsonstream.Reader) {
		r.Object(func(member string) {
			switch member {
			case "layout":
				start := r.Offset()
				r.Skip()
				l = text[start:r.Offset()]
			case "figures":
				r.List(func(i int) {
					if i == maxFigures {
						r.Fail("more than %d figures", maxFigures)
					}
					m.Figures = append(m.Figures, readFigure(r))
				})
			case "aliased":
				m.Aliased = r.Uint()
			default:
				r.Skip()
			}
		})
	})
	if err == nil && l == nil {
		err = errors.New("it has no layout")
	}
	if err == nil {
		m.Layout, err = layout.Parse(l)
	}
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return m, nil
}

func readFigure(r *jsonstream.Reader) (f Figure) {
	r.Object(func(member string) {
		switch member {
		case "model":
			f.Model = r.Text(maxModel)
		case "total":
			f.Total = r.Uint()
		case "parts":
			f.Parts = readParts(r)
		default:
			r.Skip()
		}
	})
	return f
}

func readParts(r *jsonstream.Reader) (p rules.Parts) {
	r.Object(func(member string) {
		parts := map[string]*uint64{"used": &p.Used, "spare": &p.Spare, "padding": &p.Padding,
			"overhead": &p.Overhead, "rounding": &p.Rounding}
		if parts[member] == nil {
			r.Skip()
			return
		}
		*parts[member] = r.Uint()
	})
	return p
}
