// Command memsize says how many bytes a gob snapshot would hold once it is loaded, without the Go
// types that wrote it and without decoding it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// Exit codes.
const (
	exitOK          = 0
	exitInput       = 1   // the input is broken or unreadable; what could be read was reported
	exitUsage       = 2   // the command line is wrong
	exitLimit       = 3   // a limit of the command line was reached
	exitThreshold   = 4   // diff: something has grown by more than a threshold
	exitInterrupted = 130 // stopped by SIGINT, as Ctrl-C sends it
	exitTerminated  = 143 // stopped by SIGTERM
)

// memoryGoal is what the heap of the command is kept to, in bytes, by collecting garbage sooner
// where it can: with the window of a decompressor and a large census it would grow to twice what
// it needs.
const memoryGoal = 40 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
	ctx, stop := withSignals(context.Background())
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const description = `How many bytes would a gob snapshot hold once it is loaded?

memsize reads a gob file that any Go program wrote, without its Go types and without decoding it, and
says what its values would take: as memory of a Go program, and as C++ under the rules of Bitcoin
Core's memusage.h, or under other models. Files may be plain, gzip, zlib or zstd, hold several streams,
or gobs with their lengths before them; what --census saved is read in a file's stead.

Examples:
  memsize utxo.gob                                      the account of a file
  memsize - < utxo.gob                                  of standard input
  memsize utxo.gob --model core,crate,core+jemalloc     under other models (memsize models)
  memsize utxo.gob --rule '[].Script=prevector=36'      a rule for one path
  memsize utxo.gob --output json | jq .total            for machines
  memsize utxo.gob --waste --model core+glibc           what the allocator rounds away
  memsize utxo.gob --output pprof > utxo.pb.gz          for go tool pprof
  memsize utxo.gob --output html > utxo.html            a page in one file, for a browser
  memsize utxo.gob --census utxo.json                   a small file to read in its stead
  memsize merge shard-*.json                            one account of many files
  memsize diff old.json new.gob --threshold 5%          what has grown, for a build
  memsize diff mon.gob tue.gob wed.gob                  what keeps growing
  memsize 'shards/*.gob' --jobs 4                       one account of many files, 4 at once
  memsize utxo.gob --output html > utxo.html            a page for a browser
  memsize serve utxo.gob                                the same, without a file
  memsize view utxo.gob                                 a flame graph, by pprof's own page
  memsize schema utxo.gob                               its types as Go declarations
  memsize malloc 1 24 100 1000 131072                   what malloc takes for a request
  memsize size --help                                   all flags of the account of a file

Exit codes: 0 done, 1 input broken, 2 usage, 3 a limit reached (--max-input, --timeout), 4 a
threshold of diff exceeded, 130 interrupted (SIGINT, Ctrl-C), 143 terminated (SIGTERM). With 1, 3,
130 and 143 the account of what could be read is shown. No colours are used.`

// commandLine is the grammar of the command line.
type commandLine struct {
	Size   sizeCommand   `cmd:"" default:"withargs" help:"Account for gob snapshots (the default command)."`
	Layout layoutCommand `cmd:"" help:"Save the Go types of a snapshot, for --layout where there is no source."`
	Merge  mergeCommand  `cmd:"" help:"Account for several snapshots as one, or save their census."`
	Diff   diffCommand   `cmd:"" help:"Show what changed from one snapshot to another."`
	Schema schemaCommand `cmd:"" help:"Show the types in a snapshot as Go declarations."`
	Models modelsCommand `cmd:"" help:"List the models."`
	Malloc mallocCommand `cmd:"" help:"Show what allocators take for requests of some bytes."`

	View  viewCommand  `cmd:"" help:"Open pprof's own page on the account of a file, in a browser on this machine."`
	Serve serveCommand `cmd:"" help:"Show the accounts of files in a browser on this machine."`

	Completion completionCommand `cmd:"" help:"Print what makes a shell complete memsize's command lines."`

	Version kong.VersionFlag `help:"Show the version, for a report of a defect."`
}

// streams are the command's standard streams, and the files that it is making.
type streams struct {
	in       io.Reader
	out, err io.Writer
	making   *unfinished
}

// run is the command, without its process.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	std := &streams{in, out, errs, newUnfinished()}
	exited := -1
	parser, err := kong.New(&commandLine{}, kong.Name("memsize"), kong.Description(description),
		kong.Writers(out, errs), kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Vars{"version": version()},
		kong.KindMapper(reflect.String, kong.MapperFunc(verbatim)), kong.Bind(std))
	if err != nil {
		panic(err) // the grammar above is wrong
	}
	if asked, err := completes(std, parser); asked {
		return printError(std, err)
	}
	parsed, err := parser.Parse(withNegatives(args))
	if exited >= 0 { // --help or --version has printed all there is to say
		return exited
	}
	var wrong *kong.ParseError
	switch {
	case err == nil:
		err = execute(ctx, std, parsed)
	case errors.As(err, &wrong):
		parsed, err = wrong.Context, failure{exitUsage, err}
	}
	code := exitOf(err)
	patiently(ctx, graceOfMessage, func() {
		printError(std, err)
		if code == exitUsage {
			fmt.Fprintf(errs, "See %s --help.\n", strings.Join(commandOf(parsed), " "))
		}
	})
	return code
}

// withNegatives joins a flag and a number below zero behind it, which looks like a flag itself: the
// message is then about the number.
func withNegatives(args []string) (joined []string) {
	for i, arg := range args {
		_, err := strconv.Atoi(arg)
		if err == nil && arg[0] == '-' && i > 0 && strings.HasPrefix(args[i-1], "--") &&
			!strings.Contains(args[i-1], "=") {
			joined[len(joined)-1] += "=" + arg
			continue
		}
		joined = append(joined, arg)
	}
	return joined
}

// execute runs a command until it ends, or until the context has and the grace after it is over. What
// the command still does then is given up.
func execute(ctx context.Context, std *streams, parsed *kong.Context) (err error) {
	ctx, cancel := withTimeout(ctx, parsed)
	defer cancel()
	parsed.BindTo(ctx, (*context.Context)(nil))
	result := make(chan error, 1)
	if patiently(ctx, graceOfAccount, func() { result <- parsed.Run() }) {
		return <-result
	}
	std.making.close()
	return failure{exitCode(ctx, ctx.Err()), context.Cause(ctx)}
}

// verbatim takes a word as it stands: a file's name may be no UTF-8, and kong would mend it.
func verbatim(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("string")
	if err == nil {
		target.SetString(token.String())
	}
	return err
}

// commandOf is how the command of a command line begins, as far as that could be read.
func commandOf(parsed *kong.Context) []string {
	words := []string{"memsize"}
	if parsed != nil && parsed.Selected() != nil {
		words = append(words, parsed.Selected().Name)
	}
	return words
}

// version says which program this is: a release or a commit, where it was built from one, and the
// Go runtime, on which the figures of the model go depend.
func version() string {
	module := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		module = info.Main.Version
	}
	return fmt.Sprintf("memsize %s, %s %s/%s", module, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// failure is an error with the exit code that it means.
type failure struct {
	code int
	err  error
}

func (f failure) Error() string { return f.err.Error() }
func (f failure) Unwrap() error { return f.err }

// exitOf is the exit code that an error means.
func exitOf(err error) int {
	var f failure
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &f):
		return f.code
	case errors.Is(err, snapshot.ErrLimit), errors.Is(err, context.DeadlineExceeded):
		return exitLimit
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitInput
}

// printError prints an error, if any, and gives the exit code.
func printError(std *streams, err error) int {
	if err != nil {
		fmt.Fprintf(std.err, "memsize: %s\n", harmless(err.Error()))
	}
	return exitOf(err)
}

// harmless escapes what a terminal could act upon in a message, which may quote names of files
// and arguments, and shortens what is far too long to read; lines stay lines.
func harmless(message string) string {
	lines := strings.Split(message, "\n")
	for i, line := range lines {
		line = strings.ReplaceAll(line, "\t", "  ")
		lines[i] = show.Printable(show.Abbreviate(line, maxMessage))
	}
	return strings.Join(lines, "\n")
}

// maxMessage is how many characters of a line of a message are shown.
const maxMessage = 2000
