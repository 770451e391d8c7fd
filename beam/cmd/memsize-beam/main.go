// Command memsize-beam makes one account of many gob snapshots, on this machine or on a cluster:
//
//	memsize-beam --input 'gs://bucket/*.gob' --output account.json --model core,go
//
// Files are read where they are (local names, gs://, s3://), plain or compressed by gzip or zstd. One
// that cannot be read is named in the list of failures, with the reason, and the others are
// accounted for. See the flags with --help, and README.md for Dataflow and Flink.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3" // beamx has the others
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	memsizebeam "github.com/bitcoin-mem/memsize/beam"
	"github.com/bitcoin-mem/memsize/rules"
)

// flags are what a run is asked for.
type flags struct {
	input, output, census, failures, model *string
}

func define() flags {
	return flags{
		input: flag.String("input", "", "Files: a pattern such as 'gs://bucket/*.gob', "+
			"or several with commas between them."),
		output:   flag.String("output", "", "Where to write the account, as JSON."),
		census:   flag.String("census", "", "Where to write the census of all files (for memsize, later)."),
		failures: flag.String("failures", "", "Where to list files that could not be read (OUTPUT.failures)."),
		model:    flag.String("model", "core,core-golayout", "Models, as memsize models lists them."),
	}
}

// check finds what cannot be, before anything is started.
func (f flags) check() error {
	if *f.input == "" || *f.output == "" {
		return errors.New("--input and --output are needed, " +
			"as in --input 'shards/*.gob' --output account.json")
	}
	for _, name := range strings.Split(*f.model, ",") {
		if _, err := rules.Lookup(name); err != nil {
			return err
		}
	}
	return nil
}

// pipeline is the whole run.
func (f flags) pipeline() *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	patterns := beam.CreateList(s, strings.Split(*f.input, ","))
	files := fileio.MatchAll(s, patterns, fileio.MatchEmptyDisallow())
	to := memsizebeam.Files{Account: *f.output, Census: *f.census, Failures: *f.failures}
	if to.Failures == "" {
		to.Failures = *f.output + ".failures"
	}
	memsizebeam.Write(s, memsizebeam.Scan(s, files), to, strings.Split(*f.model, ",")...)
	return p
}

func main() {
	f := define()
	flag.Parse()
	beam.Init() // a worker does its work here, and does not return
	if err := f.check(); err != nil {
		fmt.Fprintf(os.Stderr, "memsize-beam: %v\n", err)
		os.Exit(2)
	}
	if err := beamx.Run(context.Background(), f.pipeline()); err != nil {
		fmt.Fprintf(os.Stderr, "memsize-beam: %v\n", err)
		os.Exit(1)
	}
}
