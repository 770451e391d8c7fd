package main

import (
	"io"

	"github.com/bitcoin-mem/memsize/internal/document"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/snapshot"
)

func writeJSON(w io.Writer, name string, c *snapshot.Census, r *report.Report,
	p *pricing) error {
	loading, err := p.decoding(c, r)
	if err != nil {
		return err
	}
	return document.Write(w, name, c, r, loading)
}
