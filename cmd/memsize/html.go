package main

import (
	"errors"
	"io"
	"path/filepath"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// writeHTML writes the account as a page.
func (v *viewFlags) writeHTML(w io.Writer, name string, c *snapshot.Census, r *report.Report,
	p *pricing) error {
	if err := forBrowser(w); err != nil {
		return err
	}
	f, err := v.facts(name, c, r, p)
	if err != nil {
		return err
	}
	return r.WriteHTML(w, v.page(f, nil))
}

// writeHTML writes the diff as a page, with the thresholds that are exceeded.
func (d diffDocument) writeHTML(w io.Writer) error {
	if err := forBrowser(w); err != nil {
		return err
	}
	o := report.HTMLOptions{Title: filepath.Base(d.OldFile) + " → " + filepath.Base(d.NewFile)}
	for _, e := range d.Exceeded {
		o.Notes = append(o.Notes, "threshold exceeded: "+e.text())
	}
	return d.Diff.WriteHTML(w, o)
}

// forBrowser is an error for a page that would fill a terminal.
func forBrowser(w io.Writer) error {
	if terminalWidth(w) > 0 || isTerminal(w) { // some do not tell their size
		return failure{exitUsage, errors.New("a page is for a browser: send it to a file, as " +
			"with > account.html, and open that")}
	}
	return nil
}
