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
		Name           string `json:"name"`
		Bytes          int64  `json:"bytes"` // of gob, after decompression
		InputBytes     int64  `json:"input_bytes"`
		Compression    string `json:"compression,omitempty"`
		Messages       uint64 `json:"messages"`
		Values         uint64 `json:"values"`
		Encoders       uint64 `json:"encoders"`
		LargestMessage uint64 `json:"largest_message"`  // bytes
		Layout         string `json:"layout"`           // where the Go types come from
		Decode         *need  `json:"decode,omitempty"` // nil for a part of a file
		Claim          *claim `json:"claim,omitempty"`  // of a part: see decoding.Claim
	} `json:"file"`
	Drift    []drift   `json:"drift,omitempty"`
	Warnings []warning `json:"warnings,omitempty"`
}

// claim is decoding.Claim in JSON.
type claim struct {
	Path    string `json:"path"`
	Entries uint64 `json:"entries"`
	Bytes   uint64 `json:"bytes"`
}

// need is decoding.Need in JSON.
type need struct {
	Model     string `json:"model"`
	Result    uint64 `json:"result"`
	Beyond    uint64 `json:"beyond"`
	Buffer    uint64 `json:"buffer"`
	Growth    uint64 `json:"growth"`
	Decoder   uint64 `json:"decoder"`
	Stack     uint64 `json:"stack"`
	Overflows bool   `json:"overflows,omitempty"`
}

type warning struct {
	Offset  int64  `json:"offset"`
	Message uint64 `json:"message"`
	Text    string `json:"text"`
}

// drift is a place where the stream and the Go types disagree.
type drift struct {
	Path    string `json:"path"`
	Text    string `json:"text"`
	Refused bool   `json:"refused,omitempty"` // encoding/gob does not decode the file because of it
}

// Write writes the account r of a census as JSON. process is the model of the process that would
// decode the file, for what that takes. The error is the writer's, or says why the need of decoding
// is not known.
func Write(w io.Writer, name string, c *snapshot.Census, r *report.Report, process *rules.Model) error {
	d := document{Report: r}
	d.File.Name, d.File.Bytes, d.File.InputBytes = name, c.Bytes, c.InputBytes
	d.File.Compression, d.File.Messages = c.Compression, c.Messages
	d.File.Values, d.File.Encoders = c.Values, c.Encoders
	d.File.LargestMessage = c.LargestMessage
	refused := slices.ContainsFunc(c.Drift, func(x snapshot.Drift) bool { return x.Refused }) &&
		!strings.HasPrefix(c.Layout, ManifestOrigin) // which is wrong then, and not the decoder's types
	if !c.Incomplete && !refused {
		n, err := decoding.Of(c, process)
		if err != nil {
			return err
		}
		d.File.Decode = &need{process.Name(), n.Result, n.Beyond, n.Buffer, n.Growth, n.Decoder,
			n.Stack, n.Overflows}
	}
	if x := decoding.ClaimOf(c, process); c.Incomplete && x.Bytes > 0 {
		d.File.Claim = &claim{x.Path, x.Entries, x.Bytes}
	}
	d.File.Layout = LayoutOrigin(c)
	for _, x := range c.Drift {
		d.Drift = append(d.Drift, drift{x.Path, x.Text, x.Refused})
	}
	for _, x := range c.Warnings {
		d.Warnings = append(d.Warnings, warning{x.Offset, x.Message, x.Text})
	}
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
	return report.Printable(c.Layout)
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
		parts = append(parts, f.Model+" "+report.Bytes(f.Total))
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
