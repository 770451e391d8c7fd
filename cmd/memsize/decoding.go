package main

import (
	"fmt"
	"io"

	"github.com/bitcoin-mem/memsize/internal/decoding"
	"github.com/bitcoin-mem/memsize/internal/document"
	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// goModel is the model of the process that would decode a file.
func (p *pricing) goModel() *rules.Model {
	m, err := rules.Lookup(goModel("go", p.arch))
	if err != nil {
		panic(err) // it is one of ours
	}
	return m
}

// decoding is what loading the file of a census takes, whose account is r.
func (p *pricing) decoding(c *snapshot.Census, r *report.Report) (document.Decoding, error) {
	if len(p.paths) > 0 {
		r = nil // a rule for a path says nothing of the process that decodes
	}
	return document.DecodingOf(c, p.goModel(), r)
}

// sizeOf is a size in a sentence.
func (v *viewFlags) sizeOf(n uint64) string {
	if v.Bytes {
		return plural(n, "byte")
	}
	return v.size(n)
}

// decodingLine answers whether a file will fit.
func (v *viewFlags) decodingLine(n *decoding.Need, c *snapshot.Census) string {
	if n.Overflows {
		return fmt.Sprintf("encoding/gob cannot decode it: %s are nested in each other, for which it "+
			"needs more stack than Go allows; the program that tries is killed",
			plural(c.Deepest.Values(), "value"))
	}
	line := fmt.Sprintf("needs %s of Go memory once decoded, up to %s meanwhile", v.sizeOf(n.Result),
		v.sizeOf(saturate.Add(n.Result, n.Beyond)))
	if n.Stack >= worthIt {
		line += fmt.Sprintf(", and %s of stack", v.sizeOf(n.Stack))
	}
	return line
}

// writeDecoding says what the figures of decodingLine are.
func (v *viewFlags) writeDecoding(w io.Writer, c *snapshot.Census, n *decoding.Need) {
	fmt.Fprintf(w, "\nbeyond its result, encoding/gob holds at the worst moment at most %s\n",
		v.sizeOf(n.Beyond))
	fmt.Fprintf(w, "  %s of messages, which it reads whole (the largest has %s)\n", v.sizeOf(n.Buffer),
		v.sizeOf(c.LargestMessage))
	if n.Growth > 0 {
		fmt.Fprintf(w, "  %s of the older copy of what grows or is moved\n", v.sizeOf(n.Growth))
	}
	fmt.Fprintf(w, "  %s for types and open values\n", v.sizeOf(n.Decoder))
	fmt.Fprintf(w, "and %s of stack, for what is nested in each other: %s at most\n",
		v.sizeOf(n.Stack), plural(c.Deepest.Values(), "value"))
	fmt.Fprintln(w, "with garbage, a process grows to about twice its heap before that is collected "+
		"(GOGC=100)")
}
