// Package document is the JSON form of the account of a snapshot, and what it takes to make one of a
// census: for every program that writes one, so that the same census gives the same bytes.
//
// A document is a report (schema memsize/1) and what is known of the file: its name, its size, the
// source of its Go types, what decoding it takes, warnings, and where stream and types disagree.
package document

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/decoding"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
	"github.com/bitcoin-mem/memsize/snapshot/manifest"
)

// document is the JSON form of a file's account: a report, and what is known of the file.
type document struct {
	*report.Report
	File struct {
		Name           string          `json:"name"`
		Bytes          int64           `json:"bytes"` // of gob, after decompression
		InputBytes     int64           `json:"input_bytes"`
		Compression    string          `json:"compression,omitempty"`
		Messages       uint64          `json:"messages"`
		Values         uint64          `json:"values"`
		Encoders       uint64          `json:"encoders"`
		LargestMessage uint64          `json:"largest_message"`  // bytes
		Layout         string          `json:"layout"`           // where the Go types come from
		Decode         *decoding.Need  `json:"decode,omitempty"` // nil for a part of a file
		Claim          *decoding.Claim `json:"claim,omitempty"`  // of a part: see decoding.Claim
	} `json:"file"`
	Drift    []snapshot.Drift   `json:"drift,omitempty"`
	Warnings []snapshot.Warning `json:"warnings,omitempty"`
}

// Decoding is what loading a file takes.
type Decoding struct {
	Need  *decoding.Need  // nil where only a part of the file is known, and where encoding/gob refuses
	Claim *decoding.Claim // of a part: what it makes encoding/gob allocate for nothing; else nil
}

// DecodingOf is what a process of a Go heap's model takes to decode the stream of a census. r is an
// account of it, without rules for its paths, or nil (see [decoding.Of]). The error is a pricing's.
func DecodingOf(c *snapshot.Census, process *rules.Model, r *report.Report) (d Decoding, err error) {
	switch {
	case c.Incomplete:
		if claim := decoding.ClaimOf(c, process); claim.Bytes > 0 {
			d.Claim = &claim
		}
	case Refused(c) == nil:
		need, err := decoding.Of(c, process, r)
		if err != nil {
			return d, err
		}
		d.Need = &need
	}
	return d, nil
}

// Refused is the first reason why encoding/gob would not decode a file into the types that were named
// for it; nil where it would. Types that the file itself carries are wrong then, and not the decoder's.
func Refused(c *snapshot.Census) *snapshot.Drift {
	if strings.HasPrefix(c.Layout, ManifestOrigin) {
		return nil
	}
	i := slices.IndexFunc(c.Drift, func(x snapshot.Drift) bool { return x.Refused })
	if i < 0 {
		return nil
	}
	return &c.Drift[i]
}

// Write writes the account r of a census as JSON. The error is the writer's.
func Write(w io.Writer, name string, c *snapshot.Census, r *report.Report, loading Decoding) error {
	d := document{Report: r, Drift: c.Drift, Warnings: c.Warnings}
	d.File.Name, d.File.Bytes, d.File.InputBytes = name, c.Bytes, c.InputBytes
	d.File.Compression, d.File.Messages = c.Compression, c.Messages
	d.File.Values, d.File.Encoders = c.Values, c.Encoders
	d.File.LargestMessage = c.LargestMessage
	d.File.Decode, d.File.Claim, d.File.Layout = loading.Need, loading.Claim, LayoutOrigin(c)
	encoder := json.NewEncoder(w)
	if levels(r.Tree) <= maxIndented {
		encoder.SetIndent("", "  ")
	}
	encoder.SetEscapeHTML(false)
	return encoder.Encode(d)
}

// maxIndented is how many levels a tree may have to be indented: beyond, the document would be
// little but white space.
const maxIndented = 32

// levels is how deep a tree is.
func levels(n *report.Node) int {
	deepest := 0
	for _, child := range n.Children {
		deepest = max(deepest, levels(child))
	}
	return deepest + 1
}

// LayoutOrigin says where the Go types of a census come from.
func LayoutOrigin(c *snapshot.Census) string {
	if c.Layout == "" {
		return "the wire"
	}
	return show.Printable(c.Layout)
}

// ManifestOrigin is how the origin of types begins that the stream itself carries.
const ManifestOrigin = "the stream's manifest"

// ManifestLayout is the Go types that the stream itself carries; nil where it carries none. The
// error says why what it carries cannot be read: then the wire is all there is.
func ManifestLayout(c *snapshot.Census) (*layout.Layout, error) {
	if c.Manifest == nil {
		return nil, nil
	}
	m, err := manifest.Parse(c.Manifest)
	if err != nil {
		return nil, err
	}
	m.Layout.Origin = ManifestOrigin + asWritten(m)
	return m.Layout, nil
}

// asWritten tells what the live value held.
func asWritten(m *manifest.Manifest) string {
	var parts []string
	for _, f := range m.Figures {
		parts = append(parts, f.Model+" "+show.Bytes(f.Total))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (when written: " + strings.Join(parts, ", ") + ")"
}

// Retype is the census in the types of a layout, and the roots whose types that does not know.
func Retype(c *snapshot.Census, l *layout.Layout) (typed *snapshot.Census, unknown []*snapshot.Site) {
	for _, root := range c.Roots {
		if l.Root(root.Type) == nil {
			unknown = append(unknown, root)
		}
	}
	typed = c.Retype(l)
	for i, root := range typed.Roots {
		if root.Type != c.Roots[i].Type { // else it is priced from the wire
			typed.Layout = l.Describe()
		}
	}
	return typed, unknown
}
