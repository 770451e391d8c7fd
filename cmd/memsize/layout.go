package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/bitcoin-mem/memsize/internal/document"
	"github.com/bitcoin-mem/memsize/internal/gobinary"
	"github.com/bitcoin-mem/memsize/internal/gosource"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// layoutFlags say where the Go types of a stream are found. What the stream itself carries comes
// first, unless one of them is given.
type layoutFlags struct {
	Type     string `placeholder:"./pkg.T" group:"Go types" xor:"source" help:"Take the types from Go source: a type, as in ./pkg.Snapshot, or any type expression in a package, as in './pkg:map[string]Coin'."`
	Arch     string `placeholder:"GOARCH" group:"Go types" help:"Architecture for --type and the go models, as in 386."`
	Binary   string `placeholder:"PROGRAM" group:"Go types" xor:"source" help:"Take the types from the debug information of a Go program; struct tags are not in there."`
	TypeName string `placeholder:"pkg.T" group:"Go types" help:"The type of the values, for --binary and --layout; else it is found by its name and fields."`
	Layout   string `placeholder:"FILE" group:"Go types" xor:"source" help:"Take the types from a file that memsize layout made."`
	Strict   bool   `group:"Go types" help:"Fail where the stream and the Go types disagree."`

	TrustSource bool `group:"Go types" help:"Let the go command that loads the source of --type do all that it does for builds of your own: download modules and toolchains, run cgo and drivers (see SECURITY.md)."`

	loaded *layout.Layout `kong:"-"`
}

// given tells whether a flag names a source of types.
func (f *layoutFlags) given() bool { return f.Type != "" || f.Binary != "" || f.Layout != "" }

// files are the files that the types are taken from.
func (f *layoutFlags) files() (list []string) {
	for _, name := range []string{f.Binary, f.Layout} {
		if name != "" {
			list = append(list, name)
		}
	}
	return list
}

// load is the layout that the flags name, loaded once; nil without them.
func (f *layoutFlags) load(ctx context.Context) (*layout.Layout, error) {
	if f.TypeName != "" && f.Binary == "" && f.Layout == "" {
		return nil, failure{exitUsage, errors.New("--type-name is for the types of --binary or " +
			"--layout: name one of them too")}
	}
	if f.loaded != nil || !f.given() {
		return f.loaded, nil
	}
	l, err := f.source(ctx)
	if err != nil {
		return nil, failure{exitUsage, err}
	}
	f.loaded = l
	return l, nil
}

// arch is the architecture that the go models are for: the one asked for, or else that of the
// program or layout that the types are taken from; empty for this process's.
func (f *layoutFlags) arch(ctx context.Context) (string, error) {
	if f.Arch != "" {
		if err := gosource.CheckArch(f.Arch); err != nil {
			return "", failure{exitUsage, err}
		}
		return f.Arch, nil
	}
	l, err := f.load(ctx)
	if l == nil || err != nil {
		return "", err
	}
	return l.GOARCH, nil
}

func (f *layoutFlags) source(ctx context.Context) (*layout.Layout, error) {
	var l *layout.Layout
	var err error
	switch {
	case f.Type != "":
		return gosource.Load(ctx, f.Type, gosource.Config{Arch: f.Arch, Trust: f.TrustSource})
	case f.Binary != "":
		l, err = gobinary.Load(f.Binary)
	default:
		l, err = readLayout(f.Layout)
	}
	if err == nil && f.TypeName != "" {
		l.Type, err = l.Lookup(f.TypeName)
	}
	return l, err
}

func readLayout(name string) (*layout.Layout, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, explainOpen(err)
	}
	defer file.Close()
	l, err := layout.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", show.Printable(name), err)
	}
	l.Origin = "file " + name
	return l, nil
}

// apply is the census in the Go types that the flags name, or else that the stream carries. What
// of them does not fit the stream goes to standard error, and is no failure unless it is Strict.
func (f *layoutFlags) apply(ctx context.Context, std *streams, name string,
	c *snapshot.Census) (*snapshot.Census, error) {
	l, err := f.load(ctx)
	if err != nil {
		return c, err
	}
	if l == nil {
		if l, err = document.ManifestLayout(c); err != nil {
			fmt.Fprintf(std.err, "memsize: warning: %s: %s\n", show.Printable(name),
				show.Printable(err.Error()))
			return c, nil
		}
		if l != nil && f.Arch != "" {
			l.GOARCH = f.Arch // the same types, in a program for it
		}
	}
	if l == nil {
		return c, nil
	}
	typed, unknown := document.Retype(c, l)
	for _, root := range unknown {
		fmt.Fprintf(std.err, "memsize: warning: %s: %s; priced from the wire (name it with "+
			"--type-name)\n", show.Printable(name), show.Printable(l.WhyNot(root.Type)))
	}
	printDrift(std, name, typed.Drift)
	if places := len(typed.Drift) + len(unknown); f.Strict && places > 0 {
		err = failure{exitInput, fmt.Errorf("%s: the stream and %s disagree at %s",
			name, l.Origin, plural(uint64(places), "place"))}
	}
	return typed, err
}

// maxDrift is how many disagreements are shown.
const maxDrift = 20

func printDrift(std *streams, name string, drift []snapshot.Drift) {
	for i, d := range drift {
		if i == maxDrift {
			fmt.Fprintf(std.err, "memsize: … and %d more\n", len(drift)-i)
			break
		}
		fmt.Fprintf(std.err, "memsize: warning: %s: %s: %s\n", show.Printable(name),
			show.Printable(d.Path), show.Printable(d.Text))
	}
}

// layoutCommand saves a layout.
type layoutCommand struct {
	Type     string `arg:"" optional:"" name:"type" help:"A type of Go source, as in ./pkg.Snapshot or './pkg:map[string]Coin'."`
	Binary   string `placeholder:"PROGRAM" help:"Take the types from the debug information of a Go program instead."`
	TypeName string `placeholder:"pkg.T" help:"The type in the program, for --binary."`
	Arch     string `placeholder:"GOARCH" help:"Architecture for source, as in 386 (default: this one's)."`

	TrustSource bool `help:"Let the go command do all that it does for builds of your own: download modules and toolchains, run cgo and drivers (see SECURITY.md)."`

	stopFlags
}

// Help shows what a saved layout is for.
func (layoutCommand) Help() string {
	return `Sizes and offsets of a program's types, as JSON: saved where the program is, used where
only its snapshots are.

Examples:
  memsize layout ./node.Snapshot > node.layout
  memsize layout --binary ./noded --type-name node.Snapshot > node.layout
  memsize layout './node:map[string]Coin' --arch 386 > node-386.layout
  memsize utxo.gob --layout node.layout`
}

// Run prints a layout as JSON, for --layout where there is no source and no go command.
func (c *layoutCommand) Run(ctx context.Context, std *streams) error {
	if (c.Type == "") == (c.Binary == "") {
		return failure{exitUsage, errors.New("layout: name a type, as in ./pkg.Snapshot, " +
			"or a program with --binary")}
	}
	f := layoutFlags{Type: c.Type, Binary: c.Binary, TypeName: c.TypeName, Arch: c.Arch,
		TrustSource: c.TrustSource}
	l, err := f.load(ctx)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := l.Write(&b); err != nil {
		return err
	}
	_, err = std.out.Write(b.Bytes())
	return err
}

// goModel is the name of a model for an architecture: go prices this process's heap, and another
// word size has a model of its own.
func goModel(name, arch string) string {
	if name == "go" && layout.Is32(arch) && !layout.Is32(runtime.GOARCH) {
		return "go-386"
	}
	return name
}
