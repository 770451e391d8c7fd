package report

import (
	"fmt"
	"io"
	"net/url"

	"github.com/bitcoin-mem/memsize/internal/page"
)

// HTMLOptions choose what a page shows. The zero value is the default.
type HTMLOptions struct {
	Title string   // what the account is of, as "utxo.gob"; else the type of the value
	Notes []string // sentences for the head of the page, as how a snapshot was read
	// NoValues leaves out what comes from the values themselves: the keys of biggest entries and the
	// expressions that lead to them, and those of Holders, of which the types are shown. Names of
	// types, fields and roots are shown.
	NoValues bool
	// Home is the address of a page above this one, Links are of others beside it: best relative.
	Home  string
	Links []HTMLLink
	// Holders are chains of references that lead to a value, as memsize.Holders finds them.
	Holders []Chain
	// Places is how many places of the tree the page holds at most, those with the largest totals;
	// the rest is summed up where it lies. 0 is for 100,000.
	Places int
}

// HTMLLink is a link at the head of a page.
type HTMLLink struct{ Name, URL string }

// WriteHTML writes the report as one page that needs no other file and no network: a treemap or an
// icicle to zoom into, the places as a table, types, biggest entries, waste and roots. Its address
// tells what is shown, so that a link leads to any view. An error is the writer's, or tells of an
// address in o that is neither relative nor of a web server.
func (r *Report) WriteHTML(w io.Writer, o HTMLOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	data := o.report(r)
	return page.Write(w, data.Title+" · memsize", data)
}

// WriteHTML writes the diff as a page like that of a report: places are sized by the larger side
// and coloured by growth. The diff must come from Compare, else the error says so; other errors
// are as those of Report.WriteHTML.
func (d *Diff) WriteHTML(w io.Writer, o HTMLOptions) error {
	if d.old == nil || d.new == nil {
		return fmt.Errorf("report: a page of a diff needs its two reports: make it with Compare")
	}
	if err := o.check(); err != nil {
		return err
	}
	data := o.diff(d)
	return page.Write(w, data.Title+" · memsize", data)
}

// check tells of an address that a page should not lead to.
func (o HTMLOptions) check() error {
	for _, link := range append([]HTMLLink{{"Home", o.Home}}, o.Links...) {
		u, err := url.Parse(link.URL)
		if err != nil {
			return fmt.Errorf("report: address of the link %q: %w", link.Name, err)
		}
		if u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("report: address %q of the link %q: want a relative one, or http or https",
				link.URL, link.Name)
		}
	}
	return nil
}
