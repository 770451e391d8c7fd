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
		Name        string `json:"name"`
		Bytes       int64  `json:"bytes"` // of gob, after decompression
		InputBytes  int64  `json:"input_bytes"`
		Compression string `json:"compression,omitempty"`
		Messages    uint64 `json:"messages"`
		Values      uint64 `json:"values"`
		Encoders    uint64 `json:"encoders"`
		// Bytes: encoding/gob reads the largest message whole, into a buffer of DecodeBuffer.
		LargestMessage uint64 `json:"largest_message"`
		DecodeBuffer   uint64 `json:"decode_buffer"`
		Layout         string `json:"layout"` // where the Go types come from
	} `json:"file"`
	Drift    []drift   `json:"drift,omitempty"`
	Warnings []warning `json:"warnings,omitempty"`
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

func writeJSON(w io.Writer, name string, c *snapshot.Census, r *report.Report) error {
	d := document{Report: r}
	d.File.Name, d.File.Bytes, d.File.InputBytes = name, c.Bytes, c.InputBytes
	d.File.Compression, d.File.Messages = c.Compression, c.Messages
	d.File.Values, d.File.Encoders = c.Values, c.Encoders
	d.File.LargestMessage, d.File.DecodeBuffer = c.LargestMessage, c.DecodeBuffer()
	d.File.Layout = layoutOrigin(c)
	for _, x := range c.Drift {
		d.Drift = append(d.Drift, drift{x.Path, x.Text})
	}
	for _, x := range c.Warnings {
		d.Warnings = append(d.Warnings, warning{x.Offset, x.Message, x.Text})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(d)
}
