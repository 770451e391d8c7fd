package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/pprof/driver"
	"github.com/google/pprof/profile"

	"github.com/bitcoin-mem/memsize/report/pprof"
)

// viewCommand opens pprof's own web page on an account, or on what changed.
type viewCommand struct {
	File string `arg:"" predictor:"file" help:"Gob file, or saved census."`
	Old  string `arg:"" optional:"" predictor:"file" help:"An older one: show the difference."`
	HTTP string `name:"http" default:"localhost:0" placeholder:"ADDRESS" help:"Where to listen: an address of this machine alone (${default}: any free port)."`

	pricingFlags
	inputFlags
}

// Help says how it is used.
func (viewCommand) Help() string {
	return `pprof's own page (flame graph, graph, table, by model) on what --output pprof writes: open the
address that is printed in a browser on this machine. Ctrl-C ends it.

Examples:
  memsize view utxo.gob
  memsize view new.gob old.gob --http localhost:8081`
}

// Run serves the page until the context ends.
func (c *viewCommand) Run(ctx context.Context, std *streams) error {
	pricing, err := c.pricingFlags.parse(ctx, "pprof")
	if err != nil {
		return err
	}
	profiles := fetched{}
	sources := []string{c.File}
	for _, name := range []string{c.File, c.Old} {
		if name == "" {
			continue
		}
		census, err := c.read(ctx, std, name, 0)
		if err != nil {
			return err
		}
		_, r, err := pricing.price(ctx, std, name, census)
		if err != nil {
			return err
		}
		profiles[name] = pprof.Profile(r)
	}
	listener, err := listenHere(ctx, c.HTTP)
	if err != nil {
		return err
	}
	flags := &pprofFlags{FlagSet: flag.NewFlagSet("view", flag.ContinueOnError), sources: sources, base: c.Old,
		address: listener.Addr().String()}
	ended := make(chan error, 1)
	go func() {
		ended <- driver.PProf(&driver.Options{Flagset: flags, Fetch: profiles, UI: &quiet{std: std},
			HTTPServer: func(a *driver.HTTPServerArgs) error { return servePProf(ctx, std, listener, a) }})
	}()
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = errors.Join(context.Cause(ctx), listener.Close())
	}
	if ctx.Err() != nil {
		return failure{exitCode(ctx, ctx.Err()), context.Cause(ctx)}
	}
	return err
}

// servePProf serves the pages of pprof at an address that is listened to already.
func servePProf(ctx context.Context, std *streams, listener net.Listener, a *driver.HTTPServerArgs) error {
	mux := http.NewServeMux()
	for path, h := range a.Handlers {
		mux.Handle(path, hereOnly(h))
	}
	fmt.Fprintf(std.out, "http://%s/flamegraph\n", listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	return server.Serve(listener)
}

// fetched are the profiles by the names that pprof is given.
type fetched map[string]*profile.Profile

// Fetch is driver.Fetcher's.
func (f fetched) Fetch(name string, _, _ time.Duration) (*profile.Profile, string, error) {
	p := f[name]
	if p == nil {
		return nil, "", fmt.Errorf("no profile of %s", name)
	}
	return p.Copy(), name, nil
}

// pprofFlags are the flags that pprof is given, whatever the command line of this program is.
type pprofFlags struct {
	*flag.FlagSet
	sources       []string
	base, address string
}

// StringList is driver.FlagSet's.
func (f *pprofFlags) StringList(name, def, usage string) *[]*string {
	list := []*string{}
	if name == "diff_base" && f.base != "" {
		list = append(list, &f.base)
	}
	_ = f.FlagSet.String(name, def, usage)
	return &list
}

// ExtraUsage is driver.FlagSet's.
func (f *pprofFlags) ExtraUsage() string { return "" }

// AddExtraUsage is driver.FlagSet's.
func (f *pprofFlags) AddExtraUsage(string) {}

// Parse is driver.FlagSet's: the sources.
func (f *pprofFlags) Parse(func()) []string {
	_ = f.FlagSet.Parse([]string{"-http=" + f.address, "-no_browser", "-symbolize=none"})
	return f.sources
}

// quiet is pprof's way to a person.
type quiet struct{ std *streams }

// ReadLine is driver.UI's.
func (q *quiet) ReadLine(string) (string, error) { return "", errors.New("there is nobody to ask") }

// Print is driver.UI's.
func (q *quiet) Print(...any) {}

// PrintErr is driver.UI's.
func (q *quiet) PrintErr(args ...any) {
	text := strings.TrimSpace(fmt.Sprint(args...))
	if !strings.Contains(text, "Serving web UI") {
		fmt.Fprintf(q.std.err, "memsize: %s\n", harmless(text))
	}
}

// IsTerminal is driver.UI's.
func (q *quiet) IsTerminal() bool { return false }

// WantBrowser is driver.UI's.
func (q *quiet) WantBrowser() bool { return false }

// SetAutoComplete is driver.UI's.
func (q *quiet) SetAutoComplete(func(string) string) {}
