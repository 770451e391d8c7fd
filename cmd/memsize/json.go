package main

import (
	"encoding/json"
	"io"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/snapshot"
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
	} `json:"file"`
	Drift    []drift   `json:"drift,omitempty"`
	Warnings []warning `json:"warnings,omitempty"`
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
	Path string `json:"path"`
	Text string `json:"text"`
}

func writeJSON(w io.Writer, name string, c *snapshot.Census, r *report.Report,
	p *pricing) error {
	d := document{Report: r}
	d.File.Name, d.File.Bytes, d.File.InputBytes = name, c.Bytes, c.InputBytes
	d.File.Compression, d.File.Messages = c.Compression, c.Messages
	d.File.Values, d.File.Encoders = c.Values, c.Encoders
	d.File.LargestMessage = c.LargestMessage
	if n, err := p.decoding(c); err != nil {
		return err
	} else if n != nil {
		d.File.Decode = &need{p.goModel().Name(), n.Result, n.Beyond, n.Buffer, n.Growth, n.Decoder,
			n.Stack, n.Overflows}
	}
	d.File.Layout = layoutOrigin(c)
	for _, x := range c.Drift {
		d.Drift = append(d.Drift, drift{x.Path, x.Text})
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
