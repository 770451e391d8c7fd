package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// serveCommand shows the pages of files to a browser on this machine.
type serveCommand struct {
	Files []string `arg:"" name:"file" predictor:"file" help:"Gob files, or saved censuses."`
	HTTP  string   `name:"http" default:"localhost:0" placeholder:"ADDRESS" help:"Where to listen: an address of this machine alone (${default}: any free port)."`

	pricingFlags
	NoValues bool `help:"Show nothing that comes from the values themselves: no keys of biggest entries."`
	inputFlags
}

// Help says how it is used.
func (serveCommand) Help() string {
	return `The pages of --output html, without a file of their own: open the address that is printed
in a browser on this machine. Ctrl-C ends it.

Examples:
  memsize serve utxo.gob
  memsize serve --http localhost:8080 shards/*.gob`
}

// Run accounts for the files and serves their pages until the context ends.
func (c *serveCommand) Run(ctx context.Context, std *streams) error {
	var err error
	if c.Files, err = expanded(c.Files); err != nil {
		return err
	}
	pricing, err := c.pricingFlags.parse(ctx, "html")
	if err != nil {
		return err
	}
	pages, err := c.pages(ctx, std, pricing)
	if err != nil {
		return err
	}
	listener, err := listenHere(ctx, c.HTTP)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "http://%s/\n", listener.Addr())
	server := &http.Server{Handler: handler(pages), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return failure{exitCode(ctx, ctx.Err()), context.Cause(ctx)}
}

// listenHere listens at an address that only this machine reaches.
func listenHere(ctx context.Context, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, failure{exitUsage, err}
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return nil, errors.Join(failure{exitUsage, fmt.Errorf("%s can be reached from other machines, which "+
			"would see what the files hold: use localhost", address)}, listener.Close())
	}
	return listener, nil
}

// pages are the pages of the files, each with links to the others.
func (c *serveCommand) pages(ctx context.Context, std *streams, p *pricing) (pages [][]byte, err error) {
	view := viewFlags{Top: defaultTop, NoValues: c.NoValues}
	var links []report.HTMLLink
	for i, name := range c.Files {
		links = append(links, report.HTMLLink{Name: show.Printable(name), URL: strconv.Itoa(i)})
	}
	if len(links) == 1 {
		links = nil
	}
	for _, name := range c.Files {
		census, err := c.read(ctx, std, name, view.biggest())
		if err != nil && (len(census.Roots) == 0 || ctx.Err() != nil) {
			return nil, err
		}
		if err != nil {
			printError(std, err) // the page says that it is of a part
		}
		typed, r, err := p.price(ctx, std, name, census)
		if err != nil {
			return nil, err
		}
		f, err := view.facts(name, typed, r, p)
		if err != nil {
			return nil, err
		}
		var page bytes.Buffer
		if err := r.WriteHTML(&page, view.page(f, links)); err != nil {
			return nil, err
		}
		pages = append(pages, page.Bytes())
	}
	return pages, nil
}

// handler serves pages by number, and the first at the root.
func handler(pages [][]byte) http.Handler {
	mux := http.NewServeMux()
	for i, page := range pages {
		serve := func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write(page) // a browser that went away is no failure
		}
		mux.HandleFunc("GET /"+strconv.Itoa(i), serve)
		if i == 0 {
			mux.HandleFunc("GET /{$}", serve)
		}
	}
	return hereOnly(mux)
}

// hereOnly answers only to names of this machine: a page of another site could otherwise ask under a
// name of its own that leads here.
func hereOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = strings.Trim(r.Host, "[]")
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "this page is for this machine alone", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}
